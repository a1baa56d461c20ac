"""What a failing run says: each cause once, what is kept, what comes next, and nothing that commands the terminal."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codegen_tasks.terminal import Board
from tests.program import Program
from tests.workshop import LEAN, Workshop

PATHS = [f"src/f{number}.txt" for number in range(8)]


def shop_of(tmp_path: Path, command: list[str], planned: list[Any]) -> Workshop:
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n"})
    shop.plan("# Plan\n\nx\n", planned)
    link = {"command": command, "retries": 0, "format": "whole"}
    (shop.task / "codegen.yaml").write_text(json.dumps({"roles": {"codegen": [link]}, "generate": {"repairs": 0}}))
    return shop


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        pytest.param(["sh", "-c", "echo busy >&2; exit 1"], "provider_error", id="busy"),
        pytest.param(["/no/such/program"], "provider_refused", id="missing"),
        pytest.param(["echo", "I would rather not."], "missing_outputs", id="no-file"),
        pytest.param(["printf", "`%s`\n"], "missing_outputs", id="nothing"),
    ],
)
def test_one_cause_is_said_once_with_its_units(tmp_path: Path, command: list[str], kind: str) -> None:
    shop = shop_of(tmp_path, command, PATHS)
    said = shop.doit().stdout.splitlines()
    failed = [line for line in said if line.startswith("FAILED")]
    assert [line.split(": ")[:2] for line in failed] == [["FAILED generate, 8 units alike", kind]]
    assert "  units: src/f0.txt, src/f1.txt, src/f2.txt, src/f3.txt, src/f4.txt and 3 more" in said
    assert len(shop.read("failure.json")["failures"]) == 8


def test_what_is_kept_and_what_comes_next_is_said(tmp_path: Path) -> None:
    good = Program(tmp_path / "program").settings()
    script, log = json.loads(good)["roles"]["codegen"][0]["command"]
    moody = f"asked=$(cat); case $asked in *'- src/f3.txt'*) exit 1;; esac; printf '%s\\n' \"$asked\" | {script} {log}"
    said = shop_of(tmp_path, ["sh", "-c", moody], PATHS).doit().stdout.splitlines()
    assert said[-2] == "7 of 8 units are done and kept"
    assert said[-1].startswith("provider_error (exit 12): run `doit codegen` again")
    assert said[-1].endswith("code/failure.json")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        pytest.param(["apply"], "bad_config (exit 78)", id="apply"),
        pytest.param(["unapply"], "bad_config (exit 78)", id="unapply"),
        pytest.param(["restore", "0001"], "bad_plan (exit 65)", id="restore"),
        pytest.param(["redo", "nope.txt"], "bad_plan (exit 65)", id="redo"),
        pytest.param(["scope", "accept", "nope.txt"], "bad_plan (exit 65)", id="scope"),
    ],
)
def test_a_command_that_was_given_something_wrong_is_to_be_run_again(
    tmp_path: Path, words: list[str], kind: str
) -> None:
    shop = shop_of(tmp_path, ["false"], ["a.txt"])
    assert shop.doit(*words).stdout.splitlines()[-1] == f"{kind}: mend that, then run `doit {words[0]}` again"
    assert not shop.code("failure.json").exists()


@pytest.mark.parametrize(
    ("stands", "args", "called"),
    [
        pytest.param("task", ["codegen"], "doit", id="there"),
        pytest.param(".", ["-f", "task/dodo.py", "codegen"], "doit -f task/dodo.py", id="file"),
        pytest.param("task", ["task=../a b", "codegen"], "doit 'task=../a b'", id="task"),
        pytest.param(
            "src", ["-f", "../task/dodo.py", "task=../a b"], "doit -f ../task/dodo.py 'task=../a b'", id="both"
        ),
    ],
)
def test_the_last_line_can_be_pasted_where_the_user_stands(
    tmp_path: Path, stands: str, args: list[str], called: str
) -> None:
    shop = shop_of(tmp_path, ["false"], ["../a.txt"])
    for folder in ("src", "a b"):
        (shop.root / folder).mkdir()
    command = [sys.executable, "-m", "doit", *args]
    run = subprocess.run(command, cwd=shop.root / stands, env=LEAN, capture_output=True, text=True, check=False)
    last = run.stdout.splitlines()[-1]
    assert last.startswith(f"bad_plan (exit 65): revise the plan, then run `{called} codegen`; all of it is in ")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        pytest.param(["verify"], "run `{} codegen`, or `{} restore NNNN`", id="verify"),
        pytest.param(["restore"], "`{} runs` lists the archived attempts", id="restore"),
        pytest.param(["apply", "--yes"], "run `{} codegen` first", id="apply"),
        pytest.param(["scope", "accept", "x"], "`{} scope` lists what was refused", id="scope"),
        pytest.param(["scope", "reject"], "write `{} scope`, `{} scope accept PATH…`", id="words"),
    ],
)
def test_every_hint_names_commands_as_they_are_called_there(tmp_path: Path, words: list[str], hint: str) -> None:
    shop = shop_of(tmp_path, ["false"], ["a.txt"])
    said = shop.doit("-f", "task/dodo.py", *words, cwd=shop.root).stdout
    assert hint.replace("{}", "doit -f task/dodo.py") in said
    assert "`doit codegen" not in said


def test_what_a_command_says_in_the_end_names_the_next_as_it_is_called(tmp_path: Path) -> None:
    shop = shop_of(tmp_path, ["printf", r"a.txt\n```\nx\n```\n\nb.txt\n```\nx\n```\n"], ["a.txt"])
    there = ["-f", "task/dodo.py"]
    assert shop.doit(*there, cwd=shop.root).returncode == 10
    assert shop.read("failure.json")["failures"][0]["hint"].startswith("see `doit scope`")
    assert "see `doit -f task/dodo.py scope`" in shop.doit(*there, cwd=shop.root).stdout
    assert "`doit -f task/dodo.py scope accept PATH…`" in shop.doit(*there, "scope", cwd=shop.root).stdout
    accepted = shop.doit(*there, "scope", "accept", "b.txt", cwd=shop.root).stdout
    assert accepted.endswith("`doit -f task/dodo.py codegen` goes on without a call\n")
    assert shop.doit(*there, cwd=shop.root).returncode == 0
    applied = shop.doit(*there, "apply", "--yes", cwd=shop.root).stdout
    assert applied.endswith("`doit -f task/dodo.py unapply` takes it back\n")


def test_places_are_named_as_they_lie_from_where_the_user_stands(tmp_path: Path) -> None:
    shop = shop_of(tmp_path, ["printf", r"a.txt\n```\nx\n```\n"], ["a.txt"])

    def last(*words: str) -> str:
        return shop.doit("-f", "task/dodo.py", *words, cwd=shop.root).stdout.splitlines()[-1]

    assert last().endswith("ready for review: task/code/ready.json; to apply it: git apply task/code/diff.patch")
    assert last("review") == "review: task/code/review.html"
    assert last("clean", "-n").startswith("would archive: task/code/review.html, task/code/ready.json, ")
    assert last("clean") == "archived as task/code/archive/0001"
    assert last("restore", "1") == "restored 0001"
    assert last("restore", "1") == "restored 0001; what was there is task/code/archive/0002"


def test_a_check_that_nobody_configured_says_what_to_set(tmp_path: Path) -> None:
    shop = shop_of(tmp_path, ["false"], ["a.txt"])
    run = shop.doit("check")
    assert run.returncode == 78
    assert "FAILED check: bad_config: there is nothing for the stage check to do" in run.stdout
    assert "codegen.yaml: check: {commands: [{name: tests, run: [" in run.stdout
    assert not shop.code("failure.json").exists()
    assert "check" in {line.split()[0] for line in shop.doit("list").stdout.splitlines()}


def test_what_redo_archives_and_apply_empties_is_said(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n"})
    shop.plan("# Plan\n\nx\n", ["a.txt"])
    (shop.task / "codegen.yaml").write_text(Program(tmp_path / "program").settings())
    assert shop.doit("codegen").returncode == 0
    assert "archived as code/archive/0001" in shop.doit("redo").stdout.splitlines()
    assert shop.doit("apply", "--yes").returncode == 0
    assert "diff: empty: the working tree has all of it" in shop.doit("codegen").stdout.splitlines()


def test_a_refused_reply_says_where_it_lies_and_what_the_model_was_told(tmp_path: Path) -> None:
    shop = shop_of(tmp_path, ["echo", "I would rather not."], ["a.txt"])
    said = shop.doit().stdout
    told = next((shop.task / ".codegen/store/aside").glob("*.told"))
    assert told.name in said
    assert "a.txt" in told.read_text()
    assert "I would rather not." in told.with_suffix("").read_text()


@pytest.mark.parametrize("text", ["\x1b[31mred", "\x1b]0;title\x07", "\x9b2J", "a\rb", "\x08\x08", "\u202etxt.exe"])
def test_nothing_a_model_says_commands_the_terminal(text: str) -> None:
    stream = io.StringIO()
    Board(stream).write(f"said {text}")
    assert not set(stream.getvalue()[:-1]) & set("\x1b\x07\x9b\r\x08\u202e\n")


def test_after_apply_nobody_is_sent_to_an_empty_diff(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n"})
    shop.plan("# Plan\n\nx\n", ["a.txt"])
    (shop.task / "codegen.yaml").write_text(Program(tmp_path / "program").settings())
    assert "apply" in shop.doit().stdout.splitlines()[-1]
    assert shop.doit("apply", "--yes").stdout.splitlines()[-1] == "1 file applied; `doit unapply` takes it back"
    assert shop.doit().stdout.splitlines()[-1].endswith("ready for review: code/ready.json")
    assert shop.doit("unapply", "--yes").stdout.splitlines()[-1] == "1 file put back; as it was before"
    assert shop.doit("unapply", "--yes").stdout.splitlines()[-1] == "nothing to do: nothing is put back"


LEFT_OUT = r"""printf 'src/f0.txt\n```\nx\n```\n\nsrc/other.txt\n```\nx\n```\n'"""


def test_what_a_reply_left_out_is_told_to_the_user_and_to_the_model_in_their_words(tmp_path: Path) -> None:
    shop = shop_of(tmp_path, ["sh", "-c", LEFT_OUT], [{"path": path, "group": "all"} for path in PATHS[:3]])
    said = shop.doit().stdout
    (failure,) = shop.read("failure.json")["failures"]
    assert failure["message"] == (
        "all: the reply has no content for src/f1.txt, src/f2.txt; instead it has src/other.txt (not in the plan)"
    )
    assert failure["hint"].startswith("run again, or say in plan.md what belongs into these files\n")
    assert failure["message"].removeprefix("all: ") in said and "still missing" not in said
    told = next((shop.task / ".codegen/store/aside").glob("*.told")).read_text()
    assert told == (
        "These paths are still missing from the reply:\n- src/f1.txt\n- src/f2.txt\n"
        "It has others instead:\n- src/other.txt: not in the plan"
    )


def test_what_to_do_about_an_edit_that_fits_nowhere_is_told_to_the_user(tmp_path: Path) -> None:
    block = r"README.md\n<<<<<<< SEARCH\nnobody wrote this\n=======\nx\n>>>>>>> REPLACE\n"
    shop = shop_of(tmp_path, ["printf", block], ["README.md"])
    assert shop.doit().returncode == 15
    (failure,) = shop.read("failure.json")["failures"]
    assert failure["hint"].startswith("run again, or say in plan.md more exactly what is to change\n")
