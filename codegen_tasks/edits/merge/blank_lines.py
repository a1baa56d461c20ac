"""A block that was found without regard to blank lines, as one that quotes the file's own. It finds no places.

A run of blank lines is a number that SEARCH, REPLACE and the file each have. Where the first two agree, both left out
what the file has, and it stays; where REPLACE and the file agree, only SEARCH left it out, and REPLACE is right
throughout. A block in which both happens is not certain.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple, TypeVar

import msgspec

from codegen_tasks.edits.merge.blank_ends import BlankError, beside
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.view import Place, View

T = TypeVar("T")


class _Part(NamedTuple):
    """A part of a block: its lines that are not blank, and the blank ones before each and behind the last."""

    lines: list[str]
    runs: list[list[str]]


class _Run(NamedTuple):
    """How many blank lines are quoted at a place (two numbers: around lines that go), how many the file has, and which
    runs of the new part stand there (two around lines that come, none amid lines that change).
    """

    quoted: tuple[int, ...]
    file: tuple[int, ...]
    new: tuple[int, ...]


def with_blanks_of_file(view: View, hunk: Hunk, place: Place) -> tuple[Hunk, Place]:
    """The block with the blank lines that the file has between the quoted lines, and its place. Blank lines at its ends
    that the file lacks go from both parts. Raises BlankError where it is not certain which ones are meant to stay.
    """
    quoted, new = _part(hunk.before), _part(hunk.after)
    rows, file = _rows_and_runs(view, hunk.before, place)
    sizes = [*map(len, file)]
    runs = _settled(quoted, new, sizes)
    if runs is None:
        raise BlankError(rows[0] + 1)
    filled = [run if len(run) == size else [""] * size for run, size in zip(quoted.runs, sizes, strict=True)]
    before, after = _lines(quoted._replace(runs=filled)), _lines(new._replace(runs=runs))
    found = (*file[0], *(row for own, run in zip(rows, file[1:], strict=True) for row in (own, *run)))
    hunk = msgspec.structs.replace(hunk, before=before, after=after, signs="")
    return hunk, msgspec.structs.replace(place, rows=found, start=found[0])


def _rows_and_runs(view: View, before: Sequence[str], place: Place) -> tuple[list[int], list[Sequence[int]]]:
    """The file's line for each quoted one that is not blank, and its blank lines for each run: at the ends no more than
    are quoted, and those found for the quoted ones where a line beside them was not found, or others stand between.
    """
    rows, (head, *inner, tail) = _parted(before, place.rows)
    found: list[Sequence[int]] = [range(rows[0] - min(len(head), beside(view, rows[0], -1)), rows[0])]
    for (above, below), run in zip(pairwise(rows), inner, strict=True):
        follow = 0 <= above < below and not any(view.stripped[above + 1 : below])
        found.append(range(above + 1, below) if follow else run)
    return rows, [*found, range(rows[-1] + 1, rows[-1] + 1 + min(len(tail), beside(view, rows[-1], 1)))]


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


def _settled(quoted: _Part, new: _Part, file: Sequence[int]) -> list[list[str]] | None:
    """The blank lines that are to stand before each new line, and behind the last; None: it is not certain."""
    whole, alike, told = dict[int, int](), dict[int, int](), set[str]()
    for run in _misquoted(quoted, new, file):
        sizes = {i: len(new.runs[i]) for i in run.new}
        pairs = [(i, said, size) for i in sizes for said, size in zip(run.quoted, run.file, strict=True)]
        meant = {(i, size) for i, said, size in pairs if said == sizes[i] == sum(sizes.values())}
        shown = bool(sizes) and set(sizes.values()) <= set(run.file)
        told.add("whole" if shown and not meant else "alike" if len(meant) == 1 and not shown else "open")
        whole |= sizes
        alike |= dict(meant)
    if told >= {"whole", "alike"} or ("open" in told and "whole" not in told):
        return None
    chosen = whole if "whole" in told else alike
    for end, said, size in _ends(quoted, new, file):
        if said > size and len(new.runs[end]) not in (said, size):
            return None
        chosen |= {end: size} if said > size else {}
    return [[""] * chosen[i] if i in chosen else run for i, run in enumerate(new.runs)]


def _ends(quoted: _Part, new: _Part, file: Sequence[int]) -> list[tuple[int, int, int]]:
    """The runs at the ends of the new part, with how many blank lines are quoted there and how many the file has. One
    run is both, if nothing else is new.
    """
    head, tail = ((len(quoted.runs[end]), file[end]) for end in (0, -1))
    return [(0, *head), (len(new.lines), *tail)] if new.lines else [(0, head[0] + tail[0], head[1] + tail[1])]


def _misquoted(quoted: _Part, new: _Part, file: Sequence[int]) -> Iterator[_Run]:
    """The runs between quoted lines that the file has otherwise."""
    for old, places in _places(quoted, new):
        if old[0] > 0 and old[-1] < len(quoted.lines):
            run = _Run(tuple(len(quoted.runs[i]) for i in old), tuple(file[i] for i in old), places)
            if run.quoted != run.file:
                yield run


def _places(quoted: _Part, new: _Part) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Which runs of the new part stand where certain ones are quoted: see `_Run`."""
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
