"""What a hunk changes once its place is known: only the lines it really changes, with the indentation of the place.

A merge of three versions: what is quoted is the base, the file is ours, the new lines are theirs. It finds no places
and knows no format.
"""

from collections.abc import Sequence
from typing import NamedTuple

from codegen_tasks.edits.locate.stretches import Stretch, stretches
from codegen_tasks.edits.locate.within import occurrences
from codegen_tasks.edits.merge.blank_lines import BLANKS, MergeError, merge_blanks
from codegen_tasks.edits.merge.match_style import match_style
from codegen_tasks.edits.merge.reindent import reindented
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import runs_of, signs_of
from codegen_tasks.edits.splices import Splice, changes, lines_of
from codegen_tasks.edits.view import Place, View, indent_of

INSIDE = "it is to change everywhere, but in lines {} and {} it stands inside a word and as one: send an edit for each"


class Fit(NamedTuple):
    """A hunk, its place, and the changes it makes there."""

    hunk: Hunk
    place: Place
    splices: Sequence[Splice]


def merge_hunk(view: View, hunk: Hunk, place: Place) -> Fit:
    """What a hunk does at a place, written as the file writes; or at all places, if it is for all.

    Raises DepthError or MergeError if it is not certain how far in new lines belong, or what stays.
    """
    if hunk.everywhere and "\n".join(hunk.before) in view.text:
        return Fit(hunk, place, _everywhere(view, "\n".join(hunk.before), "\n".join(hunk.after)))
    return Fit(hunk, place, _splices(view, *merge_blanks(view, hunk, place)))


def _everywhere(view: View, old: str, new: str) -> list[Splice]:
    """The changes of a text wherever it stands. Raises MergeError if that is inside a word and as one."""
    whole, cut = occurrences(view, old, len(view.text))
    if whole and cut:
        raise MergeError(INSIDE.format(cut[0].start + 1, whole[0].start + 1), cut[0].start + 1)
    return changes(view.lines, lines_of(view.text.replace(old, new)))


def _splices(view: View, hunk: Hunk, place: Place) -> list[Splice]:
    """The changes of a hunk at a place, in order."""
    meant = match_style(view, hunk, place)
    if place.column >= 0:
        return [_inside(view, meant, place)]
    if place.rung == "elision":
        return [splice for part in stretches(meant) for splice in _splices(view, *_alone(part, place))]
    base = _as_quoted(view, meant, place)
    return _changes(Hunk(base, tuple(reindented(view, meant, place, base)), meant.signs), place)


def _as_quoted(view: View, hunk: Hunk, place: Place) -> tuple[str, ...]:
    """The found lines with the file's indentation and the quoted words: what both parts of the block start from."""
    return tuple(
        indent_of(view.lines[at]) + line.lstrip() if at >= 0 and line.strip() else line
        for line, at in zip(hunk.before, place.rows, strict=True)
    )


def _alone(part: Stretch, place: Place) -> tuple[Hunk, Place]:
    """A stretch as a hunk of its own."""
    rows = place.rows[part.start : part.end]
    return Hunk(part.before, part.after), Place(rows, "indentation", place.score, rows[0])


def _changes(hunk: Hunk, place: Place) -> list[Splice]:
    """Each run of lines that go and come, as a change of the lines that the file has for those that go.

    Raises MergeError if it has none for a blank one.
    """
    splices, at = list[Splice](), place.start
    for run, old, new in runs_of(signs_of(hunk)):
        rows = place.rows[old.start : old.stop]
        found = [row for row in rows if row >= 0]
        if run[0] != " ":
            if len(found) < len(rows):
                raise MergeError(BLANKS.format(at), at)
            start, end = (found[0], found[-1] + 1) if found else (at, at)
            splices.append(Splice(start, end, hunk.after[new.start : new.stop]))
        at = found[-1] + 1 if found else at
    return splices


def _inside(view: View, hunk: Hunk, place: Place) -> Splice:
    """The lines of a place that begins and ends inside a line; a part that goes leaves no second space in the gap, and
    none at the end.
    """
    head = view.lines[place.start][: place.column]
    tail = view.lines[place.end - 1][place.stop :] if place.end <= len(view.lines) else ""
    lines = list(hunk.after) or [""]
    if not any(lines) and not hunk.literal:
        if not tail.strip():
            return Splice(place.start, place.end, [head.rstrip()] if head.strip() else [])
        tail = tail.removeprefix(" ") if not head or head[-1].isspace() else tail
    lines[0] = head + lines[0]
    lines[-1] += tail
    return Splice(place.start, place.end, lines)
