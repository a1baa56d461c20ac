"""A block that leaves out lines on both sides, as the stretches between its placeholders. It knows no files."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from codegen_tasks.edits.completeness.placeholders import is_placeholder
from codegen_tasks.edits.operations import Hunk


class Stretch(NamedTuple):
    """Rows `start` to `end` of what a block quotes, and the lines that take their place."""

    start: int
    end: int
    before: tuple[str, ...]
    after: tuple[str, ...]


def stretches(hunk: Hunk) -> list[Stretch]:
    """The stretches that quote something; [] if the placeholders of the two sides are not the same, or new lines
    stand between two of them, or beyond the last, where nothing is quoted to say where they belong."""
    old, new = ([i for i, line in enumerate(side) if is_placeholder(line)] for side in (hunk.before, hunk.after))
    if not old or [hunk.before[i].strip() for i in old] != [hunk.after[i].strip() for i in new]:
        return []
    sides = zip(pairwise([-1, *old, len(hunk.before)]), pairwise([-1, *new, len(hunk.after)]), strict=True)
    found = [Stretch(a + 1, b, hunk.before[a + 1 : b], hunk.after[c + 1 : d]) for (a, b), (c, d) in sides]
    if any(_says(stretch.after) and not _says(stretch.before) for stretch in found):
        return []
    return [stretch for stretch in found if _says(stretch.before)]


def _says(lines: Sequence[str]) -> bool:
    return any(line.strip() for line in lines)
