"""The strict applier that proves a patch: every line, mode and digest must be where the patch says, or it is refused.

It reads only the dialect that `make_patch` writes. It searches nothing and forgives nothing.
"""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO

from codegen_tasks.diff.binary import apply_binary
from codegen_tasks.diff.fragment import index_line, name_lines
from codegen_tasks.diff.names import quote, unquote
from codegen_tasks.records import Blob

_START = b"diff --git "
_HUNK = re.compile(rb"@@ -([0-9]+)(?:,([0-9]+))? \+([0-9]+)(?:,([0-9]+))? @@")
_MODES = (b"100644", b"100755", b"120000")
_KEPT, _ADDED, _REMOVED = b" +-"
_NO_NEWLINE = b"\\ No newline at end of file\n"


class PatchError(ValueError):
    """The patch is not in our dialect, or does not fit what it is applied to."""


class _Part:
    """The part of a patch that belongs to one file, read once from its first line to its last."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, prefix: bytes) -> bytes | None:
        """What stands behind `prefix`, without the line end; None, and nothing read, if the line starts otherwise."""
        if not self.data.startswith(prefix, self.at):
            return None
        start, end = self.at + len(prefix), self.data.index(b"\n", self.at)
        self.at = end + 1
        return self.data[start:end]

    def need(self, prefix: bytes) -> bytes:
        """Like `take`, but the line must start so."""
        found = self.take(prefix)
        if found is None:
            raise self.wrong(f"expected {prefix!r}")
        return found

    def expect(self, lines: bytes) -> None:
        """Reads exactly these whole lines."""
        if not self.data.startswith(lines, self.at):
            raise self.wrong(f"expected {lines!r}")
        self.at += len(lines)

    def rest(self) -> bytes:
        """Reads all that is left."""
        start, self.at = self.at, len(self.data)
        return self.data[start:]

    def wrong(self, why: str) -> PatchError:
        """The refusal, with the place where reading stopped."""
        return PatchError(f"{self.data[:80].splitlines()[0]!r}, at its byte {self.at}: {why}")


def apply_patch(patch: bytes, before: Mapping[str, Blob]) -> dict[str, Blob]:
    """The tree that `patch` makes of `before`. Raises PatchError on the least deviation."""
    tree = dict(before)
    for part in _parts(patch):
        path = _read_path(part)
        key = path.decode("utf-8", "surrogateescape")
        after = _apply_part(part, path, tree.pop(key, None))
        if part.at != len(part.data):
            raise part.wrong("nothing more was expected")
        if after is not None:
            tree[key] = after
    return tree


def _parts(patch: bytes) -> Iterator[_Part]:
    """Every line of a hunk starts with a sign, so nothing else starts like a part. The last line must end, too."""
    if not patch:
        return
    if not (patch.startswith(_START) and patch.endswith(b"\n")):
        raise PatchError("the patch does not start with a part or does not end with a line end")
    at = 0
    while at < len(patch):
        end = patch.find(b"\n" + _START, at) + 1 or len(patch)
        yield _Part(patch[at:end])
        at = end


def _read_path(part: _Part) -> bytes:
    names = part.need(_START)
    path = unquote(names[: len(names) // 2])[2:]
    if names != quote(b"a/" + path) + b" " + quote(b"b/" + path):
        raise part.wrong("the first line does not name one path twice")
    return path


def _apply_part(part: _Part, path: bytes, before: Blob | None) -> Blob | None:
    mode = _read_mode(part, before)
    start = part.at
    if part.take(b"index ") is None:
        if before is None or mode is None or mode == before.mode:
            raise part.wrong("expected an index line")
        return Blob(before.data, mode)
    after = None if mode is None else Blob(b"", mode)
    data = _apply_body(part, name_lines(path, before, after), b"" if before is None else before.data)
    if after is not None:
        after = Blob(data, after.mode)
    elif data:
        raise part.wrong("the file goes, but something of it is left")
    if not part.data.startswith(index_line(before, after), start):
        raise part.wrong("the index line names other contents or another mode")
    return after


def _read_mode(part: _Part, before: Blob | None) -> int | None:
    """The mode after; None when the file goes."""
    if before is None:
        return _mode(part, b"new file mode ")
    if part.take(b"deleted file mode %o\n" % before.mode) is not None:
        return None
    if part.take(b"old mode %o\n" % before.mode) is not None:
        return _mode(part, b"new mode ")
    return before.mode


def _mode(part: _Part, prefix: bytes) -> int:
    text = part.need(prefix)
    if text not in _MODES:
        raise part.wrong(f"no mode of a file or link: {text!r}")
    return int(text, 8)


def _apply_body(part: _Part, names: bytes, old: bytes) -> bytes:
    if part.take(b"GIT binary patch") is not None:
        try:
            return apply_binary(part.rest(), old)
        except ValueError as error:
            raise part.wrong(str(error)) from error
    if part.at == len(part.data):
        return old
    part.expect(names)
    hunks = part.rest()
    whole = _apply_whole(hunks, old)
    return _apply_hunks(part, hunks, old) if whole is None else whole


def _apply_whole(hunks: bytes, old: bytes) -> bytes | None:
    """The short way when all lines come or all lines go; None when it is not exactly that."""
    sign, start, end = (b"-", b"@@ -1", b" +0,0 @@") if old else (b"+", b"@@ -0,0 +1", b" @@")
    header = hunks[: hunks.index(b"\n")]
    if not (header.startswith(start) and header.endswith(end)):
        return None
    ended = not hunks.endswith(_NO_NEWLINE)
    text = hunks[len(header) + 1 : None if ended else -len(_NO_NEWLINE)]
    lines = text.count(b"\n")
    content = text.replace(b"\n" + sign, b"\n")
    if header != start + (b"" if lines == 1 else b",%d" % lines) + end or not text.startswith(sign):
        return None
    if len(text) - len(content) != lines - 1:
        return None
    content = content[1 : None if ended else -1]
    if old:
        return b"" if content == old else None
    return content


def _apply_hunks(part: _Part, hunks: bytes, old: bytes) -> bytes:
    lines = BytesIO(hunks).readlines()  # cut at LF only
    source, made, done, at = BytesIO(old).readlines(), list[bytes](), 0, 0
    while at < len(lines):
        ranges = _HUNK.match(lines[at])
        if ranges is None:
            raise part.wrong(f"expected a hunk, found {lines[at]!r}")
        old_count, new_count = (1 if size is None else int(size) for size in ranges.group(2, 4))
        start, new_start = int(ranges[1]) - (old_count > 0), int(ranges[3]) - (new_count > 0)
        made += source[done:start]
        removed, added, at = _read_hunk(lines, at + 1)
        if (len(removed), len(added)) != (old_count, new_count):
            raise part.wrong(f"{ranges[0]!r} holds {len(removed)} old and {len(added)} new lines")
        if start < done or len(made) != new_start or source[start : start + old_count] != removed:
            raise part.wrong(f"{ranges[0]!r} does not fit where it says")
        made += added
        done = start + old_count
    return b"".join(made + source[done:])


def _read_hunk(lines: list[bytes], at: int) -> tuple[list[bytes], list[bytes], int]:
    """The lines a hunk wants to find, those it leaves, and where it ends. A line without a line end has none here."""
    removed, added = list[bytes](), list[bytes]()
    while at < len(lines):
        line = lines[at]
        sign, text = line[0], line[1:]
        if sign == _KEPT:
            removed.append(text)
            added.append(text)
        elif sign == _ADDED:
            added.append(text)
        elif sign == _REMOVED:
            removed.append(text)
        elif line == _NO_NEWLINE:
            for side, other in ((removed, b"+"), (added, b"-")):
                if side and lines[at - 1][:1] != other:
                    side[-1] = side[-1][:-1]
        else:
            break
        at += 1
    return removed, added, at
