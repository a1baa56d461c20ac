"""What a command can do in the sandbox, and what is left of it afterwards."""

import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from codegen_tasks.check.copied import Bare, Bubblewrap
from codegen_tasks.check.sandbox import Ended, Job, Limits, Namespaces
from codegen_tasks.check.system import PATH
from codegen_tasks.files import entries
from tests.check.bench import JAILER

SMALL = Limits(memory=300 << 20, processes=60, output=1 << 20, disk=16 << 20)


def run(root: Path, *argv: str, seconds: float = 60, limits: Limits = SMALL, **more: object) -> Ended:
    root.mkdir(exist_ok=True)
    env = {"PATH": PATH, "HOME": "/tmp/home"}
    job = Job(root, (), argv=argv, env=env, seconds=seconds, limits=limits, **{"hide": (), "changes": (), **more})  # type: ignore[arg-type]
    return Namespaces(JAILER).run(job)


def python(root: Path, code: str, **more: object) -> Ended:
    return run(root, sys.executable, "-I", "-S", "-c", code, **more)  # type: ignore[arg-type]


def test_a_command_sees_the_tree_with_its_changes_and_leaves_the_real_one_alone(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    for path in ("kept.txt", "gone.txt", "d/changed.txt", "d/hidden.txt", "ignored/x", "ignored/y"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("old")
    before = {name: Path(name).stat() for name in entries(root)}
    changes = (("d/changed.txt", 0o100755, b"new"), ("new/file", 0o100644, b"made"), ("gone.txt", 0, None))
    script = "find . -type f | sort; cat d/changed.txt new/file; test -x d/changed.txt && echo +x; "
    script += "rm -rf d; mkdir d; echo > kept.txt"
    ended = run(root, "sh", "-c", script, changes=changes, hide=("d/hidden.txt", "ignored"))
    assert ended.output.decode() == "./d/changed.txt\n./kept.txt\n./new/file\nnewmade+x\n"
    assert {name: Path(name).stat() for name in entries(root)} == before


def test_needs_can_be_read_and_not_written(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    (root / "node_modules" / "it").mkdir(parents=True)
    (root / "node_modules" / "it" / "x.js").write_text("real")
    needs = ((str(root / "node_modules"), "node_modules"),)
    ended = run(root, "sh", "-c", "cat node_modules/it/x.js; echo bad > node_modules/it/x.js", needs=needs)
    assert b"real" in ended.output
    assert b"Read-only" in ended.output
    assert (root / "node_modules" / "it" / "x.js").read_text() == "real"


OUT_OF_REACH = {
    "another file of this machine": "open({outside!r}).read()",
    "the network": "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
    "the home folder": "import os; assert os.listdir(os.path.expanduser('~'))",
    "the users of this machine": "open('/etc/shadow').read()",
    "the system": "open('/etc/new', 'w')",
    "other processes": "import os; assert [p for p in os.listdir('/proc') if p.isdigit() and int(p) > 50]",
    "a mount": "import ctypes, os; assert ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None) == 0",
    "a user namespace of its own": "import ctypes; assert ctypes.CDLL(None).unshare(0x10000000) == 0",
    "the first process's descriptors": "import os; os.readlink('/proc/1/fd/0')",
    "the first process's memory": "open('/proc/1/mem', 'rb')",
    "a variable that was not let through": "import os; os.environ['SECRET_OF_MINE']",
}


@pytest.mark.parametrize("name", OUT_OF_REACH)
def test_what_a_command_cannot_reach(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_MINE", "x")
    outside = tmp_path / "outside"
    outside.write_text("outside")
    ended = python(tmp_path / "repo", OUT_OF_REACH[name].format(outside=str(outside)))
    assert ended.end == "exited"
    assert ended.code != 0, ended.output
    assert outside.read_text() == "outside"


def test_a_local_server_works(tmp_path: Path) -> None:
    code = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname(), 5)"
    assert run(tmp_path / "repo", sys.executable, "-c", code).code == 0


ENDS = {
    "hangs": ("import time; time.sleep(600)", "time"),
    "hangs and ignores signals": ("import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)", "time"),
    "prints without end": ("while True: print('x' * 1000)", "output"),
    "forks without end": ("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", "processes"),
    "takes all memory": (
        "x = []\nwhile True: x.append(bytearray(os.urandom(1 << 20)))".replace("os.", "__import__('os')."),
        "memory",
    ),
    "kills its parent": ("import os, signal; os.kill(os.getppid(), 9); os.kill(1, 9)", "exited"),
    "kills everybody": ("import os, signal; signal.signal(15, signal.SIG_IGN); os.kill(-1, 15)", "exited"),
}


@pytest.mark.parametrize("name", ENDS)
def test_how_a_command_that_misbehaves_ends(tmp_path: Path, name: str) -> None:
    code, end = ENDS[name]
    ended = python(tmp_path / "repo", code, seconds=3 if end == "time" else 60)
    if name == "forks without end":  # the kernel may refuse before anybody counts
        assert ended.end in ("processes", "time")
        return
    assert ended.end == end


def test_what_fills_the_disk_finds_it_full(tmp_path: Path) -> None:
    ended = python(tmp_path / "repo", "f = open('f', 'wb')\nwhile True: f.write(bytes(1 << 20))")
    assert ended.end == "exited"
    assert ended.code != 0
    assert not (tmp_path / "repo" / "f").exists()


def test_daemons_die_with_the_command(tmp_path: Path) -> None:
    mark = f"codegen-daemon-{os.getpid()}"
    code = (
        f"import os, time\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0:\n"
        f"    open('/proc/self/comm', 'w').write('{mark[:15]}')\n    time.sleep(600)\n"
    )
    ended = python(tmp_path / "repo", code, seconds=30)
    assert ended.end == "exited"
    names = [Path(f"/proc/{pid}/comm") for pid in os.listdir("/proc") if pid.isdigit()]
    assert mark[:15] not in {name.read_text().strip() for name in names if name.exists()}


@pytest.mark.parametrize("argv", [("nowhere",), ("./nowhere",), ("/nowhere/at/all",), ("./no-program",)])
def test_a_program_that_is_not_there(tmp_path: Path, argv: tuple[str, ...]) -> None:
    ended = run(tmp_path / "repo", *argv, changes=(("no-program", 0o100644, b"text"),))
    assert (ended.end, bool(ended.trouble)) == ("missing", True)


def test_a_report_is_read_as_a_file_and_not_through_a_link(tmp_path: Path) -> None:
    report = "/tmp/report.xml"
    assert run(tmp_path / "repo", "sh", "-c", "echo hi > /tmp/report.xml", report=report).report == b"hi\n"
    assert run(tmp_path / "repo", "sh", "-c", "ln -s /etc/passwd /tmp/report.xml", report=report).report is None
    assert run(tmp_path / "repo", "mkfifo", "/tmp/report.xml", report=report).report is None
    assert run(tmp_path / "repo", "true", report=report).report is None


def test_the_same_with_a_copy_in_the_place_of_an_overlay(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    (root / "a.txt").write_text("a")
    (root / "link").symlink_to("a.txt")
    env = {"PATH": PATH}
    job = Job(
        root,
        ("a.txt", "link"),
        (),
        (("b/c.txt", 0o100644, b"c"),),
        ("sh", "-c", "cat a.txt link b/c.txt; rm a.txt"),
        env=env,
    )
    ended = Namespaces(JAILER, overlay=False).run(job)
    assert ended.output == b"aac"
    assert (root / "a.txt").exists()


def test_a_path_may_hold_what_separates_options(tmp_path: Path) -> None:
    root = tmp_path / "a,b:c=d\\e f"
    root.mkdir()
    (root / "x").write_text("x")
    assert run(root, "cat", "x").output == b"x"


def test_two_at_once(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(lambda i: run(tmp_path / f"r{i}", "sh", "-c", f"echo {i}"), range(8)))
    assert [ended.output for ended in ends] == [f"{i}\n".encode() for i in range(8)]
    assert time.monotonic() > started


@pytest.mark.parametrize("kind", ["bare", "bubblewrap"])
def test_on_a_copy(tmp_path: Path, kind: str) -> None:
    root, scratch = tmp_path / "repo", tmp_path / "scratch"
    scratch.mkdir()
    for path in ("a.txt", "gone.txt", "ignored.txt", "needed/x"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    program = shutil.which("bwrap")
    if kind == "bubblewrap" and program is None:
        pytest.skip("bwrap is not installed")
    sandbox = Bare(JAILER, scratch) if kind == "bare" else Bubblewrap(JAILER, scratch, str(program))
    job = Job(
        root,
        ("a.txt", "gone.txt"),
        (),
        (("gone.txt", 0, None), ("d/new.txt", 0o100755, b"new")),
        ("sh", "-c", "pwd; ls; cat needed/x; test -x d/new.txt && echo +x > $REPORT; echo bad > a.txt; exit 3"),
        env={"PATH": PATH, "REPORT": "/tmp/report.xml"},
        needs=((str(root / "needed"), "needed"),),
        report="/tmp/report.xml",
    )
    ended = sandbox.run(job)
    if kind == "bubblewrap" and ended.end == "no sandbox":
        pytest.skip(ended.trouble)
    assert (ended.end, ended.code) == ("exited", 3)
    assert ended.output.decode() == f"{root}\na.txt\nd\nneeded\nneeded/x"
    assert ended.report == b"+x\n"
    assert (root / "a.txt").read_text() == "a.txt"
    assert list(scratch.iterdir()) == []
