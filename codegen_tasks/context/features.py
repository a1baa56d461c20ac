"""What speaks for showing a definition, as numbers. How much each counts is fitted, and stands in `weights.json`.

There are three groups: of a file, of a name, of a definition. A score is a sum over all three, so what belongs to a
file or a name is found once, not for each definition. What a group's values are made into, `Terms` says: scores to
rank by, or the values themselves to fit weights on.
"""

from __future__ import annotations  # see the index

import math
import posixpath
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from codegen_tasks.context.index import is_test, stem, subwords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codegen_tasks.context.focus import Focus
    from codegen_tasks.context.index import Definition, Index, Outline

T = TypeVar("T")

FILE = (
    "imported", "imported_by_name", "imported_2", "imported_3", "imported_4", "imported_by_kin", "imported_by_stem",
    "same_folder", "near_folder", "far_folder", "same_stem", "test", "test_for_source", "test_beside_test",
    "source_for_test", "used_here", "similar", "similar_to_new", "path_in_plan", "path_like_planned", "common",
    "package", "size", "example", "same_language", "go_same_package",
)  # fmt: skip
NAME = (
    "used", "uses", "uses_rarity", "one_definer", "definers", "popular", "share", "in_plan", "parts_in_plan",
    "parts_in_code", "votes", "kin_votes", "private", "length", "attribute_only", "used_rare", "unused_rare",
    "unused_popular", "used_votes", "capital", "constant_name", "votes_beyond",
)  # fmt: skip
OWN = (
    "class", "function", "method", "value", "type", "member_value", "hidden", "parent_used", "parent_imported",
    "parent_in_plan", "parent_votes", "test_parent", "used_and_named", "used_and_imported", "used_bare_not_imported",
    "used_attribute_method", "used_value", "unused_method", "unused_member_of_used", "used_in_folder",
    "unused_imported", "unused_votes_imported", "unused_class_imported", "private_far", "parts_in_plan_imported",
    "used_unnamed_elsewhere", "votes_kin_imported", "member_votes", "unused_member_of_unused",
)  # fmt: skip
FEATURES = FILE + NAME + OWN

_COMMON = (
    "util", "helper", "common", "base", "core", "types", "typing", "exception", "error", "const", "config", "testing",
    "conftest", "compat",
)  # fmt: skip
_PACKAGES = ("__init__", "index", "mod", "lib", "main")
_EXPORTING = (".ts", ".tsx", ".mts", ".cts")


class _Place(NamedTuple):
    """What a file is to the planned ones: in a folder of theirs, imported by them, by their kin."""

    near: bool
    direct: bool
    imported: bool
    go: bool
    kin: float


class _Parent(NamedTuple):
    """What the class of a definition is to the planned files and the plan."""

    there: bool = False
    used: bool = False
    named: bool = False
    in_plan: bool = False
    votes: float = 0.0
    test: bool = False


_NO_PARENT = _Parent()


class Terms(NamedTuple, Generic[T]):
    """What is made of the values of each group; `name` and `own` take what `values_of_name` and `values_of_own` do."""

    file: Callable[[list[float]], T]
    name: Callable[..., T]
    own: Callable[..., T]


class Named(NamedTuple, Generic[T]):
    """A name: the term of its values, and what of them the definitions that bear it need."""

    term: T
    parts_in_plan: float
    votes: float


