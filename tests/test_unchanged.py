"""Runs with nothing to do: what they load."""

from pathlib import Path

import pytest

from tests.program import Program
from tests.workshop import DODO, Workshop

LOADED = "import atexit, sys\natexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
COSTLY = {"edits", "diff", "check", "local", "review"}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "program")


@pytest.fixture
def shop(tmp_path: Path, program: Program) -> Workshop:
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n", "src/old.txt": "old\n"})
    shop.plan("# Plan\n\n## `a.txt`\n\nx\n\n## `src/old.txt`\n\ny\n", ["a.txt", "src/old.txt"])
    (shop.task / "codegen.yaml").write_text(program.settings())
    assert shop.doit("codegen").returncode == 0
    return shop


def test_a_run_with_nothing_to_do_loads_no_room_that_only_work_needs(shop: Workshop) -> None:
    shop.doit("ready")  # from now on plan and settings are known as they were parsed
    (shop.task / "dodo.py").write_text(LOADED + DODO)
    run = shop.doit("ready")
    assert "nothing to do" in run.stdout
    assert {name.split(".")[1] for name in run.stderr.split() if name.startswith("codegen_tasks.")} & COSTLY == set()
