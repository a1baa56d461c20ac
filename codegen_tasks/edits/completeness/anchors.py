"""Lines that tie two texts together: those that both have exactly once, in the same order. It knows only keys."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence


def anchors(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The places (old, new) of keys that occur once on both sides: the longest chain that rises on both.

    A false key (an empty line) is no anchor. After patience sorting, in n log n.
    """
    in_old, in_new = Counter(old), Counter(new)
    place = {key: at for at, key in enumerate(old) if key and in_old[key] == 1 == in_new[key]}
    return _longest((place[key], at) for at, key in enumerate(new) if key in place)


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
