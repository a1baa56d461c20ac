"""Binary content as git's literals: deflated, in base 85, 52 bytes a line. Deltas are never written."""

import zlib

from codegen_tasks.diff import base85
from codegen_tasks.diff.deflate import deflate

_LINE = 52
_LENGTHS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def is_binary(data: bytes) -> bool:
    """Git's test: a NUL among the first 8000 bytes."""
    return data.find(0, 0, 8000) >= 0


def binary_body(before: bytes, after: bytes) -> bytes:
    """The body of a binary change: the content after, then the content before, so that it can be reversed."""
    return b"GIT binary patch\n" + _literal(after) + b"\n" + _literal(before) + b"\n"


def _literal(data: bytes) -> bytes:
    packed = deflate(data)  # at git's level, so that the bytes are the same where git writes a literal too
    text = base85.encode(packed)
    lines = [b"literal %d\n" % len(data)]
    for start in range(0, len(packed), _LINE):
        size = min(_LINE, len(packed) - start)
        column = start // 4 * 5
        lines += (_LENGTHS[size - 1 : size], text[column : column + _LINE // 4 * 5], b"\n")
    return b"".join(lines)


def read_literal(lines: list[bytes]) -> bytes:
    """The content of one literal, given its lines without line ends. Raises ValueError when anything is off."""
    word, _, size = lines[0].partition(b" ")
    if word != b"literal":
        raise ValueError(f"expected a literal, found {lines[0]!r}")
    sizes = [_LENGTHS.index(line[:1]) + 1 for line in lines[1:]]
    if any(size != _LINE for size in sizes[:-1]):
        raise ValueError("a line before the last is short")
    packed = base85.decode(b"".join(line[1:] for line in lines[1:]))
    try:
        data = zlib.decompress(packed[: sum(sizes)])
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(data) != int(size):
        raise ValueError(f"the literal says {int(size)} bytes and holds {len(data)}")
    return data
