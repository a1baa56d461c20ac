"""Definitions in the order in which they are worth showing to a unit. It knows features and weights, not budgets."""

from __future__ import annotations  # see the index

import math
from functools import lru_cache, partial
from importlib import resources
from operator import mul
from typing import TYPE_CHECKING, Any, Generic, NamedTuple

import msgspec

from codegen_tasks.context.features import FILE, NAME, OWN, T, Terms, View, values_of_name, values_of_own
from codegen_tasks.context.focus import focus_on
from codegen_tasks.context.index import is_test

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from codegen_tasks.context.focus import Focus
    from codegen_tasks.context.index import Definition, Index, Outline

_SMALL = 1500  # code files up to which all of them are looked at: leads alone cost a tenth of the novel symbols
_DEFINERS = 30  # files that may define a name for all of them to be looked at
_WHOLE = 80  # files of a large repository of which every definition is looked at
_FILES = 600  # files of which those are looked at whose names anything speaks of
_VOTED = 600  # names that similar files use and that lead to further files
_KEPT = 50_000  # scores of names and of definitions that are kept for the next unit


class Ranked(NamedTuple):
    """A definition, and the logarithm of the odds that the unit needs it, by the fitted weights."""

    path: str
    definition: Definition
    score: float


class Candidate(NamedTuple, Generic[T]):
    """A definition with its terms in the three groups."""

    path: str
    definition: Definition
    of_file: T
    of_name: T
    own: T


@lru_cache(maxsize=1)
def _scores() -> tuple[float, Terms[float]]:
    """The fitted constant, and terms that are sums of values by the fitted weights."""
    data = resources.files("codegen_tasks.context").joinpath("weights.json").read_bytes()
    found = msgspec.json.decode(data, type=dict[str, float])
    file, name, own = ([found.get(feature, 0.0) for feature in group] for group in (FILE, NAME, OWN))

    @lru_cache(maxsize=_KEPT)
    def score_name(*told: Any) -> float:
        return _dot(name, values_of_name(*told))

    @lru_cache(maxsize=_KEPT)
    def score_own(*told: Any) -> float:
        return _dot(own, values_of_own(*told))

    return found["bias"], Terms(partial(_dot, file), score_name, score_own)


def _dot(weights: list[float], values: list[float]) -> float:
    return sum(map(mul, weights, values), 0.0)


def rank(index: Index, planned: Mapping[str, bytes | None], plan: str) -> list[Ranked]:
    """Best first. `planned` maps paths to their contents, None: a new file."""
    bias, terms = _scores()
    made = [
        Ranked(c.path, c.definition, bias + c.of_file + c.of_name + c.own)
        for c in candidates(index, planned, plan, terms)
    ]
    made.sort(key=lambda one: (-one.score, one.path, one.definition.line, one.definition.name))
    return made


def candidates(index: Index, planned: Mapping[str, bytes | None], plan: str, terms: Terms[T]) -> Iterator[Candidate[T]]:
    """Every definition that may be worth showing, with its terms."""
    focus = focus_on(index, planned, plan)
    view = View(index, focus, terms)
    files = _files(index, focus)
    outlines = index.outlines([index.rows[path] for path in files])
    looked_at = {path: _candidates_of(path, outlines[index.rows[path]], wanted) for path, wanted in files.items()}
    names = {definition.name for found in looked_at.values() for definition in found}
    counts = index.names(names)
    view.look_up(names)
    by_name = {name: view.of_name(name, len(counts[name][0]), len(counts[name][1])) for name in names}
    for path, found in looked_at.items():
        if not found:
            continue
        of_file = view.of_file(path, outlines[index.rows[path]])
        for definition in found:
            name = by_name[definition.name]
            yield Candidate(path, definition, of_file, name.term, view.of_definition(path, definition, name))


def _candidates_of(path: str, outline: Outline, wanted: Collection[str] | None) -> list[Definition]:
    """The definitions of a file that are looked at, each once: all, or those of `wanted` names."""
    test = is_test(path) and not path.endswith("conftest.py")
    found = {
        (definition.name, definition.signature): definition
        for definition in reversed(outline.definitions)
        if (wanted is None or definition.name in wanted) and _is_candidate(definition, test)
    }
    return list(reversed(found.values()))


def _is_candidate(definition: Definition, test: bool) -> bool:
    """Names of one or two letters mean nothing, special methods are never called by name, nobody calls a test."""
    name = definition.name
    if len(name) < 3 or name.startswith("__"):
        return False
    return not (test and name.startswith(("test_", "Test", "Benchmark", "Example")) and definition.kind != "value")


def _files(index: Index, focus: Focus) -> dict[str, Collection[str] | None]:
    """The code files that are looked at, and of which names (None: all): all of a small repository, else leads."""
    if len(index.code) <= _SMALL:
        return {path: None for path in index.code if path not in focus.planned}
    total = max(1, len(index.rows))
    found: dict[str, float] = {path: 5.0 / hops for path, hops in focus.imported.items() if path in index.rows}
    for scores in (focus.similar, focus.kin_imports, dict.fromkeys(focus.stem_imports, 5.0)):
        for path, score in scores.items():
            found[path] = found.get(path, 0.0) + score
    wanted = dict.fromkeys(sorted(focus.names | focus.words), 1.0)
    for name in sorted(focus.votes, key=lambda name: (-focus.votes[name], name))[:_VOTED]:
        wanted.setdefault(name, 0.3 * focus.votes[name])
    names = index.names(wanted)
    telling = {name: value for name, value in wanted.items() if 0 < len(names[name][1]) <= _DEFINERS}
    for name, value in telling.items():
        users, definers = names[name]
        near = sorted({index.paths[row] for row in definers})
        for path in near:
            weight = value * math.log(1 + total / (1 + len(users))) / len(near)
            found[path] = found.get(path, 0.0) + weight
    best = sorted(found, key=lambda path: (-found[path], path))
    best = [path for path in best if path not in focus.planned and path in index.code][:_FILES]
    return {path: None if number < _WHOLE else telling.keys() for number, path in enumerate(best)}
