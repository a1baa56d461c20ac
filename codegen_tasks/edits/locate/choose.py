"""Several places for a hunk: which one is meant? Only what the reply itself says decides. It changes nothing."""

from bisect import bisect_left
from collections.abc import Sequence

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.view import Place, View, indent_of

NEAR = 3
FAR = 60


def narrowed(view: View, hunk: Hunk, places: Sequence[Place], low: int, high: int, drift: int) -> list[Place]:
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
    anchors = [anchor.strip() for anchor in hunk.anchors if anchor.strip()]
    if len(hunk.anchors) == 1 and anchors:
        heads = _lines_of(view, anchors[0])
        below = [p for p in places if any(at < p.start < _block_end(view, at) for at in heads)]
        return below or [p for p in places if heads and p.start > heads[0]] or list(places)
    at = -1
    for anchor in anchors:
        found = next((i for i in _lines_of(view, anchor) if i > at), None)
        if found is None:
            return []
        at = found
    if at < 0:
        return list(places)
    end = _block_end(view, at)
    block = [p for p in places if at < p.start < end]
    return (block or [p for p in places if p.start == at] or [p for p in places if p.start > at])[:1]


def _lines_of(view: View, anchor: str) -> list[int]:
    """The lines that are the anchor; if none is, those that begin with it."""
    return view.index.rows(anchor) or [i for i, line in enumerate(view.stripped) if line.startswith(anchor)]


def _block_end(view: View, at: int) -> int:
    """The line after the block that a line opens: up to the next that is not indented deeper."""
    depth = len(indent_of(view.lines[at]))
    for i in range(at + 1, len(view.lines)):
        line = view.lines[i]
        if line.strip() and len(indent_of(line)) <= depth and line.strip()[0] not in "})]":
            return i
    return len(view.lines)


def _by_number(expected: int, places: Sequence[Place]) -> list[Place]:
    """The place at the claimed line, if it is near and no other is nearly as near."""
    at = max(0, bisect_left(places, expected, key=_start) - 2)
    first, second, *_ = sorted(places[at : at + 4], key=lambda place: abs(place.start - expected))
    near, next_near = abs(first.start - expected), abs(second.start - expected)
    if near == 0 or near <= NEAR < next_near or (near <= FAR and next_near >= 4 * near + 10):
        return [first]
    return list(places)
