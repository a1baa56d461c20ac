"""Changes that touch: the same one twice, one that the file has beside the place, two that contradict each other."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from codegen_tasks.edits.locate.within import is_cut
from codegen_tasks.edits.merge.merge_hunk import Fit
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.splices import Splice
from codegen_tasks.edits.view import View

Change = tuple[int, int, tuple[str, ...]]
WORDS = re.compile(r"\w\W+\w")  # a line with less (a bracket, `end`) may well be wanted twice


class Repeat(NamedTuple):
    """Lines of the file (half open) that a hunk would write once more, and whether it adds nothing but these."""

    start: int
    end: int
    wholly: bool


def repeats(view: View, fits: Sequence[Fit]) -> list[tuple[Hunk, Repeat]]:
    """The blocks whose new text begins or ends with what the file has right beside their places.

    Not if another block changes that: then it is a new one that is asked for.
    """
    found = [(fit, repeat) for fit in fits for repeat in [next(_repeats(view, fit), None)] if repeat]
    others = [fit for fit in fits if not any(fit is own and repeat.wholly for own, repeat in found)] if found else []
    changes = [splice for fit in others for splice in fit.splices]
    return [
        (fit.hunk, repeat)
        for fit, repeat in found
        if not any(change.start < repeat.end and repeat.start < change.end for change in changes)
    ]


def _repeats(view: View, fit: Fit) -> Iterator[Repeat]:
    hunk, place, splices = fit
    if not splices or hunk.everywhere or place.rung == "elision":
        return
    if place.column >= 0:
        rest, more = "\n".join(hunk.after).removeprefix("\n".join(hunk.before)), len(hunk.after) - len(hunk.before)
        below = "\n".join(view.lines[place.end - 1 : place.end + more])[place.stop :]
        if rest and more >= 0 and below.startswith(rest) and not is_cut(below, len(rest)):
            yield Repeat(place.start, place.end + more, wholly=True)
        return
    (start, _, first), (_, end, last) = splices[0], splices[-1]
    first, last = _trimmed(first[::-1])[::-1], _trimmed(last)
    above, under = view.lines[max(0, start - len(first)) : start], view.lines[end : end + len(last)]
    for size in _overlaps(above, first) if start == place.start else ():
        yield Repeat(start - size, start, wholly=start == end and size == len(first))
    for size in _overlaps(last, under) if end == place.end else ():
        yield Repeat(end, end + size, wholly=start == end and size == len(last))


def _overlaps(upper: Sequence[str], lower: Sequence[str]) -> Iterator[int]:
    """How many lines that say something are the end of the one and the beginning of the other, most first."""
    for size in range(min(len(upper), len(lower)), 0, -1):
        if upper[-size] == lower[0] and upper[-size:] == lower[:size] and any(map(WORDS.search, lower[:size])):
            yield size


def _trimmed(lines: Sequence[str]) -> list[str]:
    """The lines without blank ones at the end."""
    return list(lines[: max((i + 1 for i, line in enumerate(lines) if line.strip()), default=0)])


def is_done(text: str, hunk: Hunk) -> bool:
    """Whether a text that was sent as a whole has the lines a hunk leaves, and those it finds nowhere else."""
    before, after = "\n".join(hunk.before), "\n".join(hunk.after)
    return after in text and bool(WORDS.search(after)) and before not in text.replace(after, "\0")


def combined(
    view: View, fits: Sequence[Fit], replies: Mapping[Hunk, int]
) -> tuple[list[Splice], list[Fit], list[Hunk]]:
    """All changes from top to bottom, each once; the hunks that make them; and those whose changes touch the changes of
    a later reply, or of a hunk before them.
    """
    done, clashes, taken, held = list[Fit](), list[Hunk](), dict[Change, int](), dict[int, Change]()
    for fit in sorted(fits, key=lambda fit: -replies[fit.hunk]):
        changes = ((splice.start, splice.end, tuple(splice.lines)) for splice in fit.splices)
        fresh = [change for change in changes if change not in taken]
        if any(_touches(held, start, end) for start, end, _ in fresh):
            clashes.append(fit.hunk)
            continue
        for change in fresh:
            taken[change] = replies[fit.hunk]
            held |= dict.fromkeys(range(*change[:2]), change)
        done.append(fit)
    return _without_same(view, [(reply, Splice(*change)) for change, reply in taken.items()]), done, clashes


def _touches(held: Mapping[int, Change], start: int, end: int) -> bool:
    """Whether one of these lines is held by a change, or both of those around a new one by the same."""
    if start == end:
        return start in held and held.get(start - 1) == held[start]
    return any(row in held for row in range(start, end))


def _without_same(view: View, told: Sequence[tuple[int, Splice]]) -> list[Splice]:
    """The changes in order. Of two insertions at one place (blank lines aside) of which one holds the other the later
    reply's counts, then the longer, then the first.
    """
    dropped, beside = set[int](), defaultdict[int, list[str]](list)
    for i, (_, splice) in sorted(enumerate(told), key=lambda each: (-each[1][0], -len(each[1][1].lines))):
        text = "\n".join(["", *filter(str.strip, splice.lines), ""])
        if splice.start < splice.end or not WORDS.search(text):
            continue
        others = beside[bisect_left(view.filled, splice.start)]
        if any(text in its or its in text for its in others):
            dropped.add(i)
        else:
            others.append(text)
    kept = (splice for i, (_, splice) in enumerate(told) if i not in dropped)
    return sorted(kept, key=lambda splice: splice[:2])
