"""The last rung: most quoted lines stand there in order, and nothing that is replaced differs. Knows no format.

Only context may differ: the file's own lines stay, and at a change no line stands between that the quote leaves out.
Candidates grow from the rarest lines, so that a long file costs no more than a short one.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import runs_of, signs_of
from codegen_tasks.edits.splices import compared
from codegen_tasks.edits.view import Place, View, amid_blanks, depth_of, plain, squeezed

MOST = 0.85  # this share of the quoted lines must be there
LEAST = 3  # and no fewer lines than this
SEEDS = 4
LONG = 20  # a block of so many lines may leave some out away from its changes, as of a long docstring,
LEFT_OUT = 0.15  # no more than this share
COMMON = 8  # a line that stands in more places is no seed


def aligned(view: View, hunk: Hunk) -> list[Place]:
    """The places where the hunk aligns well enough, blank lines aside; one that is clearly the best stands alone."""
    before, after = (tuple(line for line in side if line.strip()) for side in (hunk.before, hunk.after))
    if not hunk.floating or len(before) < LEAST or hunk.before == hunk.after:
        return []
    found = (_align(view, Hunk(before, after), start) for start in _starts(view, before))
    places = sorted((place for place in found if place), key=lambda place: -place.score)
    if len(places) > 1 and places[0].score > places[1].score + 1.5 / len(before):
        places = places[:1]
    spread = {amid_blanks(place.rows, hunk.before): place for place in places}
    places = [msgspec.structs.replace(place, rows=rows) for rows, place in spread.items()]
    return sorted(places, key=lambda place: place.start)


def _starts(view: View, quoted: Sequence[str]) -> set[int]:
    """Where the quote may begin among the lines that are not blank, told by its rarest lines."""
    known = ((view.dense.rows.get(squeezed(line), ()), i) for i, line in enumerate(quoted))
    seeds = sorted((len(rows), i, rows) for rows, i in known if 0 < len(rows) <= COMMON)[:SEEDS]
    return {at - i for _, i, rows in seeds for at in rows}


def _align(view: View, hunk: Hunk, start: int) -> Place | None:
    """The place near a line that is not blank, if the lines to replace are all there and most of the others too."""
    count = len(hunk.before)
    slack = 3 + count // 4
    low = max(0, start - slack)
    nearby = view.filled[low : start + count + slack]
    found = [-1] * count
    for a, b, size in compared([*map(plain, hunk.before)], [view.plain[row] for row in nearby]).get_matching_blocks():
        found[a : a + size] = range(low + b, low + b + size)
    matched = [i for i, at in enumerate(found) if at >= 0]
    if len(matched) < max(LEAST, MOST * count) or min(found[0], found[-1]) < 0:
        return None
    between = found[-1] - found[0] + 1 - len(matched)
    if between > count - len(matched) + (LEFT_OUT * count if count >= LONG else 0):
        return None
    rows = tuple(view.filled[at] if at >= 0 else -1 for at in found)
    shifts = {depth_of(view.lines[rows[i]]) - depth_of(hunk.before[i]) for i in matched}
    if len(shifts) > 1 or not _is_proved(hunk, found):
        return None
    return Place(rows, "alignment", 0.8 * len(matched) / count, rows[0])


def _is_proved(hunk: Hunk, found: Sequence[int]) -> bool:
    """Whether all lines that go are found, those above (where none go) and below new ones, and nothing foreign is
    between them.
    """
    for run, rows, _ in runs_of(signs_of(hunk)):
        needed = found[max(0, rows.start - (not rows)) : rows.stop + ("+" in run)]
        known = [row for row in found[max(0, rows.start - 1) : rows.stop + 1] if row >= 0]
        if run[0] != " " and (-1 in needed or any(b - a != 1 for a, b in pairwise(known))):
            return False
    return True
