"""What a unit is about: names its planned files and its plan use, what they import, and which files are like them."""

from __future__ import annotations  # see the index

import math
import posixpath
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codegen_tasks.context.index import is_test, stem, subwords
from codegen_tasks.context.index.extract import extract

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codegen_tasks.context.index import Import, Index

_NAME = re.compile(r"(\.\s*)?\b([A-Za-z_$][\w$]{2,})")
_PLAN_NAME = re.compile(r"[A-Za-z_$][\w$]{2,}")
_PY_STRINGS = re.compile(r'("""|\'\'\')[\s\S]*?\1')
_PY_NOISE = re.compile(r"#[^\n]*|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_NOISE = re.compile(r"/\*[\s\S]*?\*/|//[^\n]*|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_TYPE_NAME = re.compile(r"[\"'][A-Z]\w+[\"']")
_NEIGHBOURS = 25  # files like the planned ones that vote for what they use
_COMMON = 200  # files that may use a name for it to tell which files are alike
_COMPARED = 300  # files that are compared
_LISTED = 200  # files of a folder that are compared when nothing else leads to them


@dataclass
class Focus:
    """All that is known of a unit before anything is ranked. `planned` maps paths to contents, None: a new file."""

    planned: Mapping[str, bytes | None]
    plan: str
    bare: Counter[str] = field(default_factory=Counter)  # names used by themselves
    attributes: Counter[str] = field(default_factory=Counter)  # names used after a dot
    names: frozenset[str] = frozenset()  # both
    words: frozenset[str] = frozenset()  # names in the plan
    plan_parts: frozenset[str] = frozenset()
    code_parts: frozenset[str] = frozenset()
    path_parts: frozenset[str] = frozenset()
    imported: dict[str, int] = field(default_factory=dict)  # file -> hops from a planned file
    named: dict[str, set[str]] = field(default_factory=dict)  # name -> files it is imported from
    stem_imports: frozenset[str] = frozenset()  # imported by files called like the planned ones
    kin_imports: dict[str, float] = field(default_factory=dict)  # file -> share of the similar files that import it
    similar: dict[str, float] = field(default_factory=dict)
    votes: dict[str, float] = field(default_factory=dict)  # name -> share of the similar files that use it
    kin_votes: dict[str, float] = field(default_factory=dict)  # the same, of those in the planned files' folders


def focus_on(index: Index, planned: Mapping[str, bytes | None], plan: str) -> Focus:
    """Reads the planned files' contents and the plan; looks up the rest in the index."""
    focus = Focus(planned, plan)
    imports = _read_planned(index, focus)
    _read_plan(focus)
    _follow_imports(index, focus, imports)
    _compare(index, focus)
    _ask_neighbours(index, focus)
    return focus


def without_strings(path: str, text: str) -> str:
    """The code alone; a string that is a class's name stays, for it is a type in quotes."""

    def kept(match: re.Match[str]) -> str:
        return match[0] if _TYPE_NAME.fullmatch(match[0]) else " "

    if path.endswith((".py", ".pyi")):
        return _PY_NOISE.sub(kept, _PY_STRINGS.sub(" ", text))
    return _NOISE.sub(" ", text)


def _read_planned(index: Index, focus: Focus) -> dict[str, tuple[Import, ...]]:
    imports = {}
    for path, data in focus.planned.items():
        if data is None:
            continue
        if index.holds(path, data):
            row = index.rows[path]
            found, uses = index.outlines([row])[row].imports, bool(index.uses([row])[row])
        else:
            outline, names = extract(path, data)
            found, uses = outline.imports, bool(names)
        if not uses:
            continue
        imports[path] = found
        for dot, name in _NAME.findall(without_strings(path, data.decode("utf-8", "replace"))):
            (focus.attributes if dot else focus.bare)[name] += 1
    focus.names = frozenset(focus.bare.keys() | focus.attributes.keys())
    focus.path_parts = frozenset(part for path in focus.planned for part in subwords(path))
    focus.code_parts = frozenset(part for name in focus.names for part in subwords(name))
    return imports


def _read_plan(focus: Focus) -> None:
    focus.words = frozenset(_PLAN_NAME.findall(focus.plan))
    focus.plan_parts = frozenset(part for word in focus.words for part in subwords(word))


def _follow_imports(index: Index, focus: Focus, imports: Mapping[str, tuple[Import, ...]]) -> None:
    """What planned files import (1), where that comes from (2), and what those files import (3, 4)."""
    resolver, named = index.resolver, defaultdict[str, set[str]](set)
    for path, found in imports.items():
        for one in found:
            files = resolver.resolve(path, one)
            focus.imported.update(dict.fromkeys(files, 1))
            for name in one.names:
                named[name].update(files)
        if path.endswith(".go"):  # a package sees all of its folder, tests of it too
            seen = (p for p in resolver.siblings(path) if path.endswith("_test.go") or not p.endswith("_test.go"))
            focus.imported.update(dict.fromkeys(seen, 1))
    second = _imports_of(index, focus.imported)
    focus.named = {name: resolver.sources(name, files, second) for name, files in named.items()}
    for sources in focus.named.values():
        focus.imported.update(dict.fromkeys(sources - focus.imported.keys(), 2))
    for path, found in second.items():
        hops = 3 if path.endswith(("__init__.py", "index.ts")) else 4
        for other in (other for one in found for other in resolver.resolve(path, one)):
            focus.imported.setdefault(other, hops)
    for path in focus.planned:
        focus.imported.pop(path, None)


def _imports_of(index: Index, files: Iterable[str]) -> dict[str, tuple[Import, ...]]:
    rows = {index.rows[path]: path for path in files if path in index.rows}
    return {rows[row]: outline.imports for row, outline in index.outlines(rows).items()}


def _compare(index: Index, focus: Focus) -> None:
    """Which files use the same rare names as the planned ones, lie beside them or are called like them."""
    scores, norm = _shared_names(index, focus)
    folders = {posixpath.dirname(path) for path in focus.planned}
    stems = {stem(path) for path in focus.planned}
    for path in focus.planned:
        listed = (*index.resolver.siblings(path)[:_LISTED], *index.resolver.called(stem(path)))
        scores.update((index.rows[p], 0.0) for p in listed if index.rows[p] not in scores)
    new = any(data is None for data in focus.planned.values())
    alike = sorted(scores, key=lambda row: (-scores[row], index.paths[row]))[:_COMPARED]
    outlines = index.outlines(alike)
    for row in alike:
        path, score = index.paths[row], scores[row]
        if path in focus.planned:
            continue
        value = score / math.sqrt(norm * max(1.0, outlines[row].weight)) if norm else 0.0
        if posixpath.dirname(path) in folders:
            value += 0.25 if new else 0.1
        if stem(path) in stems:
            value += 0.25
        parts = set(subwords(path))
        focus.similar[path] = value + 0.12 * len(parts & focus.plan_parts) / (1 + len(parts))


def _shared_names(index: Index, focus: Focus) -> tuple[dict[int, float], float]:
    """For each file the weight of the rare names it shares with the planned ones; and the weight of all these."""
    scores: dict[int, float] = defaultdict(float)
    total, norm = max(1, len(index.rows)), 0.0
    found = index.names(focus.names)
    for name in sorted(focus.names):
        users, definers = found[name]
        if not definers or len(users) > max(_COMMON, total // 20):
            continue
        weight = math.log(1 + total / (1 + len(users))) ** 2
        norm += weight
        for row in users:
            scores[row] += weight
    return scores, norm


def _ask_neighbours(index: Index, focus: Focus) -> None:
    """What the files most like the planned ones use and import."""
    best = sorted(focus.similar, key=lambda path: (-focus.similar[path], path))
    folders = {posixpath.dirname(path) for path in focus.planned}
    tests = {is_test(path) for path in focus.planned}
    kin = [path for path in best if posixpath.dirname(path) in folders and is_test(path) in tests][:_NEIGHBOURS]
    best = best[:_NEIGHBOURS]
    focus.votes, focus.kin_votes = _votes(index, focus, best), _votes(index, focus, kin)
    stems = {stem(path) for path in focus.planned}
    files: dict[str, float] = defaultdict(float)
    own: set[str] = set()
    total = sum(focus.similar[path] for path in best) or 1.0
    for path, imports in _imports_of(index, best).items():
        found = {file for one in imports for file in index.resolver.resolve(path, one)}
        if stem(path) in stems:
            own |= found | {path}
        for file in found:
            files[file] += focus.similar[path] / total
    focus.stem_imports, focus.kin_imports = frozenset(own), files


def _votes(index: Index, focus: Focus, files: list[str]) -> dict[str, float]:
    rows = {index.rows[path]: focus.similar[path] + 1e-6 for path in files}
    total, votes = sum(rows.values()) or 1.0, defaultdict[str, float](float)
    uses = index.uses(rows)
    for row, weight in rows.items():
        for name in uses[row]:
            votes[name] += weight / total
    return votes
