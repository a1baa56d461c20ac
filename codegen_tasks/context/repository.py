"""The repo summary: what the repository is, its rules, its tree, its central modules. The same bytes for all units."""

from __future__ import annotations  # see the index

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from codegen_tasks.context.index import Index

_README = re.compile(r"readme(\.(md|rst|txt|adoc))?", re.IGNORECASE)
_README_LINES, _README_LETTERS = 6, 500
_RULES = ("AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md", "CONTRIBUTING.rst", ".editorconfig")
_RULES_SHARE, _TREE_SHARE, _HEAD_SHARE = 0.25, 0.4, 0.15  # of the tokens
_MANIFESTS = ("pyproject.toml", "package.json", "go.mod", "Cargo.toml", "pom.xml", "build.gradle", "Gemfile",
              "composer.json", "setup.cfg", "Makefile", "tox.ini")  # fmt: skip
_CENTRAL = 12  # modules that are shown
_MAIN = 8  # definitions of each


def summarise(
    paths: tuple[str, ...],
    read: Callable[[str], bytes | None],
    index: Index | None,
    tokens: int,
    count: Callable[[str], int],
) -> str:
    """The summary within `tokens`: each part has its share, and the next may use what the one before left."""
    parts: list[str] = []
    limits = ((_about(paths, read), _HEAD_SHARE), (_rules(paths, read), _HEAD_SHARE + _RULES_SHARE))
    for text, share in limits:
        if fitted := _fit(text, int(tokens * share) - _total(parts, count), count):
            parts.append(fitted)
    left = tokens - _total(parts, count)
    tree = list_tree(paths, int(tokens * _TREE_SHARE) if index else left - 2, count)
    if tree and _total([*parts, tree], count) <= tokens:
        parts.append(tree)
    if index is not None and (central := _fit(_central(index), tokens - _total(parts, count) - 2, count)):
        parts.append(central)
    return "\n\n".join(parts)


def _total(parts: Sequence[str], count: Callable[[str], int]) -> int:
    return count("\n\n".join(parts)) + 2 if parts else 0


def _fit(text: str, tokens: int, count: Callable[[str], int]) -> str:
    """The first lines of a text that fit; nothing if not even two do."""
    lines = text.split("\n") if text else []
    while lines and count("\n".join(lines)) > tokens:
        del lines[min(len(lines) - 1, int(len(lines) * 0.8)) :]
    return "\n".join(lines).rstrip() if len(lines) > 1 or lines == [text] else ""


def _text(path: str, read: Callable[[str], bytes | None]) -> str:
    return (read(path) or b"").decode("utf-8", "replace").replace("\r\n", "\n")


def _about(paths: Iterable[str], read: Callable[[str], bytes | None]) -> str:
    """The README's first lines, and what the manifests at the top tell."""
    top = [path for path in paths if "/" not in path]
    lines: list[str] = []
    for path in (path for path in top if _README.fullmatch(path)):
        text = re.sub(r"<[^>]*>|\[!\[[^\n]*|!\[[^\]]*\]\([^)]*\)", "", _text(path, read))
        found = [line.strip() for line in text.split("\n") if re.search(r"\w{3}", line)]
        lines += ["\n".join(found[:_README_LINES])[:_README_LETTERS]]
        break
    lines += [fact for path in top if path in _MANIFESTS for fact in _manifest(path, _text(path, read))]
    return "\n".join(lines)


def _manifest(path: str, text: str) -> Iterator[str]:
    """Name, language, tests and dependencies, as far as a manifest says so in plain lines."""
    if path == "package.json":
        if match := re.search(r'"test"\s*:\s*("(?:[^"\\]|\\.)*")', text):
            yield f"{path}: tests run by {match[1]}"
        for key in ("dependencies", "devDependencies"):
            if match := re.search(rf'"{key}"\s*:\s*{{([^}}]*)}}', text):
                names = re.findall(r'"([^"]+)"\s*:', match[1])
                yield f"{path}: {key}: {', '.join(names[:30])}"
    elif path == "pyproject.toml":
        if match := re.search(r'^requires-python\s*=\s*"([^"]+)"', text, re.MULTILINE):
            yield f"{path}: Python {match[1]}"
        if match := re.search(r"^dependencies\s*=\s*\[(.*?)^\]", text, re.MULTILINE | re.DOTALL):
            names = re.findall(r"[\"']([\w.-]+)", match[1])
            yield f"{path}: dependencies: {', '.join(names[:30])}"
        if "pytest" in text:
            yield f"{path}: tests run by pytest"
    elif path == "go.mod":
        yield from (f"{path}: {line}" for line in re.findall(r"^(?:module|go) [^\n]+", text, re.MULTILINE))
        if names := re.findall(r"^\s+([\w./-]+) v[^\n]*$", text.replace("// indirect", ""), re.MULTILINE):
            yield f"{path}: requires: {', '.join(names[:20])}"
    elif path == "Makefile":
        if targets := re.findall(r"^([a-z][\w-]*):", text, re.MULTILINE):
            yield f"{path}: targets: {', '.join(targets[:20])}"
    else:
        yield f"{path} is there"


def _rules(paths: Iterable[str], read: Callable[[str], bytes | None]) -> str:
    there = set(paths)
    found = [(path, _text(path, read).strip()) for path in _RULES if path in there]
    return "\n".join(f"House rules, from {path}:\n{text}" for path, text in found if text)


def _central(index: Index) -> str:
    """The modules whose names most other files use, with their main definitions."""
    from codegen_tasks.context.index import is_test

    ranked = index.central(_CENTRAL, _MAIN)
    lines = [f"{path}: {', '.join(names)}" for path, names in ranked if not is_test(path)]
    return "\n".join(["Central modules:", *lines]) if lines else ""


def list_tree(paths: Iterable[str], tokens: int, count: Callable[[str], int]) -> str:
    """One line a folder with its files; where that is too long, folders with counts, the deepest joined first."""
    folders: dict[str, list[str]] = {}
    for folder, _, name in sorted(path.rpartition("/") for path in paths):
        folders.setdefault(folder, []).append(name)
    if sum(len(names) for names in folders.values()) < tokens:  # a name has at least one token
        full = "\n".join(f"{folder or '.'}/: {', '.join(names)}" for folder, names in folders.items())
        if count(full) <= tokens:
            return full
    counts = {folder: len(names) for folder, names in folders.items()}
    for depth in range(min(8, max((folder.count("/") + 1 for folder in counts if folder), default=0)), 0, -1):
        counts = _joined(counts, depth)
        if 3 * len(counts) < tokens:
            text = "\n".join(f"{folder or '.'}/: {n} files" for folder, n in counts.items())
            if count(text) <= tokens:
                return text
    return _cut([f"{folder or '.'}/: {n} files" for folder, n in _joined(counts, 1).items()], tokens, count)


def _joined(counts: dict[str, int], depth: int) -> dict[str, int]:
    joined: dict[str, int] = {}
    for folder, n in counts.items():
        top = "/".join(folder.split("/")[:depth])
        joined[top] = joined.get(top, 0) + n
    return joined


def _cut(lines: list[str], tokens: int, count: Callable[[str], int]) -> str:
    kept: list[str] = []
    for i in range(len(lines)):
        rest = f"and {len(lines) - i} more folders"
        if count("\n".join([*kept, lines[i], rest])) > tokens:
            return "\n".join([*kept, rest]) if count("\n".join([*kept, rest])) <= tokens else ""
        kept.append(lines[i])
    return "\n".join(kept)
