"""Does a remark stand for code that is not there? It knows the words people elide with, no files and no comment marks.

A remark is judged by what its words are about, not by sentences we know: *the rest* of something, something that was
*kept* as it is, a *thing* that code is made of. A placeholder says little else; prose about the same matter does.
"""

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache

from codegen_tasks.edits.completeness import weights
from codegen_tasks.edits.completeness.words import WORDS


class Strength(IntEnum):
    """How sure it is that a remark stands for code.

    WEAK needs to be seen where code went away, SLIGHT where it is all that came for that code, FAINT where it is all
    that a block or the end of a file still has.
    """

    NONE = 0
    FAINT = 1
    SLIGHT = 2
    WEAK = 3
    STRONG = 4


MEANT = re.compile(  # what is said where a body is empty on purpose
    r"\b(?:nothing|no-?op|empty|intentional\w*|deliberate\w*|ignor\w+|removed?|moved?|deprecated|disabled|handled|abstract"
    r"|overrid\w+|overwrit\w+|subclass\w*|hook|now|instead|elsewhere|no|not|never)\b",
    re.IGNORECASE,
)
_BARRED = str.maketrans({"\u0142": "l", "\u00f8": "o", "\u0131": "i"})  # letters that do not decompose
_CORE = {"code", "file", "class", "klasse", "clase", "classe", "script", "codigo", "kod", "koden", "kode"}
_CJK = r"぀-ヿ㐀-鿿가-힯ᄀ-ᇿ"
_TOKEN = re.compile(rf"[{_CJK}]+|`[^`]+`|[^\W\d_{_CJK}][\w'\u2019]*(?:[.:-]+\w+)*(?:\(\))?|\d[\d.]*")
_NAME = re.compile(r"`|\(\)|_|[.:]\w|[a-z][A-Z]")
_ACTS = re.compile(
    r"\b(?:keep|keeps|kept|skipped|shown|preserved|retained|truncated|leave|skip|conserv\w+)\b", re.IGNORECASE
)
_LONGEST = 160  # characters; whoever leaves something out is brief
_OMITTED = re.compile(  # folded; the words of the table that can only mean that something was left out
    r"\b(?:omi(?:tted|s|se|ses|tid[oa]s?|t[oa]s?)|(?:aus|weg)gelassen|gekurzt|omess[aei]|weggelaten|utelamnad\w*|pominie\w*)\W*$"
    r"|опущен|пропущен|省略|생략"
)
_REMOVED = re.compile(r"\b(?:removed|dropped|deleted|gone|moved|replaced|no longer|now)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(  # where the rest is, or what something once was
    r"\b(?:is|are|lives?|comes?) (?:in|from|with) `?[\w/-]+[./]\w"
    r"|\b(?:this|it|these|they) (?:was|were) (?:an?|the|only)\b|^see (?:above|below)\b|\bfor details\b"
)
_TELLS = re.compile(r"\b(?:is|are|was|were|must|should|may|can|ist|sind|wird|werden|est|sont|se|es|son)\b(?P<said>.+)")
_BRIEF = re.compile(r"\bfor (?:clarity|simplicity|readability|space|conci\w+)\W*$")
_DOTS = r"(?:\.{3,}|…|\. \. \.|⋮)"
_LEAD = re.compile(rf"^[\s\[(<{{*_~]*{_DOTS}[\s\])>}}]*")
_TAIL = re.compile(rf"[\s\[(<{{]*{_DOTS}[\s\])>}}*_~.]*$")
_LABEL = re.compile(r"^(?:(todo|fixme|xxx|hack)(?:\([^)]*\))?|mark|note|#?region|#?endregion)\b[\s:;-]*", re.IGNORECASE)
KINDS = ("keep", "rest", "thing", "filler")
_ONE = r"[\w.]+(?:\(\))?"
_LIST = re.compile(rf"(?<![\w.])({_ONE})(?:(?:, {_ONE})*(?:,? and | or | & |/){_ONE}|(?:, {_ONE})+(?=:))(?![\w.(])")
_MORE_THAN = re.compile(r"\b(?:more|other|rather) than\b", re.IGNORECASE)
_AND_SO_ON = re.compile(r"\band so (?:on|forth)\b", re.IGNORECASE)
_AS_IT_WAS = re.compile(r"\bas (?:it|they|this|that|these|those) (?:is|are|was|were)\b", re.IGNORECASE)
_DEEDS = re.compile(r"\b(?:keeps|leaves|skips|retains|preserves)\b|\b(?:as|like) (?:in|for|with|of) \W*[\w.]+\(\)\W*$")
_ORNAMENT = " \t-=~*#↓↑─│|✅<>_"


