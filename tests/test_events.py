"""The log of runs: numbered for good, whole whatever happened to it, bounded; enough to draw a run from outside."""

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from benchmarks.redraw import draw
from codegen_tasks.events import EventLog
from codegen_tasks.schemas import FOLDER
from tests.program import Program
from tests.workshop import Workshop

SCHEMA = json.loads((FOLDER / "events.jsonl.schema.json").read_bytes())


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def numbers(path: Path) -> list[int]:
    return [line["seq"] for line in lines_of(path)]


def test_lines_are_numbered_over_all_runs(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    for _ in range(3):
        log = EventLog(path)
        log.add("step_begin", stage="diff")
        log.end("done", always=False)
    assert numbers(path) == list(range(1, 10))
    assert [line["event"] for line in lines_of(path)] == ["run_begin", "step_begin", "run_end"] * 3


def test_a_run_that_does_nothing_adds_no_line(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    log.end("ready", always=False)
    assert not (tmp_path / "events.jsonl").exists()


def test_what_comes_after_the_end_is_dropped_and_another_run_may_begin(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    log.end("bad_plan", always=True)
    log.add("stored", unit="a.py")
    log.open()
    log.add("stored", unit="b.py")
    assert [line.get("unit") for line in lines_of(path)] == [None, None, None, "b.py"]


@pytest.mark.parametrize(
    ("tail", "kept"),
    [
        pytest.param(b'{"seq":3,"ti', 2, id="torn"),
        pytest.param(b'{"seq":3,"time":1.0,"event":"stored"}', 2, id="without-its-end"),
        pytest.param(b"\0" * 4096, 2, id="zeros"),
        pytest.param(b"\xff\xfe\n", 3, id="not-text"),
        pytest.param(b"{}\n\n[1]\n", 5, id="of-another-kind"),
    ],
)
def test_a_damaged_end_never_breaks_the_next_run(tmp_path: Path, tail: bytes, kept: int) -> None:
    path = tmp_path / "events.jsonl"
    first = EventLog(path)
    first.add("stored", unit="a.py")
    with path.open("ab") as file:
        file.write(tail)
    EventLog(path).add("stored", unit="b.py")
    lines = path.read_bytes().split(b"\n")
    assert [json.loads(line)["seq"] for line in lines[kept:-1]] == [3, 4]


def test_the_log_is_bounded_and_one_run_stays_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codegen_tasks.events.MOST", 400)
    path = tmp_path / "events.jsonl"
    for _ in range(30):
        log = EventLog(path)
        for number in range(4):
            log.add("stored", unit=f"{number}.py")
        log.end("done", always=False)
    assert {entry.name for entry in tmp_path.iterdir()} == {"events.jsonl", "events.old.jsonl"}
    assert sum(entry.stat().st_size for entry in tmp_path.iterdir()) < 4 * 400
    assert numbers(path)[-1] == 30 * 6
    assert lines_of(path)[0]["event"] == "run_begin"


# --- a consumer that reads three files alone -----------------------------------------------------------------------

GOOD = "import sys\nprint(sys.argv[1])\n"
REFUSING = "asked=$(cat); case $asked in *'- b.txt'*) echo no >&2; exit 1;; esac; printf '%s\\n' \"$asked\" | {answer}"
MENDING = (
    "asked=$(cat); case $asked in *'I would rather'*) printf '%s\\n' \"$asked\" | {answer};; "
    "*) echo 'I would rather not.';; esac"
)
STRAYING = "asked=$(cat); printf '%s\\n' \"$asked\" | {answer}; printf 'other.txt\\n```\\nhello\\n```\\n'"
FAILING = {"check": {"commands": [{"name": "never", "run": ["false"]}], "repairs": 0, "sandbox": "none"}}
PASSING = {"check": {"commands": [{"name": "ever", "run": ["true"]}], "sandbox": "none"}}
DEAR = {"generate": {"max_cost_usd": 0.01}}


def shop_of(tmp_path: Path, script: str, more: dict[str, Any]) -> Workshop:
    """A shop whose model is a shell script; {answer} in it is a program that answers well."""
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n"})
    shop.plan("# Plan\n\nx\n", ["a.txt", "b.txt", {"path": "c.txt", "depends_on": ["a.txt"]}])
    settings = json.loads(Program(tmp_path / "program").settings(**more))
    (link,) = settings["roles"]["codegen"]
    answer = " ".join(link["command"])
    link["command"] = ["sh", "-c", script.replace("{answer}", answer)]
    (shop.task / "codegen.yaml").write_text(json.dumps(settings))
    return shop


@pytest.mark.parametrize(
    ("script", "more", "drawn"),
    [
        pytest.param("{answer}", {}, ["asked 3 of 3, no price known", "ready"], id="ready"),
        pytest.param("{answer}", PASSING, ["checks: ever passed", "ready"], id="checked"),
        pytest.param("exit 1", {}, ["asked 2 of 3, 2 failed, $0.00", "2 x provider_error in generate"], id="failed"),
        pytest.param(
            REFUSING,
            {},
            ["asked 3 of 3, 1 failed, no price known", "1 x provider_error in generate"],
            id="partly-failed",
        ),
        pytest.param(
            "{answer}",
            {"store": {"offline": True}},
            ["asked 0 of 3, 2 failed", "2 x provider_refused in generate", "provider_refused: next is fix_config"],
            id="offline",
        ),
        pytest.param(
            STRAYING,
            {},
            ["asked 3 of 3, 3 repaired, no price known", "scope_mismatch: next is planning"],
            id="scope-refused",
        ),
        pytest.param(
            "{answer}", FAILING, ["checks: never failed", "checks_failed: next is codegen"], id="checks-failed"
        ),
        pytest.param(MENDING, {}, ["asked 3 of 3, 3 repaired, no price known", "ready"], id="repaired"),
        pytest.param(
            "{answer}", DEAR, ["asked 0 of 3, 2 failed", "budget_exceeded: next is fix_config"], id="too-dear"
        ),
    ],
)
def test_three_files_are_enough_to_draw_a_run(
    tmp_path: Path, script: str, more: dict[str, Any], drawn: list[str]
) -> None:
    shop = shop_of(tmp_path, script, more)
    said = shop.doit().stdout.splitlines()
    redrawn = draw(shop.task)
    assert set(drawn) <= set(redrawn), redrawn
    same = [line for line in redrawn if line.startswith(("asked", "diff", "warning", "error"))]
    assert same and set(same) <= set(said), said
    events = lines_of(shop.task / ".codegen/events.jsonl")
    for event in events:
        jsonschema.validate(event, SCHEMA)
    assert [events[0]["event"], events[-1]["event"]] == ["run_begin", "run_end"]
    begun = sum(event["event"] == "step_begin" for event in events)
    assert begun == sum(event["event"] == "step_end" for event in events) > 0
    assert f"{events[-1]['outcome']} " in f"{said[-1].replace(';', ' ')} "


def test_a_plan_that_cannot_be_read_is_a_run_of_two_lines(tmp_path: Path) -> None:
    shop = shop_of(tmp_path, "{answer}", {})
    (shop.task / "plan.files.json").write_text("{")
    assert shop.doit().returncode == 65
    assert [event["event"] for event in lines_of(shop.task / ".codegen/events.jsonl")] == ["run_begin", "run_end"]
    assert draw(shop.task)[-1] == "bad_plan: next is planning"


def test_a_second_run_says_what_came_from_the_store_and_an_idle_one_nothing(tmp_path: Path) -> None:
    shop = shop_of(tmp_path, "{answer}", {})
    shop.doit()
    log = shop.task / ".codegen/events.jsonl"
    seen = log.read_bytes()
    assert shop.doit().stdout.startswith("nothing to do; ready for review")
    assert log.read_bytes() == seen
    (shop.task / ".codegen/doit.json").unlink()
    (shop.code("replies") / "a.txt.json").unlink(missing_ok=True)
    for path in shop.code("replies").iterdir():
        path.unlink()
    assert "asked 0 of 3, 3 from the store" in shop.doit().stdout.splitlines()
    assert draw(shop.task)[0] == "asked 0 of 3, 3 from the store"


def test_the_script_runs_by_itself(tmp_path: Path) -> None:
    import subprocess

    script = Path(__file__).parent.parent / "benchmarks/redraw.py"
    run = subprocess.run([sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout == "neither ready nor failed\n"
