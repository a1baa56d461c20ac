"""A program as provider: its exit, its silence, its end."""

import json
import signal
import sys
import threading
from pathlib import Path

import pytest

from codegen_tasks.errors import Interrupted
from codegen_tasks.providers import ProviderFault, Watch, ask
from codegen_tasks.providers.command import prompt
from codegen_tasks.records import Message, ModelSpec, Reply, Request
from tests.workshop import Workshop

REQUEST = Request("a.py", ("a.py",), (Message("system", "rules\n"), Message("user", "please é\n")), "whole", 1)


def python(code: str, timeout_s: float = 20.0) -> ModelSpec:
    return ModelSpec(command=(sys.executable, "-c", code), timeout_s=timeout_s)


def test_it_reads_the_prompt_and_its_output_is_the_reply() -> None:
    spec = python("import sys; sys.stdout.write(sys.stdin.read().upper())")
    assert ask(spec, REQUEST, Watch()) == Reply(
        spec.name, "RULES\n\nPLEASE É\n", input_tokens=3, output_tokens=4, counted=True
    )


def test_what_was_said_before_is_marked() -> None:
    more = (*REQUEST.messages, Message("assistant", "no"), Message("user", "yes"))
    text = prompt(Request("a.py", ("a.py",), more, "whole", 1))
    assert text == "rules\n\nplease é\n\n# Your earlier reply\n\nno\n\n# What is asked now\n\nyes\n"


@pytest.mark.parametrize(
    ("spec", "transient", "says"),
    [
        pytest.param(python("import sys; sys.exit('out of credit')"), True, "exit code 1: out of credit", id="fails"),
        pytest.param(python("import os; os.abort()"), True, "exit code -6: nothing on stderr", id="dies"),
        pytest.param(python("import time; time.sleep(60)", 0.3), True, "no whole answer within 0.3 s", id="hangs"),
        pytest.param(ModelSpec(command=("printf", r"caf\351\n")), True, "byte 3 is 0xe9", id="is-not-UTF-8"),
        pytest.param(ModelSpec(command=("cat", "/dev/zero")), True, "longer than 16 MiB", id="says-too-much"),
        pytest.param(ModelSpec(command=("/no/such/program",)), False, "cannot be run", id="missing"),
    ],
)
def test_what_can_go_wrong(spec: ModelSpec, transient: bool, says: str) -> None:
    with pytest.raises(ProviderFault) as failed:
        ask(spec, REQUEST, Watch())
    assert says in failed.value.message
    assert (failed.value.transient, bool(failed.value.hint)) == (transient, True)


def test_the_terminal_tells_a_failure_as_it_is(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, {"README.md": "hi\n"})
    shop.plan("# Plan\n\n## `a.py`\n\nWrite.\n", [{"path": "a.py"}])
    spec = {"command": ["sh", "-c", "echo 'while :; do' >&2; exit 1"], "retries": 0}
    (shop.task / "codegen.yaml").write_text(json.dumps({"roles": {"codegen": [spec]}}))
    assert "\nFAILED generate:a.py: provider_error: no model answered: " in (said := shop.doit().stdout)
    assert "exit code 1: while :; do\n" in said


def test_a_program_that_reads_nothing_is_fine() -> None:
    long = Request("a.py", ("a.py",), (Message("user", "x" * 1_000_000),), "whole", 1)
    assert ask(python("print('done')"), long, Watch()).text == "done\n"


def test_all_of_a_long_output_is_the_reply() -> None:
    code = "import sys; sys.stderr.write('x' * 3_000_000); print('y' * 3_000_000)"
    assert ask(python(code), REQUEST, Watch()).text == "y" * 3_000_000 + "\n"


def test_a_slow_program_gets_all_of_a_long_prompt() -> None:
    long = Request("a.py", ("a.py",), (Message("user", "x" * 1_000_000),), "whole", 1)
    code = "import sys, time; time.sleep(0.5); print(len(sys.stdin.read()))"
    assert ask(python(code), long, Watch()).text == "1000001\n"


@pytest.mark.parametrize(
    ("child", "text"),
    [
        pytest.param("sleep 60", "hello\n", id="silent"),
        pytest.param("sleep 0.4; echo more; sleep 0.4; echo and more", "hello\nmore\nand more\n", id="goes-on"),
    ],
)
def test_a_child_in_the_background_may_say_more_but_keeps_nobody_waiting(child: str, text: str) -> None:
    assert ask(ModelSpec(command=("sh", "-c", f"({child}) & echo hello")), REQUEST, Watch()).text == text


