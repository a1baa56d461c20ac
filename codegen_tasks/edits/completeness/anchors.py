"""Lines that tie two texts together: those that both have exactly once, in the same order. It knows only keys."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise


def anchors(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The places (old, new) of keys that occur once on both sides: the longest chain that rises on both.

    A false key (an empty line) is no anchor. After patience sorting, in n log n.
    """
    in_old, in_new = Counter(old), Counter(new)
    place = {key: at for at, key in enumerate(old) if key and in_old[key] == 1 == in_new[key]}
    return _longest((place[key], at) for at, key in enumerate(new) if key in place)


def ties(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The anchors, and between each two of them those of that stretch, down to stretches without any."""
    found, waiting = list[tuple[int, int]](), [(0, len(old), 0, len(new))]
    while waiting:
        left, left_end, right, right_end = waiting.pop()
        inner = [(i + left, j + right) for i, j in anchors(old[left:left_end], new[right:right_end])]
        found += inner
        for (i, j), (end, stop) in pairwise([(left - 1, right - 1), *inner, (left_end, right_end)]) if inner else ():
            waiting += [(i + 1, end, j + 1, stop)] if i + 1 < end and j + 1 < stop else []
    return sorted(found)


def _longest(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest chain of pairs that rises on its left side, too."""
    tails, ends = list[int](), list[int]()  # of the chains of each length: the lowest last place, and its link
    links = list[tuple[int, int, int]]()
    for left, right in pairs:
        size = bisect_left(tails, left)
        links.append((left, right, ends[size - 1] if size else -1))
        tails[size : size + 1] = [left]
        ends[size : size + 1] = [len(links) - 1]
    chain, at = list[tuple[int, int]](), ends[-1] if ends else -1
    while at >= 0:
        left, right, at = links[at]
        chain.append((left, right))
    return chain[::-1]
