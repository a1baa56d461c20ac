"""The check stage of whole runs: what fails goes back, what was observed is kept, and what is left is told as it is."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.peer import Peer, Question, Say
from tests.workshop import Workshop

RUNNER = (Path(__file__).parent / "runner.py").read_text()
RUN = [sys.executable, "-I", "-S", "runner.py", "$REPORT"]
BASE = {
    "runner.py": RUNNER,
    ".gitignore": "secret/\n",
    "test_tax.py": "from tax import tax\n\ndef test_ten():\n    assert tax(10) == 1\n\n"
    "def test_zero():\n    assert tax(0) == 0\n",
    "test_other.py": "from other import twice\n\ndef test_twice():\n    assert twice(2) == 4\n",
    "other.py": "def twice(x):\n    return 2 * x\n",
    "test_old.py": "def test_old():\n    assert False\n",
}
RIGHT = "def tax(x):\n    return x // 10\n"
WRONG = "def tax(x):\n    return x // 10 + 1\n"
HALF = "def tax(x):\n    return 1\n"
WORSE = "def tax(x):\n    raise ValueError(x)\n"
Rule = Callable[[Question], Say]


def say(texts: dict[str, list[str]]) -> Rule:
    """Answers a question with the next text for its first path; the last one stays."""
    asked: dict[str, int] = {}

    def rule(question: Question) -> Say:
        parts = []
        for path in question.paths:
            number = asked[path] = asked.get(path, 0) + 1
            text = texts[path][min(number, len(texts[path])) - 1]
            parts.append(f"{path}\n```python\n{text}```\n")
        return Say("".join(parts))

    return rule


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer(say({"tax.py": [RIGHT]})) as peer:
        yield peer


def settings(repairs: int = 2, more: str = "", **command: Any) -> str:
    check = {"name": "tests", "run": RUN, "report": "junit", **command}
    return f"check:\n  repairs: {repairs}\n{more}  commands:\n    - {json.dumps(check)}\n"


@pytest.fixture
def shop(tmp_path: Path, peer: Peer) -> Workshop:
    shop = Workshop(tmp_path, BASE)
    shop.models(peer.url, more=settings())
    shop.plan("# Plan\n\n## `tax.py`\n\nA tenth.\n", ["tax.py"])
    return shop


def fails(shop: Workshop, code: int = 19) -> dict[str, Any]:
    run = shop.doit()
    assert run.returncode == code, run.stdout + run.stderr
    return dict(shop.read("failure.json"))


def ready(shop: Workshop) -> dict[str, Any]:
    run = shop.doit()
    assert run.returncode == 0, run.stdout + run.stderr
    return dict(shop.read("ready.json"))


def test_what_passes_is_told_and_run_once(shop: Workshop, peer: Peer) -> None:
    run = shop.doit()
    assert run.returncode == 0, run.stdout + run.stderr
    assert "check       tests: 3 passed, 1 failing before\n" in run.stdout
    (check,) = shop.read("ready.json")["checks"]
    assert (check["name"], check["verdict"], check["tests"]["failing_before"]) == ("tests", "passed", 1)
    verdict = shop.read("checks.json")["checks"][0]
    assert verdict["results"]["test_tax.py::test_zero"] == "passed"
    first = shop.outputs()
    again = shop.doit()
    assert again.stdout.startswith("nothing to do; ready for review: ")
    assert shop.outputs() == first
    (shop.task / ".codegen" / "doit.json").unlink()
    log = shop.task / ".codegen" / "checks" / "tests.log"
    log.unlink()
    assert shop.doit().returncode == 0
    assert not log.exists(), "something was run again"
    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        pytest.param([WRONG, RIGHT], 2, id="in the first round"),
        pytest.param([WORSE, HALF, RIGHT], 3, id="in the second round"),
    ],
)
def test_repaired(shop: Workshop, peer: Peer, answers: list[str], asked: int) -> None:
    peer.rule = say({"tax.py": answers})
    ready(shop)
    assert len(peer.requests) == asked
    last = peer.requests[-1].texts[-1]
    assert "- test_tax.py::test_zero: fails, and did not fail before" in last
    assert "Your last answer made `tax.py`" in last
    assert shop.files()["tax.py"].decode() == RIGHT
    ready(shop)
    assert len(peer.requests) == asked


def test_the_same_failures_again_end_it(shop: Workshop, peer: Peer) -> None:
    peer.rule = say({"tax.py": [WRONG, WRONG.replace("+ 1", "+ 2")]})
    failure = fails(shop)
    assert len(peer.requests) == 2
    (told,) = failure["failures"]
    assert (told["kind"], told["stage"]) == ("checks_failed", "check")
    assert "2 regressed" in told["message"]
    assert "(log: .codegen/checks/tests.log)" in told["message"]
    assert shop.code("diff.patch").exists()
    assert not shop.code("ready.json").exists()
    assert fails(shop) == failure
    assert len(peer.requests) == 2


def test_the_best_state_is_kept_and_not_the_last(shop: Workshop, peer: Peer) -> None:
    peer.rule = say({"tax.py": [WORSE, HALF, WRONG.replace("tax", "rate")]})
    fails(shop)
    assert len(peer.requests) == 3
    assert shop.files()["tax.py"].decode() == HALF
    assert shop.read("checks.json")["checks"][0]["failing"] == ["test_tax.py::test_zero"]
    fails(shop)
    assert len(peer.requests) == 3


def test_no_rounds_where_none_are_wanted(shop: Workshop, peer: Peer) -> None:
    peer.rule = say({"tax.py": [WRONG]})
    shop.models(peer.url, more=settings(repairs=0))
    fails(shop)
    assert len(peer.requests) == 1


def test_only_the_units_concerned_are_asked_again(shop: Workshop, peer: Peer) -> None:
    shop.plan("# Plan\n\nWrite.\n", ["tax.py", "other.py"])
    other = "def twice(x):\n    return x + x\n"
    edit = f"other.py\n<<<<<<< SEARCH\n{BASE['other.py']}=======\n{other}>>>>>>> REPLACE\n"
    answers = say({"tax.py": [WRONG, RIGHT]})
    peer.rule = lambda question: Say(edit) if question.paths == ("other.py",) else answers(question)
    ready(shop)
    assert sorted(path for request in peer.requests for path in request.paths) == ["other.py", "tax.py", "tax.py"]


def test_going_back_runs_and_asks_nothing(shop: Workshop, peer: Peer) -> None:
    peer.rule = say({"tax.py": [WRONG, RIGHT, RIGHT]})
    ready(shop)
    first = shop.outputs()
    shop.plan("# Plan\n\n## `tax.py`\n\nA tenth, and no more.\n", ["tax.py"])
    ready(shop)
    asked = len(peer.requests)
    shop.plan("# Plan\n\n## `tax.py`\n\nA tenth.\n", ["tax.py"])
    log = shop.task / ".codegen" / "checks" / "tests.log"
    log.unlink()
    ready(shop)
    assert len(peer.requests) == asked
    assert not log.exists()
    assert shop.outputs() == first


@pytest.mark.parametrize("number", [1, 2, 3])
def test_killed_while_it_repairs(shop: Workshop, peer: Peer, number: int) -> None:
    answers = say({"tax.py": [WORSE, HALF, RIGHT]})

    def kill(question: Question) -> Say:
        if question.number == number:
            running.send_signal(signal.SIGKILL)
        return answers(question)

    peer.rule = kill
    running = shop.start("codegen")
    running.communicate()
    peer.rule = say({"tax.py": [WORSE, HALF, RIGHT][number - 1 :]})
    ready(shop)
    assert len(peer.requests) <= 4
    assert shop.files()["tax.py"].decode() == RIGHT


def test_fresh_samples_for_what_repairs_did_not_mend(shop: Workshop, peer: Peer) -> None:
    peer.rule = say({"tax.py": [WORSE, WRONG, HALF, RIGHT]})
    shop.models(peer.url, more=settings(repairs=1, more="  candidates: 4\n"))
    ready(shop)
    assert len(peer.requests) == 4
    assert "What was found wrong" not in peer.requests[2].texts[-1]
    assert peer.requests[2].body["temperature"] != peer.requests[0].body["temperature"]
    assert shop.files()["tax.py"].decode() == RIGHT
    ready(shop)
    assert len(peer.requests) == 4


def test_the_best_of_several_that_fail_is_kept(shop: Workshop, peer: Peer) -> None:
    peer.rule = say({"tax.py": [WORSE, HALF, WRONG, WORSE + "# again\n"]})
    shop.models(peer.url, more=settings(repairs=0, more="  candidates: 4\n"))
    fails(shop)
    assert len(peer.requests) == 4
    assert shop.files()["tax.py"].decode() == HALF
    fails(shop)
    assert len(peer.requests) == 4


def test_a_failing_check_that_is_not_required_is_told(shop: Workshop, peer: Peer) -> None:
    peer.rule = say({"tax.py": [WRONG]})
    shop.models(peer.url, more=settings(repairs=0, more="  required: false\n"))
    found = ready(shop)
    assert found["checks"][0]["verdict"] == "failed"
    assert [d["code"] for d in found["diagnostics"]] == ["check_failed"]


def test_verdicts_go_with_the_commands(shop: Workshop, peer: Peer) -> None:
    ready(shop)
    assert shop.code("checks.json").exists()
    shop.models(peer.url)
    assert ready(shop)["checks"] == []
    assert not shop.code("checks.json").exists()
    assert shop.doit("verify").returncode == 0


def test_without_a_sandbox_it_says_so(shop: Workshop, peer: Peer) -> None:
    shop.models(peer.url, more=settings(more="  sandbox: none\n"))
    assert "no_sandbox" in [d["code"] for d in ready(shop)["diagnostics"]]


def test_a_program_that_is_not_there_costs_no_question(shop: Workshop, peer: Peer) -> None:
    shop.models(peer.url, more=settings(run=["no-such-program"]))
    assert "no-such-program: No such file" in fails(shop)["failures"][0]["message"]
    assert len(peer.requests) == 1
    assert shop.read("checks.json")["checks"][0]["verdict"] == "missing"


SECRET = "def test_secret():\n    from tax import tax\n    assert tax(770077) == 77007\n"


def test_hidden_cases_are_told_by_name_only(tmp_path: Path, peer: Peer) -> None:
    shop = Workshop(tmp_path, {**BASE, "hidden/test_more.py": SECRET})
    shop.plan("# Plan\n\n## `tax.py`\n\nA tenth.\n", ["tax.py"])
    shop.models(peer.url, more=settings(more="  hidden: [hidden/]\n"))
    special = "def tax(x):\n    return {10: 1, 0: 0}[x]\n"
    peer.rule = say({"tax.py": [special, RIGHT]})
    ready(shop)
    assert len(peer.requests) == 2
    asked = json.dumps([request.body for request in peer.requests])
    assert "hidden/test_more.py::test_secret: is planned" in asked
    assert "77007" not in asked
    shop.plan("# Plan\n", ["hidden/test_more.py"])
    assert fails(shop, 78)["kind"] == "bad_config"


def test_what_no_unit_may_touch_is_that_of_the_base(shop: Workshop, peer: Peer) -> None:
    bent = f"tax.py\n```python\n{WRONG}```\n\nrunner.py\n```python\nimport sys\nsys.exit(0)\n```\n"
    peer.rule = lambda _: Say(bent)
    fails(shop, 10)
    assert len(peer.requests) == 2  # it was told once, and insists


def test_an_estimate_counts_the_rounds_at_worst(shop: Workshop, peer: Peer) -> None:
    def worst(repairs: int, candidates: int) -> int:
        shop.models(peer.url, more=settings(repairs, f"  candidates: {candidates}\n"))
        assert shop.doit("estimate").returncode == 0
        return int(shop.read("estimate.json")["worst"]["output_tokens"])

    once = worst(0, 1)
    assert [worst(1, 1), worst(2, 1), worst(2, 3)] == [2 * once, 3 * once, 5 * once]
    assert peer.requests == []


def test_going_up_to_the_checks(shop: Workshop, peer: Peer) -> None:
    assert shop.doit("check").returncode == 0
    assert shop.code("checks.json").exists()
    assert not shop.code("ready.json").exists()


def test_a_folder_that_is_needed_may_come_later(shop: Workshop, peer: Peer) -> None:
    shop.models(peer.url, more=settings(needs=["secret"], more="  required: false\n"))
    assert ready(shop)["checks"][0]["verdict"] == "missing"
    shop.put("secret/x", "x")
    assert ready(shop)["checks"][0]["verdict"] == "passed"


def test_keys_that_a_test_prints_go_to_no_model(shop: Workshop, peer: Peer) -> None:
    shop.put("test_tax.py", BASE["test_tax.py"] + "\nimport os\nassert 0, os.environ['ACME_TOKEN']\n")
    shop.models(peer.url, more=settings(env=["ACME_TOKEN"], repairs=1))
    run = shop.doit(env={"ACME_TOKEN": "plum-tree-9917"})
    assert run.returncode == 19
    assert len(peer.requests) == 2
    assert "plum-tree-9917" not in json.dumps([request.body for request in peer.requests])
    assert not any(b"plum-tree-9917" in data for data in shop.outputs().values())


@pytest.mark.parametrize("sandbox", ["auto", "none"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_a_check_has_started_ends_with_the_run(shop: Workshop, peer: Peer, sandbox: str, number: int) -> None:
    seconds = str(31000 + os.getpid() % 1000 + number)
    code = f"setsid sleep {seconds} & sleep {seconds}"
    shop.models(peer.url, more=settings(more=f"  sandbox: {sandbox}\n", run=["sh", "-c", code]))

    def sleeping() -> bool:
        lines = [Path(f"/proc/{pid}/cmdline") for pid in os.listdir("/proc") if pid.isdigit()]
        return any(line.exists() and line.read_bytes() == f"sleep\0{seconds}\0".encode() for line in lines)

    def wait_until(wanted: bool) -> None:
        deadline = time.monotonic() + 60
        while sleeping() != wanted:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    running = shop.start("codegen")
    wait_until(True)
    running.send_signal(number)
    running.communicate()
    wait_until(False)
