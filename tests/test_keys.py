"""Keys are found in what others say, however they write them."""

import base64
import html
import json
import urllib.parse

import pytest

from codegen_tasks.keys import looks_like_key, without, without_keys

KEY = "sk-proj-AbC/dEf+1234=5678ZxyzQ78900"


def lines(text: str, width: int) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


ECHOES = {
    "as it is": KEY,
    "upper case": KEY.upper(),
    "reversed": KEY[::-1],
    "reversed, other case": KEY.swapcase()[::-1],
    "url": urllib.parse.quote(KEY, safe=""),
    "url, small letters": urllib.parse.quote(KEY, safe="").lower(),
    "url twice": urllib.parse.quote(urllib.parse.quote(KEY, safe=""), safe=""),
    "url, all of it": "".join(f"%{byte:02X}" for byte in KEY.encode()),
    "JSON": json.dumps(KEY).replace("/", "\\/"),
    "JSON, all of it": "".join(f"\\u{byte:04x}" for byte in KEY.encode()),
    "Python": "".join(f"\\x{byte:02x}" for byte in KEY.encode()),
    "HTML": KEY.replace("/", "&#x2F;").replace("+", "&#43;").replace("=", "&equals;"),
    "HTML, all of it": "".join(f"&#{byte};" for byte in KEY.encode()),
    "HTML, by Python": html.escape(KEY),
    "broken over lines": lines(KEY, 7),
    "blanks in it": lines(KEY, 5).replace("\n", " "),
    "escaped breaks": KEY[:9] + "\\n" + KEY[9:],
    "quoted-printable": lines(KEY, 10).replace("\n", "=\n"),
    **{f"base64 after {n}": base64.b64encode(b"u" * n + KEY.encode()).decode() for n in range(4)},
    "base64 of user:key:": base64.b64encode(f"user:{KEY}:x".encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("="),
    "base64 in lines": lines(base64.b64encode(KEY.encode()).decode(), 16),
    "hexadecimal": KEY.encode().hex(),
    "hexadecimal, large": KEY.encode().hex(":").upper(),
    "bytes": str(list(KEY.encode())),
}


@pytest.mark.parametrize("way", ECHOES)
@pytest.mark.parametrize("around", ["{}", "bad key {}!", 'x="{}"'])
def test_no_way_to_write_a_key_shows_it(way: str, around: str) -> None:
    said = without(around.format(ECHOES[way]), KEY)
    assert "…" in said
    assert len(said) <= len(around.format("…")) + 16  # what base64 shares with its neighbours may stay


@pytest.mark.parametrize("piece", [KEY[:15], KEY[9:25], KEY[-14:], KEY[:-1]])
def test_a_long_piece_goes_as_well(piece: str) -> None:
    assert without(f"your key {piece}*** is wrong", KEY) == "your key …*** is wrong"


@pytest.mark.parametrize("said", ["", "no key here", "sk-proj-…", "AbC/dEf", "123456789", "x" * 100_000])
def test_what_holds_no_key_stays(said: str) -> None:
    assert without(said, KEY) == said


def test_short_secrets_go_where_they_stand() -> None:
    assert without("the pin is 4711.", "4711") == "the pin is …."
    assert without("nothing", "") == "nothing"


@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "MY_TOKEN_2", "openai/gpt-4o-2024-08-06", "claude-sonnet-4-5-20250929"]
)
def test_names_are_no_keys(name: str) -> None:
    assert without_keys(name) == name
    assert "/" in name or "-" in name or not looks_like_key(name)
