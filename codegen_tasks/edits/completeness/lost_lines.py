"""What went away around a line of a new text, and what came there. It knows lines, no comments and no languages."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from codegen_tasks.edits.completeness.anchors import ties

WORD = re.compile(r"[A-Za-z_]\w+")


class Hole(NamedTuple):
    """How many lines are gone from a stretch of a file, and how many new ones came."""

    lost: int
    gained: int


class LostLines:
    """Two states of a file, cut into stretches by the lines that both have exactly once.

    Lines come without outer space; blank ones do not count, nor do the rows in `marks` as new: placeholders that say
    nothing else.
    """

    def __init__(self, old: Sequence[str], new: Sequence[str], marks: Collection[int]) -> None:
        self._old, self._new, self._marks = old, new, marks
        self._in_old, self._in_new = Counter(old), Counter(new)
        chain = ties(old, new)
        self._lefts, self._rights = [-1, *(i for i, _ in chain), len(old)], [-1, *(j for _, j in chain), len(new)]
        self._around, self._gone_around = lru_cache(self._between), lru_cache(self._gone)

    def around(self, row: int) -> Hole:
        """What is lost and gained between the anchors around a row. A line that only moved is not lost."""
        return self._around(*self._ends(row))

    def gone(self, row: int) -> list[str]:
        """The old lines between the anchors around a row that stand nowhere in the new text."""
        return self._gone_around(*self._ends(row))

    def words(self, row: int) -> frozenset[str]:
        """The words of the old lines that are gone around a row."""
        return frozenset(WORD.findall("\n".join(self.gone(row))))

    def _ends(self, row: int) -> tuple[int, int]:
        return bisect_left(self._rights, row) - 1, bisect_right(self._rights, row)

    def _gone(self, first: int, last: int) -> list[str]:
        between = self._old[self._lefts[first] + 1 : self._lefts[last]]
        return [text for text in between if text and text not in self._in_new]

    def _between(self, first: int, last: int) -> Hole:
        gap = Counter(text for text in self._old[self._lefts[first] + 1 : self._lefts[last]] if text)
        lost = sum(max(0, min(count, self._in_old[text] - self._in_new[text])) for text, count in gap.items())
        rows = range(self._rights[first] + 1, self._rights[last])
        fresh = (self._new[row] for row in rows if row not in self._marks)
        return Hole(lost, sum(1 for text in fresh if text and text not in self._in_old))
