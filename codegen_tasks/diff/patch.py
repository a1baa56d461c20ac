"""All changes joined to one patch, file by file in the order of path bytes. It knows a cache only as get and put."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple, Protocol

from xxhash import xxh3_128

from codegen_tasks.diff.fragment import make_fragment
from codegen_tasks.diff.names import path_bytes
from codegen_tasks.diff.strict import apply_patch
from codegen_tasks.records import FileChange


class Extent(NamedTuple):
    """How many files a patch touches, how many lines it inserts and how many it deletes; binary files have no lines."""

    files: int
    insertions: int
    deletions: int


class Fragments(Protocol):
    """Where proved fragments are kept under the digest of what they are made from. What it loses is made again."""

    def get(self, key: str) -> bytes | memoryview | None:
        """The kept fragment."""

    def put(self, key: str, data: bytes) -> None:
        """Keeps a fragment."""


def make_patch(changes: Iterable[FileChange], context_lines: int = 3, fragments: Fragments | None = None) -> bytes:
    """The patch from all `before` to all `after`, byte for byte what git prints, without renames.

    Changes that change nothing are left out. Same changes in any order, same bytes. It is proved: each fragment was
    applied when it was made and gave `after`, and fragments of different files have nothing to do with each other.
    """
    ordered = sorted((change for change in changes if change.before != change.after), key=lambda c: path_bytes(c.path))
    if any(one.path == next_one.path for one, next_one in pairwise(ordered)):
        raise ValueError("two changes of one file")
    return b"".join([_fragment(change, context_lines, fragments) for change in ordered])


def measure_patch(patch: bytes) -> Extent:
    """Counts what a patch of ours touches: every line of a hunk starts with a sign, and no other line but two does."""
    firsts, named, at = set[bytes](), 0, 0
    while at < len(patch):
        end = patch.find(b"\ndiff --git ", at) + 1 or len(patch)
        firsts.add(patch[at : patch.index(b"\n", at)])  # a file that becomes a link has two parts
        named += patch.find(b"\n--- ", at, end) >= 0  # so in its headers, where it has hunks
        at = end
    return Extent(len(firsts), patch.count(b"\n+") - named, patch.count(b"\n-") - named)


def _fragment(change: FileChange, context_lines: int, fragments: Fragments | None) -> bytes | memoryview:
    if fragments is None:
        return _proved(change, context_lines)
    key = _key(change, context_lines)
    kept = fragments.get(key)
    if kept is None:
        kept = _proved(change, context_lines)
        fragments.put(key, kept)
    return kept


def _proved(change: FileChange, context_lines: int) -> bytes:
    fragment = make_fragment(change, context_lines)
    before, after = ({change.path: blob} if blob else {} for blob in (change.before, change.after))
    if apply_patch(fragment, before) != after:
        raise AssertionError(f"the diff of {change.path} does not turn what was before into what is after")
    return fragment


def _key(change: FileChange, context_lines: int) -> str:
    """Each part is preceded by its length. The digest is a fast one: it never leaves this machine."""
    path = path_bytes(change.path)
    hashed = xxh3_128(b"%d %d " % (context_lines, len(path)) + path)
    for blob in (change.before, change.after):
        if blob is None:
            hashed.update(b" absent")
        else:
            hashed.update(b" %o %d " % (blob.mode, len(blob.data)))
            hashed.update(blob.data)
    return hashed.hexdigest()
