"""Blank lines as numbers in three versions: SEARCH is the base, the file is ours, REPLACE theirs. It finds no places.

Where the first two agree, REPLACE changes them; where SEARCH and REPLACE agree, both left out what the file has, and it
stays; where REPLACE and the file agree, only SEARCH left it out, and REPLACE is right throughout. A block in which both
happens is not certain. At its ends a block may quote fewer than the file has:

SEARCH        REPLACE       file
              (blank)       (blank)       it is there already: the block changes what stands below
def f():      def f():      def f():
    old           new           old
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise, takewhile
from typing import NamedTuple, TypeVar

import msgspec

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.view import Place, View

T = TypeVar("T")
LOOSE = ("blank lines", "alignment")  # the rungs on which blank lines do not count


class BlankError(Exception):
    """It is not certain which blank lines are meant to stay. `line` (from 1) is one of the file's beside them."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Part(NamedTuple):
    """A part of a block: its lines that are not blank, and the blank ones before each and behind the last."""

    lines: list[str]
    runs: list[list[str]]


def merge_blanks(view: View, hunk: Hunk, place: Place) -> tuple[Hunk, Place]:
    """The block with the blank lines that are to stand, and those that the file has as the quoted ones; and its place.

    Raises BlankError where it is not certain which ones are meant to stay.
    """
    quoted, new, loose = _part(hunk.before), _part(hunk.after), place.rung in LOOSE
    if not quoted.lines or not (loose or _ends_differ(hunk, place, quoted, new)):
        return hunk, place
    rows, file = _rows_and_runs(view, hunk.before, place)
    runs = _settled(quoted, new, [*map(len, file)], rows[0] + 1) if loose else [*new.runs]
    for end, size in _ends(view, hunk, rows, quoted, new):
        runs[end] = [""] * size if size != len(new.runs[end]) else runs[end]
    if not loose:
        return msgspec.structs.replace(hunk, after=_lines(new._replace(runs=runs))), place
    filled = [own if len(own) == len(its) else [""] * len(its) for own, its in zip(quoted.runs, file, strict=True)]
    before, after = _lines(quoted._replace(runs=filled)), _lines(new._replace(runs=runs))
    found = (*file[0], *(row for own, run in zip(rows, file[1:], strict=True) for row in (own, *run)))
    hunk = msgspec.structs.replace(hunk, before=before, after=after, signs="")
    return hunk, msgspec.structs.replace(place, rows=found, start=found[0])


def _ends_differ(hunk: Hunk, place: Place, quoted: _Part, new: _Part) -> bool:
    """Whether a block has other blank lines at an end of its new part, and changes more than these."""
    if not hunk.floating or place.column >= 0 or place.rung == "elision" or not new.lines:
        return False
    alike = all(len(quoted.runs[end]) == len(new.runs[end]) for end in (0, -1))
    return not alike and (quoted.lines, quoted.runs[1:-1]) != (new.lines, new.runs[1:-1])


def _ends(view: View, hunk: Hunk, rows: Sequence[int], quoted: _Part, new: _Part) -> Iterator[tuple[int, int]]:
    """How many blank lines are to stand at the ends of the new part. One run is both, if nothing else is new."""
    head, tail = _beside(view, rows[0], -1), _beside(view, rows[-1], 1)
    if not new.lines:
        said, there = len(quoted.runs[0]) + len(quoted.runs[-1]), [head, tail]
        there = [min(len(run), size) for run, size in zip((quoted.runs[0], quoted.runs[-1]), there, strict=True)]
        ends = [(0, said, sum(there), "-", rows[0])]
    else:
        signs = signs_of(Hunk(tuple(map(str.strip, quoted.lines)), tuple(map(str.strip, new.lines))))
        ends = [
            (0, len(quoted.runs[0]), head, signs[0], rows[0]),
            (len(new.lines), len(quoted.runs[-1]), tail, signs[-1], rows[-1]),
        ]
    for end, said, size, sign, row in ends:
        if (merged := _end(said, len(new.runs[end]), size, sign)) is None and (said > size or hunk.floating):
            raise BlankError(row + 1)
        yield end, len(new.runs[end]) if merged is None else merged


