"""Remarks that stand for text which is not there: each is weighed by what it says, where it stands and what is gone.

    # ... rest of the code ...          `led by dots`, `rest 1`, `thing 1`, … and `alone in its line`, `lost 8`, …

Every feature has points in `weights.json`, alone or together with the tone of the words; a sum above zero is a refusal.
`benchmarks/wall_fit.py` fits the points.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from codegen_tasks.edits.completeness.definitions import named
from codegen_tasks.edits.completeness.remarks import DOTS, Remark, remarks_of
from codegen_tasks.edits.completeness.surroundings import Surroundings
from codegen_tasks.edits.completeness.wording import features_of, tone_of
from codegen_tasks.edits.syntax.languages import is_prose, language_of

MOST = 300  # remarks that are looked at closely, those first that sound most like placeholders
NAMING = 80  # characters of a remark that may name what it leaves out
ALONE = frozenset({"alone in its line"})
_SUSPECT = re.compile(
    r"\.\.\.|…|//|/\*|#|--|<!--|^\s*[*;%({\[<_]|\{-|\(\*|^\.\.\s|\b(?:raise|throw|TODO|todo|unimp|panic|fatal)|_comments?\""
)
_HOLLOW = re.compile(r"\[(?:\.\.\.|…)\]")
_DATA = {"json", "jsonc", "toml", "yaml"}
_DOTTED = {"led by dots", "trailed by dots"}
_MISSED = {"all of a body", "a name is missed"}
_REST = {"rest", "kept", "dots"}
_SPEAKING = {"led by dots", "trailed by dots", "in parentheses", "names what is gone"}


class Suspect(NamedTuple):
    """A remark in a new line (from 0), and the features of its words."""

    row: int
    remark: Remark
    words: frozenset[str]

    @property
    def says_little(self) -> bool:
        """Whether most of its words are such as placeholders have."""
        return self.words != frozenset() and self.words.isdisjoint({"no class", "odd one in 2"})


def points(words: frozenset[str], place: frozenset[str] = ALONE) -> float:
    """How much speaks for a placeholder: above zero it is one. Without a place: on a line where nothing is gone."""
    return load_weights().get("", 0.0) + sum(load_weights().get(name, 0.0) for name in combined(words, place))


def combined(words: frozenset[str], place: frozenset[str]) -> Iterator[str]:
    """All features of a remark: those of its words and its place, and those of the place together with its tone."""
    tone = tone_of(words)
    yield f"of {tone}"
    yield from words
    yield from place
    yield from (f"{tone}: {name}" for name in (*place, *(words & {"led by dots"})))


def elision(path: str, before: str | None, after: str) -> int | None:
    """The first row of `after` (from 0) that is a placeholder for text it leaves out, or None."""
    weighed = ((row, points(words, place)) for row, words, place in weighable(path, before, after))
    return next((row for row, sum_ in weighed if sum_ > 0), None)


def weighable(path: str, before: str | None, after: str) -> Iterator[tuple[int, frozenset[str], frozenset[str]]]:
    """The new remarks that may be placeholders: row, features of the words, features of the place."""
    old, new = (before or "").split("\n"), after.split("\n")
    there = frozenset(line.strip() for line in new)
    gone = [line for line in old if line.strip() not in there]
    found = list(_suspects(path, old, new, frozenset(named("\n".join(gone)) - named(after) if gone else ())))
    if not gone and before:  # then only what says little else can be a placeholder
        found = [suspect for suspect in found if suspect.says_little]
    if not found:
        return
    marks = frozenset(suspect.row for suspect in found if suspect.says_little)
    own = (row for row, remark, _ in found if remark.own or _HOLLOW.search(new[row]))
    around = Surroundings(path, before, after, marks, marks & frozenset(own))
    for row, remark, words in sorted(sorted(found, key=lambda suspect: -points(suspect.words))[:MOST]):
        if remark.own and (names := around.names(row)):
            words = features_of(remark.text, names)
        misses = around.misses(row, remark)
        if misses or (words and ("no class" not in words or not words.isdisjoint(_SPEAKING))):
            place = misses | around.features_of(row, remark)
            if not _is_meant(words, place):
                yield row, words, place


def _is_meant(words: frozenset[str], place: frozenset[str]) -> bool:
    """Whether a remark tells of what it stands beside: too little is gone there for its words to stand for it.

    Words that are a placeholder by themselves need nothing that is gone. Where a file is new nothing is: there a remark
    must speak of a rest, or be all that a block holds.
    """
    if points(words) > 0 or not words.isdisjoint(_DOTTED) or not place.isdisjoint(_MISSED):
        return False
    tone = tone_of(words)
    if "in a new file" in place:
        return tone not in _REST and (tone == "thing" or "fills a block" not in place)
    return ("lost 1" if tone in _REST else "lost 2") not in place


def _suspects(path: str, old: Sequence[str], new: Sequence[str], gone: frozenset[str]) -> Iterator[Suspect]:
    """The remarks of new lines. `gone` are names that the file has no more."""
    known = Counter(line.strip() for line in old)
    prose, data = is_prose(path), language_of(path) in _DATA
    dots = Counter(text for line in new if DOTS.fullmatch(text := line.strip()))
    for row, line in enumerate(new):
        if not _SUSPECT.search(line) or ((text := line.strip()) in known and dots[text] <= known[text]):
            continue
        for remark in remarks_of(line, prose=prose, data=data):
            yield Suspect(row, remark, features_of(remark.text, gone if len(remark.text) < NAMING else frozenset()))


@lru_cache(maxsize=1)
def load_weights() -> dict[str, float]:
    """The points of each feature; those of the empty name are added to every sum."""
    weights: dict[str, float] = json.loads((files(__package__) / "weights.json").read_bytes())
    return weights
