"""All changes joined to one patch, file by file in the order of path bytes. It knows a cache only as get and put."""

from collections.abc import Iterable
from typing import Protocol

from xxhash import xxh3_128

from codegen_tasks.diff.binary import is_binary
from codegen_tasks.diff.fragment import Fragment, make_fragment
from codegen_tasks.diff.names import path_bytes
from codegen_tasks.records import FileChange, Record


class Patch(Record, frozen=True):
    """The bytes of diff.patch, and how many files it touches, lines it inserts and lines it deletes."""

    data: bytes
    files: int
    insertions: int
    deletions: int


class Fragments(Protocol):
    """Where fragments are kept under the digest of what they are made from. What it loses is made again."""

    def get(self, key: str) -> bytes | None:
        """The kept fragment."""

    def put(self, key: str, data: bytes) -> None:
        """Keeps a fragment."""


def make_patch(changes: Iterable[FileChange], context_lines: int = 3, fragments: Fragments | None = None) -> Patch:
    """The patch from all `before` to all `after`, byte for byte what git prints, without renames.

    Changes that change nothing are left out. Same changes in any order, same bytes.
    """
    ordered = sorted((change for change in changes if change.before != change.after), key=lambda c: path_bytes(c.path))
    made = [_cached(change, context_lines, fragments) for change in ordered]
    return Patch(
        data=b"".join(piece for fragment in made for piece in fragment.pieces),
        files=len(made),
        insertions=sum(fragment.insertions for fragment in made),
        deletions=sum(fragment.deletions for fragment in made),
    )


def _cached(change: FileChange, context_lines: int, fragments: Fragments | None) -> Fragment:
    if fragments is None or not _worth_keeping(change):
        return make_fragment(change, context_lines)
    key = _key(change, context_lines)
    kept = fragments.get(key)
    if kept is not None:
        insertions, deletions, text = kept.split(b" ", 2)
        return Fragment((text,), int(insertions), int(deletions))
    fragment = make_fragment(change, context_lines)
    fragments.put(key, b"".join((b"%d %d " % (fragment.insertions, fragment.deletions), *fragment.pieces)))
    return fragment


def _worth_keeping(change: FileChange) -> bool:
    """A text that comes or goes is its own patch, nearly: to look it up costs as much as to make it."""
    present = [blob for blob in (change.before, change.after) if blob is not None]
    return len(present) > 1 or is_binary(present[0].data)


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
