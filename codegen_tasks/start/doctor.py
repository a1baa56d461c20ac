"""Whether this machine has what a run needs, row by row, with what to do. It changes nothing."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from codegen_tasks.config import Config
from codegen_tasks.errors import CodegenError, NoSandbox
from codegen_tasks.files import Snapshot
from codegen_tasks.records import ModelSpec

OK, WARN, BAD = "ok", "warning", "missing"


@dataclass(frozen=True)
class Row:
    """One thing looked at. `remedy` is empty where nothing is to be done."""

    name: str
    state: str
    found: str
    remedy: str = ""


def examine(folder: Path, environment: Mapping[str, str], ask: bool = False) -> list[Row]:
    """All rows. `ask`: each model is asked for one token, which costs that much."""
    rows = [*_python(), *_packages(), _git(), _locale()]
    try:
        config, root = _config(folder)
    except CodegenError as error:
        return [*rows, Row("codegen.yaml", BAD, error.message, error.hint)]
    rows += [_tree(root), *_models(config, environment, ask), _sandbox(config)]
    return [*rows, *_checks(config, root, environment), _disk(folder)]


def _config(folder: Path) -> tuple[Config, Path]:
    from codegen_tasks.pipeline import read_config

    return read_config(folder, Snapshot(), "")


def _python() -> Iterator[Row]:
    found = ".".join(map(str, sys.version_info[:3]))
    yield Row("Python", OK, found)


def _packages() -> Iterator[Row]:
    from packaging.requirements import Requirement

    wrong = []
    for line in requires("codegen-tasks") or []:
        need = Requirement(line)
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            continue
        try:
            held = version(need.name)
        except PackageNotFoundError:
            held = "not there"
        if held == "not there" or not need.specifier.contains(held, prereleases=True):
            wrong.append(f"{need.name} {held} ({need.specifier})")
    state = Row("packages", BAD, ", ".join(wrong), "install with constraints.txt") if wrong else None
    yield state or Row("packages", OK, f"codegen-tasks {version('codegen-tasks')} and what it is built on")


def _git() -> Row:
    if shutil.which("git") is None:
        return Row(
            "git", WARN, "not there", "install git: what it ignores is asked of it, and `git apply` takes the diff"
        )
    said = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return Row("git", OK, said.removeprefix("git version "))


def _locale() -> Row:
    encoding = sys.getfilesystemencoding().lower()
    return Row(
        "encoding",
        OK if encoding in ("utf-8", "utf8") else BAD,
        encoding,
        "" if "utf" in encoding else "set PYTHONUTF8=1",
    )


def _tree(root: Path) -> Row:
    held = (root / ".git").exists()
    return Row(
        "working tree",
        OK if held else WARN,
        os.path.relpath(root),
        "" if held else "not a git repository: the diff has no commit as its base",
    )


def _models(config: Config, environment: Mapping[str, str], ask: bool) -> Iterator[Row]:
    for spec in config.roles.codegen:
        row = _model(spec, environment)
        yield _asked(spec, row) if ask and row.state == OK else row


def _model(spec: ModelSpec, environment: Mapping[str, str]) -> Row:
    name = f"model {spec.name}"
    if spec.command:
        there = shutil.which(spec.command[0]) is not None
        return Row(name, OK if there else BAD, "a program", "" if there else f"{spec.command[0]} is not on PATH")
    if spec.model.startswith("local/"):
        try:
            return Row(name, OK, f"xllamacpp {version('xllamacpp')}")
        except PackageNotFoundError:
            return Row(name, BAD, "xllamacpp is not there", "pip install 'codegen-tasks[local]'")
    if spec.api_key_env is None:
        return Row(
            name,
            OK if spec.api_base else WARN,
            "no key named",
            "" if spec.api_base else "name the key's variable: api_key_env",
        )
    held = bool(environment.get(spec.api_key_env))
    return Row(
        name,
        OK if held else BAD,
        f"{spec.api_key_env} is {'set' if held else 'not set'}",
        "" if held else f"export {spec.api_key_env}=…",
    )


def _asked(spec: ModelSpec, row: Row) -> Row:
    import msgspec

    from codegen_tasks.call import ProviderFault, Watch
    from codegen_tasks.providers import ask
    from codegen_tasks.records import Message, Request

    short = msgspec.structs.replace(spec, max_output_tokens=1, timeout_s=min(spec.timeout_s, 60.0))
    request = Request("doctor", (), (Message("user", "Say: ok"),), "whole", 1)
    try:
        ask(short, request, Watch())
    except ProviderFault as fault:
        if fault.reply is None:
            return Row(row.name, WARN if fault.transient else BAD, fault.message, fault.hint or "see docs")
    return Row(row.name, OK, f"{row.found}; it answers")


def _sandbox(config: Config) -> Row:
    if not config.check.commands:
        return Row("sandbox", OK, "not needed: no check is configured")
    if config.check.sandbox == "none":
        return Row("sandbox", WARN, "check.sandbox is none", "checks run with all your rights; take the setting out")
    from codegen_tasks.check import Sandboxes

    with tempfile.TemporaryDirectory() as folder:
        try:
            return Row("sandbox", OK, Sandboxes(config.check.sandbox, Path(folder) / "scratch").probe())
        except NoSandbox as error:
            return Row("sandbox", BAD, error.message, error.hint)


def _checks(config: Config, root: Path, environment: Mapping[str, str]) -> Iterator[Row]:
    """Whether what each check runs and needs is there. A program of the tree may still be written."""
    from codegen_tasks.check import what_is_there

    for command in config.check.commands:
        needed = (command.run[0], *command.needs)
        gone = [name for name, held in zip(needed, what_is_there(command, root, environment), strict=True) if not held]
        state = OK if not gone else WARN if gone == [name for name in command.run[:1] if "/" in name] else BAD
        found = f"{', '.join(gone)} is not there" if gone else command.run[0]
        yield Row(f"check {command.name}", state, found, "install it, or take the check out" if gone else "")


def _disk(folder: Path) -> Row:
    place = next(p for p in (folder, *folder.parents) if p.is_dir())
    free = shutil.disk_usage(place).free
    writable = os.access(place, os.W_OK)
    state = OK if writable and free > 200 << 20 else BAD
    found = f"{free / 1e9:.1f} GB free" if writable else "cannot be written"
    return Row("task directory", state, found, "" if state == OK else "free disk space, or mend its permissions")
