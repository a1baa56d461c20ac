"""Several places for a hunk: which one is meant? Only what the reply itself says decides. It changes nothing."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.view import Place, View

NEAR = 3
FAR = 60
WEAK = 2  # so few quoted lines say little about a place


def chosen(
    view: View, hunks: Sequence[Hunk], options: Sequence[list[Place]]
) -> Iterator[tuple[Hunk, list[Place], str]]:
    """Each hunk with its place, or with all that are left and the reason why none of them counts."""
    options = _shared(hunks, options)
    single = ((hunk, found[0]) for hunk, found in zip(hunks, options, strict=True) if len(found) == 1)
    known = sorted(place.start - (hunk.number - 1) for hunk, place in single if hunk.number)
    drift = known[len(known) // 2] if known else 0  # how far the claimed line numbers are off
    starts = [found[0].start if len(found) == 1 else len(view.lines) for found in options]
    highs = [*accumulate(reversed([*starts[1:], len(view.lines)]), min)][::-1]
    low, sure = 0, False
    for hunk, found, high in zip(hunks, options, highs, strict=False):
        if len(found) > 1 or hunk.anchors:
            found = _narrowed(view, hunk, found, low, high, drift)
        low = max(low, found[0].end) if len(found) == 1 else low
        reason = "absent" if not found else "several" if len(found) > 1 else ""
        if not reason and sure and _is_astray(hunk, found[0], drift):
            reason = "astray"
        sure = sure or not reason
        yield hunk, found, reason


def _is_astray(hunk: Hunk, place: Place, drift: int) -> bool:
    """Whether next to nothing speaks for a place, and the header's number against it while others are right."""
    words = sum(any(map(str.isalnum, line)) for line in hunk.before)
    return bool(hunk.number) and words <= WEAK and abs(place.start - (hunk.number - 1 + drift)) > FAR


def _shared(hunks: Sequence[Hunk], options: Sequence[list[Place]]) -> list[list[Place]]:
    """As many hunks that quote the same lines as there are places for them: each gets one, in order.

    Where they do not do the same, and the other hunks are not in the order of the file either, nobody knows.
    """
    groups, shared = defaultdict[tuple[str, ...], list[int]](list), list(options)
    for i, hunk in enumerate(hunks):
        if len(options[i]) > 1:
            groups[hunk.before].append(i)
    sure = [found[0].start for found in options if len(found) == 1]
    for members in groups.values():
        alike = sure == sorted(sure) or len({hunks[i].after for i in members}) == 1
        if alike and len(members) == len(options[members[0]]):
            for i, place in zip(members, options[members[0]], strict=True):
                shared[i] = [place]
    return shared


def _narrowed(view: View, hunk: Hunk, places: Sequence[Place], low: int, high: int, drift: int) -> list[Place]:
    """The places left when anchors, the neighbours' order (`low` to `high`) and the header's number have been heard.

    `drift` is how far the numbers of the sibling hunks are off. Places come in the order of the text.
    """
    if len(places) > 1 and hunk.at_end:
        places = [p for p in places if p.end == len(view.lines)] or places
    if len(hunk.anchors) > 1:
        places = _behind_anchors(view, hunk, places)
    if len(places) > 1 and hunk.signs and (low or high < len(view.lines)):
        places = _between(places, low, high) or places
    if len(places) > 1 and len(hunk.anchors) == 1:
        places = _behind_anchors(view, hunk, places)
    if len(places) > 1 and hunk.number:
        places = _by_number(hunk.number - 1 + drift, places)
    return list(places)


def _start(place: Place) -> int:
    return place.start


def _between(places: Sequence[Place], low: int, high: int) -> list[Place]:
    """The places that neither begin before nor end after these lines."""
    inner = places[bisect_left(places, low, key=_start) : bisect_left(places, high, key=_start) + 1]
    return [place for place in inner if low <= place.start and place.end <= high]


def _behind_anchors(view: View, hunk: Hunk, places: Sequence[Place]) -> list[Place]:
    """The places that the anchors lead to: several are a path, found one after the other; one alone is only advice."""
    path, firm, heads = [a.strip() for a in hunk.anchors if a.strip()], len(hunk.anchors) > 1, [-1]
    for anchor in path:
        heads = [row for row in _lines_of(view, anchor) if row > heads[0]]
        if not heads:
            return [] if firm else list(places)
    below = [place for place in places if place.start >= heads[0] + (not firm)]
    return below[:1] if firm and path else below or list(places)


def _lines_of(view: View, anchor: str) -> Sequence[int]:
    """The lines that are the anchor; if none is, those that begin with it."""
    found = [row for row, line in enumerate(view.stripped) if line.startswith(anchor)]
    return [row for row in found if view.stripped[row] == anchor] or found


def _by_number(expected: int, places: Sequence[Place]) -> list[Place]:
    """The place at the claimed line, if it is near and no other is nearly as near."""
    at = max(0, bisect_left(places, expected, key=_start) - 2)
    first, second, *_ = sorted(places[at : at + 4], key=lambda place: abs(place.start - expected))
    near, next_near = abs(first.start - expected), abs(second.start - expected)
    if near == 0 or near <= NEAR < next_near or (near <= FAR and next_near >= 4 * near + 10):
        return [first]
    return list(places)
