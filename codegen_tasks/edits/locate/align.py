"""The last rung: most quoted lines stand there in order, and nothing that is replaced differs. Knows no format.

Only context may differ: the file's own lines stay, and at a change no line stands between that the quote leaves out.
Candidates grow from the rarest lines, so that a long file costs no more than a short one.
"""

from collections.abc import Sequence
from itertools import pairwise

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.splices import compared
from codegen_tasks.edits.view import Place, View, indent_of, plain

MOST = 0.85  # this share of the quoted lines must be there
LEAST = 3  # and no fewer lines than this
SEEDS = 4
LONG = 20  # a block of so many lines may leave some out away from its changes, as of a long docstring,
LEFT_OUT = 0.15  # no more than this share
COMMON = 8  # a line that stands in more places is no seed


def aligned(view: View, hunk: Hunk) -> list[Place]:
    """The places where the hunk aligns well enough; one that is clearly the best stands alone."""
    quoted = [plain(line) for line in hunk.before]
    filled = [i for i, line in enumerate(quoted) if line]
    if not hunk.floating or len(filled) < LEAST or hunk.before == hunk.after:
        return []
    tried, places = set[int](), list[Place]()
    for start in _starts(view, quoted, filled):
        if any(abs(start - other) <= 2 for other in tried):
            continue
        tried.add(start)
        if (place := _align(view, hunk, quoted, len(filled), start)) is not None:
            places.append(place)
    places.sort(key=lambda place: -place.score)
    if len(places) > 1 and places[0].score > places[1].score + 1.5 / len(filled):
        return places[:1]
    return sorted({place.rows: place for place in places}.values(), key=lambda place: place.start)


def _starts(view: View, quoted: Sequence[str], filled: Sequence[int]) -> list[int]:
    """Where the quote may begin, told by its rarest lines."""
    known = [(view.plain_index.counts[quoted[i]], i) for i in filled if quoted[i] in view.plain_index.counts]
    seeds = [i for count, i in sorted(known)[:SEEDS] if count <= COMMON]
    return [line - i for i in seeds for line in view.plain_index.rows(quoted[i])]


def _align(view: View, hunk: Hunk, quoted: Sequence[str], count: int, start: int) -> Place | None:
    """The place near a line, if the lines to replace are all there and most of the others too."""
    slack = 3 + len(quoted) // 4
    low, high = max(0, start - slack), min(len(view.lines), start + len(quoted) + slack)
    matcher = compared(quoted, view.plain[low:high])
    rows = [-1] * len(quoted)
    for a, b, size in matcher.get_matching_blocks():
        for i in range(size):
            rows[a + i] = low + b + i
    matched = [i for i, row in enumerate(rows) if row >= 0 and quoted[i]]
    ends = {next(i for i, line in enumerate(quoted) if line), max(i for i, line in enumerate(quoted) if line)}
    if len(matched) < max(LEAST, MOST * count) or not ends <= set(matched) or not _is_even(view, hunk, rows, matched):
        return None
    between = sum(bool(line) for line in view.stripped[rows[matched[0]] : rows[matched[-1]] + 1]) - len(matched)
    if between > count - len(matched) + (LEFT_OUT * count if count >= LONG else 0):
        return None
    if not _is_proved(view, hunk, quoted, rows):
        return None
    return Place(tuple(rows), "alignment", 0.8 * len(matched) / count, rows[matched[0]])


def _is_even(view: View, hunk: Hunk, rows: Sequence[int], matched: Sequence[int]) -> bool:
    """Whether the found lines are all indented by as much more, or less, than the quoted ones."""
    return len({len(indent_of(view.lines[rows[i]])) - len(indent_of(hunk.before[i])) for i in matched}) == 1


def _is_proved(view: View, hunk: Hunk, quoted: Sequence[str], rows: Sequence[int]) -> bool:
    """Whether each line that goes is there, each new line has a found neighbour, and nothing foreign is at a change."""
    row, last, fresh, gone = 0, len(view.lines), False, False
    for sign, follows in pairwise(signs_of(hunk) + " "):
        if sign == "+":
            fresh = True
            continue
        at, blank = rows[row], not quoted[row]
        if at < 0 and not blank and (sign == "-" or fresh or follows == "+"):
            return False
        if at >= 0 and (sign == "-" or fresh or gone) and any(view.stripped[last + 1 : at]):
            return False
        last = at if at >= 0 else last if blank else len(view.lines)
        fresh, gone = False, sign == "-"
        row += 1
    return True
