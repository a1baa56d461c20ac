"""The table of rooms: who may import whom, and which library may be used where."""

import ast
import importlib
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from codegen_tasks.schemas import FOLDER, make_schemas

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "codegen_tasks"

RANKS = {
    "errors": 0, "files": 0, "module_path": 0, "keys": 0, "records": 0, "text": 0,
    "apply": 1, "archive": 1, "bases": 1, "call": 1, "context": 1, "diff": 1, "directory": 1, "edits": 1, "events": 1,
    "lease": 1, "lock": 1, "plan": 1, "remote": 1, "signals": 1, "store": 1, "unchanged": 1, "worktree": 1,
    "attempts": 2, "config": 2, "sarif": 2, "local": 2, "review": 2,
    "check": 3, "providers": 3,
    "generate": 4, "github": 4, "provenance": 4,
    "pipeline": 5, "terminal": 5,
    "landing": 6, "run": 6, "runs": 6, "schemas": 6,
    "session": 7, "verify": 7,
    "start": 8, "tasks": 8,
    "__main__": 9,
}  # fmt: skip

EDITS = {
    "shared": 0,
    "syntax": 0,
    "completeness": 1,
    "read": 1,
    "locate": 2,
    "merge": 3,
    "resolve": 3,
    "judge": 4,
    "apply": 5,
}  # rooms of edits/; shared: what is in none

ONLY_IN = {
    "doit": {"tasks"},
    "litellm": {"providers"},
    "xllamacpp": {"local"},
    "httpx": {"providers", "remote"},
    "redis": {"remote"},
    "jinja2": {"context", "review"},
    "markdown_it": {"plan", "review"},
    "yaml": {"config", "edits"},
    "rich": {"terminal", "local"},
}

BEHIND = re.compile(r"codegen_tasks\.(?:check|context|edits)\.(?!masking$).+")

NEVER_AT_IMPORT = {"litellm", "xllamacpp", "jinja2", "pygit2", "tree_sitter", "tree_sitter_language_pack", "yaml",
                   "markdown_it", "rich", "httpx", "redis", "pathspec", "charset_normalizer"}  # fmt: skip


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(node: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name, child) for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield child.module, child
            if child.module == "codegen_tasks":
                yield from ((f"codegen_tasks.{alias.name}", child) for alias in child.names)


def at_import(tree: ast.Module) -> Iterator[str]:
    """What importing the module imports: functions and blocks for type checkers left out."""
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (name for name, _ in imports(node))
        pending.extend(ast.iter_child_nodes(node))


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_go_down(path: Path) -> None:
    own = room(path)
    if own == "__init__":
        return
    assert own in RANKS, f"{own} has no rank: give it one here and in the guide's table"
    tree = ast.parse(path.read_text())
    for name, _ in imports(tree):
        first, *rest = name.split(".")
        if first == "codegen_tasks" and rest and rest[0] != own:
            assert RANKS[rest[0]] < RANKS[own], f"{own} (rank {RANKS[own]}) imports {name}"
        assert own in ONLY_IN.get(first, {own}), f"{name} belongs into {ONLY_IN.get(first)}"
    heavy = {name.split(".")[0] for name in at_import(tree)} & NEVER_AT_IMPORT
    assert not heavy, f"importing {path.name} imports {heavy}: import it in the function that needs it"


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_nobody_reaches_behind_a_room_with_public_verbs(path: Path) -> None:
    behind = [name for name, _ in imports(ast.parse(path.read_text())) if BEHIND.fullmatch(name)]
    assert [name for name in behind if name.split(".")[1] != room(path)] == []


@pytest.mark.parametrize("path", sorted((PACKAGE / "edits").rglob("*.py")), ids=lambda p: p.stem)
def test_imports_inside_edits_go_down(path: Path) -> None:
    def inner(parts: tuple[str, ...]) -> str:
        return parts[0] if parts[0] in EDITS else "shared"

    own = inner(path.relative_to(PACKAGE / "edits").parts)
    if path == PACKAGE / "edits" / "__init__.py":
        return
    for name, node in imports(ast.parse(path.read_text())):
        whole = name == "codegen_tasks.edits" and isinstance(node, ast.ImportFrom)
        names = [f"{name}.{alias.name}" for alias in node.names] if whole else [name]
        for parts in (tuple(full.split(".")[2:]) for full in names if full.startswith("codegen_tasks.edits.")):
            assert inner(parts) == own or EDITS[inner(parts)] < EDITS[own], f"{own} imports {'.'.join(parts)}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_only_files_writes(path: Path) -> None:
    writers = {"write_bytes", "write_text", "mkdtemp"}
    if room(path) in ("files", "apply", "archive", "local"):
        return
    calls = {node.func.attr for node in ast.walk(ast.parse(path.read_text()))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}  # fmt: skip
    assert not calls & writers


def test_nothing_names_a_machine() -> None:
    """No registry's host and no path of the machine it was written on stands in a file of the project."""
    words = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|/work/main|/root/")
    own = {Path(__file__).resolve()}
    found = [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*")
        if path.suffix in {".py", ".md", ".j2", ".toml", ".yaml", ".yml", ".json", ".cfg", ".txt"}
        and path.resolve() not in own
        and not {".git", ".venv", "code", ".codegen", ".hypothesis", ".pytest_cache"}
        & set(path.relative_to(ROOT).parts)
        and words.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_no_function_is_longer_than_a_screen() -> None:
    functions = [
        (path.relative_to(ROOT).as_posix(), node.name, node.end_lineno - node.lineno + 1)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
    ]
    assert [found for found in functions if found[2] > 40] == []


def test_every_room_is_there() -> None:
    rooms = {room(path) for path in modules()} - {"__init__"}
    assert rooms == set(RANKS)
    assert sys.version_info >= (3, 11)


@pytest.mark.ends
def test_the_schemas_that_ship_are_those_of_the_records() -> None:
    assert {path.name: path.read_bytes() for path in FOLDER.glob("*.json")} == make_schemas()


@pytest.mark.ends
def test_every_module_imports() -> None:
    for path in modules():
        name = ".".join(("codegen_tasks", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        assert importlib.import_module(name).__name__ == name


def test_every_range_has_both_ends_and_a_version_that_everything_runs_with() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    held = dict(line.split("==") for line in lines if "==" in line and "'" not in line)
    ranges = {need.name: need.specifier for need in map(Requirement, project["dependencies"])}
    assert {name for name, span in ranges.items() if not span.contains(held[name], prereleases=True)} == set()
    assert {name for name, span in ranges.items() if not {s.operator for s in span} & {"<", "=="}} == set()
    assert {name for name, span in ranges.items() if not {s.operator for s in span} & {">=", "=="}} == set()


def test_constraints_are_names_and_versions() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+( ; .*)?", line)] == []
