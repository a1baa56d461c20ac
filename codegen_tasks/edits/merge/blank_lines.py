"""Blank lines as numbers in three versions: SEARCH is the base, the file is ours, REPLACE theirs. It finds no places.

SEARCH   file   REPLACE
   0       1       0       both parts left out what the file has: it stays
   0       1       1       only SEARCH left it out: REPLACE is right, throughout
   0       1       2       not certain
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import runs_of, signs_of
from codegen_tasks.edits.view import Place, View

LOOSE = ("blank lines", "alignment")  # the rungs on which blank lines do not count


BLANKS = (
    "it is not certain which blank lines are to stay around line {}: quote those that the file has there, and the next "
    "line that is not blank, in both parts"
)


class MergeError(Exception):
    """It is not certain what a block is to do at its place, and why. `line` (from 1) is one of the file's."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


class _Part(NamedTuple):
    """A part of a block: its lines that are not blank, and the blank ones before each and behind the last."""

    lines: list[str]
    runs: list[list[str]]

    @property
    def sizes(self) -> list[int]:
        return [*map(len, self.runs)]


def merge_blanks(view: View, hunk: Hunk, place: Place) -> tuple[Hunk, Place]:
    """The block with the blank lines that are to stand, and those that the file has as the quoted ones; and its place.

    Raises MergeError where it is not certain which ones are meant to stay.
    """
    base, theirs, loose = _part(hunk.before), _part(hunk.after), place.rung in LOOSE
    if not base.lines or not (loose or _ends_differ(hunk, place, base, theirs)):
        return hunk, place
    if place.rung == "alignment":
        base, theirs = (part._replace(runs=[[""] * size for size in part.sizes]) for part in (base, theirs))
    rows = [row for row, line in zip(place.rows, hunk.before, strict=True) if line.strip()]
    around = _around(view, rows[0], rows[-1])
    ours = _ours(view, base, rows, around)
    signs = signs_of(Hunk(tuple(map(str.strip, base.lines)), tuple(map(str.strip, theirs.lines))))
    sizes = _left_out(base.sizes, [*map(len, ours)], theirs.sizes, signs, rows[0] + 1) if loose else {}
    for end, quoted, file, stays in _ends(base.sizes, theirs.sizes, around, signs):
        if quoted > file or hunk.floating:
            sizes[end] = _end(quoted, file, len(theirs.runs[end]), stays, rows[-1 if end else 0] + 1)
    runs = [[""] * sizes[i] if sizes.get(i, len(run)) != len(run) else run for i, run in enumerate(theirs.runs)]
    after = _lines(theirs._replace(runs=runs))
    if not loose:
        return msgspec.structs.replace(hunk, after=after), place
    filled = [own if len(own) == len(its) else [""] * len(its) for own, its in zip(base.runs, ours, strict=True)]
    found = (*ours[0], *(row for own, run in zip(rows, ours[1:], strict=True) for row in (own, *run)))
    hunk = msgspec.structs.replace(hunk, before=_lines(base._replace(runs=filled)), after=after, signs="")
    return hunk, msgspec.structs.replace(place, rows=found, start=found[0])


def _part(lines: Sequence[str]) -> _Part:
    part = _Part([], [[]])
    for line in lines:
        if line.strip():
            part.lines.append(line)
            part.runs.append([])
        else:
            part.runs[-1].append(line)
    return part


def _lines(part: _Part) -> tuple[str, ...]:
    first, *rest = part.runs
    return (*first, *(row for line, run in zip(part.lines, rest, strict=True) for row in (line, *run)))


def _ends_differ(hunk: Hunk, place: Place, base: _Part, theirs: _Part) -> bool:
    """Whether a block has other blank lines at an end of its new part, and changes more than these."""
    if not hunk.floating or place.column >= 0 or place.rung == "elision" or not theirs.lines:
        return False
    alike = all(len(base.runs[end]) == len(theirs.runs[end]) for end in (0, -1))
    return not alike and (base.lines, base.runs[1:-1]) != (theirs.lines, theirs.runs[1:-1])


