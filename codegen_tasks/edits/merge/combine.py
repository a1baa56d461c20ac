"""The changes of several hunks become one list, or some of them contradict others. It finds no places."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence

from codegen_tasks.edits.merge.merge_hunk import Fit
from codegen_tasks.edits.merge.repeats import WORDS
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.splices import Splice
from codegen_tasks.edits.view import View

Change = tuple[int, int, tuple[str, ...]]


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
