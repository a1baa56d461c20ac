"""A secret never leaves: not in a question, nor in what is kept; and it is where it was in what comes out."""

import json
import random
import string
from pathlib import Path

import pytest

from tests.program import Program
from tests.workshop import Workshop

CHANCE = random.Random(11)


def chance(size: int) -> str:
    return "".join(CHANCE.choices(string.ascii_letters + string.digits, k=size))


def secret() -> str:
    return "ghp_" + chance(36)


ECHO = r"""#!/bin/sh
cat > "$1/asked.$$"
awk '
  /^## Write these files/ { on = 1; next }
  on && /^- / { path = substr($0, 3) }
  !on && /^Now in/ { block = 1; next }
  block && /^```/ { if (open) { block = 0; open = 0 } else open = 1; next }
  block && open { text = text $0 "\n" }
  /MASKED_SECRET_/ { match($0, /MASKED_SECRET_[0-9a-fX]+_[0-9]+/); last = substr($0, RSTART, RLENGTH) }
  END { printf "%s\n```\n%sadded = \"%s\"\n```\n", path, text, last }
' "$1/asked.$$"
"""


class Echo(Program):
    """A model that writes each file as it was shown it, and adds the last placeholder it saw."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.script.write_text(ECHO)


def written(shop: Workshop) -> dict[str, bytes]:
    """Everything of ours on disk, but what must hold a planned file as it is."""
    found = {}
    for folder in ("code", ".codegen"):
        for path in (shop.task / folder).rglob("*"):
            name = path.relative_to(shop.task).as_posix()
            if path.is_file() and not name.startswith(("code/files/", "code/diff.patch", "code/archive/")):
                found[name] = path.read_bytes()
    return found


def holding(shop: Workshop, value: str) -> list[str]:
    return [name for name, data in written(shop).items() if value.encode() in data]


def test_a_secret_of_a_planned_file_is_hidden_and_comes_back(tmp_path: Path) -> None:
    value = secret()
    shop = Workshop(tmp_path / "repo", {"src/a.py": f'token = "{value}"\n'})
    program = Echo(tmp_path / "program")
    shop.plan("# Plan\n\nChange it.\n", ["src/a.py"])
    (shop.task / "codegen.yaml").write_text(program.settings())
    run = shop.doit("codegen")
    assert run.returncode == 0, run.stdout + run.stderr
    (asked,) = program.asked
    assert value not in asked
    assert "MASKED_SECRET_" in asked
    assert shop.code("files/src/a.py").read_text() == f'token = "{value}"\nadded = "{value}"\n'
    assert holding(shop, value) == []
    (note,) = [
        d for d in json.loads(shop.code("ready.json").read_text())["diagnostics"] if d["code"] == "secrets_masked"
    ]
    assert "github-pat" in note["message"]
    assert "src/a.py" in note["message"]
    other = secret()
    shop.put("src/a.py", f'token = "{other}"\n')
    assert shop.doit("codegen").returncode == 0
    assert len(program.asked) == 1
    assert shop.code("files/src/a.py").read_text() == f'token = "{other}"\nadded = "{other}"\n'
    assert shop.doit("apply", "--yes").returncode == 0
    assert shop.doit("codegen").returncode == 0
    assert len(program.asked) == 1
    assert json.loads(shop.code("ready.json").read_text())["applied"]


@pytest.mark.parametrize("place", ["plan", "entry", "context", "dependency", "note", "environment", "elsewhere"])
def test_a_secret_beside_the_planned_files_is_nowhere_on_disk(tmp_path: Path, place: str) -> None:
    value = chance(30) if place == "environment" else secret()
    files = (
        {"docs/a.md": "words\n", "other.py": f'def send(token="{value}" if 1 else 2): ...\n'}
        if place == "elsewhere"
        else {}
    )
    files |= {"docs/b.md": f"the key is {value}\n"} if place in ("context", "environment") else {"docs/b.md": "b\n"}
    shop = Workshop(tmp_path / "repo", {"src/a.txt": "one\n", **files})
    program = Echo(tmp_path / "program")
    entry: dict[str, object] = {"path": "src/a.txt", "context": ["docs/b.md"]}
    entry |= {"notes": f"use {value}"} if place == "entry" else {}
    shop.plan(f"# Plan\n\nChange it{f' with {value}' if place == 'plan' else ''}.\n", [entry])
    (shop.task / "codegen.yaml").write_text(program.settings())
    env = {"DEPLOY_TOKEN": value} if place == "environment" else {}
    args = ["redo", f"--note=use {value}"] if place == "note" else ["codegen"]
    run = shop.doit(*args, env=env)
    assert run.returncode == 0, run.stdout + run.stderr
    assert value not in run.stdout + run.stderr
    assert value not in "".join(program.asked)
    assert holding(shop, value) == []
    added = shop.code("files/src/a.txt").read_text()
    if place in ("plan", "entry", "context", "environment"):
        assert added == f'one\nadded = "{value}"\n'
    assert shop.doit("codegen", env=env).returncode == 0
    assert len(program.asked) == 1


def test_plans_without_secrets_are_asked_as_ever(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "repo", {"src/a.txt": "one\n"})
    program = Program(tmp_path / "program")
    shop.plan("# Plan\n\nChange it.\n", ["src/a.txt"])
    (shop.task / "codegen.yaml").write_text(program.settings())
    assert shop.doit("codegen").returncode == 0
    assert json.loads(shop.code("ready.json").read_text())["diagnostics"] == []
