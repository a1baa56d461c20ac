"""What keys look like, and the forms in which somebody may repeat one. It does not know where keys come from."""

import base64
import binascii
import re
from functools import lru_cache
from html.entities import html5

SHAPES = re.compile(
    r"""(?<![A-Za-z0-9])(?:
      sk-(?=[\w-]*[0-9])[\w-]{16,} | AIza[\w-]{30,} | (?:AKIA|ASIA)[A-Z0-9]{16} | xox[abprs]-[\w-]{10,}
    | (?:gsk|xai|hf|r8|pplx|nvapi|csk|fw|tgp_v1|ghp|gho|ghs|ghu|glpat|github_pat|npm|pypi)[_-][\w-]{20,}
    | eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,} | (?i:bearer)\s+(?=\S*[0-9])[\w.+/=-]{16,}
    )""",
    re.VERBOSE,
)
RANDOM = re.compile(r"(?=[^_]*[0-9])(?=[^_]*[A-Za-z])[^_]{18,}")  # a part of a name that nobody would type
HIDDEN = "…"
LEAST_PIECE = 12  # characters in a row that tell too much of a key
NAMED = {ord(sign): name for name, sign in html5.items() if len(sign) == 1 and name.endswith(";")}


def looks_like_key(text: str) -> bool:
    """Whether a text that should be a name is a key, by a well-known beginning or because no person named it so."""
    return SHAPES.search(text) is not None or any(RANDOM.fullmatch(part) for part in text.split("_"))


def without_keys(text: str) -> str:
    """The text without what has the shape of a well-known key."""
    return SHAPES.sub(HIDDEN, text)


def without(text: str, secret: str) -> str:
    """The text without `secret`, however it is written there: in another case, backwards, broken over lines, escaped
    for URLs, JSON or HTML, in base64, in hexadecimal, as numbers. Long pieces of it go as well.
    """
    if not secret:
        return text
    text = text.replace(secret, HIDDEN)
    if len(secret) < LEAST_PIECE:
        return text
    return _without_pieces(_written(secret).sub(HIDDEN, text), secret)


@lru_cache(64)
def _written(secret: str) -> re.Pattern[str]:
    gap = r"(?:\s|\\+[nrt]|=\r?\n)*"
    ways = [gap.join(map(_character, word)) for word in (secret, secret[::-1])]
    data = secret.encode()
    ways += [gap.join(map(_base64_sign, core)) for core in _base64_cores(data)]
    ways.append(r"(?:\s|[:,-]|\\+x|0x)*".join(binascii.hexlify(data, " ").decode().split(" ")))
    ways.append(r",?\s*".join(map(str, data)))
    return re.compile("|".join(ways), re.IGNORECASE)


def _character(sign: str) -> str:
    """All the ways to write one character of a key."""
    code = ord(sign)
    ways = [re.escape(sign), rf"(?:%|%25)+{code:02x}", rf"\\+u00{code:02x}", rf"\\+x{code:02x}", rf"&\#0*{code};"]
    ways.append(rf"&\#x0*{code:x};")
    if not sign.isalnum():
        ways += [rf"\\+{re.escape(sign)}"] + ([f"&{NAMED[code]}"] if code in NAMED else [])
    return f"(?:{'|'.join(ways)})"


def _base64_cores(data: bytes) -> list[str]:
    """What base64 makes of the data at each of the three places it can stand in a longer text, its edges left out."""
    cores = []
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        end = len(whole) if (before + len(data)) % 3 == 0 else len(whole) - 1
        cores.append(whole[-(-before * 4 // 3) : end])
    return cores


def _base64_sign(sign: str) -> str:
    return {"+": f"(?:[+-]|{_character('+')})", "/": f"(?:[/_]|{_character('/')})"}.get(sign, sign)


def _without_pieces(text: str, secret: str) -> str:
    for start in range(len(secret) - LEAST_PIECE + 1):
        piece = secret[start : start + LEAST_PIECE]
        at = text.find(piece)
        while at >= 0:
            end, known = at + LEAST_PIECE, start + LEAST_PIECE
            while end < len(text) and known < len(secret) and text[end] == secret[known]:
                end, known = end + 1, known + 1
            text = text[:at] + HIDDEN + text[end:]
            at = text.find(piece)
    return text
