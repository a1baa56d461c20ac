"""All hunks for one text: placed on the same base, checked against each other, then done together, or refused.

It knows no format and no files.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from codegen_tasks.edits.locate import candidates
from codegen_tasks.edits.locate.choose import chosen
from codegen_tasks.edits.merge.blank_lines import MergeError
from codegen_tasks.edits.merge.combine import combined, repeats
from codegen_tasks.edits.merge.frames import DepthError
from codegen_tasks.edits.merge.merge_hunk import Fit, merge_hunk
from codegen_tasks.edits.merge.reindent import lost_depth
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.splices import spliced, with_last_newline
from codegen_tasks.edits.view import Place, View, view_of
from codegen_tasks.text import Text

SURE = 0.95  # the score from which a place counts in text that another hunk wrote
TOLD = 20  # places of a hunk that are told
RAGGED = (
    "the lines to find are indented otherwise than the file's, and it is not certain how far in the new lines belong: "
    "quote the lines with the file's own indentation"
)
OUTER = (
    "the new lines are indented otherwise than the lines to find, whose words some of them repeat: write them with the "
    "file's own indentation"
)
THERE = "the file has the new lines already, at line {}: leave this edit out"
TWICE = (
    "its new text begins or ends with what the file has right beside the lines to find, at line {}, and would write it "
    "twice: quote that as well, or leave it out of the new text"
)


class Miss(NamedTuple):
    """A hunk that has no place, or several (`lines`, from 1), or that another contradicts."""

    hunk: Hunk
    reason: str
    lines: tuple[int, ...] = ()


class Edited(NamedTuple):
    """The text after the hunks that could be placed, where these were found, and the others."""

    text: Text
    placed: tuple[tuple[Hunk, Place], ...]
    missed: tuple[Miss, ...]


def merge_hunks(text: Text, hunks: Mapping[Hunk, int]) -> Edited:
    """Does all hunks on a text; each comes with the number of its reply, and a later one prevails.

    A hunk that is not there, or whose lines others change, is looked for once more in what the others wrote.
    """
    newest = max(hunks.values(), default=0)
    first = _merged(text, hunks)
    missed = [miss for miss in first.missed if miss.reason != "clash" or hunks[miss.hunk] == newest]
    late = {miss.hunk: hunks[miss.hunk] for miss in missed if miss.reason in ("absent", "clash")}
    if not late or not first.placed:
        return first._replace(missed=tuple(missed))
    second = _merged(first.text, late, SURE)
    clashes = {miss.hunk for miss in missed if miss.reason == "clash"}
    missed = [miss for miss in missed if miss.hunk not in late]
    missed += [Miss(miss.hunk, "clash") if miss.hunk in clashes else miss for miss in second.missed]
    return Edited(second.text, (*first.placed, *second.placed), tuple(missed))


def _merged(text: Text, hunks: Mapping[Hunk, int], least: float = 0) -> Edited:
    """The text after all hunks that have a place with this score at least, and do not contradict each other."""
    view = view_of(text.text)
    fits, missed = _fits(view, list(hunks))
    missed += [Miss(fit.hunk, "absent") for fit in fits if fit.place.score < least]
    splices, done, clashes = combined(view, [fit for fit in fits if fit.place.score >= least], hunks)
    missed += [Miss(hunk, "clash") for hunk in clashes]
    placed = tuple((fit.hunk, fit.place) for fit in done)
    return Edited(_ended(spliced(text, splices), view, placed), placed, tuple(missed))


def _ended(text: Text, view: View, placed: Sequence[tuple[Hunk, Place]]) -> Text:
    """The text with or without a newline at its end, where a diff of the last line says that this changes."""
    bare = {hunk.bare for hunk, place in placed if place.end == len(view.lines)}
    ended = view.text.endswith("\n")
    return with_last_newline(text, not ended) if ("+" if ended else "-") in bare else text


def _fits(view: View, hunks: Sequence[Hunk]) -> tuple[list[Fit], list[Miss]]:
    """What each hunk does at the one place it has, or why it can not."""
    fits, missed = list[Fit](), list[Miss]()
    for hunk, places, reason in chosen(view, hunks, [candidates(view, hunk) for hunk in hunks]):
        if reason:
            missed.append(Miss(hunk, reason, _first_lines(hunk, places[:TOLD])))
            continue
        try:
            fits.append(merge_hunk(view, hunk, places[0]))
        except DepthError:
            missed.append(Miss(hunk, OUTER if lost_depth(hunk) else RAGGED))
        except MergeError as error:
            missed.append(Miss(hunk, str(error), (error.line,)))
    twice = repeats(view, fits)
    missed += [Miss(hunk, (THERE if it.wholly else TWICE).format(it.start + 1), (it.start + 1,)) for hunk, it in twice]
    return [fit for fit in fits if fit.hunk not in dict(twice)], missed


def _first_lines(hunk: Hunk, places: Sequence[Place]) -> tuple[int, ...]:
    """The lines (from 1) of the first quoted line that is not blank."""
    row = next((i for i, line in enumerate(hunk.before) if line.strip()), 0)
    return tuple(max(place.start, place.rows[row] if row < len(place.rows) else 0) + 1 for place in places)
