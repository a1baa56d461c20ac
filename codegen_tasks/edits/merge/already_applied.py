"""Does what a hunk would write stand in the text already? It changes nothing."""

import re
from collections.abc import Iterator, Sequence

from codegen_tasks.edits.locate import candidates
from codegen_tasks.edits.locate.within import is_cut
from codegen_tasks.edits.merge.merge_hunk import Fit
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.view import Place, View

MANY = 5  # lines beside a place that a quote may lack
WORDS = re.compile(r"\w\W+\w")  # a line with less (a bracket, `end`) may well be wanted twice


def already_there(view: View, fits: Sequence[Fit]) -> dict[Hunk, int]:
    """The blocks that only add what is there, and the line (from 1) at which it is.

    Not if another block changes that: then it is a new one that is asked for.
    """
    spans = {fit.hunk: span for fit in fits if (span := _span(view, fit)) is not None}
    changes = [splice for fit in fits if fit.hunk not in spans for splice in fit.splices]
    return {
        hunk: start + 1
        for hunk, (start, end) in spans.items()
        if not any(change.start < end and start < change.end for change in changes)
    }


def doubled(view: View, fits: Sequence[Fit]) -> dict[Hunk, int]:
    """The blocks whose new text begins or ends with lines that stand right above or below, and the first of these (from
    1): they quote too little. Not if another block changes these lines.
    """
    found = [(fit.hunk, start, end) for fit in fits for start, end in _beside(view, fit)]
    changes = [splice for fit in fits for splice in fit.splices] if found else []
    return {
        hunk: start + 1
        for hunk, start, end in found
        if not any(change.start < end and start < change.end for change in changes)
    }


def _beside(view: View, fit: Fit) -> Iterator[tuple[int, int]]:
    """The lines (half open) beside a place that the ends of the new text repeat, and the quote does not have."""
    hunk, place, splices = fit
    if hunk.everywhere or place.column >= 0 or place.rung == "elision" or not splices:
        return
    (start, _, first), (_, end, last) = splices[0], splices[-1]
    for size in range(1, min(MANY, len(first)) + 1):
        lines = first[:size]
        if start == place.start >= size and view.lines[start - size : start] == lines and _is_new(hunk, lines):
            yield start - size, start
    for size in range(1, min(MANY, len(last)) + 1):
        lines = last[-size:]
        if end == place.end and view.lines[end : end + size] == lines and _is_new(hunk, lines):
            yield end, end + size


def _is_new(hunk: Hunk, lines: Sequence[str]) -> bool:
    """Whether lines say something, and the quote has none of them."""
    said = {line.strip() for line in lines if line.strip()}
    return any(map(WORDS.search, said)) and said.isdisjoint(line.strip() for line in hunk.before)


def is_done(view: View, hunk: Hunk) -> bool:
    """Whether a text that was sent as a whole has the lines a hunk leaves, and those it finds nowhere else."""
    if not any(WORDS.search(line) for line in hunk.after):
        return False
    ends = [(at, at + len(hunk.after)) for at in view.exact(hunk.after)]
    found = candidates(view, hunk) if ends else []
    return bool(ends) and all(any(a <= place.start and place.end <= b for a, b in ends) for place in found)


def _span(view: View, fit: Fit) -> tuple[int, int] | None:
    """The lines (half open) that are what a block makes of them."""
    hunk, place, splices = fit
    if len(hunk.after) < len(hunk.before) or place.rung == "elision":
        return None
    if place.column >= 0:
        return _around(view, hunk, place)
    start, end = place.start, place.end
    for splice in splices:
        new = [line for line in splice.lines if line.strip()]
        if splice.start < splice.end or not any(WORDS.search(line) for line in new):
            return None
        below, above = _trimmed(splice.lines), _trimmed(splice.lines[::-1])[::-1]
        if splice.start == place.end and view.lines[place.end : place.end + len(below)] == below:
            end = place.end + len(below)
        elif splice.start == place.start and view.lines[max(0, start - len(above)) : start] == above:
            start -= len(above)
        else:
            return None
    return (start, end) if (start, end) != (place.start, place.end) else None


def _trimmed(lines: Sequence[str]) -> list[str]:
    """The lines without blank ones at the end."""
    filled = [i for i, line in enumerate(lines) if line.strip()]
    return list(lines[: filled[-1] + 1])


def _around(view: View, hunk: Hunk, place: Place) -> tuple[int, int] | None:
    """The same for a part of a line: what the new text adds to the quoted one goes on in the file as whole words."""
    old, new = "\n".join(hunk.before), "\n".join(hunk.after)
    more = len(hunk.after) - len(hunk.before)
    if new.startswith(old) and new != old:
        rest = new[len(old) :]
        below = "\n".join(view.lines[place.end - 1 : place.end + more])[place.stop :]
        return (place.start, place.end + more) if below.startswith(rest) and not is_cut(below, len(rest)) else None
    if new.endswith(old) and new != old and place.start >= more:
        rest = new[: -len(old)]
        above = "\n".join([*view.lines[place.start - more : place.start], view.lines[place.start][: place.column]])
        at = len(above) - len(rest)
        return (place.start - more, place.end) if above.endswith(rest) and not is_cut(above, at) else None
    return None