class View(Generic[T]):
    """The terms of one unit's candidates."""

    def __init__(self, index: Index, focus: Focus, terms: Terms[T]) -> None:
        self._index, self._focus, self._terms = index, focus, terms
        self._total = max(1, len(index.rows))
        self._folders = {posixpath.dirname(path) for path in focus.planned}
        self._stems = {stem(path) for path in focus.planned}
        tests = [is_test(path) for path in focus.planned]
        self._has_test, self._has_source = any(tests), not all(tests)
        self._new = any(data is None for data in focus.planned.values())
        self._endings = {posixpath.splitext(path)[1] for path in focus.planned}
        self._by_name = {file for files in focus.named.values() for file in files}
        self._names = index.names(focus.names)
        self._weights: dict[str, float] = {}  # of names that are used
        self._steps: dict[str, int] = {}  # from a folder to the nearest of theirs
        self._places: dict[str, _Place] = {}
        self._parents: dict[tuple[str, str], _Parent] = {}

    def of_file(self, path: str, outline: Outline) -> T:
        """The term of a file."""
        focus, known = self._focus, _spelled(path)
        hops, test, folder, parts = focus.imported.get(path, 0), is_test(path), known.folder, known.parts
        similar, near = focus.similar.get(path, 0.0), folder in self._folders
        if folder not in self._steps:
            self._steps[folder] = min(_steps(folder, other) for other in self._folders)
        steps = self._steps[folder]
        return self._terms.file([
            hops == 1, path in self._by_name, hops == 2, hops == 3, hops == 4, focus.kin_imports.get(path, 0.0),
            path in focus.stem_imports, near, steps in (1, 2), steps > 3, stem(path) in self._stems,
            test, test and not self._has_test, test and self._has_test,
            not test and self._has_test and not self._has_source, math.log1p(self._used_of(outline)),
            similar, similar * self._new, len(parts & focus.plan_parts) / (1 + len(parts)),
            len(parts & focus.path_parts) / (1 + len(parts)), known.common, known.package,
            math.log1p(len(outline.definitions)), known.example, known.ending in self._endings,
            known.ending == ".go" and near,
        ])  # fmt: skip

    def _used_of(self, outline: Outline) -> float:
        """How much of a file the planned files use, rare names counting more."""
        found = {definition.name for definition in outline.definitions} & self._focus.names
        return math.fsum(map(self._weight_of, found))  # exact: sets have no order

    def _weight_of(self, name: str) -> float:
        if name not in self._weights:
            users, definers = self._names[name]
            self._weights[name] = math.log(1 + self._total / (1 + len(users))) / max(1, len(definers))
        return self._weights[name]

    def look_up(self, names: Iterable[str]) -> None:
        """Finds at once what `of_name` will need of the index."""
        plan = self._focus.plan_parts
        spoken = [parts for name in names if not (parts := _parts(name)).isdisjoint(plan)]
        found = self._index.words(frozenset().union(*spoken))
        self._rarity = {part: math.log(1 + self._total / (1 + len(files))) for part, files in found.items()}

    def of_name(self, name: str, users: int, definers: int) -> Named[T]:
        """A name that was looked up. `users` and `definers` count files."""
        focus, parts = self._focus, _parts(name)
        share, votes = self._share(parts), min(1.0, focus.votes.get(name, 0.0))
        term = self._terms.name(
            name, users, definers, self._total, focus.bare.get(name, 0), focus.attributes.get(name, 0),
            name in focus.words, share, len(parts & focus.code_parts), votes,
            min(1.0, focus.kin_votes.get(name, 0.0)),
        )  # fmt: skip
        return Named(term, share, votes)

    def _share(self, parts: frozenset[str]) -> float:
        """The share of a name's parts that the plan speaks of, rare parts counting more."""
        plan = self._focus.plan_parts
        if parts.isdisjoint(plan):
            return 0.0
        weights = {part: self._rarity[part] for part in sorted(parts)}
        return sum(weight for part, weight in weights.items() if part in plan) / (sum(weights.values()) or 1.0)

    def of_definition(self, path: str, definition: Definition, known: Named[T]) -> T:
        """The term of a definition in its file. `known` is what is known of its name."""
        focus, place, name = self._focus, self._place(path), definition.name
        bare, hidden = name in focus.bare, self._is_hidden(path, definition, place.near)
        return self._terms.own(
            definition.kind, place, self._parent(path, definition.parent), hidden,
            bare or name in focus.attributes, bare, name in focus.named, path in focus.named.get(name, ()),
            name.startswith("_"), known.votes, known.parts_in_plan,
        )  # fmt: skip

    def _place(self, path: str) -> _Place:
        if path not in self._places:
            near, hops = posixpath.dirname(path) in self._folders, self._focus.imported.get(path, 0)
            go = path.endswith(".go") and (near or hops == 1)
            self._places[path] = _Place(near, hops == 1, 0 < hops < 3, go, self._focus.kin_imports.get(path, 0.0))
        return self._places[path]

    def _parent(self, path: str, name: str) -> _Parent:
        if not name:
            return _NO_PARENT
        if (path, name) not in self._parents:
            focus = self._focus
            self._parents[path, name] = _Parent(
                True, name in focus.bare or name in focus.attributes, path in focus.named.get(name, ()),
                name in focus.words, min(1.0, focus.votes.get(name, 0.0)), name.startswith("Test"),
            )  # fmt: skip
        return self._parents[path, name]

    def _is_hidden(self, path: str, definition: Definition, near: bool) -> bool:
        """Whether the language itself keeps other files from using it."""
        if path.endswith(".go"):
            return not near and not definition.name[:1].isupper()
        return path.endswith(_EXPORTING) and not definition.parent and "export" not in definition.signature


