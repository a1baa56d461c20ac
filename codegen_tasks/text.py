"""Bytes of a file become text a model can read, and go back to the same bytes. Knows encodings, not languages.

A line ends at LF; at CR only in a file that has no LF at all. The endings are kept beside the text, so `text` holds
LF alone. A byte that fits no encoding is shown as a character of the private use area (U+F780 to U+F7FF).
"""

import codecs
import re
from collections.abc import Sequence

import msgspec

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
LEGACY = ["cp1252", "cp932", "gb18030", "big5", "euc_jp", "euc_kr", "cp1251", "koi8_r"]
ESCAPED = "utf-8+bytes"  # UTF-8 with stray bytes among it, each shown as one private character
PRIVATE = 0xF700
SAMPLE = 1 << 16
_HIGH = re.compile(rb"[\x80-\xff]+")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_LETTER = rb"[\xc0-\xff\x8a\x8c\x8e\x9a\x9c\x9e]"
_SIGN = (
    rb"(?:[\x80\x82\x84\x85\x8b\x91-\x97\x99\x9b](?!\\)|[\xa0-\xa3\xa5-\xb1\xb4-\xb8\xba-\xbf]|(?<=\w)[\xb2\xb3\xb9])"
)
_ALPHABET = "åäö|ÅÄÖ|æøå|ÆØÅ|äöüß?|ÄÖÜß?".encode("cp1252")  # what follows A to Z
_WESTERN = (
    re.compile(  # bytes of cp1252 as they stand among ASCII: alone, a few that touch its letters, an alphabet's end
        rb"(?<![\x80-\xff])(?:"
        rb"%(letter)b|%(sign)b|(?<=[A-Za-z])%(letter)b%(sign)b{1,2}|%(sign)b{1,2}%(letter)b(?=[A-Za-z])"
        rb"|(?<=[A-Za-z])(?<!\\[a-z])%(letter)b{2,3}|%(letter)b{2,3}(?=[A-Za-z])|%(alphabet)b"
        rb"|\xa0%(sign)b|%(sign)b\xa0)(?![\x80-\xff])" % {b"letter": _LETTER, b"sign": _SIGN, b"alphabet": _ALPHABET}
    )
)


class Text(msgspec.Struct, frozen=True):
    r"""A file as text. `endings` is one ending for all lines, or one for each LF of `text`.

    `encoding` is a Python codec or ESCAPED; `bom` are the bytes before the text.
    """

    text: str
    encoding: str = "utf-8"
    bom: bytes = b""
    endings: tuple[str, ...] = ("\n",)


def seen(text: str) -> str:
    """Text for people, with what cannot be seen, or turns what is, written as its code point. LF and TAB stay."""
    return _UNSEEN.sub(lambda sign: f"⟨U+{ord(sign[0]):04X}⟩", text)


def few(names: Sequence[str], shown: int) -> str:
    """A list for people: the first names, and how many more there are."""
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} more" if more > 0 else "")


def decode(data: bytes) -> Text:
    """The text of any bytes; `encode` gives them back. Never fails."""
    bom, encoding = next(((bom, name) for bom, name in BOMS if data.startswith(bom)), (b"", ""))
    body = data[len(bom) :]
    raw = _decoded(body, encoding or "utf-8")
    if raw is None:
        bom, body = b"", data
        encoding, raw = _guessed(data)
    text, endings = _unify(raw)
    return Text(text, encoding or "utf-8", bom, endings)


def encode(text: Text) -> bytes:
    """The bytes of a text. Raises UnicodeEncodeError where its encoding has no such character."""
    raw = _with_endings(text.text, text.endings)
    return text.bom + (_unescape(raw) if text.encoding == ESCAPED else raw.encode(text.encoding))


def not_plain_utf8(data: bytes) -> str | None:
    """What keeps a file that people wrote for us from being UTF-8 without a mark: `:LINE: what`; None if nothing does.

    Formats that our own files are in begin with no mark, and a reader that took one would let it into prompts.
    """
    mark = next((name for bom, name in BOMS if data.startswith(bom)), None)
    if mark is not None:
        return f":1: begins with {'a UTF-8 byte order mark' if mark == 'utf-8' else mark[:6].upper()}"
    try:
        data.decode()
    except UnicodeDecodeError as e:
        line = data.count(b"\n", 0, e.start) + 1
        return f":{line}: not UTF-8 (byte 0x{data[e.start]:02x})"
    return None


def _decoded(data: bytes, encoding: str) -> str | None:
    """The text if it stands for exactly these bytes in this encoding."""
    try:
        text = data.decode(encoding)
        return text if encoding == "utf-8" or text.encode(encoding) == data else None
    except UnicodeError:
        return None


def _guessed(data: bytes) -> tuple[str, str]:
    """Encoding and text of bytes that are not UTF-8 and carry no (true) mark."""
    for encoding in _candidates(data):
        if (text := _decoded(data, encoding)) is not None:
            return encoding, text
    text = _escape(data)
    return (ESCAPED, text) if _unescape(text) == data else ("latin-1", data.decode("latin-1"))


def _candidates(data: bytes) -> list[str]:
    """Encodings worth trying, best first. None when most of what is not ASCII is UTF-8, or it is no text.

    A few bytes that are not ASCII tell no statistics anything: where they stand as they do in Western texts, it is one.
    """
    sample = data[:SAMPLE]
    if sample.count(0) > len(sample) // 5:
        return ["utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"]
    strays = sum(map(len, re.findall("[\udc80-\udcff]+", data.decode("utf-8", "surrogateescape"))))
    valid = len(re.findall(rb"[\xc2-\xf4][\x80-\xbf]+", data))
    if b"\0" in sample or valid >= max(strays, 1):
        return []
    if len(_WESTERN.findall(data)) == len(_HIGH.findall(data)):
        return LEGACY[:1]
    from charset_normalizer import from_bytes  # slow to import, and most files are UTF-8

    best = from_bytes(sample, cp_isolation=LEGACY, enable_fallback=False).best()
    return ([best.encoding] if best else []) + LEGACY[:1]


def _escape(data: bytes) -> str:
    strays = data.decode("utf-8", "surrogateescape")
    return re.sub("[\udc80-\udcff]", lambda m: chr(PRIVATE + (ord(m[0]) & 0xFF)), strays)


def _unescape(text: str) -> bytes:
    strays = re.sub("[\uf780-\uf7ff]", lambda m: chr(0xDC00 + (ord(m[0]) & 0xFF)), text)
    return strays.encode("utf-8", "surrogateescape")


def _unify(raw: str) -> tuple[str, tuple[str, ...]]:
    """The text with LF alone, and its endings."""
    if "\r" not in raw:
        return raw, ("\n",)
    if "\n" not in raw:
        return raw.replace("\r", "\n"), ("\r",)
    text = raw.replace("\r\n", "\n")
    pairs, total = len(raw) - len(text), raw.count("\n")
    if pairs in (0, total):
        return text, ("\r\n" if pairs else "\n",)
    return text, tuple("\r\n" if line.endswith("\r") else "\n" for line in raw.split("\n")[:-1])


def _with_endings(text: str, endings: tuple[str, ...]) -> str:
    if len(endings) == 1:
        return text if endings[0] == "\n" else text.replace("\n", endings[0])
    *lines, last = text.split("\n")
    return "".join(line + end for line, end in zip(lines, endings, strict=True)) + last
