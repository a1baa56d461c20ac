"""One file's change as git prints it: headers, then hunks or a binary body. It knows no other file and no cache."""

import stat
from hashlib import sha1

from codegen_tasks.diff.binary import binary_body, is_binary
from codegen_tasks.diff.hunks import make_hunks
from codegen_tasks.diff.names import path_bytes, quote
from codegen_tasks.records import Blob, FileChange

_ABSENT_ID = b"0" * 40


def make_fragment(change: FileChange, context_lines: int) -> bytes:
    """A change that changes something, as text. A file that becomes a link is a deletion and a creation."""
    before, after = change.before, change.after
    if before is not None and after is not None and stat.S_IFMT(before.mode) != stat.S_IFMT(after.mode):
        gone = _fragment(change.path, before, None, context_lines)
        come = _fragment(change.path, None, after, context_lines)
        return gone + come
    return _fragment(change.path, before, after, context_lines)


def index_line(before: Blob | None, after: Blob | None, ids: tuple[bytes, bytes] | None = None) -> bytes:
    """The line that names both contents, and the mode if it stays. `ids` are their git ids, if they are known."""
    old, new = ids or (_blob_id(before), _blob_id(after))
    same_mode = before is not None and after is not None and before.mode == after.mode
    return b"index %s..%s" % (old, new) + (b" %o\n" % after.mode if after is not None and same_mode else b"\n")


def name_lines(path: bytes, before: Blob | None, after: Blob | None) -> bytes:
    """The `---` and `+++` lines. The TAB after a name with spaces tells GNU patch where the name ends."""
    tab = b"\t" if b" " in path else b""
    old = b"/dev/null" if before is None else quote(b"a/" + path) + tab
    new = b"/dev/null" if after is None else quote(b"b/" + path) + tab
    return b"--- %s\n+++ %s\n" % (old, new)


def _fragment(path: str, before: Blob | None, after: Blob | None, context_lines: int) -> bytes:
    name = path_bytes(path)
    header = b"diff --git %s %s\n" % (quote(b"a/" + name), quote(b"b/" + name)) + _mode_lines(before, after)
    old, new = _data(before), _data(after)
    if before is not None and after is not None and old == new:
        return header
    if is_binary(old) or is_binary(new):
        return header + index_line(before, after) + binary_body(old, new)
    if old == new:
        return header + index_line(before, after)
    hunks = make_hunks(old, new, context_lines)
    return header + index_line(before, after, hunks.ids) + name_lines(name, before, after) + hunks.text


def _data(blob: Blob | None) -> bytes:
    return b"" if blob is None else blob.data


def _blob_id(blob: Blob | None) -> bytes:
    if blob is None:
        return _ABSENT_ID
    hashed = sha1(b"blob %d\0" % len(blob.data), usedforsecurity=False)
    hashed.update(blob.data)
    return hashed.hexdigest().encode()


def _mode_lines(before: Blob | None, after: Blob | None) -> bytes:
    if before is None:
        return b"" if after is None else b"new file mode %o\n" % after.mode
    if after is None:
        return b"deleted file mode %o\n" % before.mode
    return b"" if before.mode == after.mode else b"old mode %o\nnew mode %o\n" % (before.mode, after.mode)
