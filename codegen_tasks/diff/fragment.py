"""One file's change as git prints it: headers, then hunks or a binary body. It knows no other file and no cache."""

import stat
from hashlib import sha1

from codegen_tasks.diff.binary import binary_body, is_binary
from codegen_tasks.diff.hunks import make_hunks
from codegen_tasks.diff.names import path_bytes, quote
from codegen_tasks.records import Blob, FileChange, Record

_ABSENT_ID = b"0" * 40


class Fragment(Record, frozen=True):
    """The part of a patch that belongs to one file; lines inserted and deleted, none in a binary change."""

    data: bytes
    insertions: int = 0
    deletions: int = 0


def make_fragment(change: FileChange, context_lines: int) -> Fragment:
    """The change as text, empty when there is none. A file that becomes a link is a deletion and a creation."""
    before, after = change.before, change.after
    if before == after:
        return Fragment(b"")
    if before is not None and after is not None and stat.S_IFMT(before.mode) != stat.S_IFMT(after.mode):
        gone = _fragment(change.path, before, None, context_lines)
        come = _fragment(change.path, None, after, context_lines)
        return Fragment(gone.data + come.data, come.insertions, gone.deletions)
    return _fragment(change.path, before, after, context_lines)


def blob_id(data: bytes) -> bytes:
    """Git's name for a content, in hex."""
    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest().encode()


def _fragment(path: str, before: Blob | None, after: Blob | None, context_lines: int) -> Fragment:
    name = path_bytes(path)
    header = b"diff --git %s %s\n" % (quote(b"a/" + name), quote(b"b/" + name)) + _mode_lines(before, after)
    old, new = _data(before), _data(after)
    if before is not None and after is not None and old == new:
        return Fragment(header)
    header += _index_line(before, after)
    if is_binary(old) or is_binary(new):
        return Fragment(header + binary_body(old, new))
    if old == new:
        return Fragment(header)
    hunks = make_hunks(old, new, context_lines)
    names = b"--- %s\n+++ %s\n" % (_label(b"a/" + name, before), _label(b"b/" + name, after))
    return Fragment(header + names + hunks.text, hunks.insertions, hunks.deletions)


def _data(blob: Blob | None) -> bytes:
    return b"" if blob is None else blob.data


def _mode_lines(before: Blob | None, after: Blob | None) -> bytes:
    if before is None:
        return b"" if after is None else b"new file mode %o\n" % after.mode
    if after is None:
        return b"deleted file mode %o\n" % before.mode
    return b"" if before.mode == after.mode else b"old mode %o\nnew mode %o\n" % (before.mode, after.mode)


def _index_line(before: Blob | None, after: Blob | None) -> bytes:
    old, new = (_ABSENT_ID if blob is None else blob_id(blob.data) for blob in (before, after))
    same_mode = before is not None and after is not None and before.mode == after.mode
    return b"index %s..%s" % (old, new) + (b" %o\n" % after.mode if after is not None and same_mode else b"\n")


def _label(name: bytes, blob: Blob | None) -> bytes:
    """The name on a `---` or `+++` line. The TAB behind a name with spaces tells GNU patch where the name ends."""
    return b"/dev/null" if blob is None else quote(name) + (b"\t" if b" " in name else b"")
