"""Archived attempts are listed, share their content, and come back without a call, killed or not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from codegen_tasks.archive import keep, numbers, put_back
from codegen_tasks.files import write_atomic
from tests.program import Program
from tests.workshop import LEAN, Workshop, tree

FILES = ["u/a.txt", "u/b.txt"]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "program")


@pytest.fixture
def shop(tmp_path: Path, program: Program) -> Workshop:
    shop = Workshop(tmp_path / "repo", {"u/a.txt": "old\n"})
    shop.plan("# Plan\n\nDo it.\n", FILES)
    (shop.task / "codegen.yaml").write_text(program.settings())
    return shop


def done(shop: Workshop, *args: str) -> str:
    run = shop.doit(*args)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def paid(shop: Workshop, program: Program, *args: str) -> int:
    before = len(program.asked)
    done(shop, *args)
    return len(program.asked) - before


def test_equal_files_are_kept_once(tmp_path: Path) -> None:
    code = tmp_path / "code"
    for i in range(50):
        write_atomic(code / "files/big.bin", b"x" * 50_000)
        write_atomic(code / "files/n.txt", b"%d" % (i % 2))
        keep(code / "archive", [code / "files"])
    kept = numbers(code / "archive")
    inodes = {path.stat().st_ino for folder in kept for path in folder.rglob("*") if path.is_file()}
    assert (len(kept), len(inodes)) == (50, 3)
    assert [tree(folder)["files/n.txt"] for folder in kept] == [b"%d" % (i % 2) for i in range(50)]
    assert (code / "files/big.bin").stat().st_nlink == 1


def test_what_was_put_back_has_nothing_in_common_with_the_archive(tmp_path: Path) -> None:
    write_atomic(tmp_path / "archive/0001/files/a", b"a")
    write_atomic(tmp_path / "archive/0001/ready.json", b"{}")
    (tmp_path / "code").mkdir()
    put_back(tmp_path / "archive/0001", tmp_path / "code", ["ready.json"])
    with (tmp_path / "code/files/a").open("ab") as file:
        file.write(b"more")
    assert tree(tmp_path / "archive") == {"0001/files/a": b"a", "0001/ready.json": b"{}"}


def test_clean_redo_and_back_again(shop: Workshop, program: Program) -> None:
    assert paid(shop, program) == 2
    first = shop.outputs()
    done(shop, "clean")
    assert paid(shop, program, "redo", "--note", "otherwise") == 2
    second = shop.outputs()
    assert second["files/u/a.txt"] != first["files/u/a.txt"]
    assert paid(shop, program, "restore", "0001") == 0
    assert shop.outputs() == first
    assert paid(shop, program) == 0
    assert shop.outputs() == first
    assert tree(shop.code("archive/0002")) == {path: data for path, data in second.items() if path != ".gitignore"}
    assert paid(shop, program, "restore", "2") == 0
    assert paid(shop, program) == 0
    assert shop.outputs() == second


def test_an_order_to_ask_anew_is_taken_back(shop: Workshop, program: Program) -> None:
    assert paid(shop, program) == 2
    first = shop.outputs()
    done(shop, "clean")
    assert paid(shop, program, "restore", "1") == 0
    assert paid(shop, program) == 0
    assert shop.outputs() == first


def test_a_redo_of_one_file_is_taken_back_alone(shop: Workshop, program: Program) -> None:
    assert paid(shop, program) == 2
    first = shop.outputs()
    assert paid(shop, program, "redo", "u/b.txt") == 1
    assert paid(shop, program, "restore", "0001") == 0
    assert paid(shop, program) == 0
    assert shop.outputs() == first


def test_hand_edits_come_back(shop: Workshop, program: Program) -> None:
    done(shop)
    shop.code("files/u/a.txt").write_text("known edit\n")
    done(shop)
    shop.code("files/u/b.txt").write_text("an edit that no run has seen\n")
    first = shop.files()
    done(shop, "clean")
    done(shop)
    assert paid(shop, program, "restore", "0001") == 0
    assert shop.files() == first
    assert paid(shop, program) == 0
    assert shop.files() == first
    assert [file["hand_edited"] for file in shop.read("ready.json")["files"]] == [True, True]


def test_an_attempt_of_another_plan_comes_back_and_says_so(shop: Workshop, program: Program) -> None:
    done(shop)
    first = shop.outputs()
    shop.plan("# Plan\n\nDo more.\n", FILES)
    done(shop, "redo")
    second = shop.files()
    said = done(shop, "restore", "0001")
    assert "have changed since" in said
    assert "u/a.txt" in said
    assert shop.outputs() == first
    assert paid(shop, program) == 0
    assert shop.files() == second
    shop.plan("# Plan\n\nDo it.\n", FILES)
    assert paid(shop, program) == 0
    assert shop.files() == {path.removeprefix("files/"): d for path, d in first.items() if path.startswith("files/")}


def test_a_failed_attempt_comes_back_as_it_was(shop: Workshop, program: Program) -> None:
    good = (shop.task / "codegen.yaml").read_text()
    (shop.task / "codegen.yaml").write_text('{"roles": {"codegen": [{"command": ["false"], "retries": 0}]}}')
    assert shop.doit().returncode != 0
    failed = shop.outputs()
    done(shop, "clean")
    (shop.task / "codegen.yaml").write_text(good)
    done(shop)
    done(shop, "restore", "0001")
    assert shop.outputs() == failed


@pytest.mark.parametrize("words", [["0007"], ["x"], ["-1"], ["٣"], [], ["0001", "0001"], ["0001/../0001"]])
def test_an_unknown_number_names_those_there_are(shop: Workshop, words: list[str]) -> None:
    done(shop)
    done(shop, "redo")
    before = shop.outputs()
    run = shop.doit("restore", "--", *words) if words and words[0].startswith("-") else shop.doit("restore", *words)
    assert run.returncode != 0
    assert len(words) != 1 or words[0].startswith("-") or "0001" in run.stdout
    assert shop.outputs() == before


def test_runs_are_listed_with_what_differs(shop: Workshop) -> None:
    assert "no attempt" in done(shop, "runs")
    done(shop)
    done(shop, "redo", "u/b.txt")
    shop.code("files/u/a.txt").write_text("by hand\n")
    done(shop)
    shop.plan("# Plan\n\nDo more.\n", FILES)
    done(shop)
    before = shop.outputs()
    lines = [line.split() for line in done(shop, "runs").splitlines() if line.startswith("0")]
    assert lines == [
        ["0001", "ready", "1", "2", "+4", "-1", "u/a.txt,", "u/b.txt"],
        ["0002", "edited", "1", "+0", "-0", "u/a.txt"],
    ]
    assert shop.outputs() == before
    (shop.task / "plan.files.json").write_text("{")
    assert shop.doit("runs").returncode == 0
    assert shop.doit("restore", "1").returncode == 65
    assert shop.outputs() == before


def test_files_of_a_person_are_no_attempt(shop: Workshop) -> None:
    done(shop)
    shop.code("files/u/a.txt").write_text("by hand\n")
    done(shop)
    shop.plan("# Plan\n\nDo more.\n", FILES)
    done(shop)
    assert shop.doit("restore", "0001").returncode == 65
    assert shop.code("ready.json").exists()
    shop.code("files/u/a.txt").write_bytes(shop.code("archive/0001/files/u/a.txt").read_bytes())
    done(shop)
    assert shop.files()["u/a.txt"] == b"by hand\n"


KILLED = """
import os, sys
from codegen_tasks import archive, attempts, files, run
at, seen = int(sys.argv.pop(1)), 0
def counted(act):
    def killing(*args, **kwargs):
        global seen
        seen += 1
        if seen == at:
            os.kill(os.getpid(), 9)
        return act(*args, **kwargs)
    return killing
