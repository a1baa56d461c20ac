"""What a run shows where: a table on a terminal, plain lines in logs, groups and annotations on GitHub."""

import io
import json
import os
import pty
import re
import subprocess
import threading
from pathlib import Path

import pytest

from codegen_tasks import github
from codegen_tasks.generate import Progress
from codegen_tasks.terminal import Board
from tests.program import Program
from tests.workshop import LEAN, Workshop

FAILING = {"check": {"commands": [{"name": "never", "run": ["false"]}], "repairs": 0, "sandbox": "none"}}
NASTY = ["\x1b[31mred", "\x1b]0;title\x07", "\x9b2J", "a\rb", "\x08", "\u202etxt.exe", "\u2066a", "\x00"]


def shop_of(tmp_path: Path, **more: object) -> Workshop:
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n"})
    shop.plan("# Plan\n\nx\n", ["a.txt", "b.txt"])
    (shop.task / "codegen.yaml").write_text(Program(tmp_path / "program").settings(**more))
    return shop


def on_terminal(shop: Workshop, **env: str) -> str:
    """All that a run writes to a terminal."""
    ours, theirs = pty.openpty()
    heard: list[bytes] = []

    def listen() -> None:
        try:
            while data := os.read(ours, 65536):
                heard.append(data)
        except OSError:  # the other end is closed
            pass

    listener = threading.Thread(target=listen)
    listener.start()
    subprocess.run(shop.command(), cwd=shop.task, env={**LEAN, "TERM": "xterm", **env}, stdout=theirs, stderr=theirs)
    os.close(theirs)
    listener.join()
    os.close(ours)
    return b"".join(heard).decode()


def test_a_terminal_gets_a_table_with_a_bar_and_one_line_a_unit(tmp_path: Path) -> None:
    said = on_terminal(shop_of(tmp_path))
    assert re.search(r"[█░]{20}  \d+ %  \d+ s", said), said
    assert [len(re.findall(rf"generate    {path}  asked: ", said)) for path in ("a.txt", "b.txt")] == [1, 1]
    assert "materialize a.txt" not in said
    assert "asked 2 of 2" in said
    assert said.count("\x1b[?25h") == said.count("\x1b[?25l") > 0, "the cursor is shown again"


@pytest.mark.parametrize(
    "env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"GITHUB_ACTIONS": "true"}], ids=["no-color", "dumb", "github"]
)
def test_where_nothing_may_move_there_are_plain_lines(tmp_path: Path, env: dict[str, str]) -> None:
    said = on_terminal(shop_of(tmp_path), **env).replace("\r\n", "\n")
    assert not set(said) & set("\x1b\r\x08")
    assert "materialize a.txt\n" in said


def test_a_log_is_plain(tmp_path: Path) -> None:
    run = shop_of(tmp_path).doit(env={"FORCE_COLOR": "1", "TERM": "xterm-256color"})
    assert not set(run.stdout + run.stderr) & set("\x1b\r\x08")


@pytest.mark.parametrize("nasty", NASTY)
def test_no_model_and_no_path_commands_the_terminal(nasty: str) -> None:
    stream = io.StringIO()
    board = Board(stream, clock=lambda: 0.0)
    board.show(Progress(f"src/{nasty}.py", "asking", f"model {nasty}", 3))
    rows = "".join(board._rows())
    board.step("materialize", nasty)
    board.show(Progress(f"src/{nasty}.py", "done", f"model {nasty}"))
    board.write(nasty, "error", nasty)
    assert not set(stream.getvalue() + rows) & set("\x1b\x07\x9b\r\x08\u202e\u2066\x00")


def test_a_units_line_says_what_it_cost() -> None:
    stream, now = io.StringIO(), [0.0]
    board = Board(stream, clock=lambda: now[0])
    board.show(Progress("a.py", "asking", "openai/m", 120))
    now[0] = 2.5
    board.show(Progress("a.py", "done", "openai/m", cost_usd=0.0123))
    assert stream.getvalue() == "generate    a.py  asked: openai/m, 120 tokens, 2.5 s, $0.0123\n"


# --- GitHub ----------------------------------------------------------------------------------------------------------


def on_github(shop: Workshop, tmp_path: Path) -> tuple[list[str], str]:
    page = tmp_path / "summary.md"
    said = shop.doit(env={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page)}).stdout
    return said.splitlines(), page.read_text()


def test_github_gets_one_group_and_a_summary(tmp_path: Path) -> None:
    said, page = on_github(shop_of(tmp_path), tmp_path)
    assert said[0] == "::group::codegen"
    assert said.count("::endgroup::") == 1
    assert said.index("::endgroup::") < said.index("asked 2 of 2, no price known")
    assert page.startswith("### codegen: ready\n\n```text\nasked 2 of 2, no price known\ndiff +")


def test_github_gets_failures_as_annotations(tmp_path: Path) -> None:
    said, page = on_github(shop_of(tmp_path, **FAILING), tmp_path)
    (error,) = [line for line in said if line.startswith("::error")]
    assert error.startswith("::error title=codegen::FAILED check: checks_failed: ")
    assert "%0A" in error
    assert page.startswith("### codegen: checks_failed\n")


def test_github_gets_an_idle_run_without_a_group(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    shop.doit()
    said, page = on_github(shop, tmp_path)
    assert [line.partition(";")[0] for line in said] == ["nothing to do"]
    assert "nothing to do" in page


@pytest.mark.parametrize(
    "text",
    ["::error::x", "  ::stop-commands::t", "a\n::add-mask::b", "see ##[error]x", "##[group]x", "\t::set-env name=A::b"],
)
def test_no_line_commands_github(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    stream = io.StringIO()
    board = Board(stream)
    board.write(text)
    board.step("materialize", text)
    board.close()
    ours = {"::group::codegen", "::endgroup::"}
    foreign = [line for line in stream.getvalue().splitlines() if line not in ours]
    assert [line for line in foreign if line.lstrip().startswith("::") or "##[" in line] == []


def test_an_annotation_holds_what_it_is_told() -> None:
    said = github.annotation("error", "a: b, c", "50 %\nnext ::x", "src/a,b:c.py")
    assert said == "::error title=a%3A b%2C c,file=src/a%2Cb%3Ac.py::50 %25%0Anext ::x"


def test_a_summary_is_text_whatever_it_says(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    lines = ["```", "<script>", "````text", "# no \x1b heading"]
    github.add_job_summary("codegen: ready", lines, {"GITHUB_STEP_SUMMARY": str(page)})
    head, fence, rest = page.read_text().partition("`````text\n")
    assert (head, fence) == ("### codegen: ready\n\n", "`````text\n")
    assert rest == "```\n<script>\n````text\n# no ⟨U+001B⟩ heading\n`````\n\n"


def test_a_page_that_cannot_be_written_changes_no_run(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    run = shop.doit(env={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path)})
    assert (run.returncode, json.loads(shop.code("ready.json").read_bytes())["next"]) == (0, "review")
    assert not (tmp_path / "no").exists()
