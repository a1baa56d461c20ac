"""What a hunk changes once its place is known: only the lines it really changes, with the indentation of the place.

It finds no places and knows no format.
"""

from collections.abc import Iterable, Iterator, Sequence

from codegen_tasks.edits.apply.fitted import fitted
from codegen_tasks.edits.apply.indent import Ref, is_apart, moved, redrawn, refs_of, step_of
from codegen_tasks.edits.locate.stretches import Stretch, stretches
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.splices import Splice, compared
from codegen_tasks.edits.view import Place, View

SAME_INDENT = {"exact", "trailing space", "part of a line", "end"}


def splices_of(view: View, hunk: Hunk, place: Place) -> list[Splice]:
    """The changes of a hunk at a place, in order, written as the file writes."""
    hunk = fitted(view, hunk, place)
    if place.column >= 0:
        return [_inside(view, hunk, place)]
    if place.rung == "elision":
        return [splice for part in stretches(hunk) for splice in splices_of(view, *_alone(part, place))]
    literal = place.rung in SAME_INDENT or (hunk.signs and place.rung == "ragged indentation")
    refs = [] if literal else refs_of(view, hunk, place)
    if refs and hunk.floating and is_apart(refs):
        return _changed(view, hunk, place, redrawn(hunk, refs))
    return _gathered(view, place.start, _steps(hunk, place, refs))


def _alone(part: Stretch, place: Place) -> tuple[Hunk, Place]:
    """A stretch as a hunk of its own."""
    rows = place.rows[part.start : part.end]
    return Hunk(part.before, part.after), Place(rows, "ragged indentation", place.score, rows[0])


def _steps(hunk: Hunk, place: Place, refs: Sequence[Ref]) -> Iterator[tuple[str, int, str]]:
    """Row by row: a new line, or the number of a line that goes ("-") or stays (" ")."""
    signs, step, row, new = signs_of(hunk), step_of(hunk), 0, 0
    for index, sign in enumerate(signs):
        if sign == "+":
            line = moved(hunk.after[new], row, refs, step) if refs else hunk.after[new]
            yield "+", -1, line if line.strip() or place.rung != "alignment" else ""
        elif place.rows[row] >= 0:
            yield sign, place.rows[row], ""
        elif (
            sign == " "
            and not hunk.after[new].strip()
            and signs[index - 1 : index] == "+" == signs[index + 1 : index + 2]
        ):
            yield "+", -1, ""  # a blank line that the file lacks, amid new lines
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
    """The changes that turn the found lines into these; lines that differ in trailing space only stay, unless it is
    the block that changes their trailing space."""
    fresh, gone = set(hunk.after) - set(hunk.before), set(hunk.before) - set(hunk.after)
    trimmed = {line.strip() for line in {x.rstrip() for x in fresh} & {x.rstrip() for x in gone}}

    def keys(side: Sequence[str]) -> list[str]:
        return [line if line.strip() in trimmed else line.rstrip() for line in side]

    codes = compared(keys(view.lines[place.start : place.end]), keys(lines)).get_opcodes()
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
