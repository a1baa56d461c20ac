"""Codes for symbols by how often they occur, as zlib gives them, tie for tie. It knows no bytes and no matches."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

_REPEAT, _ZEROS, _MANY_ZEROS = 16, 17, 18  # how runs of lengths are told: RFC 1951, 3.2.7


class Alphabet(NamedTuple):
    """How many symbols there are, how long a code may be, and how many plain bits follow each symbol."""

    size: int
    longest: int
    extra: tuple[int, ...]


class Codes(NamedTuple):
    """For each symbol its code, the first bit lowest, and how long that is; 0 where a symbol has none."""

    codes: list[int]
    lengths: list[int]

    def cost(self, counts: Sequence[int], alphabet: Alphabet) -> int:
        """The bits that so many symbols take."""
        return sum(n * (length + more) for n, length, more in zip(counts, self.lengths, alphabet.extra, strict=False))


def make_codes(counts: Sequence[int], alphabet: Alphabet) -> Codes:
    """The codes for symbols that occur so often; at least two have one."""
    weights = [*counts, *[0] * (alphabet.size + 1)]
    heap = [symbol for symbol, count in enumerate(counts) if count]
    while len(heap) < 2:
        last = heap[-1] if heap else -1
        heap.append(last + 1 if last < 2 else 0)
        weights[heap[-1]] = 1
    joined, parents = _join(heap, weights, alphabet.size)
    return assign_codes(_lengths(joined, parents, alphabet))


def assign_codes(lengths: list[int]) -> Codes:
    """The canonical codes of these lengths."""
    codes, code = [0] * len(lengths), 0
    for length in range(1, max(lengths) + 1):
        for symbol in (symbol for symbol, own in enumerate(lengths) if own == length):
            codes[symbol] = int(f"{code:0{length}b}"[::-1], 2)
            code += 1
        code <<= 1
    return Codes(codes, lengths)


def runs(lengths: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """The lengths with runs of them told as one: symbol, and a number of so many bits behind it."""
    count, previous = 0, -1
    most, least = (7, 4) if lengths[0] else (138, 3)
    for at, length in enumerate(lengths):
        following = lengths[at + 1] if at + 1 < len(lengths) else -1
        count += 1
        if count < most and length == following:
            continue
        if count < least:
            yield from [(length, 0, 0)] * count
        elif length:
            if length != previous:
                yield length, 0, 0
                count -= 1
            yield _REPEAT, count - 3, 2
        else:
            yield (_ZEROS, count - 3, 3) if count <= 10 else (_MANY_ZEROS, count - 11, 7)
        count, previous = 0, length
        most, least = (138, 3) if following == 0 else (6, 3) if length == following else (7, 4)


def _join(heap: list[int], weights: list[int], size: int) -> tuple[list[int], dict[int, int]]:
    """Joins the two lightest nodes until one is left. Returns nodes in that order, and their parents."""
    depths, joined, parents, node = [0] * len(weights), list[int](), dict[int, int](), size
    for at in reversed(range(len(heap) // 2)):
        _sink(heap, at, weights, depths)
    while len(heap) > 1:
        one = heap[0]
        heap[0] = heap[-1]
        heap.pop()
        _sink(heap, 0, weights, depths)
        other = heap[0]
        joined += (one, other)
        weights[node], depths[node] = weights[one] + weights[other], max(depths[one], depths[other]) + 1
        parents[one] = parents[other] = heap[0] = node
        _sink(heap, 0, weights, depths)
        node += 1
    return joined, parents


def _sink(heap: list[int], at: int, weights: list[int], depths: list[int]) -> None:
    """Lets a node sink below all lighter ones. Of one weight, the one with fewer levels below is lighter."""

    def is_lighter(one: int, other: int) -> bool:
        return (weights[one], depths[one]) <= (weights[other], depths[other])

    value = heap[at]
    while (child := 2 * at + 1) < len(heap):
        if child + 1 < len(heap) and is_lighter(heap[child + 1], heap[child]):
            child += 1
        if is_lighter(value, heap[child]):
            break
        heap[at], at = heap[child], child
    heap[at] = value


def _lengths(joined: list[int], parents: dict[int, int], alphabet: Alphabet) -> list[int]:
    """How long each symbol's code is. What would be too long is cut, and others are lengthened to make room."""
    lengths, totals, overflow = [0] * (2 * alphabet.size + 1), [0] * (alphabet.longest + 1), 0
    for node in reversed(joined):
        bits = lengths[parents[node]] + 1
        overflow += bits > alphabet.longest
        lengths[node] = min(bits, alphabet.longest)
        totals[lengths[node]] += node < alphabet.size
    if overflow:
        while overflow > 0:
            bits = max(bits for bits in range(1, alphabet.longest) if totals[bits])
            totals[bits] -= 1
            totals[bits + 1] += 2
            totals[alphabet.longest] -= 1
            overflow -= 2
        symbols = (node for node in joined if node < alphabet.size)
        for bits in reversed(range(1, alphabet.longest + 1)):
            for _ in range(totals[bits]):
                lengths[next(symbols)] = bits
    return lengths[: alphabet.size]
