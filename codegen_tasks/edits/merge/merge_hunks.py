"""All hunks for one text: placed on the same base, checked against each other, then done together, or refused.

It knows no format and no files.
"""

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from codegen_tasks.edits.locate import candidates
from codegen_tasks.edits.locate.choose import FAR, narrowed
from codegen_tasks.edits.merge.blank_lines import BlankError
from codegen_tasks.edits.merge.frames import DepthError
from codegen_tasks.edits.merge.merge_hunk import Fit, merge_hunk
from codegen_tasks.edits.merge.reindent import lost_depth
from codegen_tasks.edits.merge.repeats import dedupe, repeats
from codegen_tasks.edits.merge.replace_all import replace_all
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.splices import Splice, spliced, with_last_newline
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
BLANKS = (
    "it is not certain which blank lines are to stay around line {}: quote those that the file has there, and the next "
    "line that is not blank, in both parts"
)
THERE = "the file has the new lines already, at line {}: leave this edit out"
TWICE = (
    "its new text begins or ends with what the file has right beside the lines to find, at line {}, and would write it "
    "twice: quote that as well, or leave it out of the new text"
)
WEAK = 2  # so few quoted lines say little about a place


class Miss(NamedTuple):
    """A hunk that has no place, or several (`lines`, from 1), or that `other` contradicts."""

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

    A hunk that is not there is looked for once more in what the others wrote.
    """
    view = view_of(text.text)
    fits, missed = _fits(view, list(hunks))
    newest = max(hunks.values(), default=0)
    done, clashes = _compatible(sorted(fits, key=lambda fit: -hunks[fit.hunk]))
    clashes = [hunk for hunk in clashes if hunks[hunk] == newest]
    result = _ended(spliced(text, dedupe(view, done, hunks)), view, done)
    placed = tuple((hunk, place) for hunk, place, _ in done)
    late = {miss.hunk: hunks[miss.hunk] for miss in missed if miss.reason == "absent"}
    late |= {hunk: hunks[hunk] for hunk in clashes}
    if late and placed:
        second = _second(result, late, clashes)
        missed = [miss for miss in missed if miss.reason != "absent"] + list(second.missed)
        return Edited(second.text, (*placed, *second.placed), tuple(missed))
    return Edited(result, placed, tuple(missed))


def _ended(text: Text, view: View, fits: Sequence[Fit]) -> Text:
    """The text with or without a newline at its end, where a diff of the last line says that this changes."""
    bare = {hunk.bare for hunk, place, _ in fits if place.end == len(view.lines)}
    if "-" in bare and not view.text.endswith("\n"):
        return with_last_newline(text, True)
    return with_last_newline(text, False) if "+" in bare and view.text.endswith("\n") else text


def _second(text: Text, late: Mapping[Hunk, int], clashes: Sequence[Hunk]) -> Edited:
    view = View(text.text)
    fits, missed = _fits(view, list(late))
    unsure = [Miss(fit.hunk, "absent") for fit in fits if fit.place.score < SURE]
    done, again = _compatible([fit for fit in fits if fit.place.score >= SURE])
    missed = [Miss(m.hunk, "clash") if m.hunk in clashes else m for m in [*missed, *unsure]]
    missed += [Miss(hunk, "clash") for hunk in again]
    placed = tuple((hunk, place) for hunk, place, _ in done)
    return Edited(spliced(text, dedupe(view, done, late)), placed, tuple(missed))


def _fits(view: View, hunks: Sequence[Hunk]) -> tuple[list[Fit], list[Miss]]:
    """What each hunk does at the one place it has, or why it can not."""
    spread = [hunk for hunk in hunks if hunk.everywhere and "\n".join(hunk.before) in view.text and any(hunk.before)]
    placed, missed = _places(view, [hunk for hunk in hunks if hunk not in spread] if spread else hunks)
    fits = list[Fit]()
    for hunk in spread:
        found = replace_all(view, hunk)
        if isinstance(found, str):
            missed.append(Miss(hunk, found))
        else:
            fits.append(found)
    for hunk, place in placed:
        try:
            fits.append(merge_hunk(view, hunk, place))
        except DepthError:
            missed.append(Miss(hunk, OUTER if lost_depth(hunk) else RAGGED))
        except BlankError as error:
            missed.append(Miss(hunk, BLANKS.format(error.line), (error.line,)))
    twice = repeats(view, fits)
    missed += [
        Miss(hunk, (THERE if wholly else TWICE).format(at + 1), (at + 1,)) for hunk, (at, _, wholly) in twice.items()
    ]
    return [fit for fit in fits if fit.hunk not in twice], missed


def _places(view: View, hunks: Sequence[Hunk]) -> tuple[list[tuple[Hunk, Place]], list[Miss]]:
    """One place for each hunk, or why there is none."""
    if not hunks:
        return [], []
    options = [candidates(view, hunk) for hunk in hunks]
    _share(hunks, options)
    drift, low = _drift(hunks, options), 0
    starts = [found[0].start if len(found) == 1 else len(view.lines) for found in options]
    highs = [*reversed([*accumulate(reversed(starts[1:]), min)]), len(view.lines)]
    placed, missed = list[tuple[Hunk, Place]](), list[Miss]()
    for hunk, found, high in zip(hunks, options, highs, strict=True):
        if len(found) > 1 or hunk.anchors:
            found = narrowed(view, hunk, found, low, high, drift)
        low = max(low, found[0].end) if len(found) == 1 else low
        if len(found) == 1 and not _is_astray(hunk, found[0], placed, drift):
            placed.append((hunk, found[0]))
        elif found:
            reason = "several" if len(found) > 1 else "astray"
            missed.append(Miss(hunk, reason, _first_lines(hunk, found[:TOLD])))
        else:
            missed.append(Miss(hunk, "absent"))
    return placed, missed


def _first_lines(hunk: Hunk, places: Sequence[Place]) -> tuple[int, ...]:
    """The lines (from 1) of the first quoted line that is not blank."""
    row = next((i for i, line in enumerate(hunk.before) if line.strip()), 0)
    return tuple(max(place.start, place.rows[row] if row < len(place.rows) else 0) + 1 for place in places)


def _is_astray(hunk: Hunk, place: Place, placed: Sequence[tuple[Hunk, Place]], drift: int) -> bool:
    """Whether next to nothing speaks for a place, and the header's number against it while others are right."""
    words = sum(any(map(str.isalnum, line)) for line in hunk.before)
    if not hunk.number or not placed or words > WEAK:
        return False
    return abs(place.start - (hunk.number - 1 + drift)) > FAR


