"""What a hunk changes once its place is known: only the lines it really changes, with the indentation of the place.

It finds no places and knows no format.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from codegen_tasks.edits.locate.stretches import Stretch, stretches
from codegen_tasks.edits.merge.blank_lines import merge_blanks
from codegen_tasks.edits.merge.match_style import match_style
from codegen_tasks.edits.merge.reindent import reindented
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.splices import Splice
from codegen_tasks.edits.view import Place, View, indent_of

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
    return Fit(hunk, place, _splices(view, *merge_blanks(view, hunk, place)))


def _splices(view: View, hunk: Hunk, place: Place) -> list[Splice]:
    """The changes of a hunk at a place, in order."""
    meant = match_style(view, hunk, place)
    if place.column >= 0:
        return [_inside(view, meant, place)]
    if place.rung == "elision":
        return [splice for part in stretches(meant) for splice in _splices(view, *_alone(part, place))]
    base = _as_quoted(view, meant, place)
    merged = Hunk(base, tuple(reindented(view, meant, place, base)), meant.signs)
    return _gathered(view, place.start, _steps(merged, place))


def _as_quoted(view: View, hunk: Hunk, place: Place) -> tuple[str, ...]:
    """The found lines with the file's indentation and the quoted words: what both parts of the block start from."""
    return tuple(
        indent_of(view.lines[at]) + line.lstrip() if at >= 0 and line.strip() else line
        for line, at in zip(hunk.before, place.rows, strict=True)
    )


def _alone(part: Stretch, place: Place) -> tuple[Hunk, Place]:
    """A stretch as a hunk of its own."""
    rows = place.rows[part.start : part.end]
    return Hunk(part.before, part.after), Place(rows, "ragged indentation", place.score, rows[0])


def _steps(hunk: Hunk, place: Place) -> Iterator[tuple[str, int, str]]:
    """Row by row: a new line, or the number of a line that goes ("-") or stays (" ")."""
    row = new = 0
    for sign in signs_of(hunk):
        if sign == "+":
            yield "+", -1, hunk.after[new] if hunk.after[new].strip() or place.rung != "alignment" else ""
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
