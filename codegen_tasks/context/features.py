"""What speaks for showing a definition, as numbers. How much each counts is fitted, and stands in `weights.json`.

There are three groups: of a file, of a name, of a definition. A score is a sum over all three, so what belongs to a
file or a name is found once, not for each definition.
"""

from __future__ import annotations  # see the index

import math
import posixpath
from functools import lru_cache
from typing import TYPE_CHECKING

from codegen_tasks.context.index import is_test, stem, subwords

if TYPE_CHECKING:
    from collections.abc import KeysView

    from codegen_tasks.context.focus import Focus
    from codegen_tasks.context.index import Definition, Index, Outline

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
_PARTS_IN_PLAN, _VOTES = NAME.index("parts_in_plan"), NAME.index("votes")
_EXPORTING = (".ts", ".tsx", ".mts", ".cts")


class View:
    """The features of one unit's candidates."""

    def __init__(self, index: Index, focus: Focus) -> None:
        self._index, self._focus = index, focus
        self._total = max(1, len(index.rows))
        self._folders = {posixpath.dirname(path) for path in focus.planned}
        self._stems = {stem(path) for path in focus.planned}
        tests = [is_test(path) for path in focus.planned]
        self._has_test, self._has_source = any(tests), not all(tests)
        self._new = any(data is None for data in focus.planned.values())
        self._endings = {posixpath.splitext(path)[1] for path in focus.planned}
        self._by_name = {file for files in focus.named.values() for file in files}
        self._names = index.names(focus.names | focus.words)

    def of_file(self, path: str, outline: Outline) -> list[float]:
        """Values of FILE."""
        focus, folder = self._focus, posixpath.dirname(path)
        hops, test = focus.imported.get(path, 0), is_test(path)
        similar, parts = focus.similar.get(path, 0.0), frozenset(subwords(path))
        steps = min(_steps(folder, other) for other in self._folders)
        base = posixpath.splitext(posixpath.basename(path))[0].lower()
        return [
            hops == 1, path in self._by_name, hops == 2, hops == 3, hops == 4, focus.kin_imports.get(path, 0.0),
            path in focus.stem_imports, folder in self._folders, steps in (1, 2), steps > 3, stem(path) in self._stems,
            test, test and not self._has_test, test and self._has_test,
            not test and self._has_test and not self._has_source, math.log1p(self._used_of(outline)),
            similar, similar * self._new, len(parts & focus.plan_parts.keys()) / (1 + len(parts)),
            len(parts & focus.path_parts) / (1 + len(parts)), base.startswith(_COMMON) or base.endswith(_COMMON),
            base in ("__init__", "index", "mod", "lib", "main"), math.log1p(len(outline.definitions)),
            "example" in path or "docs/" in path or "bench" in path, posixpath.splitext(path)[1] in self._endings,
            path.endswith(".go") and folder in self._folders,
        ]  # fmt: skip

    def _used_of(self, outline: Outline) -> float:
        """How much of a file the planned files use, rare names counting more."""
        used = 0.0
        for name in {d.name for d in outline.definitions if d.name in self._focus.names}:
            users, definers = self._names[name]
            used += math.log(1 + self._total / (1 + len(users))) / max(1, len(definers))
        return used

    def of_name(self, name: str, users: int, definers: int) -> list[float]:
        """Values of NAME. `users` and `definers` count files."""
        focus = self._focus
        bare, attributes = focus.bare.get(name, 0), focus.attributes.get(name, 0)
        used = bare + attributes > 0
        rarity, popular = math.log(1 + self._total / (1 + users)), math.log1p(users) / 5
        parts = _parts(name)
        votes, kin = min(1.0, focus.votes.get(name, 0.0)), min(1.0, focus.kin_votes.get(name, 0.0))
        return [
            used, math.log1p(bare + attributes), used * rarity / 5, 1 / max(1, definers), math.log1p(definers),
            popular, users / self._total, name in focus.words and (not name.islower() or "_" in name or len(name) > 6),
            self._share(parts), len(parts & focus.code_parts.keys()) / (1 + len(parts)), votes, kin,
            name.startswith("_"), len(name) / 20, used and not bare, used / (1 + math.log1p(users)),
            (not used) / (1 + math.log1p(users)), (not used) * popular, used * votes, name[:1].isupper(),
            name.isupper(), (not used) * max(0.0, votes - users / self._total),
        ]  # fmt: skip

    def _share(self, parts: frozenset[str]) -> float:
        """The share of a name's parts that the plan speaks of, rare parts counting more."""
        plan: KeysView[str] = self._focus.plan_parts.keys()
        if parts.isdisjoint(plan):
            return 0.0
        files = self._index.words(parts)
        weights = {part: math.log(1 + self._total / (1 + len(files[part]))) for part in sorted(parts)}
        return sum(weight for part, weight in weights.items() if part in plan) / (sum(weights.values()) or 1.0)

    def of_definition(self, path: str, definition: Definition, name: list[float]) -> list[float]:
        """Values of OWN. `name` are the values of its name."""
        focus, kind, parent = self._focus, definition.kind, definition.parent
        used, named = bool(name[0]), path in focus.named.get(definition.name, ())
        hops = focus.imported.get(path, 0)
        near, imported = posixpath.dirname(path) in self._folders, 0 < hops < 3
        bare, method = definition.name in focus.bare, kind == "method"
        parent_used = bool(parent) and (parent in focus.bare or parent in focus.attributes)
        parent_votes = min(1.0, focus.votes.get(parent, 0.0)) if parent else 0.0
        go, free = path.endswith(".go") and (near or hops == 1), not used
        return [
            kind == "class", kind == "function", method, kind == "value", kind == "type",
            kind == "value" and bool(parent), self._is_hidden(path, definition, near), parent_used,
            bool(parent) and path in focus.named.get(parent, ()), parent in focus.words, parent_votes,
            parent.startswith("Test"), used and named, used and hops == 1, used and bare and not named and not go,
            used and not bare and method, used and kind == "value", free and method, free and parent_used,
            used and near, free and imported, free * name[_VOTES] * imported, free and kind == "class" and imported,
            definition.name.startswith("_") and not near and not imported, name[_PARTS_IN_PLAN] * imported,
            used and not named and definition.name in focus.named,
            free * name[_VOTES] * focus.kin_imports.get(path, 0.0), free * method * parent_votes,
            free and bool(parent) and not parent_used,
        ]  # fmt: skip

    def _is_hidden(self, path: str, definition: Definition, near: bool) -> bool:
        """Whether the language itself keeps other files from using it."""
        if path.endswith(".go"):
            return not near and not definition.name[:1].isupper()
        return path.endswith(_EXPORTING) and not definition.parent and "export" not in definition.signature


@lru_cache(maxsize=100_000)
def _parts(name: str) -> frozenset[str]:
    return frozenset(subwords(name))


def _steps(a: str, b: str) -> int:
    """Folders to go up and down from one to the other."""
    x, y = a.split("/") if a else [], b.split("/") if b else []
    common = len(posixpath.commonprefix([x, y]))
    return len(x) + len(y) - 2 * common
