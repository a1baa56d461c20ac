"""One insertion told twice, by two edits or two replies, is one. It finds no places and knows no format."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from codegen_tasks.edits.merge.already_applied import WORDS
from codegen_tasks.edits.merge.merge_hunk import Fit
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.splices import Splice
from codegen_tasks.edits.view import View


class _Told(NamedTuple):
    """A change: which of two that say the same counts (the greater), its hunk, itself, and its lines as one text."""

    weight: tuple[int, int, int]
    hunk: Hunk
    splice: Splice
    text: str


def dedupe(view: View, fits: Sequence[Fit], replies: Mapping[Hunk, int]) -> list[Splice]:
    """All changes of the hunks but the insertions whose lines another hunk writes at the same place.

    Of two replies the later counts, of two edits the longer, then the first. Blank lines do not make another place.
    """
    told = list(_told(fits, replies))
    beside: dict[int, list[_Told]] = {}
    for one in told:
        for edge in {bisect_left(view.filled, one.splice.start), bisect_left(view.filled, one.splice.end)}:
            beside.setdefault(edge, []).append(one)
    return [
        one.splice
        for one in told
        if not WORDS.search(one.text)
        or one.splice.start < one.splice.end
        or not any(_repeats(one, other) for other in beside[bisect_left(view.filled, one.splice.start)])
    ]


def _told(fits: Sequence[Fit], replies: Mapping[Hunk, int]) -> Iterator[_Told]:
    for number, (hunk, _, splices) in enumerate(fits):
        for splice in splices:
            lines = [line for line in splice.lines if line.strip()]
            yield _Told((replies[hunk], len(lines), -number), hunk, splice, "\n".join(["", *lines, ""]))


def _repeats(one: _Told, other: _Told) -> bool:
    """Whether an insertion only says what another change beside it says."""
    if one.hunk is other.hunk or one.weight > other.weight:
        return False
    inserts = other.splice.start == other.splice.end
    return one.text in other.text or (inserts and bool(WORDS.search(other.text)) and other.text in one.text)