def values_of_name(
    name: str, users: int, definers: int, total: int, bare: int, attributes: int, in_plan: bool, parts_in_plan: float,
    parts_in_code: int, votes: float, kin: float,
) -> list[float]:  # fmt: skip
    """Values of NAME. `bare` and `attributes` count its uses, `total` all files."""
    used = bare + attributes > 0
    rarity, popular = math.log(1 + total / (1 + users)), math.log1p(users) / 5
    return [
        used, math.log1p(bare + attributes), used * rarity / 5, 1 / max(1, definers), math.log1p(definers),
        popular, users / total, in_plan and (not name.islower() or "_" in name or len(name) > 6),
        parts_in_plan, parts_in_code / (1 + len(_parts(name))), votes, kin,
        name.startswith("_"), len(name) / 20, used and not bare, used / (1 + math.log1p(users)),
        (not used) / (1 + math.log1p(users)), (not used) * popular, used * votes, name[:1].isupper(),
        name.isupper(), (not used) * max(0.0, votes - users / total),
    ]  # fmt: skip


def values_of_own(
    kind: str, place: _Place, parent: _Parent, hidden: bool, used: bool, bare: bool, named_somewhere: bool,
    named: bool, private: bool, votes: float, parts_in_plan: float,
) -> list[float]:  # fmt: skip
    """Values of OWN. `named`: imported by its name from its file."""
    near, imported, method, free = place.near, place.imported, kind == "method", not used
    return [
        kind == "class", kind == "function", method, kind == "value", kind == "type",
        kind == "value" and parent.there, hidden, parent.used, parent.named, parent.in_plan, parent.votes, parent.test,
        used and named, used and place.direct, used and bare and not named and not place.go,
        used and not bare and method, used and kind == "value", free and method, free and parent.used,
        used and near, free and imported, free * votes * imported, free and kind == "class" and imported,
        private and not near and not imported, parts_in_plan * imported, used and not named and named_somewhere,
        free * votes * place.kin, free * method * parent.votes, free and parent.there and not parent.used,
    ]  # fmt: skip


VALUES = Terms[list[float]](list, values_of_name, values_of_own)  # to fit weights on


class _Spelled(NamedTuple):
    """What the path of a file tells by itself."""

    folder: str
    ending: str
    parts: frozenset[str]
    common: bool
    package: bool
    example: bool


@lru_cache(maxsize=20_000)
def _spelled(path: str) -> _Spelled:
    folder, _, name = path.rpartition("/")
    base, ending = posixpath.splitext(name)
    low = base.lower()
    common, package = low.startswith(_COMMON) or low.endswith(_COMMON), low in _PACKAGES
    example = "example" in path or "docs/" in path or "bench" in path
    return _Spelled(folder, ending, frozenset(subwords(path)), common, package, example)


@lru_cache(maxsize=100_000)
def _parts(name: str) -> frozenset[str]:
    return frozenset(subwords(name))


def _steps(a: str, b: str) -> int:
    """Folders to go up and down from one to the other."""
    x, y = a.split("/") if a else [], b.split("/") if b else []
    common = len(posixpath.commonprefix([x, y]))
    return len(x) + len(y) - 2 * common
