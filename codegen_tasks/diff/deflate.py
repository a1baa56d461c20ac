"""What zlib makes of bytes at level 1, on a machine, too, whose zlib is another one. It knows no patch.

git deflates binary contents so, and zlib's own algorithm has not changed for decades; zlib-ng and others, which some
systems have in its place, find other matches. This is that algorithm again (deflate_fast and trees.c of zlib 1.3),
slow, and only asked where the machine's zlib does not give the known answer.
"""

import zlib
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from itertools import accumulate

from codegen_tasks.diff.huffman import Alphabet, Codes, assign_codes, make_codes, runs

ANSWER = "0e277c7bee43d4bf2f4047afa5a74acfa1ae50d06d1f87d5030228883cdbf2db"  # sha256 of what zlib makes of `probe`
_WINDOW, _FAR, _LOOKAHEAD = 32768, 32768 - 262, 262
_SHORT, _NICE, _CHAIN, _INSERTED = 3, 8, 4, 4  # the shortest match, one good enough, how many to try, how many to note
_LONG = 258
_SYMBOLS = 16383  # in a block
_END = 256

_LENGTH_EXTRA = (*[0] * 8, *[1] * 4, *[2] * 4, *[3] * 4, *[4] * 4, *[5] * 4, 0)
_DISTANCE_EXTRA = (0, 0, *[bits for bits in range(14) for _ in range(2)])
_TEXT = Alphabet(286, 15, (*[0] * 257, *_LENGTH_EXTRA))
_DISTANCE = Alphabet(30, 15, _DISTANCE_EXTRA)
_LENGTHS = Alphabet(19, 7, (*[0] * 16, 2, 3, 7))
_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)  # in which their lengths are told
_FIXED = assign_codes([*[8] * 144, *[9] * 112, *[7] * 24, *[8] * 8]), assign_codes([5] * 30)


_LENGTH_FIRST = (*accumulate((1 << bits for bits in _LENGTH_EXTRA[:27]), initial=_SHORT), _LONG)
_DISTANCE_FIRST = (*accumulate((1 << bits for bits in _DISTANCE_EXTRA[:29]), initial=1),)


Symbol = tuple[int, int]  # a length and how far back it was seen, or a byte and 0


def deflate(data: bytes) -> bytes:
    """`data` as zlib 1.2 and 1.3 compress it at level 1."""
    return zlib.compress(data, 1) if _is_known() else deflate_slowly(data)


@cache
def _is_known() -> bool:
    """Whether the machine's zlib gives the known answer."""
    return sha256(zlib.compress(probe(), 1)).hexdigest() == ANSWER


