"""What a hunk changes once its place is known: only the lines it really changes, with the indentation of the place.

It finds no places and knows no format.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from codegen_tasks.edits.locate.stretches import Stretch, stretches
from codegen_tasks.edits.merge.blank_ends import LOOSE, edged
from codegen_tasks.edits.merge.blank_lines import with_blanks_of_file
from codegen_tasks.edits.merge.match_style import match_style
from codegen_tasks.edits.merge.reindent import is_apart, pairs_of, reindented
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.splices import Splice, compared
from codegen_tasks.edits.view import Place, View, indent_of

SAME_INDENT = {"exact", "trailing space", "part of a line", "end"}
_CLOSES = re.compile(r"[\s})\];,]+$")  # and nothing else: which one it is, its depth alone tells


class Fit(NamedTuple):
    """A hunk, its place, and the changes it makes there."""

    hunk: Hunk
    place: Place
    splices: Sequence[Splice]


def merge_hunk(view: View, hunk: Hunk, place: Place) -> Fit:
    """What a hunk does at a place, written as the file writes.

    Raises DepthError or BlankError if it is not certain how far in new lines belong, or which blank lines stay.
    """
    meant, there = with_blanks_of_file(view, hunk, place) if place.rung in LOOSE else (hunk, place)
    return Fit(hunk, place, _splices(view, edged(view, meant, there), there))


def _splices(view: View, hunk: Hunk, place: Place) -> list[Splice]:
    """The changes of a hunk at a place, in order."""
    meant = match_style(view, hunk, place)
    if place.column >= 0:
        return [_inside(view, meant, place)]
    if place.rung == "elision":
        return [splice for part in stretches(meant) for splice in _splices(view, *_alone(part, place))]
    lines = reindented(view, meant, place)
    pairs = pairs_of(view, hunk, place)
    apart = hunk.floating and bool(pairs) and is_apart(pairs)
    return _changed(view, meant, place, lines) if apart else _gathered(view, place.start, _steps(meant, place, lines))


def _alone(part: Stretch, place: Place) -> tuple[Hunk, Place]:
    """A stretch as a hunk of its own."""
    rows = place.rows[part.start : part.end]
    return Hunk(part.before, part.after), Place(rows, "ragged indentation", place.score, rows[0])


def _fresh(hunk: Hunk) -> list[int]:
    """The numbers of the new lines in the second part of a hunk."""
    return [number for number, sign in enumerate(signs_of(hunk).replace("-", "")) if sign == "+"]


def _steps(hunk: Hunk, place: Place, lines: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Row by row: a new line, or the number of a line that goes ("-") or stays (" ")."""
    signs, row, new = signs_of(hunk), 0, 0
    for sign in signs:
        if sign == "+":
            yield "+", -1, lines[new] if lines[new].strip() or place.rung != "alignment" else ""
        elif place.rows[row] >= 0:
            yield sign, place.rows[row], ""
        row += sign != "+"
        new += sign != "-"


def _gathered(view: View, start: int, steps: Iterable[tuple[str, int, str]]) -> list[Splice]:
    """The steps as changes: lines that go and lines that come at one place are one."""
    done, lines, end = list[Splice](), list[str](), start
    for sign, at, line in [*steps, (" ", len(view.lines), "")]:
        if sign == "+":
            lines.append(line)
            continue
        if sign == " " or not _joins(view, end, at, start, lines):
            if lines or end > start:
                done.append(Splice(start, end, lines))
            start, lines = (at + 1 if sign == " " else at), []
        end = at + 1
    return done


def _changed(view: View, hunk: Hunk, place: Place, lines: Sequence[str]) -> list[Splice]:
    """The changes that turn the found lines into these. Space at the end of a found line counts as it is quoted."""
    found = view.lines[place.start : place.end]
    for line, at in zip(hunk.before, place.rows, strict=True):
        if at >= 0:
            found[at - place.start] = (indent_of(view.lines[at]) + line.lstrip()) if line.strip() else ""
    codes = compared(found, lines).get_opcodes()
    return [Splice(place.start + a, place.start + b, lines[c:d]) for tag, a, b, c, d in codes if tag != "equal"]


def _joins(view: View, end: int, at: int, start: int, lines: Sequence[str]) -> bool:
    """Whether a line that goes belongs to the change before it: nothing but blank lines in between."""
    return end == at or ((end > start or bool(lines)) and not any(view.stripped[end:at]))


def _inside(view: View, hunk: Hunk, place: Place) -> Splice:
    head = view.lines[place.start][: place.column]
    tail = view.lines[place.end - 1][place.stop :] if place.end <= len(view.lines) else ""
    lines = list(hunk.after) or [""]
    if not any(lines) and not hunk.literal:
        return Splice(place.start, place.end, _closed_up(head, tail))
    lines[0] = head + lines[0]
    lines[-1] += tail
    return Splice(place.start, place.end, lines)


def _closed_up(head: str, tail: str) -> list[str]:
    """What is left of a line after a part of it went, without a second space in the gap or one at the end."""
    if not tail.strip():
        return [head.rstrip()] if head.strip() else []
    return [head + (tail.removeprefix(" ") if not head or head[-1].isspace() else tail)]