for module, names in ((os, ("rename", "replace", "link", "mkdir", "unlink", "rmdir")),):
    for name in names:
        setattr(module, name, counted(getattr(module, name)))
from doit.__main__ import main
sys.argv[0] = "doit"
sys.exit(main())
"""


def killed(shop: Workshop, at: int, *args: str) -> bool:
    """Runs a command that is killed at its nth change of a folder; whether it lived to be killed."""
    words = [sys.executable, "-c", KILLED, str(at), *args]
    return subprocess.run(words, cwd=shop.task, env=LEAN, capture_output=True, check=False).returncode == -9


def test_killed_anywhere_it_is_the_old_state_or_the_new_one(shop: Workshop, program: Program) -> None:
    done(shop)
    first = shop.outputs()
    done(shop, "redo")
    second, ends = shop.outputs(), set[str]()
    for at in (3, 12, 30):
        kept = numbers(shop.code("archive"))
        if not killed(shop, at, "restore", "0001"):
            break
        done(shop, "runs")
        now = shop.outputs()
        assert now in (first, second), at
        ends.add("old" if now == second else "new")
        assert paid(shop, program) == 0
        assert shop.outputs() == now
        assert len(numbers(shop.code("archive"))) - len(kept) in (0, 1)
        assert not [name for name in os.listdir(shop.code("archive")) if not name.isdigit()]
        done(shop, "restore", "0002" if now == first else "0001")
        if shop.outputs() != second:
            done(shop, "restore", "0002")
    assert ends == {"old", "new"}


@pytest.mark.parametrize("report", ["estimate", "review"])
def test_a_lone_report_is_no_attempt(shop: Workshop, program: Program, report: str) -> None:
    done(shop)
    first = shop.outputs()
    done(shop, "clean")
    done(shop, report)
    assert "nothing to archive" in done(shop, "clean")
    assert done(shop, "restore", "0001").splitlines()[-1] == "restored 0001"
    assert (shop.outputs(), numbers(shop.code("archive"))) == (first, [shop.code("archive/0001")])