def probe() -> bytes:
    """A text of several blocks, with matches of all kinds."""
    return b"".join(b"%d %x\n" % (number * number % 9973, number // 7) for number in range(9000))


def deflate_slowly(data: bytes) -> bytes:
    """The same, made here."""
    out, symbols, start, end, window = _Bits(), list[Symbol](), 0, 0, 0
    for symbol, end, window in _symbols(data):
        symbols.append(symbol)
        if len(symbols) == _SYMBOLS:
            _write_block(out, symbols, data[start:end], start >= window, last=False)
            symbols, start = [], end
    window += _WINDOW * (end - window >= _WINDOW + _FAR)
    _write_block(out, symbols, data[start:], start >= window, last=True)
    return b"\x78\x01" + out.ended() + zlib.adler32(data).to_bytes(4)


def _symbols(data: bytes) -> Iterator[tuple[Symbol, int, int]]:
    """What the content is told in; where each ends, and where the window began then.

    The window is two of our windows long, moves by one when it is used up, and its first byte is never found again.
    """
    heads, chain = [-1] * _WINDOW, [-1] * _WINDOW
    at, window, filled = 0, 0, 0

    def note(at: int) -> int:
        """Notes where these three bytes are, and tells where such were last."""
        key = (data[at] << 10 ^ data[at + 1] << 5 ^ data[at + 2]) & (_WINDOW - 1)
        found = chain[at % _WINDOW] = heads[key]
        heads[key] = at
        return found

    while at < len(data):
        if filled - at < _LOOKAHEAD:
            window += _WINDOW * (at - window >= _WINDOW + _FAR)
            filled = min(window + 2 * _WINDOW, len(data))
        found = note(at) if filled - at >= _SHORT else -1
        length, origin = 1, at
        if found > window and at - found <= _FAR:
            length, origin = _longest(data, chain, at, found, max(window, at - _FAR), min(_LONG, filled - at))
        if 1 < length <= _INSERTED and filled - at - length >= _SHORT:
            for inside in range(at + 1, at + length):
                note(inside)
        symbol = (length, at - origin) if length > 1 else (data[at], 0)
        at += length
        yield symbol, at, window


def _longest(data: bytes, chain: list[int], at: int, found: int, limit: int, most: int) -> tuple[int, int]:
    """The best of the last few places where such bytes were, and how long they are the same there; 1 if not at all."""
    best, origin, nice = _SHORT - 1, at, min(_NICE, most)
    for _ in range(_CHAIN):
        if data[found : found + 2] == data[at : at + 2] and data[found + best] == data[at + best]:
            length = _SHORT
            while length < most and data[found + length] == data[at + length]:
                length += 1
            if length > best:
                best, origin = length, found
                if length >= nice:
                    break
        found = chain[found % _WINDOW]
        if found <= limit:
            break
    return (best, origin) if best >= _SHORT else (1, at)


class _Bits:
    """Bits one after the other, the first one lowest."""

    def __init__(self) -> None:
        self._out = bytearray()
        self._held, self._count = 0, 0

    def put(self, value: int, count: int) -> None:
        """Adds the lowest bits of a number."""
        self._held |= value << self._count
        self._count += count
        while self._count >= 8:
            self._out.append(self._held & 255)
            self._held >>= 8
            self._count -= 8

    def put_bytes(self, data: bytes) -> None:
        """Adds whole bytes at the next byte."""
        self.put(0, -self._count % 8)
        self._out += data

    def ended(self) -> bytes:
        """All of it."""
        self.put_bytes(b"")
        return bytes(self._out)


def _write_block(out: _Bits, symbols: list[Symbol], data: bytes, storable: bool, *, last: bool) -> None:
    """Writes a block in the way that takes least: stored, with the fixed codes, or with codes of its own."""
    texts, distances = _count(symbols)
    own = make_codes(texts, _TEXT), make_codes(distances, _DISTANCE)
    header, size = _header(*own)
    own_bytes = (size + own[0].cost(texts, _TEXT) + own[1].cost(distances, _DISTANCE) + 10) // 8
    fixed_bytes = (_FIXED[0].cost(texts, _TEXT) + _FIXED[1].cost(distances, _DISTANCE) + 10) // 8
    if storable and len(data) + 4 <= min(own_bytes, fixed_bytes):
        out.put(last, 3)
        out.put_bytes(len(data).to_bytes(2, "little") + (len(data) ^ 0xFFFF).to_bytes(2, "little") + data)
    elif fixed_bytes <= own_bytes:
        out.put(2 + last, 3)
        _write_symbols(out, symbols, *_FIXED)
    else:
        out.put(4 + last, 3)
        for value, bits in header:
            out.put(value, bits)
        _write_symbols(out, symbols, *own)


def _header(text: Codes, distance: Codes) -> tuple[list[tuple[int, int]], int]:
    """How a block tells its codes, as numbers of so many bits, and how many bits that is."""
    used = _used(text.lengths), _used(distance.lengths)
    told, counts = [*runs(used[0]), *runs(used[1])], [0] * _LENGTHS.size
    for symbol, _, _ in told:
        counts[symbol] += 1
    codes = make_codes(counts, _LENGTHS)
    order = _used([codes.lengths[symbol] for symbol in _ORDER])  # at least four: lengths of 1 and more come later
    header = [(len(used[0]) - 257, 5), (len(used[1]) - 1, 5), (len(order) - 4, 4), *((length, 3) for length in order)]
    for symbol, value, bits in told:
        header += ((codes.codes[symbol], codes.lengths[symbol]), (value, bits))
    return header, sum(bits for _, bits in header)


def _count(symbols: list[Symbol]) -> tuple[list[int], list[int]]:
    """How often each symbol of text, and each of distance, occurs."""
    texts, distances = [0] * _TEXT.size, [0] * _DISTANCE.size
    texts[_END] = 1
    for length, distance in symbols:
        if distance:
            texts[257 + bisect_right(_LENGTH_FIRST, length) - 1] += 1
            distances[bisect_right(_DISTANCE_FIRST, distance) - 1] += 1
        else:
            texts[length] += 1
    return texts, distances


def _used(lengths: list[int]) -> list[int]:
    """The lengths up to the last that is not 0."""
    return lengths[: max((at + 1 for at, length in enumerate(lengths) if length), default=0)]


def _write_symbols(out: _Bits, symbols: list[Symbol], text: Codes, distance: Codes) -> None:
    for length, back in symbols:
        if not back:
            out.put(text.codes[length], text.lengths[length])
            continue
        for number, codes, offset, firsts, extra in (
            (length, text, 257, _LENGTH_FIRST, _LENGTH_EXTRA),
            (back, distance, 0, _DISTANCE_FIRST, _DISTANCE_EXTRA),
        ):
            at = bisect_right(firsts, number) - 1
            out.put(codes.codes[offset + at], codes.lengths[offset + at])
            out.put(number - firsts[at], extra[at])
    out.put(text.codes[_END], text.lengths[_END])
