"""Whole checks of small repositories with pytest in a sandbox: what is judged how."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from codegen_tasks.check import told
from codegen_tasks.check.sandbox import Ended, Job
from codegen_tasks.config import CheckCommand
from tests.check.bench import Repository

BASE = {
    "tax.py": "def tax(x):\n    return x // 10\n",
    "test_tax.py": "from tax import tax\n\ndef test_ten():\n    assert tax(10) == 1\n"
    "\ndef test_zero():\n    assert tax(0) == 0\n",
    "test_old.py": "def test_broken():\n    assert False\n",
}
GOOD = "def tax(x):\n    return int(x * 0.1)\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path, BASE)


def test_a_good_change_passes_and_old_failures_are_not_blamed(repository: Repository) -> None:
    (verdict,) = repository.check({"tax.py": GOOD})
    assert verdict.verdict == "passed"
    assert verdict.results == {
        "test_old.py::test_broken": "failing_before",
        "test_tax.py::test_ten": "passed",
        "test_tax.py::test_zero": "passed",
    }


def test_a_regression_is_named_by_test(repository: Repository) -> None:
    (verdict,) = repository.check({"tax.py": "def tax(x):\n    return x // 10 or 7\n"})
    assert (verdict.verdict, verdict.failing) == ("failed", ("test_tax.py::test_zero",))
    assert told(verdict) == "tests: 1 passed, 1 regressed, 1 failing before: test_tax.py::test_zero (log: log)"


TESTS = BASE["test_tax.py"]
DISHONEST = {
    "deletes the test's file without the plan's leave": {"test_tax.py": ""},
    "removes a test": {"tax.py": GOOD, "test_tax.py": TESTS.partition("def test_zero")[0]},
    "renames a test": {"tax.py": GOOD, "test_tax.py": TESTS.replace("test_zero", "test_nought")},
    "skips a test": {"test_tax.py": TESTS.replace("def test_zero", "import pytest\n@pytest.mark.skip\ndef test_zero")},
    "skips all of it": {"test_tax.py": "import pytest\npytest.skip('later', allow_module_level=True)\n" + TESTS},
    "marks a failure as expected": {
        "tax.py": "def tax(x):\n    return 9\n",
        "test_tax.py": TESTS.replace("def test_zero", "import pytest\n@pytest.mark.xfail\ndef test_zero"),
    },
    "ends the run early": {"tax.py": "import os\nos._exit(0)\n"},
    "ends the run early, with success in words": {"tax.py": "print('2 passed in 0.01s')\nimport os\nos._exit(0)\n"},
    "plans a new test that is empty": {"tax.py": GOOD, "test_new.py": "# later\n"},
    "plans a new test that fails": {"tax.py": GOOD, "test_new.py": "def test_new():\n    assert 0\n"},
    "plans a new test that is skipped": {"test_new.py": "import pytest\ndef test_new():\n    pytest.skip()\n"},
    "cannot be imported": {"tax.py": "import nothing_like_it\n"},
    "is no Python": {"tax.py": "def tax(:\n"},
}


@pytest.mark.parametrize("name", DISHONEST)
def test_no_way_around_the_tests(repository: Repository, name: str) -> None:
    (verdict,) = repository.check(DISHONEST[name])
    assert not verdict.passes, verdict
    assert verdict.failing or verdict.reason


def test_a_planned_deletion_of_tests_is_none_of_their_loss(repository: Repository) -> None:
    (verdict,) = repository.check({"tax.py": GOOD, "test_tax.py": None})
    assert verdict.passes
    assert verdict.results == {"test_old.py::test_broken": "failing_before"}


class Scripted:
    """A sandbox that ends every job as the script says."""

    profile = "scripted"

    def __init__(self, *ends: tuple[int, str]) -> None:
        self.ends = list(ends)

    def run(self, _job: Job) -> Ended:
        code, report = self.ends.pop(0)
        return Ended("exited", code, "", b"", report.encode(), False, 0.0)


def tap(*ok: bool) -> str:
    return f"1..{len(ok)}\n" + "".join(f"{'ok' if good else 'not ok'} {n} - test {n}\n" for n, good in enumerate(ok))


@pytest.mark.parametrize(
    ("ends", "states"),
    [
        pytest.param([(0, tap(True, True))], ["passed", "passed"], id="passes, and runs once"),
        pytest.param([(1, tap(True, False))] * 3, ["passed", "failed"], id="fails three times"),
        pytest.param(
            [(1, tap(True, False)), (0, tap(True, True)), (1, tap(True, False))], ["passed", "flaky"], id="second"
        ),
        pytest.param(
            [(1, tap(True, False)), (1, tap(True, False)), (0, tap(True, True))], ["passed", "flaky"], id="third"
        ),
        pytest.param(
            [(1, tap(True, False)), (1, tap(False, False)), (1, tap(True, False))], ["flaky", "failed"], id="other"
        ),
        pytest.param(
            [(2, ""), (0, tap(True, True)), (0, tap(True, True))], ["passed", "passed"], id="torn the first time"
        ),
    ],
)
def test_who_disagrees_with_himself_is_flaky(tmp_path: Path, ends: list[tuple[int, str]], states: list[str]) -> None:
    repository = Repository(tmp_path, {})
    sandbox = Scripted(*ends)
    repository.bench = replace(repository.bench, sandbox=sandbox)
    seen = repository.observe(CheckCommand(name="tests", run=("run", "$REPORT"), report="tap"))
    assert list(seen.states.values()) == states
    assert sandbox.ends == []


def test_a_command_without_a_report_fails_by_its_exit_code(repository: Repository) -> None:
    lint = CheckCommand(
        name="lint", run=(sys.executable, "-c", "import sys; sys.exit(3 if 'int' in open('tax.py').read() else 0)")
    )
    assert repository.check({"tax.py": "x\n"}, lint)[0].verdict == "passed"
    (verdict,) = repository.check({"tax.py": "int\n"}, lint)
    assert (verdict.verdict, verdict.exit, verdict.reason) == ("failed", 3, "exit 3")


def test_nothing_is_run_for_the_same_tree_again(repository: Repository) -> None:
    repository.check({"tax.py": GOOD})
    ran = list(repository.bench.ran)
    again = repository.check({"tax.py": GOOD})
    assert repository.bench.ran == ran == ["tests", "tests"]
    assert again == repository.check({"tax.py": GOOD})


def test_only_what_changed_among_the_inputs_runs(repository: Repository) -> None:
    one = CheckCommand(name="one", run=("cat", "tax.py"), inputs=("tax.py",))
    other = CheckCommand(name="other", run=("cat", "test_old.py"), inputs=("test_*.py",))
    repository.check({"tax.py": "1\n"}, one, other)
    repository.bench.ran.clear()
    repository.check({"tax.py": "2\n"}, one, other)
    assert repository.bench.ran == ["one"]
    repository.check({"tax.py": "1\n"}, one, other)
    assert repository.bench.ran == ["one"]


def test_what_was_missing_is_looked_for_again(repository: Repository) -> None:
    command = CheckCommand(name="one", run=("cat", "node_modules/x"), needs=("node_modules",))
    assert repository.check({"tax.py": GOOD}, command)[0].verdict == "missing"
    repository.write("node_modules/x", "x")
    repository.ignored = ("node_modules",)
    assert repository.check({"tax.py": GOOD}, command)[0].verdict == "passed"


def test_what_is_not_among_the_inputs_is_not_there(repository: Repository) -> None:
    command = CheckCommand(name="one", run=("ls",), inputs=("tax.py",))
    repository.observe(command)
    assert repository.logs["one"] == b"tax.py\n"
