"""Our own patch, read for people: files, hunks, numbered lines. It proves nothing; `diff.apply_patch` does."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from codegen_tasks.diff import unquote

_FILE = re.compile(rb"^(?=diff --git )", re.MULTILINE)  # no line of a hunk begins so
_HUNK = re.compile(rb"@@ -([0-9]+)(?:,[0-9]+)? \+([0-9]+)(?:,[0-9]+)? @@ ?(.*)")
_NO_NEWLINE = b"\\ No newline at end of file"


@dataclass
class Line:
    """`sign` is ` `, `+` or `-`; `old` and `new` are its numbers on the sides it stands on, else 0."""

    sign: str
    old: int
    new: int
    text: str
    ended: bool = True


@dataclass
class Hunk:
    """`heading` is what git prints behind the second `@@`."""

    old: int
    new: int
    heading: str
    lines: list[Line] = field(default_factory=list)


@dataclass
class FilePatch:
    """One file of a patch. `op` is create, update or delete; `modes` are told where they change."""

    path: str
    op: str = "update"
    modes: tuple[str, str] | None = None
    binary: bool = False
    hunks: list[Hunk] = field(default_factory=list)

    def count(self, sign: str) -> int:
        """How many lines have this sign."""
        return sum(line.sign == sign for hunk in self.hunks for line in hunk.lines)


def read_patch(patch: bytes) -> list[FilePatch]:
    """The files of a patch that `diff.make_patch` wrote, in order."""
    return [_read_file(part) for part in _FILE.split(patch) if part]


def _read_file(part: bytes) -> FilePatch:
    rows = part.split(b"\n")
    if rows[-1] == b"":
        rows.pop()
    names = rows[0].removeprefix(b"diff --git ")
    path = unquote(names[: len(names) // 2])[2:].decode("utf-8", "replace")
    file, at = FilePatch(path), 1
    while at < len(rows) and not rows[at].startswith(b"@@ "):
        _read_head(rows[at], file)
        at += 1
    file.hunks = list(_hunks(rows[at:])) if not file.binary else []
    return file


def _read_head(row: bytes, file: FilePatch) -> None:
    if row.startswith(b"new file mode "):
        file.op = "create"
    elif row.startswith(b"deleted file mode "):
        file.op = "delete"
    elif row.startswith(b"old mode "):
        file.modes = (row[9:].decode(), "")
    elif row.startswith(b"new mode ") and file.modes is not None:
        file.modes = (file.modes[0], row[9:].decode())
    elif row == b"GIT binary patch":
        file.binary = True


def _hunks(rows: list[bytes]) -> Iterator[Hunk]:
    hunk, old, new = None, 0, 0
    for row in rows:
        head = _HUNK.match(row)
        if head is not None:
            if hunk is not None:
                yield hunk
            old, new = int(head[1]), int(head[2])
            hunk = Hunk(old, new, _text(head[3]))
        elif hunk is not None and row == _NO_NEWLINE:
            hunk.lines[-1].ended = False
        elif hunk is not None:
            sign = row[:1].decode() or " "
            hunk.lines.append(Line(sign, old * (sign != "+"), new * (sign != "-"), _text(row[1:])))
            old, new = old + (sign != "+"), new + (sign != "-")
    if hunk is not None:
        yield hunk


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
