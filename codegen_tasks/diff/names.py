"""Paths as git writes them in a patch: quoted like C strings when they hold anything but plain ASCII."""

import re

_ODD = re.compile(rb'[\x00-\x1f"\\\x7f-\xff]')
_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-3][0-7]{2})')
_LETTERS = {7: b"a", 8: b"b", 9: b"t", 10: b"n", 11: b"v", 12: b"f", 13: b"r", 34: b'"', 92: b"\\"}
_CODES = {letter: bytes([code]) for code, letter in _LETTERS.items()}


def path_bytes(path: str) -> bytes:
    """The bytes of a path, whatever the locale: UTF-8, or the odd bytes that Python keeps as surrogates."""
    return path.encode("utf-8", "surrogateescape")


def quote(name: bytes) -> bytes:
    """`name` as git prints it with core.quotePath on."""
    if not _ODD.search(name):
        return name
    return b'"' + _ODD.sub(lambda odd: b"\\" + (_LETTERS.get(odd[0][0]) or b"%03o" % odd[0][0]), name) + b'"'


def unquote(text: bytes) -> bytes:
    """The name that `quote` printed."""
    if not text.startswith(b'"'):
        return text
    return _ESCAPE.sub(lambda found: _CODES.get(found[1]) or bytes([int(found[1], 8)]), text[1:-1])
