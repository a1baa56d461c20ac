"""What a repository tells of itself: how its tests are run, and with what. It runs nothing."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Guess:
    """A check as codegen.yaml takes it, and what it was guessed from."""

    name: str
    run: tuple[str, ...]
    report: str
    needs: tuple[str, ...]
    because: str


def guess_checks(root: Path) -> list[Guess]:
    """The checks that the manifests at the top of a repository suggest; the surest first."""
    return [guess for find in (_python, _node, _go, _rust, _make) for guess in find(root)]


def _python(root: Path) -> Iterator[Guess]:
    manifest, needs = _toml(root / "pyproject.toml"), tuple(n for n in (".venv", "venv") if (root / n).is_dir())
    python = f"{needs[0]}/bin/python" if needs else "python3"
    tools = manifest.get("tool", {}) if manifest else {}
    said = next((name for name in ("pytest.ini", "tox.ini", "setup.cfg") if "pytest" in _text(root / name)), "")
    tests = next((name for name in ("tests", "test") if any((root / name).glob("test_*.py"))), "")
    because = "[tool.pytest] in pyproject.toml" if "pytest" in tools else said or (tests and f"the folder {tests}/")
    if because:
        yield Guess("tests", (python, "-m", "pytest", "-q", "--junit-xml=$REPORT"), "junit", needs, because)
    if "ruff" in tools:
        yield Guess("lint", (python, "-m", "ruff", "check", "."), "none", needs, "[tool.ruff] in pyproject.toml")


def _node(root: Path) -> Iterator[Guess]:
    try:
        scripts = json.loads(_text(root / "package.json") or "{}").get("scripts", {})
    except (ValueError, AttributeError):
        return
    for name in ("test", "lint", "typecheck"):
        command = scripts.get(name) if isinstance(scripts, dict) else None
        if isinstance(command, str) and "no test specified" not in command:
            yield Guess(
                name, ("npm", "run", "--silent", name), "none", ("node_modules",), f"scripts.{name} in package.json"
            )


def _go(root: Path) -> Iterator[Guess]:
    if (root / "go.mod").is_file():
        yield Guess("tests", ("go", "test", "./..."), "none", (), "go.mod")


def _rust(root: Path) -> Iterator[Guess]:
    if (root / "Cargo.toml").is_file():
        yield Guess("tests", ("cargo", "test", "--offline"), "none", (), "Cargo.toml")


def _make(root: Path) -> Iterator[Guess]:
    if re.search(r"^test:", _text(root / "Makefile"), re.MULTILINE):
        yield Guess("make", ("make", "test"), "none", (), "the target test in Makefile")


def _toml(path: Path) -> dict[str, dict[str, object]]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError:
        return {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
