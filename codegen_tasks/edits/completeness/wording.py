"""What the words of a remark tell of it, as features. It knows no files, no comment marks and no weights.

A remark is judged by what its words are about, not by sentences we know: *the rest* of something, something that was
*kept* as it is, a *thing* that code is made of. A placeholder says little else; prose about the same matter does.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from codegen_tasks.edits.completeness.remarks import DOTS
from codegen_tasks.edits.completeness.vocabulary import Word, says, words_of

LONGEST = 160  # characters; whoever leaves something out is brief
STEPS = {"rest": (1,), "keep": (1, 2, 3), "thing": (1, 2), "odd": (1, 2, 3, 4, 5), "name": (1,)}
SIZES = (2, 3, 4, 6, 9, 13, 18)
_MARK = r"(?:\.{3,}|…|\. \. \.|⋮)"
_LEAD = re.compile(rf"^[\s\[(<{{*_~]*{_MARK}[\s\])>}}]*")
_TAIL = re.compile(rf"[\s\[(<{{]*{_MARK}[\s\])>}}*_~.]*$")
_LABEL = re.compile(r"^(?:(todo|fixme|xxx|hack)(?:\([^)]*\))?|mark|note|#?region|#?endregion)\b[\s:;-]*", re.IGNORECASE)
_WRAPPED = re.compile(r"([(\[{<*_]).*[)\]}>*_]\.?")
_ONE = r"[\w.]+(?:\(\))?"
_LIST = rf"(?<![\w.])({_ONE})(?:(?:, {_ONE})*(?:,? and | or | & |/){_ONE}|(?:, {_ONE})+(?=:))(?![\w.(])"
_PHRASES = (  # what counts as one word, or as none
    (re.compile(r"\b(?:more|other|rather) than\b", re.IGNORECASE), ""),
    (re.compile(r"\band so (?:on|forth)\b", re.IGNORECASE), "etc"),
    (re.compile(r"\bas (?:it|they|this|that|these|those) (?:is|are|was|were)\b", re.IGNORECASE), "unchanged"),
    (re.compile(_LIST), r"\1"),
)
_ELSEWHERE = re.compile(  # where the rest is, or what something once was
    r"\b(?:is|are|lives?|comes?) (?:in|from|with) `?[\w/-]+[./]\w"
    r"|\b(?:this|it|these|they) (?:was|were) (?:an?|the|only)\b|^see (?:above|below)\b|\bfor details\b"
)
_ORNAMENT = " \t-=~*#↓↑─│|✅<>_"


@lru_cache(maxsize=4096)
def features_of(remark: str, names: frozenset[str] = frozenset()) -> frozenset[str]:
    """What the words of a remark tell; nothing for one without words. `names` are words that are names of something."""
    if DOTS.fullmatch(remark.strip()):
        return frozenset({"dots alone"})
    text = remark.strip(_ORNAMENT) if len(remark) <= LONGEST else ""
    label = _LABEL.match(text)
    text = text[label.end() :] if label else text
    lead, tail = _LEAD.match(text), _TAIL.search(text)
    body = text[lead.end() if lead else 0 : tail.start() if tail else None]
    for pattern, word in _PHRASES:
        body = pattern.sub(word, body)
    words = words_of(body, names)
    if not words:
        return frozenset()
    wrapped = _WRAPPED.fullmatch(body.strip())
    marks = {
        "labelled": label is not None and label[1] is not None,
        "led by dots": lead is not None,
        "trailed by dots": tail is not None,
        "dots around": lead is not None and tail is not None,
        "in brackets": wrapped is not None,
        "in parentheses": wrapped is not None and wrapped[1] == "(",
        "a heading": body.rstrip().endswith(":"),
        "plural": body.rstrip(" .").endswith("s"),
        "elsewhere": _ELSEWHERE.search(body.strip(" ([)]")) is not None,
        "names what is gone": words[0].text.removesuffix("()") in names,
    }
    return frozenset({*(name for name, holds in marks.items() if holds), *_counts(words), *_says(words)})


def tone_of(features: frozenset[str]) -> str:
    """What a remark speaks of, in one word: that it was kept, of the rest, of a thing, or of something odd."""
    if "odd 2" in features or ("odd 1" in features and "keep 1" not in features):
        return "odd"
    said = {"dots alone": "dots", "odd 1": "odd, kept", "keep 1": "kept", "rest 1": "rest", "thing 1": "thing"}
    return next((tone for name, tone in said.items() if name in features), "names")


def _counts(words: Sequence[Word]) -> Iterator[str]:
    """How many words of each class there are, which comes first and which last."""
    kinds = _without_numbers([word.kind for word in words])
    number = {kind: kinds.count(kind) for kind in STEPS}
    yield from (f"{kind} {least}" for kind, steps in STEPS.items() for least in steps if number[kind] >= least)
    yield from (f"words {least}" for least in SIZES if len(kinds) >= least)
    yield from (f"odd one in {share}" for share in (2, 3, 4) if number["odd"] * share > len(kinds))
    weighty = [kind for kind in kinds if kind != "filler"] or ["filler"]
    yield f"begins with {weighty[0]}"
    yield f"ends with {weighty[-1]}"
    if [kind for kind in weighty if kind != "name"][-1:] == ["keep"]:
        yield "kept at last"
    if number["rest"] and number["keep"] and not number["odd"]:
        yield "rest kept"
    if not number["rest"] + number["keep"]:
        yield "things alone" if number["thing"] else "no class"


def _says(words: Sequence[Word]) -> Iterator[str]:
    """What else words say, and whether one says of something what it is, and that is not that it was kept."""
    said = [says(word.text) for word in words]
    yield from frozenset[str]().union(*said)
    told = next((at for at, names in enumerate(said) if "tells" in names), len(said))
    what = [word.kind for word in words[told + 1 :] if word.kind != "filler"]
    if what[:1] == ["odd"] and "keep" not in what:
        yield "tells otherwise"


def _without_numbers(kinds: Sequence[str]) -> list[str]:
    """A number is one of lines or the like beside a word for them, and odd elsewhere."""
    found = list(kinds)
    for at in (at for at, kind in enumerate(kinds) if kind == "number"):
        found[at] = "odd" if {"rest", "thing"}.isdisjoint(found[max(0, at - 1) : at + 2]) else "filler"
    return found