def _share(hunks: Sequence[Hunk], options: list[list[Place]]) -> None:
    """As many hunks that quote the same lines as there are places for them: each gets one, in order.

    Where they do not do the same, and the other hunks are not in the order of the file either, nobody knows.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for i, hunk in enumerate(hunks):
        if len(options[i]) > 1:
            groups.setdefault(hunk.before, []).append(i)
    sure = [found[0].start for found in options if len(found) == 1]
    for members in groups.values():
        alike = sure == sorted(sure) or len({hunks[i].after for i in members}) == 1
        if alike and len(members) == len(options[members[0]]):
            for i, place in zip(members, options[members[0]], strict=True):
                options[i] = [place]


def _drift(hunks: Sequence[Hunk], options: Sequence[Sequence[Place]]) -> int:
    """How far the claimed line numbers are off, told by the hunks that have one place."""
    known = [o[0].start - (h.number - 1) for h, o in zip(hunks, options, strict=True) if h.number and len(o) == 1]
    return sorted(known)[len(known) // 2] if known else 0


def _compatible(fits: Sequence[Fit]) -> tuple[list[Fit], list[Hunk]]:
    """The hunks whose changes do not touch those of an earlier one, and the others. The same change twice is one."""
    taken: dict[tuple[int, int], Splice] = {}
    done, clashes = list[Fit](), list[Hunk]()
    spans: list[tuple[int, int]] = []  # apart from each other, in order
    for found in fits:
        fresh = [s for s in found.splices if taken.get((s.start, s.end)) != s]
        if any(_touches(spans, s) for s in fresh):
            clashes.append(found.hunk)
            continue
        taken.update({(s.start, s.end): s for s in fresh})
        for splice in fresh:
            if splice.end > splice.start:
                insort(spans, (splice.start, splice.end))
        done.append(found)
    return done, clashes


def _touches(spans: Sequence[tuple[int, int]], splice: Splice) -> bool:
    """Whether a change is (partly) in one of these spans."""
    after = bisect_left(spans, (splice.end,))
    return after > 0 and splice.start < spans[after - 1][1]
