"""SEARCH/REPLACE blocks. It knows nothing of the files they are meant for.

path
<<<<<<< SEARCH          or  ------- SEARCH
lines to find
=======
lines instead
>>>>>>> REPLACE         or  +++++++ REPLACE

In any case of letters, with the path beside SEARCH or in its place.
"""

import re
from collections.abc import Sequence
from itertools import accumulate

import msgspec

from codegen_tasks.edits.operations import Broken, Edit, Hunk, Operation
from codegen_tasks.edits.read.fences import fence_in
from codegen_tasks.edits.read.titles import above, in_line
from codegen_tasks.edits.view import indent_of

MANY = 20  # lines of a block that may divide it
Side = tuple[tuple[str, ...], tuple[str, ...]]

_OPEN = re.compile(
    r"^[ \t]*(?:<{4,10}[ \t]*(?:(?i:SEARCH|ORIGINAL)\b|(?=\S+\.[A-Za-z]\w*$))|-{3,}[ \t]+(?:SEARCH|ORIGINAL)\b)[ \t]*>*"
    r"(?P<rest>.*)$"
)
_HINT = re.compile(r"^:(?:start_line:\s*(?P<line>\d+)|end_line:\s*\d+)\s*$")
_MIDDLE = re.compile(r"^[ \t]*={5,10}$")
_CLOSE = re.compile(r"^[ \t]*(?:>{4,10}[ \t]*(?i:REPLACE|UPDATED)|\+{3,}[ \t]+(?:REPLACE|UPDATED))\b")
_WRONG_CLOSE = re.compile(r"^[ \t]*>{5,9}(?:[ \t\w].*)?$")


def begins(line: str) -> bool:
    """Whether a line opens a block."""
    return ("<<<<" in line or "---" in line) and bool(_OPEN.match(line))


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The block that begins at a line, and the line after it. Lines from `floor` on may name its file."""
    if not begins(lines[at]):
        return None
    named = in_line(_OPEN.sub(r"\g<rest>", lines[at]))
    named = named if named.titles else above(lines, at, floor, far=True)
    stop = next((i for i in range(at + 1, len(lines)) if _CLOSE.match(lines[i]) or begins(lines[i])), None)
    dividers = _dividers(lines, at, len(lines) if stop is None else stop)
    if not dividers:
        end = len(lines) if stop is None else stop + 1
        return (Broken("a SEARCH block has no line ======= between its two parts", stop is not None, at),), end
    middle = dividers[0]
    end = _end(lines, at, middle)[0]
    number, start = _hint(lines, at + 1, middle)
    sides = [(_rows(lines, at, start, i), _end(lines, at, i)[1]) for i in dividers[:MANY]]
    ways = [Hunk(*side, number=number, floating=True, at=at) for side in sides]
    hunk = msgspec.structs.replace(ways[0], ways=tuple(ways[1:]))
    closed = end < len(lines) or _has_end_mark(lines[end - 1]) or fence_in(lines[end - 1]) is not None
    if not _has_end_mark(lines[end - 1]) and _may_end_elsewhere(lines, end, hunk):
        return (Broken("a block has no end mark, and what follows it may not belong to it", closed, at),), end
    edit = Edit(named.titles + named.mentions, (hunk,), len(named.titles), closed, at=at)
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
    indent = indent_of(lines[at])
    found = [i for i in range(at + 1, stop) if _MIDDLE.match(lines[i]) and indent_of(lines[i]) == indent]
    return [i for i in found if lines[i].strip() == "======="] or found


def _end(lines: Sequence[str], at: int, middle: int) -> tuple[int, tuple[str, ...]]:
    """The line after the block and its second part. A mark with other words closes it where no right one does, and so
    does a new block or the end of the fence around.
    """
    stop = next((i for i in range(middle + 1, len(lines)) if _CLOSE.match(lines[i]) or begins(lines[i])), len(lines))
    if stop == len(lines) or begins(lines[stop]):
        last = max(i for i in range(middle, stop) if _MIDDLE.match(lines[i]))  # a mark above it is of a conflict quoted
        wrong = next((i for i in range(last + 1, stop) if _WRONG_CLOSE.match(lines[i])), None)
        if wrong is None:
            end = min(stop, _fence_end(lines, at, middle + 1))
            return end, _rows(lines, at, middle + 1, end)
        stop = wrong
    return stop + 1, _rows(lines, at, middle + 1, stop)


def _fence_end(lines: Sequence[str], at: int, start: int) -> int:
    """The line that closes the fence a block stands in, or the end of the reply."""
    depth = sum(fence_in(line) is not None for line in lines[:at]) % 2
    for i in range(start, len(lines) if depth else start):
        if fence := fence_in(lines[i]):
            depth += 1 if fence.info else -1
            if not depth:
                return i
    return len(lines)


def _may_end_elsewhere(lines: Sequence[str], end: int, hunk: Hunk) -> bool:
    """Whether it is open where a block without an end mark ends: no fence closes it, or maybe one of its own text."""
    last = "".join(hunk.after[-1:])
    if last.lstrip().startswith("<<<<<<<") or not _is_balanced(hunk.before):
        return True
    fenced = any(fence_in(line) is not None for line in lines[end - 1 : end + 1])
    return not fenced and ("" in hunk.after or bool(in_line(last).titles))


def _is_balanced(rows: Sequence[str]) -> bool:
    """Whether each fence in some lines that can only close has one with a language before it, and none is left open."""
    depth = [0, *accumulate(1 if fence.info else -1 for fence in map(fence_in, rows) if fence)]
    return min(depth) == depth[-1] == 0


def _has_end_mark(line: str) -> bool:
    return bool(_CLOSE.match(line) or _WRONG_CLOSE.match(line))


def _rows(lines: Sequence[str], at: int, start: int, end: int) -> tuple[str, ...]:
    """Lines of a part, without the indentation that the marks themselves carry, as in a list."""
    indent = indent_of(lines[at])
    rows = lines[start:end]
    if indent and all(row.startswith(indent) or not row.strip() for row in rows):
        return tuple(row[len(indent) :] for row in rows)
    return tuple(rows)
