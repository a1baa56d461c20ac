"""`init` writes what a run takes, once, and `doctor` says what is missing."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from codegen_tasks.config import parse_config
from codegen_tasks.errors import BadConfig
from codegen_tasks.start import begin, examine
from codegen_tasks.start.guess import guess_checks
from tests.check.conftest import trouble  # noqa: F401  (a fixture)
from tests.workshop import LEAN, git


def run(folder: Path, *args: str, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "codegen_tasks", *args]
    return subprocess.run(command, cwd=folder, env={**LEAN, **env}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "environment", [{}, {"ANTHROPIC_API_KEY": "sk-ant-secret-of-the-user"}, {"OPENAI_API_KEY": "x" * 20}]
)
def test_what_is_written_is_what_a_run_takes(tmp_path: Path, environment: dict[str, str]) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n[tool.ruff]\n")
    begun = begin(tmp_path / "codegen", environment)
    config = parse_config((tmp_path / "codegen" / "codegen.yaml").read_bytes())
    assert [check.name for check in config.check.commands] == ["tests", "lint"]
    assert config.check.commands[0].report == "junit"
    assert config.roles.codegen[0].api_key_env == next(iter(environment), None)
    assert [path.name for path in begun.written] == ["dodo.py", "plan.md", "plan.files.json", "codegen.yaml"]
    files = json.loads((tmp_path / "codegen" / "plan.files.json").read_text())
    assert (tmp_path / "codegen" / files["$schema"]).is_file()
    schema = json.loads((tmp_path / "codegen" / files["$schema"]).read_text())
    jsonschema.validate({"$schema": files["$schema"], "files": ["a.py"]}, schema)
    everything = "".join(path.read_text() for path in (tmp_path / "codegen").rglob("*") if path.is_file())
    assert not any(value in everything for value in environment.values())
    assert git(tmp_path, "status", "--short", "-uall").count(".codegen") == 0


def test_where_no_check_can_be_guessed_a_run_takes_what_is_written_too(tmp_path: Path) -> None:
    begun = begin(tmp_path, {})
    assert "no check was guessed" in begun.said[-1]
    assert parse_config((tmp_path / "codegen.yaml").read_bytes()).check.commands == ()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_text("mine")
    begun = begin(tmp_path, {})
    assert ([path.name for path in begun.kept], (tmp_path / "plan.md").read_text()) == (["plan.md"], "mine")
    again = begin(tmp_path, {})
    assert again.written == ()


@pytest.mark.parametrize("folder", ["", "deeper"])
def test_none_is_begun_inside_another(tmp_path: Path, folder: str) -> None:
    git(tmp_path, "init", "-q")
    assert run(tmp_path, "init").returncode == 0
    inside = tmp_path / "codegen" / folder
    inside.mkdir(exist_ok=True)
    found = run(inside, "init")
    assert found.returncode == 78
    assert "is a task directory" in found.stderr
    assert "doit codegen" in found.stderr
    assert not (inside / "codegen").exists()
    assert run(tmp_path / "codegen", "init", ".").returncode == 0
    assert run(tmp_path, "init", "other").returncode == 0


def test_a_folder_code_of_somebody_else_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    with pytest.raises(BadConfig, match="not ours"):
        begin(tmp_path, {})


@pytest.mark.parametrize(
    ("name", "text", "command"),
    [
        ("package.json", '{"scripts": {"test": "vitest run"}}', "npm run --silent test"),
        ("package.json", '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}', None),
        ("package.json", "not json", None),
        ("go.mod", "module x\n", "go test ./..."),
        ("Cargo.toml", "[package]\n", "cargo test --offline"),
        ("Makefile", "test:\n\ttrue\n", "make test"),
        ("setup.cfg", "[tool:pytest]\n", "python3 -m pytest -q --junit-xml=$REPORT"),
    ],
)
def test_guesses(tmp_path: Path, name: str, text: str, command: str | None) -> None:
    (tmp_path / name).write_text(text)
    assert [" ".join(guess.run) for guess in guess_checks(tmp_path)] == ([command] if command else [])


def test_doctor_names_what_is_missing_and_never_a_key(tmp_path: Path) -> None:
    (tmp_path / "codegen.yaml").write_text(
        "roles:\n  codegen:\n    - {model: anthropic/m, api_key_env: SOME_KEY}\n    - {command: [no-such-program]}\n"
    )
    rows = {row.name: row for row in examine(tmp_path, {"OTHER_KEY": "sk-secret-value"})}
    assert (rows["model anthropic/m"].state, rows["model anthropic/m"].remedy) == ("missing", "export SOME_KEY=…")
    assert rows["model no-such-program"].state == "missing"
    assert rows["packages"].state == "ok"
    found = run(tmp_path, "doctor", SOME_KEY="sk-secret-value")
    assert found.returncode == 1
    assert "SOME_KEY is set" in found.stdout
    assert "sk-secret-value" not in found.stdout + found.stderr


def test_doctor_tries_the_sandbox_that_checks_would_have(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    none = bool(request.getfixturevalue("trouble"))
    (tmp_path / "codegen.yaml").write_text("check: {commands: [{name: tests, run: ['true']}]}\n")
    row = next(row for row in examine(tmp_path, {}) if row.name == "sandbox")
    assert (row.state, row.found in ("namespaces", "bubblewrap")) == (("missing", False) if none else ("ok", True))
    assert bool(row.remedy) == none


def test_doctor_says_what_a_check_lacks(tmp_path: Path) -> None:
    (tmp_path / "codegen.yaml").write_text(
        "check:\n  commands:\n    - {name: a, run: [no-such-program]}\n"
        "    - {name: b, run: ['true'], needs: [node_modules]}\n    - {name: c, run: ['true']}\n"
    )
    rows = {row.name: (row.state, row.found, row.remedy) for row in examine(tmp_path, {"PATH": "/usr/bin:/bin"})}
    assert rows["check a"] == ("missing", "no-such-program is not there", "install it, or take the check out")
    assert rows["check b"] == ("missing", "node_modules is not there", "install it, or take the check out")
    assert rows["check c"] == ("ok", "true", "")


def test_doctor_says_what_is_wrong_with_the_settings(tmp_path: Path) -> None:
    (tmp_path / "codegen.yaml").write_text("rolls: {}\n")
    row = examine(tmp_path, {})[-1]
    assert (row.name, row.state) == ("codegen.yaml", "missing")
    assert "rolls" in row.found


def test_from_a_list_of_tasks_to_a_plan(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "app.py").write_text("x = 1\n")
    (tmp_path / "tasks.md").write_text("# Faster\n\n- [ ] Make `app.py` faster\n- [ ] Think\n")
    git(tmp_path, "add", "-A")
    found = run(tmp_path, "import", "tasks.md")
    assert found.returncode == 0, found.stderr
    assert "tasks.md:4: Think  (it names no file)" in found.stdout
    files = json.loads((tmp_path / "codegen" / "plan.files.json").read_text())["files"]
    assert files == [{"path": "app.py", "intent": "update", "summary": "Make `app.py` faster"}]
    (tmp_path / "done.md").write_text("- [x] `app.py`\n")
    refused = run(tmp_path, "import", "done.md", "other")
    assert (refused.returncode, "ticked off" in refused.stderr) == (65, True)
    assert not (tmp_path / "other").exists()
