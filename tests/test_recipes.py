"""The recipes for CI and for agents: what they call exists, and the shell recipe runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from codegen_tasks.errors import MEANINGS
from tests.program import Program
from tests.workshop import LEAN, Workshop, git

ROOT = Path(__file__).parent.parent
CI = ROOT / "examples/ci"
AGENTS = sorted((ROOT / "examples/agents").glob("*.md"))
SHARDS = (
    "shard" in (ROOT / "codegen_tasks/tasks/__init__.py").read_text() + (ROOT / "codegen_tasks/session.py").read_text()
)
ENV = {**LEAN, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def recipe(name: str) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load((CI / name).read_text())
    return loaded


def test_the_action_names_what_the_recipe_reads() -> None:
    action = recipe("action.yml")
    assert action["runs"]["using"] == "composite"
    steps = action["runs"]["steps"]
    assert all("shell" in step for step in steps if "run" in step)
    used = set(re.findall(r"inputs\.([\w-]+)", json.dumps(steps)))
    assert used == set(action["inputs"])
    (run,) = [step for step in steps if "run.sh" in step.get("run", "")]
    assert set(run["env"]) == set(re.findall(r"^#   ([A-Z]+) ", (CI / "run.sh").read_text(), re.M))


def test_no_input_is_pasted_into_a_shell() -> None:
    """What a person types in would be a command there."""
    steps = recipe("action.yml")["runs"]["steps"] + [
        step for job in recipe("workflow.yml")["jobs"].values() for step in job["steps"]
    ]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []


def test_the_workflow_gives_the_action_what_it_takes() -> None:
    workflow, action = recipe("workflow.yml"), recipe("action.yml")
    jobs = workflow["jobs"]
    assert set(jobs) == {"share", "assemble", "replay"}
    shares = jobs["share"]["strategy"]["matrix"]["shard"]
    for job in jobs.values():
        (step,) = [step for step in job["steps"] if step["uses"].startswith("./")]
        assert set(step.get("with", {})) <= set(action["inputs"])
    (step,) = [step for step in jobs["share"]["steps"] if step["uses"].startswith("./")]
    assert step["with"]["shard"] == f"${{{{ matrix.shard }}}}/{len(shares)}"


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    shop = Workshop(tmp_path_factory.mktemp("list") / "repo", {"README.md": "hi\n"})
    shop.plan("# Plan\n\nx\n", ["a.txt"])
    return {line.split()[0] for line in shop.doit("list").stdout.splitlines()}


@pytest.mark.parametrize("path", [*AGENTS, CI / "run.sh"], ids=lambda path: path.name)
def test_every_command_exists(path: Path, commands: set[str]) -> None:
    called = set(re.findall(r"(?:^|`)\s*doit ([a-z]+)", path.read_text(), re.M))
    assert called and called <= commands


@pytest.mark.parametrize("path", AGENTS, ids=lambda path: path.stem)
def test_agents_can_load_their_commands(path: Path) -> None:
    _, head, body = path.read_text().split("---\n", 2)
    assert {"description", "argument-hint", "allowed-tools"} == set(yaml.safe_load(head))
    assert "$ARGUMENTS" in body


def test_agents_know_every_exit_code() -> None:
    text = (ROOT / "examples/agents/codegen.md").read_text()
    named = {int(number) for line in re.findall(r"^   - ([\d, ]+):", text, re.M) for number in line.split(", ")}
    assert named == {0} | {meaning.exit for meaning in MEANINGS.values()}


# --- the recipe in a shell -------------------------------------------------------------------------------------------


def shop_of(tmp_path: Path, **more: Any) -> Workshop:
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n"}, task="codegen")
    shop.plan("# Plan\n\nx\n", ["a.txt", "b.txt"])
    (shop.task / "codegen.yaml").write_text(Program(tmp_path / "program").settings(**more))
    return shop


def run(folder: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["bash", str(CI / "run.sh")], cwd=folder, env=ENV | env, capture_output=True, text=True)


def test_the_recipe_brings_patch_page_and_signals(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    done = run(shop.root, OUT=str(tmp_path / "out"))
    assert done.returncode == 0, done.stdout + done.stderr
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"diff.patch", "ready.json", "review.html", "provenance.json", "events.jsonl"}


def test_the_recipe_ends_as_doit_does(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    settings = (shop.task / "codegen.yaml").read_text()
    done = run(shop.root, OUT=str(tmp_path / "out"), OFFLINE="true")
    assert done.returncode == MEANINGS["provider_refused"].exit, done.stdout + done.stderr
    assert (tmp_path / "out/failure.json").exists()
    assert (shop.task / "codegen.yaml").read_text() == settings


def test_a_committed_store_is_replayed_by_a_stranger_who_asks_nobody(tmp_path: Path) -> None:
    shop = shop_of(tmp_path, store={"path": "replies"})
    for words in ((), ("apply", "--yes")):  # not watched: the store lies where it can be committed
        subprocess.run(shop.command(*words), cwd=shop.task, env=ENV, check=True, capture_output=True)
    (shop.root / ".gitignore").write_text("codegen/__pycache__\n")
    git(shop.root, "add", "-A")
    git(shop.root, "commit", "-q", "-m", "the plan, the replies and the code")
    shutil.rmtree(tmp_path / "program")
    git(tmp_path, "clone", "-q", str(shop.root), "clone")
    done = run(tmp_path / "clone", OUT=str(tmp_path / "out"), OFFLINE="true", APPLIED="true")
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "clone/a.txt").write_text("changed by a hand\n")
    done = run(tmp_path / "clone", OUT=str(tmp_path / "out"), OFFLINE="true", APPLIED="true")
    assert done.returncode != 0


@pytest.mark.skipif(not SHARDS, reason="there are no shards yet")
def test_shares_meet_in_the_store(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    program = Program(tmp_path / "program")
    for share in ("1/2", "2/2"):
        done = run(shop.root, OUT=str(tmp_path / share.replace("/", "-")), SHARD=share)
        assert done.returncode == 0, done.stdout + done.stderr
    asked = len(program.asked)
    assert run(shop.root, OUT=str(tmp_path / "out")).returncode == 0
    assert (asked, len(program.asked)) == (2, 2)
