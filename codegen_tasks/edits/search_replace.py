"""SEARCH/REPLACE blocks. It knows nothing of the files they are meant for.

path
<<<<<<< SEARCH          or  ------- SEARCH
lines to find
=======
lines instead
>>>>>>> REPLACE         or  +++++++ REPLACE
"""

import re
from collections.abc import Sequence

from codegen_tasks.edits.fences import fence_in
from codegen_tasks.edits.names import above, in_line
from codegen_tasks.edits.operations import Broken, Edit, Hunk, Operation

_OPEN = re.compile(r"^[ \t]*(?:<{4,10}[ \t]*|-{3,}[ \t]+)(?:SEARCH|ORIGINAL)\b[ \t]*>*(?P<rest>.*)$")
_HINT = re.compile(r"^:(?:start_line:\s*(?P<line>\d+)|end_line:\s*\d+)\s*$")
_MIDDLE = re.compile(r"^[ \t]*={5,10}$")
_CLOSE = re.compile(r"^[ \t]*(?:>{4,10}[ \t]*|\+{3,}[ \t]+)(?:REPLACE|UPDATED)\b")
_WRONG_CLOSE = re.compile(r"^[ \t]*>{7}[ \t]*(?:SEARCH|END|DONE)?[ \t]*$", re.IGNORECASE)


def begins(line: str) -> bool:
    """Whether a line opens a block."""
    return ("SEARCH" in line or "ORIGINAL" in line) and bool(_OPEN.match(line))


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The block that begins at a line, and the line after it. Lines from `floor` on may name its file."""
    if not begins(lines[at]):
        return None
    named = in_line(_OPEN.sub(r"\g<rest>", lines[at]))
    named = named if named.titles else above(lines, at, floor)
    stop = next((i for i in range(at + 1, len(lines)) if _CLOSE.match(lines[i]) or begins(lines[i])), None)
    dividers = _dividers(lines, at, len(lines) if stop is None else stop)
    if not dividers:
        end = len(lines) if stop is None else stop + 1
        return (Broken("a SEARCH block has no line ======= between its two parts", stop is not None, at),), end
    middle = dividers[0]
    end, after = _end(lines, at, middle)
    number, start = _hint(lines, at + 1, middle)
    ways = ((_rows(lines, at, start, i), _end(lines, at, i)[1]) for i in dividers[1:])
    hunk = Hunk(_rows(lines, at, start, middle), after, number=number, floating=True, at=at, splits=tuple(ways))
    closed = end > middle and end <= len(lines) and (end < len(lines) or _ends_well(lines, end - 1))
    edit = Edit(named.titles + named.mentions, (hunk,), len(named.titles), closed, at)
    return (edit,), end


def _hint(lines: Sequence[str], at: int, middle: int) -> tuple[int, int]:
    """The line number that stands before the quoted lines (`:start_line:12`), 0 if none, and where these begin."""
    number = 0
    while at < middle and (found := _HINT.match(lines[at])):
        number = int(found["line"] or number)
        at += 1
    return number, at + (number > 0 and at < middle and lines[at].strip() == "-------")


def _dividers(lines: Sequence[str], at: int, stop: int) -> list[int]:
    """Lines that can part the block: indented as the opening one, of seven marks if any is; the likeliest first."""
    indent = _indent(lines[at])
    found = [i for i in range(at + 1, stop) if _MIDDLE.match(lines[i]) and _indent(lines[i]) == indent]
    return [i for i in found if lines[i].strip() == "======="] or found


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _end(lines: Sequence[str], at: int, middle: int) -> tuple[int, tuple[str, ...]]:
    """The line after the block and its second part. A new block or the end of the fence closes it as well."""
    for i in range(middle + 1, len(lines)):
        if _CLOSE.match(lines[i]):
            return i + 1, _rows(lines, at, middle + 1, i)
        if begins(lines[i]):
            return i, _rows(lines, at, middle + 1, i)
    for i in range(middle + 1, len(lines)):
        if _WRONG_CLOSE.match(lines[i]):
            return i + 1, _rows(lines, at, middle + 1, i)
    last = len(lines)
    while last > middle + 1 and not lines[last - 1].strip():
        last -= 1
    if last > middle + 1 and (fence := fence_in(lines[last - 1])) and not fence.info:
        return last, _rows(lines, at, middle + 1, last - 1)
    return len(lines), _rows(lines, at, middle + 1, len(lines))


def _ends_well(lines: Sequence[str], last: int) -> bool:
    return bool(_CLOSE.match(lines[last]) or _WRONG_CLOSE.match(lines[last])) or fence_in(lines[last]) is not None


def _rows(lines: Sequence[str], at: int, start: int, end: int) -> tuple[str, ...]:
    """Lines of a part, without the indentation that the marks themselves carry, as in a list."""
    indent = _indent(lines[at])
    rows = lines[start:end]
    if indent and all(row.startswith(indent) or not row.strip() for row in rows):
        return tuple(row[len(indent) :] for row in rows)
    return tuple(rows)