@lru_cache(maxsize=4096)
def _fold(text: str) -> str:
    """Case and accents away: `Unverändert` and `unverandert` are one word."""
    plain = unicodedata.normalize("NFD", text.casefold()).translate(_BARRED)
    return "".join(char for char in plain if not unicodedata.combining(char))


class _Counts:
    """How many words of a remark belong to each class, and which class each has in order."""

    def __init__(self, body: str, gone: frozenset[str]) -> None:
        self.kinds, tokens = list[str](), _TOKEN.findall(body)
        self.gone_first = tokens[:1] != [] and tokens[0].removesuffix("()") in gone
        for token in tokens:
            self.kinds += ("name",) if token in gone else _kinds(token)
        for at in [at for at, kind in enumerate(self.kinds) if kind == "number"]:  # of lines or the like, or anything
            self.kinds[at] = "odd" if {"rest", "thing"}.isdisjoint(self.kinds[max(0, at - 1) : at + 2]) else "filler"
        self.rest, self.keep, self.thing = (self.kinds.count(kind) for kind in ("rest", "keep", "thing"))
        self.odd = self.kinds.count("odd")
        self.core = not _CORE.isdisjoint(_fold(body).split())

    @property
    def kept_last(self) -> bool:
        """Whether the remark ends by saying that something was kept: its last word of weight does."""
        return next((kind for kind in reversed(self.kinds) if kind not in ("filler", "name")), "") == "keep"


def judge(remark: str, gone: frozenset[str] = frozenset()) -> Strength:
    """How surely the text of a comment is a placeholder. `gone` are names that the file had and has no more."""
    if len(remark) > _LONGEST:
        return Strength.NONE
    text = remark.strip(_ORNAMENT)
    label = _LABEL.match(text)
    text = text[label.end() :] if label else text
    lead, tail = _LEAD.match(text), _TAIL.search(text)
    body = text[lead.end() if lead else 0 : tail.start() if tail else None]
    body = _LIST.sub(r"\1", _AS_IT_WAS.sub("unchanged", _AND_SO_ON.sub("etc", _MORE_THAN.sub("", body))))
    wrapped = body.strip()[:1] if re.fullmatch(r"[(\[{<*_].*[)\]}>*_]\.?", body.strip()) else ""
    counts = _Counts(body, gone)
    if not counts.kinds or len(counts.kinds) > weights.FITTED.all_words:
        return Strength.NONE
    if (counts.odd > 1 and _REMOVED.search(body)) or _ELSEWHERE.search(body) or _tells_otherwise(body):
        return Strength.NONE
    least = Strength.NONE if body.rstrip().endswith(":") else _least(counts, wrapped)
    glued = lead and not tail and text[lead.end() - 1] in ".…"
    if glued and counts.odd:
        return Strength.NONE  # "...and so on": a sentence goes on
    if label and label.group(1) and not (counts.keep and (counts.rest or (counts.thing and not counts.odd))):
        return max(least, Strength.SLIGHT if _is_stub(counts, body, wrapped) else Strength.NONE)
    if _DEEDS.search(body):
        return least
    if lead or tail:
        return max(least, _with_dots(counts, both=bool(lead and tail), lead=bool(lead)))
    return max(least, _without_dots(counts, body.casefold(), wrapped))


def _tells_otherwise(body: str) -> bool:
    """Whether a remark says of something what it is or must be, and that is not that it was kept or left out."""
    told = _TELLS.search(_fold(body))
    kinds = [kind for token in _TOKEN.findall(told["said"]) for kind in _kinds(token)] if told else []
    return "keep" not in kinds and next((kind for kind in kinds if kind != "filler"), "") == "odd"


def _least(counts: _Counts, wrapped: str) -> Strength:
    """What a remark is at least: an aside, the names of what is gone, or the rest of something in few other words."""
    total, by = len(counts.kinds), weights.FITTED
    if (wrapped == "(" and total <= by.all_wrapped) or (counts.gone_first and counts.odd <= (counts.keep > 0)):
        return Strength.SLIGHT
    if not counts.rest + counts.keep or not by.share_least * counts.odd <= total <= by.all_least:
        return Strength.NONE
    known = counts.rest or wrapped or next((kind for kind in reversed(counts.kinds) if kind != "filler"), "") == "thing"
    sure = counts.keep and counts.odd <= bool(known) and (total >= 3 or wrapped)
    return Strength.SLIGHT if sure else Strength.FAINT