@pytest.mark.parametrize("ends_at", [0.0, 0.9], ids=["early", "just-in-time"])
def test_a_child_that_talks_to_stderr_for_ever_keeps_nobody_waiting(ends_at: float) -> None:
    script = f"(while :; do echo . >&2; sleep 0.3; done) & sleep {ends_at}; echo hello"
    spec = ModelSpec(command=("sh", "-c", script), timeout_s=1.5)
    assert ask(spec, REQUEST, Watch()).text == "hello\n"


def test_a_reply_that_never_ends_is_none() -> None:
    script = "(while :; do echo more; sleep 0.3; done) & echo hello"
    with pytest.raises(ProviderFault, match=r"no whole answer within 1\.5 s"):
        ask(ModelSpec(command=("sh", "-c", script), timeout_s=1.5), REQUEST, Watch())


def test_what_it_says_of_a_failure_is_told_without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"K": "abc", "ACME_KEY": "k" * 3000, "A_TOKEN": "two\nlines of it", "X_SECRET": "s3cr3t-12", "CI": "true"}
    values |= {"DB_PASSWORD": "pass/word"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    script = "for name in K ACME_KEY A_TOKEN X_SECRET DB_PASSWORD CI; do printenv $name >&2; done; exit 1"
    with pytest.raises(ProviderFault) as failed:
        ask(ModelSpec(command=("sh", "-c", script), api_key_env="K"), REQUEST, Watch())
    assert failed.value.message == "exit code 1: … … … … … true"


def test_the_exit_code_counts_whatever_a_child_in_the_background_does() -> None:
    with pytest.raises(ProviderFault, match="exit code 3"):
        ask(ModelSpec(command=("sh", "-c", "sleep 60 & exit 3")), REQUEST, Watch())


def test_it_runs_in_an_empty_directory_that_is_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = "import os; print(os.getcwd(), os.environ['PWD'], os.listdir('.')); open('left.txt', 'w').write('x')"
    folder, said, inside = ask(python(code), REQUEST, Watch()).text.split()
    assert (folder, inside) == (said, "[]")
    assert not Path(folder).exists()
    assert list(tmp_path.iterdir()) == []


def test_a_program_named_by_a_relative_path_is_found_from_the_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = tmp_path / "agent"
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    assert ask(ModelSpec(command=("./agent",)), REQUEST, Watch()).text == "hello\n"


def test_the_end_of_the_run_ends_the_program_and_its_children(tmp_path: Path) -> None:
    code = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(tmp_path / "pid")!r}, "w").write(str(child.pid))
time.sleep(60)
"""
    stop = threading.Event()
    watcher = threading.Thread(target=lambda: (wait_for(tmp_path / "pid"), stop.set()))
    watcher.start()
    with pytest.raises(Interrupted):
        ask(python(code), REQUEST, Watch(stop))
    watcher.join()
    assert gone(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
@pytest.mark.parametrize("again", [False, True], ids=["once", "again-and-again"])
def test_an_interrupted_run_leaves_no_program_behind(number: int, code: int, again: bool, tmp_path: Path) -> None:
    shop, temporary = Workshop(tmp_path / "repo", {"README.md": "hi\n"}), tmp_path / "temporary"
    temporary.mkdir()
    shop.plan("# Plan\n\n## `a.py`\n\nWrite.\n\n## `b.py`\n\nWrite.\n", [{"path": "a.py"}, {"path": "b.py"}])
    agent = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
    config = {"roles": {"codegen": [{"command": [sys.executable, "-c", agent]}]}, "generate": {"jobs": 2}}
    (shop.task / "codegen.yaml").write_text(json.dumps(config))
    run = shop.start("codegen", env={"TMPDIR": str(temporary)})
    while len(pids := [text for path in temporary.glob("*/pid") if (text := path.read_text())]) < 2:
        assert run.poll() is None, run.communicate()
    run.send_signal(number)
    while again and run.poll() is None:
        run.send_signal(number)
    assert run.wait(timeout=10) == code
    assert shop.read("failure.json")["kind"] == ("interrupted" if code == 130 else "terminated")
    assert all(gone(int(pid)) for pid in pids)
    assert list(temporary.glob("codegen-command-*")) == []


def wait_for(path: Path) -> None:
    while not path.exists() or not path.read_text():
        pass


def gone(pid: int) -> bool:
    """Whether the process ended; a zombie that nobody has buried yet has."""
    for _ in range(1_000_000):
        try:
            if ") Z " in Path(f"/proc/{pid}/stat").read_text():
                return True
        except FileNotFoundError:
            return True
    return False
