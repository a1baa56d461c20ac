"""The words of remarks and their classes in some twenty human languages, from `vocabulary.toml`. It knows no remark."""

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

KINDS = ("keep", "rest", "thing", "filler")  # where languages disagree, the weightier class wins
_BARRED = str.maketrans({"\u0142": "l", "\u00f8": "o", "\u0131": "i"})  # letters that do not decompose
_CJK = r"぀-ヿ㐀-鿿가-힯ᄀ-ᇿ"
_TOKEN = re.compile(rf"[{_CJK}]+|`[^`]+`|[^\W\d_{_CJK}][\w'\u2019]*(?:[.:-]+\w+)*(?:\(\))?|\d[\d.]*")
_NAME = re.compile(r"`|\(\)|_|[.:]\w|[a-z][A-Z]")


class Word(NamedTuple):
    """A word without case and accents, and its class: one of KINDS, name, number or odd."""

    text: str
    kind: str


def words_of(text: str, names: frozenset[str] = frozenset()) -> list[Word]:
    """The words of a text in order; those in `names` are names, whatever they mean."""
    found = list[Word]()
    for token in _TOKEN.findall(text):
        found += [Word(token, "name")] if token in names else _words_in(token)
    return found


@lru_cache(maxsize=4096)
def says(word: str) -> frozenset[str]:
    """What else a word says: the lists of the table `says` it is in."""
    return frozenset(name for name, words in _tables()["says"].items() if _pattern(words).fullmatch(word))


@lru_cache(maxsize=4096)
def _words_in(token: str) -> list[Word]:
    """The words of a token: pieces of a compound, or of a run of characters written without spaces."""
    if re.match(f"[{_CJK}]", token):
        return [Word(piece, _kind_of(piece)) for piece in _pieces().findall(_fold(token))]
    if _NAME.search(token):
        return [Word(token, "name")]
    return [Word(word, _kind_of(word)) for word in re.split(r"[-'\u2019]", _fold(token)) if word]


@lru_cache(maxsize=4096)
def _fold(text: str) -> str:
    """Case and accents away: `Unverändert` and `unverandert` are one word."""
    plain = unicodedata.normalize("NFD", text.casefold()).translate(_BARRED)
    return "".join(char for char in plain if not unicodedata.combining(char))


@lru_cache(maxsize=4096)
def _kind_of(word: str) -> str:
    if word[0].isdigit():
        return "number"
    return next((kind for kind in KINDS if _pattern(_known(kind)).fullmatch(word)), "odd")


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, str]]:
    return tomllib.loads((files(__package__) / "vocabulary.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=len(KINDS))
def _known(kind: str) -> str:
    return " ".join(table.get(kind, "") for table in _tables().values())


@lru_cache(maxsize=32)
def _pattern(words: str) -> re.Pattern[str]:
    """Matches any of some words; a `-` at the end of one stands for any ending."""
    folded = {re.escape(_fold(word)) for word in words.split()}
    return re.compile("|".join(re.sub(r"\\-$", r"\\w*", word) for word in folded))


@lru_cache(maxsize=1)
def _pieces() -> re.Pattern[str]:
    """Known words in a run of Chinese, Japanese or Korean, the longest first; two unknown characters are one word."""
    words = {_fold(word) for kind in KINDS for word in _known(kind).split() if re.match(f"[{_CJK}]", word)}
    known = "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    return re.compile(f"{known}|(?:(?!{known}).){{1,2}}")