def _with_dots(counts: _Counts, *, both: bool, lead: bool) -> Strength:
    key, total, by = counts.rest + counts.keep, len(counts.kinds), weights.FITTED
    if counts.gone_first and set(counts.kinds) == {"name"}:
        return Strength.WEAK
    if both and total <= by.all_dotted and (key or counts.thing or total <= by.all_dotted_any):
        return Strength.STRONG
    if key and counts.odd * by.share_dotted <= total and (lead or not counts.odd or (counts.thing and counts.odd == 1)):
        return Strength.STRONG
    if lead and counts.kinds[0] in ("rest", "keep") and counts.odd <= by.odd_led and total <= by.all_led:
        return Strength.STRONG
    if lead and counts.kept_last and counts.odd <= by.odd_kept:
        return Strength.STRONG
    if counts.kinds[0] in ("rest", "keep") and counts.odd <= by.odd_led and total <= by.all_trailed:
        return Strength.WEAK
    if total <= by.all_fillers and set(counts.kinds) == {"filler"}:
        return Strength.WEAK
    if counts.thing and counts.odd * by.share_things <= total <= by.all_things:
        return Strength.WEAK if lead or not counts.odd else Strength.FAINT
    return Strength.WEAK if lead and key and total <= by.all_key else Strength.NONE


def _without_dots(counts: _Counts, body: str, wrapped: str) -> Strength:
    key, total, by = counts.rest + counts.keep, len(counts.kinds), weights.FITTED
    if body.rstrip().endswith(":"):
        return Strength.NONE  # a heading of what follows
    if "brevity" in body and counts.odd <= by.odd_brevity:
        return Strength.STRONG
    if counts.keep and counts.odd <= by.odd_brief and _BRIEF.search(body):
        return Strength.WEAK
    if counts.rest and counts.keep and not counts.odd and (counts.core or wrapped):
        return Strength.STRONG
    if counts.thing and not counts.odd and _OMITTED.search(_fold(body)):
        return Strength.STRONG
    if key and not counts.odd and (counts.keep or total <= by.all_plain):
        return Strength.WEAK
    if counts.kept_last and counts.odd <= by.odd_plain and total <= by.all_kept and not _ACTS.search(body):
        return Strength.WEAK
    if counts.kinds == ["keep", "odd"] and body.rstrip(" .").endswith("s"):
        return Strength.WEAK  # existing sources
    if (
        counts.kinds[0] in ("rest", "keep")
        and counts.kinds[-1] == "thing"
        and counts.odd <= by.odd_pair
        and total <= by.all_plain
    ):
        return Strength.WEAK
    if counts.core and counts.rest and counts.keep >= 2 and counts.kinds[:1] == ["rest"]:
        return Strength.WEAK
    return Strength.WEAK if _is_stub(counts, body, wrapped) else Strength.NONE


def _is_stub(counts: _Counts, body: str, wrapped: str) -> bool:
    """Whether a remark says that something goes here."""
    here = body.rstrip(" .").endswith("here") or wrapped != ""
    return (
        counts.thing > 0
        and here
        and counts.odd <= weights.FITTED.odd_stub
        and len(counts.kinds) <= weights.FITTED.all_stub
    )


@lru_cache(maxsize=4096)
def _kinds(token: str) -> tuple[str, ...]:
    """The classes of a token: one for a word, one per piece for a run of characters written without spaces."""
    if re.match(f"[{_CJK}]", token):
        return tuple(_kind_of(piece) for piece in _pieces().findall(_fold(token)))
    if _NAME.search(token):
        return ("name",)
    return tuple(_kind_of(word) for word in re.split(r"[-'\u2019]", _fold(token)) if word)


@lru_cache(maxsize=4096)
def _kind_of(word: str) -> str:
    """The class of a folded word, by itself or by its stem. Where languages disagree the weightier class wins."""
    if word[0].isdigit():
        return "number"
    words, stems = _vocabulary()
    found = [words.get(word, len(KINDS)), *(stems.get(word[:size], len(KINDS)) for size in range(1, len(word) + 1))]
    return (*KINDS, "odd")[min(found)]


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[dict[str, int], dict[str, int]]:
    """The classes of whole words, and of stems that take endings, as places in KINDS."""
    words, stems = dict[str, int](), dict[str, int]()
    for weight, column in reversed(list(enumerate((1, 0, 2, 3)))):
        for word in {word for table in WORDS.values() for word in table[column].split()}:
            (stems if word.endswith("-") else words)[_fold(word.removesuffix("-"))] = weight
    return words, stems


@lru_cache(maxsize=1)
def _pieces() -> re.Pattern[str]:
    """Known words in a run of Chinese, Japanese or Korean, the longest first; two unknown characters are one word."""
    tables = (WORDS[name] for name in ("Chinese", "Japanese", "Korean"))
    words = {_fold(word) for table in tables for kind in table for word in kind.split()}
    known = "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    return re.compile(f"{known}|(?:(?!{known}).){{1,2}}")
