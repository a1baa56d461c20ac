"""Binary content as git's deltas and literals, in base 85, 52 bytes a line. It compresses nothing.

libgit2 finds the deltas. What it deflates depends on the zlib it was built with, so that is taken off again, and the
bytes stand in stored blocks (RFC 1951, 3.2.4): longer, and the same on every machine.
"""

import base64
import re
import zlib
from collections.abc import Iterator

_LINE = 52
_SIZES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BLOCK = 65535
_START = b"GIT binary patch\n"
_PART = re.compile(rb"(literal|delta) ([0-9]+)\n((?:[A-Za-z][^\n]*\n)*)\n")


def is_binary(data: bytes) -> bool:
    """Git's test: a NUL among the first 8000 bytes."""
    return data.find(0, 0, 8000) >= 0


def binary_body(before: bytes, after: bytes) -> bytes:
    """The body of a binary change: the way from `before` to `after`, then the way back, so that it can be reversed."""
    import pygit2  # here: a run that has nothing to diff should not load it

    options = pygit2.enums.DiffOption
    flags = options.SHOW_BINARY | options.FORCE_BINARY
    found = pygit2.Patch.create_from(before, after, old_as_path="x", new_as_path="x", flag=flags).data
    body = found[found.index(_START) + len(_START) :]
    return _START + b"".join(_written(part[1], _packed(part)) for part in _PART.finditer(body))


def apply_binary(body: bytes, before: bytes) -> bytes:
    """What a binary body, without its first line, makes of `before`. Raises ValueError unless the way back fits."""
    parts = list(_PART.finditer(body))
    if len(parts) != 2 or parts[0].start() or parts[0].end() != parts[1].start() or parts[1].end() != len(body):
        raise ValueError("a binary body has two parts")
    after = _applied(parts[0], before)
    if _applied(parts[1], after) != before:
        raise ValueError("the binary content before is another")
    return after


def _written(word: bytes, data: bytes) -> bytes:
    stored = b"\x78\x01" + b"".join(_blocks(data)) + zlib.adler32(data).to_bytes(4)
    text = base64.b85encode(stored, pad=True)
    lines = [b"%s %d\n" % (word, len(data))]
    for start in range(0, len(stored), _LINE):
        size, column = min(_LINE, len(stored) - start), start // 4 * 5
        lines += (_SIZES[size - 1 : size], text[column : column + _LINE // 4 * 5], b"\n")
    return b"".join(lines) + b"\n"


def _blocks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data) or 1, _BLOCK):
        block = data[start : start + _BLOCK]
        size = len(block)
        yield bytes([start + _BLOCK >= len(data)]) + size.to_bytes(2, "little") + (size ^ _BLOCK).to_bytes(2, "little")
        yield block


def _packed(part: re.Match[bytes]) -> bytes:
    """What a part holds: a content, or a delta. Raises ValueError when anything is off."""
    lines = part[3].split(b"\n")[:-1]
    sizes = [_SIZES.index(line[:1]) + 1 for line in lines]
    if any(size != _LINE for size in sizes[:-1]):
        raise ValueError("a line before the last is short")
    if any(len(line) != 1 + -(-size // 4) * 5 for line, size in zip(lines, sizes, strict=True)):
        raise ValueError("a line is not as long as it says")
    try:
        data = zlib.decompress(base64.b85decode(b"".join(line[1:] for line in lines))[: sum(sizes)])
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(data) != int(part[2]):
        raise ValueError(f"it says {int(part[2])} bytes and holds {len(data)}")
    return data


def _applied(part: re.Match[bytes], base: bytes) -> bytes:
    data = _packed(part)
    return data if part[1] == b"literal" else _apply_delta(data, base)


def _apply_delta(delta: bytes, base: bytes) -> bytes:
    """Git's delta (gitformat-pack, "Deltified representation"). Raises ValueError unless it fits exactly."""
    codes = iter(delta)
    if _varint(codes) != len(base):
        raise ValueError("the delta is from another content")
    size, made = _varint(codes), bytearray()
    for code in codes:
        if code & 0x80:
            start, length = _number(code, 0, 4, codes), _number(code, 4, 3, codes) or 0x10000
            if start + length > len(base):
                raise ValueError("the delta copies what is not there")
            made += base[start : start + length]
        elif code:
            made += bytes(next(codes, 0) for _ in range(code))
        else:
            raise ValueError("the delta has an unknown instruction")
    if len(made) != size:
        raise ValueError(f"the delta says {size} bytes and makes {len(made)}")
    return bytes(made)


def _varint(codes: Iterator[int]) -> int:
    value, shift = 0, 0
    for code in codes:
        value |= (code & 0x7F) << shift
        shift += 7
        if code < 0x80:
            break
    return value


def _number(code: int, first: int, count: int, codes: Iterator[int]) -> int:
    """The bytes of a number that the bits of `code` from `first` on say are there, lowest first."""
    return sum(next(codes, 0) << 8 * i for i in range(count) if code >> first + i & 1)
