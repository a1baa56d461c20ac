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
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from codegen_tasks.context.focus import Focus
    from codegen_tasks.context.index import Definition, Index, Outline

_SMALL = 1500  # code files up to which all of them are looked at: leads alone cost a tenth of the novel symbols
_DEFINERS = 30  # files that may define a name for it to lead to them
_SPREAD = 300  # files that may define names with a part for it to lead to them
_FILES = 400  # files of a large repository that are looked at
_DEFINITIONS = 5000  # of them that are looked at
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
    looked_at = _look_at(index, _files(index, focus))
    names = {definition.name for found in looked_at.values() for definition in found}
    counts = index.names(names)
    view.look_up(names)
    by_name = {name: view.of_name(name, len(counts[name][0]), len(counts[name][1])) for name in names}
    for path, found in looked_at.items():
        if not found:
            continue
        of_file = view.of_file(path, index.outline(path))
        for definition in found:
            name = by_name[definition.name]
            yield Candidate(path, definition, of_file, name.term, view.of_definition(path, definition, name))


def _look_at(index: Index, files: Sequence[str]) -> dict[str, list[Definition]]:
    """The definitions of files that are looked at: all of a small repository, else as many as of the first files."""
    index.outlines([index.rows[path] for path in files])
    found: dict[str, list[Definition]] = {}
    left = _DEFINITIONS if len(index.code) > _SMALL else math.inf
    for path in files:
        if left <= 0:
            break
        found[path] = _candidates_of(path, index.outline(path))
        left -= len(found[path])
    return found


def _candidates_of(path: str, outline: Outline) -> list[Definition]:
    """The definitions of a file that are looked at, each once."""
    test = is_test(path) and not path.endswith("conftest.py")
    found = {(d.name, d.signature): d for d in reversed(outline.definitions) if _is_candidate(d, test)}
    return list(reversed(found.values()))


def _is_candidate(definition: Definition, test: bool) -> bool:
    """Names of one or two letters mean nothing, special methods are never called by name, nobody calls a test."""
    name = definition.name
    if len(name) < 3 or name.startswith("__"):
        return False
    return not (test and name.startswith(("test_", "Test", "Benchmark", "Example")) and definition.kind != "value")


def _files(index: Index, focus: Focus) -> list[str]:
    """The code files that are looked at: all of a small repository, else those to which most leads."""
    if len(index.code) <= _SMALL:
        return [path for path in index.code if path not in focus.planned]
    found: dict[str, float] = {path: 5.0 / hops for path, hops in focus.imported.items() if path in index.rows}
    for scores in (focus.similar, focus.kin_imports, dict.fromkeys(focus.stem_imports, 5.0)):
        for path, score in scores.items():
            found[path] = found.get(path, 0.0) + score
    for rows, weight in (*_by_names(index, focus), *_by_parts(index, focus)):
        for row in rows:
            found[index.paths[row]] = found.get(index.paths[row], 0.0) + weight
    best = sorted(found, key=lambda path: (-found[path], path))
    return [path for path in best if path not in focus.planned and path in index.code][:_FILES]


def _by_names(index: Index, focus: Focus) -> Iterator[tuple[Collection[int], float]]:
    """Which files define names that are used, or that similar files use, and how much each of them leads there."""
    wanted = dict.fromkeys(sorted(focus.names | focus.words), 1.0)
    for name in sorted(focus.votes, key=lambda name: (-focus.votes[name], name))[:_VOTED]:
        wanted.setdefault(name, 0.3 * focus.votes[name])
    names = index.names(wanted)
    for name, value in wanted.items():
        users, definers = names[name]
        if 0 < len(definers) <= _DEFINERS:
            near = set(definers)
            yield near, value * _rarity(index, len(users)) / len(near)


def _by_parts(index: Index, focus: Focus) -> Iterator[tuple[Collection[int], float]]:
    """Which files define names with parts that the plan speaks of."""
    files = index.words(focus.plan_parts)
    for part in sorted(focus.plan_parts):
        if 0 < len(files[part]) <= _SPREAD:
            yield files[part], _rarity(index, len(files[part])) / math.sqrt(len(files[part]))


def _rarity(index: Index, users: int) -> float:
    return math.log(1 + max(1, len(index.rows)) / (1 + users))