def _end(quoted: int, new: int, file: int, sign: str) -> int | None:
    """How many blank lines are to stand at an end where the file has so many; None: that is not certain.

    If the line beside them stays (`sign`), no change reaches them, unless all that the file has are quoted.
    """
    if quoted > file:
        return file if new in (quoted, file) else None
    if new < quoted:
        return None if sign == " " else new
    if new == quoted or quoted == file:
        return new
    return quoted if sign == " " and new <= file else None


def _beside(view: View, row: int, step: int) -> int:
    """How many blank lines come after a line of the file, downwards (`step` 1) or upwards (-1)."""
    rows = range(row + step, len(view.lines) if step > 0 else -1, step)
    return sum(1 for _ in takewhile(lambda i: not view.stripped[i], rows))


def _rows_and_runs(view: View, before: Sequence[str], place: Place) -> tuple[list[int], list[Sequence[int]]]:
    """The file's line for each quoted one that is not blank, and its blank lines for each run: at the ends no more than
    are quoted, and those found for the quoted ones where a line beside them was not found, or others stand between.
    """
    rows, (head, *inner, tail) = _parted(before, place.rows)
    found: list[Sequence[int]] = [range(rows[0] - min(len(head), _beside(view, rows[0], -1)), rows[0])]
    for (above, below), run in zip(pairwise(rows), inner, strict=True):
        follow = 0 <= above < below and not any(view.stripped[above + 1 : below])
        found.append(range(above + 1, below) if follow else run)
    return rows, [*found, range(rows[-1] + 1, rows[-1] + 1 + min(len(tail), _beside(view, rows[-1], 1)))]


def _part(lines: Sequence[str]) -> _Part:
    return _Part(*_parted(lines, lines))


def _parted(lines: Sequence[str], values: Sequence[T]) -> tuple[list[T], list[list[T]]]:
    """The values of the lines that are not blank, and those of the blank ones before each and behind the last."""
    filled, runs = list[T](), [list[T]()]
    for line, value in zip(lines, values, strict=True):
        if line.strip():
            filled.append(value)
            runs.append([])
        else:
            runs[-1].append(value)
    return filled, runs


def _lines(part: _Part) -> tuple[str, ...]:
    first, *rest = part.runs
    return (*first, *(row for line, run in zip(part.lines, rest, strict=True) for row in (line, *run)))


def _settled(quoted: _Part, new: _Part, file: Sequence[int], line: int) -> list[list[str]]:
    """The blank lines that are to stand before each new line, and behind the last, where the file has otherwise than
    quoted.

    Raises BlankError where that is not certain.
    """
    whole, alike, told = dict[int, int](), dict[int, int](), set[str]()
    for old, places in _places(quoted, new):
        said, there = [len(quoted.runs[i]) for i in old], [file[i] for i in old]
        if said == there or old[0] == 0 or old[-1] == len(quoted.lines):
            continue
        sizes = {i: len(new.runs[i]) for i in places}
        pairs = [(i, its, size) for i in sizes for its, size in zip(said, there, strict=True)]
        meant = {(i, size) for i, its, size in pairs if its == sizes[i] == sum(sizes.values())}
        shown = bool(sizes) and set(sizes.values()) <= set(there)
        told.add("whole" if shown and not meant else "alike" if len(meant) == 1 and not shown else "open")
        whole |= sizes
        alike |= dict(meant)
    if told >= {"whole", "alike"} or ("open" in told and "whole" not in told):
        raise BlankError(line)
    chosen = whole if "whole" in told else alike
    return [[""] * chosen[i] if i in chosen else run for i, run in enumerate(new.runs)]


def _places(quoted: _Part, new: _Part) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The quoted runs of blank lines at each place (two: around lines that go), and the runs of the new part that
    stand there: two around lines that come, none amid lines that change.
    """
    at = first = 0
    words = Hunk(tuple(map(str.strip, quoted.lines)), tuple(map(str.strip, new.lines)))
    for stays, rows in groupby(signs_of(words), key=lambda sign: sign == " "):
        signs = "".join(rows)
        end, last = at + len(signs) - signs.count("+"), first + len(signs) - signs.count("-")
        if stays:
            yield from (((at + i,), (first + i,)) for i in range(1, end - at))
        elif end == at:
            yield (at,), (first, last)
        elif last == first:
            yield (at, end), (first,)
        else:
            yield (at,), (first,)
            yield from (((i,), ()) for i in range(at + 1, end) if last - first > 1)
            yield (end,), (last,)
        at, first = end, last
