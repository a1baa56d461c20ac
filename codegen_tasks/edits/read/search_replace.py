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
from collections.abc import Iterable, Sequence
from itertools import accumulate

from msgspec.structs import replace

from codegen_tasks.edits.operations import Broken, Edit, Hunk, Operation
from codegen_tasks.edits.read.fences import fence_in
from codegen_tasks.edits.read.marks import kind_of, mark_in
from codegen_tasks.edits.read.titles import above, in_line
from codegen_tasks.edits.view import indent_of

MANY = 20  # lines of a block that may divide it
OPEN = "a block has no end mark, and what follows it may not belong to it"
UNDIVIDED = "a SEARCH block has no line ======= between its two parts"

_HINT = re.compile(r"^:(?:start_line:\s*(?P<line>\d+)|end_line:\s*\d+)\s*$")


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The block that begins at a line, and the line after it. Lines from `floor` on may name its file."""
    mark = mark_in(lines[at])
    if mark is None or kind_of(lines[at]) != "search":
        return None
    stop = _first(lines, range(at + 1, len(lines)), "replace", "search")
    divides = (i for i in range(at + 1, stop) if kind_of(lines[i]) == "divider")
    dividers = [i for i in divides if indent_of(lines[i]) == indent_of(lines[at])]
    if not dividers:
        return (Broken(UNDIVIDED, stop < len(lines), at),), min(stop + 1, len(lines))
    last, end = _end(lines, at, dividers, stop)
    dividers = [i for i in dividers if lines[i].strip() == "======="] or dividers
    number, start = _hint(lines, at + 1, dividers[0])
    ways = [
        Hunk(_rows(lines, at, start, i), _rows(lines, at, i + 1, last), number=number, floating=True, at=at)
        for i in dividers[:MANY]
    ]
    hunk = replace(ways[0], ways=tuple(ways[1:]))
    closed = last < end or end < len(lines) or fence_in(lines[end - 1]) is not None
    if last == end and _may_end_elsewhere(lines, end, hunk):
        return (Broken(OPEN, closed, at),), end
    named = in_line(mark["beside"])
    named = named if named.titles else above(lines, at, floor, far=True)
    return (Edit(named.titles + named.mentions, (hunk,), len(named.titles), closed, at=at),), end


def _first(lines: Sequence[str], rows: Iterable[int], *kinds: str) -> int:
    """The first of some rows that is a mark of a kind, or the end of the reply."""
    return next((i for i in rows if kind_of(lines[i]) in kinds), len(lines))


def _hint(lines: Sequence[str], at: int, middle: int) -> tuple[int, int]:
    """The line number that stands before the quoted lines (`:start_line:12`), 0 if none, and where these begin."""
    number = 0
    while at < middle and (found := _HINT.match(lines[at])):
        number = int(found["line"] or number)
        at += 1
    return number, at + (number > 0 and at < middle and lines[at].strip() == "-------")


def _end(lines: Sequence[str], at: int, dividers: Sequence[int], stop: int) -> tuple[int, int]:
    """The line after the block's second part, and the one after the block.

    A mark with other words closes it where no right one does, and so does a new block or the end of the fence around.
    """
    if stop < len(lines) and kind_of(lines[stop]) == "replace":
        return stop, stop + 1
    wrong = _first(lines, range(dividers[-1] + 1, stop), "close")  # a mark above that is of a conflict quoted
    if wrong < stop:
        return wrong, wrong + 1
    end = min(stop, _fence_end(lines, at, dividers[0] + 1))
    return end, end


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
    depth = [0, *accumulate(1 if fence.info else -1 for fence in map(fence_in, hunk.before) if fence)]
    if last.lstrip().startswith("<<<<<<<") or not min(depth) == depth[-1] == 0:
        return True
    fenced = any(fence_in(line) is not None for line in lines[end - 1 : end + 1])
    return not fenced and ("" in hunk.after or bool(in_line(last).titles))


def _rows(lines: Sequence[str], at: int, start: int, end: int) -> tuple[str, ...]:
    """Lines of a part, without the indentation that the marks themselves carry, as in a list."""
    indent, rows = indent_of(lines[at]), lines[start:end]
    shared = all(row.startswith(indent) or not row.strip() for row in rows)
    return tuple(row[len(indent) :] for row in rows) if shared else tuple(rows)