def _around(view: View, first: int, last: int) -> tuple[int, int]:
    """How many blank lines the file has above one line and below another."""
    above, below = bisect_left(view.filled, first), bisect_right(view.filled, last)
    start = view.filled[above - 1] + 1 if above else 0
    end = view.filled[below] if below < len(view.filled) else len(view.lines)
    return first - start, end - last - 1


def _ours(view: View, base: _Part, rows: Sequence[int], around: tuple[int, int]) -> list[Sequence[int]]:
    """The file's blank lines for each run of the quote: at the ends no more than are quoted; -1 for all quoted ones
    where a line beside them was not found, or others stand between.
    """
    head, tail = min(len(base.runs[0]), around[0]), min(len(base.runs[-1]), around[1])
    runs: list[Sequence[int]] = [range(rows[0] - head, rows[0])]
    for (above, below), run in zip(pairwise(rows), base.runs[1:-1], strict=True):
        follow = 0 <= above < below and not any(view.stripped[above + 1 : below])
        runs.append(range(above + 1, below) if follow else [-1] * len(run))
    return [*runs, range(rows[-1] + 1, rows[-1] + 1 + tail)]


def _ends(
    base: Sequence[int], theirs: Sequence[int], around: tuple[int, int], signs: str
) -> list[tuple[int, int, int, bool]]:
    """The runs at the ends of the new part: how many are quoted, how many the file has, whether the line beside them
    stays. One run is both, if nothing else is new.
    """
    if len(theirs) == 1:
        return [(0, base[0] + base[-1], min(base[0], around[0]) + min(base[-1], around[1]), False)]
    return [(0, base[0], around[0], signs[0] == " "), (len(theirs) - 1, base[-1], around[1], signs[-1] == " ")]


def _end(base: int, file: int, theirs: int, stays: bool, line: int) -> int:
    """How many blank lines are to stand at an end where the file has so many.

    More than are quoted are none of the block's, unless it has them, too: then they are there already, if the line
    beside them `stays`. Who only lost them cannot be told from who removed them, there. Raises MergeError.
    """
    ours = min(file, max(base, theirs))
    odd = theirs < base <= file if stays else base < min(file, theirs)
    if odd or (ours != base and theirs not in (base, ours)):
        raise MergeError(BLANKS.format(line), line)
    return theirs if ours == base else ours - max(0, ours - base)


def _left_out(base: Sequence[int], ours: Sequence[int], theirs: Sequence[int], signs: str, line: int) -> dict[int, int]:
    """The runs of the new part that both parts left out, as long as the file has them.

    Raises MergeError if others show what the file has, or are neither so nor so.
    """
    left, shown, unsure = dict[int, int](), False, False
    for old, new in _gaps(signs):
        quoted, there, sent = ([sizes[i] for i in at] for sizes, at in ((base, old), (ours, old), (theirs, new)))
        if quoted == there or old[0] == 0 or old[-1] == len(base) - 1:
            continue
        kept = {file for size, file in zip(quoted, there, strict=True) if size == sum(sent)}
        spots = [i for i in new if theirs[i] == sum(sent)]
        if len(kept) == len(spots) == 1:
            left[spots[0]] = kept.pop()
        elif sent and not kept and set(sent) <= set(there):
            shown = True
        else:
            unsure = True
    if (shown or unsure) if left else (unsure and not shown):
        raise MergeError(BLANKS.format(line), line)
    return left


def _gaps(signs: str) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The runs of blank lines of the base and of the new part at each place between lines: two around lines that only
    go or come, and of the base alone amid lines that become others.
    """
    for run, old, new in runs_of(signs):
        if run[0] == " ":
            yield from (((a,), (b,)) for a, b in zip(old[1:], new[1:], strict=True))
        elif old and new:
            yield (old.start,), (new.start,)
            yield from (((i,), ()) for i in old[1:] if len(new) > 1)
            yield (old.stop,), (new.stop,)
        else:
            yield tuple(sorted({old.start, old.stop})), tuple(sorted({new.start, new.stop}))
