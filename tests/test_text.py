"""Any bytes become text and come back; encodings and line endings are told apart."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codegen_tasks.text import Text, decode, encode

PIECES = [b"\r", b"\n", b"a", b"\xff", b"\xef\xbb\xbf", b"\0", b"\xff\xfe", "é".encode(), "\uf780".encode(), b"\x81"]
FRENCH = "// déjà vu, naïve façade\nint x = 1;\n// été\n"
JAPANESE = "// これはテストです\nint x = 1; // 設定を読み込む\n"
CHINESE = "// 这是一个测试文件\nint x = 1; // 读取配置\n"


@given(st.one_of(st.binary(), st.lists(st.sampled_from(PIECES)).map(b"".join)))
@example(b"caf\xc3\xa9 \xff \xc3\xa9")
@example(b"\xff\xfe\x00\xd8")
def test_bytes_come_back(data: bytes) -> None:
    text = decode(data)
    assert encode(text) == data
    text.text.encode()  # no lone surrogates: a prompt must be able to hold it


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("utf-8", FRENCH),
        ("utf-8-sig", JAPANESE),
        ("utf-16", CHINESE),
        ("utf-32", FRENCH),
        ("utf-16-le", FRENCH),
        ("cp1252", FRENCH),
        ("shift_jis", JAPANESE),
        ("gbk", CHINESE),
    ],
)
def test_the_encoding_is_told(codec: str, words: str) -> None:
    assert decode(words.encode(codec)).text == words


@pytest.mark.parametrize(
    "words",
    [
        "# temp in °C\nx = 1\ny = 2\n",
        "# café\n",
        "# © 2020\n",
        "price = '£5'\n",
        "/* Å Ä Ö */\n",
        "// Größe, créée\n",
        "# it’s “café”\n",
        "« oui »\n",
        "// ±5 µs, 3 m²\n",
        "# À bientôt\xa0!\n",
        "SORT = 'a-zåäö' + 'A-ZÅÄÖ'\n",
        "// ÅÄÖ\n",
        "// æøå, ÄÖÜ\n",
        "# näyttää pää\n",
        "# één ação\n",
        "// süß\n",
    ],
)
def test_a_few_western_characters_are_western(words: str) -> None:
    assert decode(words.encode("cp1252")) == Text(words, "cp1252")


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("shift_jis", "# テスト\nx = 1\n"),
        ("shift_jis", "# 設定\n"),
        ("shift_jis", "# ｱｲｳ\n"),
        ("euc_jp", "# 設定を読み込む\n"),
        ("big5", "# 設定\n"),
        ("big5", "# 測試\nx = 1\n"),
        ("euc_kr", "# 안녕하세요\n"),
        ("cp1251", "# да\n"),
        ("cp1251", "// это тест\n"),
        ("koi8_r", "# Привет, мир\n"),
        ("gbk", "# 用户ID是中文名称\nprint('设置A')\n"),
        ("cp1251", "print('\\nда, нет')\n"),
    ],
)
def test_a_few_words_of_other_scripts_are_not(codec: str, words: str) -> None:
    assert decode(words.encode(codec)).text == words


@pytest.mark.parametrize(
    ("data", "text", "endings"),
    [
        pytest.param(b"a\nb", "a\nb", ("\n",), id="lf"),
        pytest.param(b"a\r\nb\r\n", "a\nb\n", ("\r\n",), id="crlf"),
        pytest.param(b"a\rb\r", "a\nb\n", ("\r",), id="cr-alone"),
        pytest.param(b"a\r\nb\nc", "a\nb\nc", ("\r\n", "\n"), id="mixed"),
        pytest.param(b"a\rb\n", "a\rb\n", ("\n",), id="cr-inside-a-line"),
        pytest.param(b"", "", ("\n",), id="empty"),
    ],
)
def test_endings_are_kept_beside_the_text(data: bytes, text: str, endings: tuple[str, ...]) -> None:
    assert decode(data) == Text(text, "utf-8", b"", endings)


def test_a_stray_byte_is_shown_and_kept() -> None:
    text = decode("é\n".encode() + b"\xe9\n")
    assert text.text == "é\n\uf7e9\n"
    assert encode(text) == "é\n".encode() + b"\xe9\n"
