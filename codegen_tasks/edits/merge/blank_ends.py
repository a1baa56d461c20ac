"""Blank lines at the ends of a block: which of the new part's are the file's own? It finds no places.

SEARCH        REPLACE       file
              (blank)       (blank)       it is there already: the block changes what stands below
def f():      def f():      def f():
    old           new           old
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile

import msgspec

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.view import Place, View

LOOSE = ("blank lines", "alignment")  # the rungs on which blank lines do not count
Lines = Sequence[str]


class BlankError(Exception):
    """It is not certain which blank lines are meant to stay. `line` (from 1) is one of the file's beside them."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def beside(view: View, row: int, step: int) -> int:
    """How many blank lines come after a line of the file, downwards (`step` 1) or upwards (-1)."""
    return _blanks(view.lines[i] for i in range(row + step, len(view.lines) if step > 0 else -1, step))


def edged(view: View, hunk: Hunk, place: Place) -> Hunk:
    """The block, its new part with the quoted blank lines at an end where its own only repeat the file's.

    Raises BlankError where they may as well be new, or where quoted ones may be missing by mistake.
    """
    if not hunk.floating or place.column >= 0 or place.rung == "elision" or _are_alike(hunk):
        return hunk
    (before, old), (after, new) = ((side, _core(side)) for side in (hunk.before, hunk.after))
    if not old or not new or (old == new and place.rung not in LOOSE):
        return hunk
    signs = signs_of(Hunk(tuple(map(str.strip, old)), tuple(map(str.strip, new))))
    rows = [row for row, line in zip(place.rows, before, strict=True) if row >= 0 and line.strip()]
    sizes = beside(view, rows[0], -1), beside(view, rows[-1], 1)
    head = _edge(before, after, sizes[0], signs[0])
    tail = _edge(before[::-1], after[::-1], sizes[1], signs[-1])
    if head is None or tail is None:
        raise BlankError(rows[0 if head is None else -1] + 1)
    return msgspec.structs.replace(hunk, after=(*head, *new, *tail[::-1]))


def _are_alike(hunk: Hunk) -> bool:
    """Whether both parts have as many blank lines at either end."""
    return all(_blanks(hunk.before[::step]) == _blanks(hunk.after[::step]) for step in (1, -1))


def _core(lines: Lines) -> Lines:
    """The lines between the blank ones at the ends."""
    return lines[_blanks(lines) : len(lines) - _blanks(lines[::-1])]


def _blanks(lines: Iterable[str]) -> int:
    """How many blank lines come first."""
    return sum(1 for _ in takewhile(lambda line: not line.strip(), lines))


def _edge(before: Lines, after: Lines, file: int, sign: str) -> Lines | None:
    """The blank lines that the new part is to begin with, where the file has so many; None: that is not certain.

    If the line below them stays (`sign`), no change reaches them, unless all that the file has are quoted.
    """
    quoted, new = _blanks(before), _blanks(after)
    if quoted == new:
        return after[:new]
    if new < quoted:
        return None if sign == " " else after[:new]
    if quoted == file:
        return after[:new]
    return before[:quoted] if sign == " " and new <= file else None
