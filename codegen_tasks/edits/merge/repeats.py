"""Lines that would stand twice: in the file beside the place, or put there by two hunks. It changes nothing."""

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

_WORDS = re.compile(r"\w\W+\w")  # a line with less (a bracket, `end`) may well be wanted twice


class Repeat(NamedTuple):
    """Lines of the file (half open) that a hunk would write once more, and whether it adds nothing but these."""

    start: int
    end: int
    wholly: bool


def repeats(view: View, fits: Sequence[Fit]) -> dict[Hunk, Repeat]:
    """The blocks whose new text begins or ends with what the file has right beside their places.

    Not if another block changes that: then it is a new one that is asked for.
    """
    found = {fit.hunk: repeat for fit in fits if (repeat := next(_repeats(view, fit), None)) is not None}
    wholly = {hunk for hunk, repeat in found.items() if repeat.wholly}
    changes = [splice for fit in fits if fit.hunk not in wholly for splice in fit.splices] if found else []
    return {
        hunk: repeat
        for hunk, repeat in found.items()
        if not any(change.start < repeat.end and repeat.start < change.end for change in changes)
    }


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
    above, below_ = view.lines[max(0, start - len(first)) : start], view.lines[end : end + len(last)]
    for size in _overlaps(above, first) if start == place.start else ():
        if _says_anew(hunk, first[:size], whole := start == end and size == len(first)):
            yield Repeat(start - size, start, whole)
    for size in _overlaps(last, below_) if end == place.end else ():
        if _says_anew(hunk, last[-size:], whole := start == end and size == len(last)):
            yield Repeat(end, end + size, whole)


def _overlaps(upper: Sequence[str], lower: Sequence[str]) -> Iterator[int]:
    """How many lines at the end of the one may be those that the other begins with, most first."""
    for size in range(min(len(upper), len(lower)), 0, -1):
        if upper[-size] == lower[0] and upper[-size:] == lower[:size]:
            yield size


def _says_anew(hunk: Hunk, lines: Sequence[str], whole: bool) -> bool:
    """Whether lines say something, and the quote has none of them if they are not all that is new."""
    said = {line.strip() for line in lines if line.strip()}
    return any(map(_WORDS.search, said)) and (whole or said.isdisjoint(line.strip() for line in hunk.before))


def _trimmed(lines: Sequence[str]) -> list[str]:
    """The lines without blank ones at the end."""
    return list(lines[: max((i + 1 for i, line in enumerate(lines) if line.strip()), default=0)])


def is_done(text: str, hunk: Hunk) -> bool:
    """Whether a text that was sent as a whole has the lines a hunk leaves, and those it finds nowhere else."""
    before, after = "\n".join(hunk.before), "\n".join(hunk.after)
    return after in text and bool(_WORDS.search(after)) and before not in text.replace(after, "\0")


def dedupe(view: View, fits: Sequence[Fit], replies: Mapping[Hunk, int]) -> list[Splice]:
    """All changes of the hunks from top to bottom, each once.

    Of two insertions at one place (blank lines aside) of which one holds the other the later reply's counts, then the
    longer, then the first.
    """
    told = [(fit.hunk, splice) for fit in fits for splice in fit.splices]
    dropped, beside = set[int](), defaultdict[int, list[tuple[Hunk, str]]](list)
    weighed = sorted(told, key=lambda change: (-replies[change[0]], -len(change[1].lines)))
    for hunk, splice in weighed if len(fits) > 1 else ():
        text = "\n".join(["", *filter(str.strip, splice.lines), ""])
        if splice.start < splice.end or not _WORDS.search(text):
            continue
        others = beside[bisect_left(view.filled, splice.start)]
        if any(hunk is not other and (text in its or its in text) for other, its in others):
            dropped.add(id(splice))
        else:
            others.append((hunk, text))
    each = {(*splice[:2], tuple(splice.lines)): splice for _, splice in told if id(splice) not in dropped}
    return sorted(each.values(), key=lambda splice: splice[:2])
