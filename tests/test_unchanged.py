"""Runs with nothing to do: what they load, when they are told at once, and that every kind of change is noticed."""

import json
import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import codegen_tasks
from codegen_tasks.files import Snapshot
from codegen_tasks.session import source_files
from codegen_tasks.unchanged import Looked, recall, remember
from codegen_tasks.worktree import Worktree
from tests.program import Program
from tests.workshop import DODO, Workshop, git

LOADED = "import atexit, sys\natexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
NO_TICK = "import codegen_tasks.unchanged as unchanged\nunchanged.TICK_NS = 0\n"  # else a test would wait for a clock
PLAIN = LOADED + NO_TICK + DODO
COSTLY = {"edits", "diff", "check", "local", "review"}
LIB = "def old_price(net: int) -> int:\n    return net\n"
LAST = "nothing to do; ready for review: code/ready.json; to apply it: git -C .. apply task/code/diff.patch\n"
TOKEN = {"SHOP_TOKEN": "q8Zr41LmVx77TnBw20sD"}


def make(folder: Path, **settings: Any) -> Workshop:
    """A repository with a run that ended well."""
    files = {"README.md": "hi\n", "src/old.py": "from src.lib import old_price\n", "src/lib.py": LIB, "src/far.py": ""}
    shop = Workshop(folder / "repo", files)
    plan = "# Plan\n\n## `new/a.py`\n\nSay x.\n\n## `src/old.py`\n\nUse `old_price`.\n"
    shop.plan(plan, ["new/a.py", "src/old.py"])
    (shop.task / "codegen.yaml").write_text(Program(folder / "program").settings(**settings))
    (shop.task / "dodo.py").write_text(PLAIN)
    assert shop.doit("codegen").returncode == 0
    return shop


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return make(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return make(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def known(shared: Workshop) -> Workshop:
    """One repository for all tests that leave it as it was, when the next run would be told at once."""
    (shared.task / "dodo.py").write_text(PLAIN)
    assert any(told(shared)[0] for _ in range(4))
    return shared


def told(shop: Workshop, *args: str, **env: str) -> tuple[bool, str]:
    """Whether a run was told at once, and what it printed but the last line of one that has nothing to do."""
    run = shop.doit(*(args or ("codegen",)), env=env)
    assert run.returncode == 0, run.stdout + run.stderr
    return "codegen_tasks.session" not in run.stderr.split(), run.stdout.removesuffix(LAST)


def record(shop: Workshop) -> Any:
    return json.loads((shop.task / ".codegen/unchanged").read_bytes()[64:])


def rewrite(path: Path, old: str, new: str) -> None:
    """Another text of the same length, with the times that a person can set as they were."""
    status, text = path.stat(), path.read_text()
    assert old in text
    assert len(old) == len(new)
    path.write_text(text.replace(old, new, 1))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def replace_by_link(path: Path, target: Path) -> None:
    path.replace(target)
    path.symlink_to(target)


def test_a_run_with_nothing_to_do_loads_no_room_that_only_work_needs(known: Workshop) -> None:
    run = known.doit("ready")
    assert run.stdout == LAST
    assert {name.split(".")[1] for name in run.stderr.split() if name.startswith("codegen_tasks.")} & COSTLY == set()


def test_told_at_once_nothing_is_written_and_no_task_made(known: Workshop) -> None:
    state = known.task / ".codegen"
    before = {path: path.stat().st_ctime_ns for path in state.rglob("*")}
    run = known.doit("codegen")
    assert run.stdout == LAST
    graph = {"msgspec", "codegen_tasks.pipeline", "codegen_tasks.plan", "codegen_tasks.tasks.graph", "yaml"}
    assert not graph & set(run.stderr.split())
    assert {path: path.stat().st_ctime_ns for path in state.rglob("*")} == before


CHANGES: dict[str, Callable[[Workshop], object]] = {
    "plan": lambda s: rewrite(s.task / "plan.md", "Say x", "Say y"),
    "entry": lambda s: s.plan((s.task / "plan.md").read_text(), ["new/a.py"]),
    "setting": lambda s: rewrite(s.task / "codegen.yaml", "60", "61"),
    "settings of another name": lambda s: (s.task / "codegen.yml").write_text("{}"),
    "the plan through a link": lambda s: replace_by_link(s.task / "plan.md", s.task / "other.md"),
    "base file": lambda s: rewrite(s.root / "src/old.py", "old_price", "new_price"),
    "base file gone": lambda s: (s.root / "src/old.py").unlink(),
    "base file executable": lambda s: (s.root / "src/old.py").chmod(0o755),
    "its folder through a link": lambda s: replace_by_link(s.root / "src", s.root / "source"),
    "new file is there": lambda s: s.put("new/a.py", "x\n"),
    "a folder that differs by case": lambda s: s.put("New/b.py", "x\n"),
    "definition shown": lambda s: rewrite(s.root / "src/lib.py", "net: int", "net: str"),
    "output": lambda s: rewrite(s.code("files/new/a.py"), "# answer", "# ANSWER"),
    "output gone": lambda s: s.code("files/new/a.py").unlink(),
    "output executable": lambda s: s.code("files/new/a.py").chmod(0o755),
    "stranger among the outputs": lambda s: s.code("files/new/b.py").write_text("x\n"),
    "package": lambda s: rewrite(s.code("context/new/a.py.md"), "Say x", "Say y"),
    "reply gone": lambda s: s.code("replies/new/a.py.json").unlink(),
    "patch": lambda s: rewrite(s.code("diff.patch"), "# answer", "# ANSWER"),
    "manifest": lambda s: rewrite(s.code("manifest.json"), '"attempt": 1', '"attempt": 2'),
    "provenance gone": lambda s: s.code("provenance.json").unlink(),
    "signal gone": lambda s: s.code("ready.json").unlink(),
    "signal": lambda s: rewrite(s.code("ready.json"), '"review"', '"REVIEW"'),
    "failure beside it": lambda s: s.code("failure.json").write_text("{}"),
    "mark gone": lambda s: s.code(".gitignore").unlink(),
    "memory of doit gone": lambda s: (s.task / ".codegen/doit.json").unlink(),
    "attempts": lambda s: (s.task / ".codegen/attempts").write_text("{}"),
    "origin in the store gone": lambda s: shutil.rmtree(s.task / ".codegen/store/output"),
    "commit": lambda s: git(s.root, "commit", "-q", "--allow-empty", "-m", "next"),
    "branch": lambda s: git(s.root, "checkout", "-q", "--orphan", "other"),
    "another repository": lambda s: git(s.task, "init", "-q"),
    "record torn": lambda s: os.truncate(s.task / ".codegen/unchanged", 400),
    "record with a flipped byte": lambda s: rewrite(s.task / ".codegen/unchanged", "nothing", "nothinG"),
}
HARMLESS: dict[str, Callable[[Workshop], object]] = {
    "far": lambda s: s.put("src/far.py", "y = 1\n"),
    "untracked": lambda s: s.put("src/fresh.py", "y = 1\n"),
    "index": lambda s: git(s.root, "add", "-A", "src"),
    "reply in the store gone": lambda s: shutil.rmtree(s.task / ".codegen/store/reply"),
}


def copied(known: Workshop, folder: Path) -> Workshop:
    """Another repository with a record of the same files, as they are there."""
    shutil.copytree(known.root, folder / "repo", symlinks=True)
    old, new, kept = f"{known.root}", f"{folder}/repo", record(known)
    files = [f"{where}/{name}" for where, names in kept["files"].items() for name in names]
    moved = {path.replace(old, new, 1) for path in files if path.startswith(old)}
    kinds = {path.replace(old, new, 1) for path in kept["kinds"] if path.startswith(old)}
    looked = Looked({path: os.path.lexists(path) for path in moved}, kinds, (new,))
    assert remember(Path(new) / "task/.codegen/unchanged", looked, "", ["nothing"], 2 * 10**18)
    return Workshop.at(Path(new))


@pytest.mark.parametrize("change", CHANGES | HARMLESS)
def test_every_kind_of_change_is_noticed(known: Workshop, tmp_path: Path, change: str) -> None:
    shop = copied(known, tmp_path)
    assert recall(shop.task / ".codegen/unchanged", "") == ["nothing"]
    (CHANGES | HARMLESS)[change](shop)
    assert recall(shop.task / ".codegen/unchanged", "") == (["nothing"] if change in HARMLESS else None)


SHOWN: dict[str, Callable[[Workshop], object]] = {
    "file": lambda s: rewrite(s.root / "docs/a.md", "one", "two"),
    "another one": lambda s: s.put("docs/b.md", "x\n"),
    "in a new folder": lambda s: s.put("docs/more/b.md", "x\n"),
    "in an empty folder": lambda s: s.put("docs/empty/b.md", "x\n"),
    "rules at the top": lambda s: s.put(".gitignore", "docs/a.md\n"),
    "rules beside it": lambda s: s.put("docs/.gitignore", "a.md\n"),
    "rules of the clone": lambda s: s.put(".git/info/exclude", "docs/a.md\n"),
    "settings": lambda s: git(s.root, "config", "core.excludesFile", "rules"),
    "index": lambda s: git(s.root, "rm", "-q", "--cached", "docs/a.md"),
    "a repository inside": lambda s: git(s.root / "docs", "init", "-q"),
}


@pytest.fixture(scope="module")
def showing(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A plan that shows files, by a path and by a glob."""
    shop = make(tmp_path_factory.mktemp("showing"))
    shop.put("docs/a.md", "one\n")
    (shop.root / "docs/empty").mkdir()
    git(shop.root, "add", "-A", "docs")
    entry = {"path": "new/a.py", "context": ["README.md", "docs/**/*.md"]}
    shop.plan((shop.task / "plan.md").read_text(), [entry, "src/old.py"])
    assert [told(shop)[0] for _ in range(3)] == [False, False, True]
    return shop


@pytest.mark.parametrize("change", SHOWN | HARMLESS)
def test_what_decides_which_files_are_shown_is_noticed(showing: Workshop, tmp_path: Path, change: str) -> None:
    shop = copied(showing, tmp_path)
    (SHOWN | HARMLESS)[change](shop)
    noticed = change not in HARMLESS or change == "index"
    assert recall(shop.task / ".codegen/unchanged", "") == (None if noticed else ["nothing"])


def test_all_that_decides_which_files_are_shown_is_on_record(showing: Workshop) -> None:
    assert looked_at_besides(showing, ".git/") == []


def test_git_that_fails_when_all_is_done_fails_no_run(showing: Workshop, tmp_path: Path) -> None:
    program = tmp_path / "git"
    program.write_text(f'#!/bin/sh\ncase "$*" in *" config "*) exit 3;; esac\nexec {shutil.which("git")} "$@"\n')
    program.chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert [told(showing, **env) for _ in range(2)] == [(False, "")] * 2


@pytest.mark.parametrize("settings", ["[include]\npath = more\n", '[includeIf "gitdir:/x/"]\npath = more\n'])
def test_rules_of_git_that_lie_elsewhere_are_not_guessed(
    showing: Workshop, settings: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    tree = Worktree(showing.root, Snapshot())
    found = tree.deciding(["docs/*.md"])
    assert found is not None
    assert {tmp_path / ".gitconfig", tmp_path / ".config/git/ignore", showing.root / "docs"} <= found
    (tmp_path / ".gitconfig").write_text("[core]\nexcludesFile = ~/rules\n")
    assert tmp_path / "rules" in (tree.deciding(["docs/*.md"]) or ())
    (tmp_path / ".gitconfig").write_text(settings)
    assert tree.deciding(["docs/*.md"]) is None


def test_a_variable_of_the_environment_is_noticed(known: Workshop) -> None:
    assert told(known, SHLVL="7", _="/bin/x") == (True, "")
    assert [told(known, **TOKEN)[0] for _ in range(3)] == [False, False, True]
    assert told(known)[0] is False


@pytest.mark.parametrize("command", ["review", "clean"])
def test_a_run_of_another_kind_between_is_noticed(known: Workshop, command: str) -> None:
    assert known.doit(command).returncode == 0
    assert told(known)[0] is False


WAYS = {
    "always": ("-a", "codegen"),
    "single": ("-s", "ready"),
    "stage": ("ready",),
    "reporter": ("-r", "zero", "codegen"),
    "database": ("--db-file", ".codegen/other.db", "codegen"),
    "checker": ("--check_file_uptodate", "timestamp", "codegen"),
    "two": ("codegen", "ready"),
    "list": ("list", "--status"),
    "why": ("why",),
}


@pytest.mark.parametrize("way", WAYS)
def test_other_commands_and_options_go_the_long_way(known: Workshop, way: str) -> None:
    assert told(known, *WAYS[way])[0] is False


@pytest.mark.parametrize("args", [(), ("run",), ("run", "codegen"), ("-n", "2", "-P", "thread", "codegen"), ("x=1",)])
def test_ways_to_say_the_same(known: Workshop, args: tuple[str, ...]) -> None:
    assert told(known, *args) == (True, "")


def test_what_the_users_dodo_adds_goes_the_long_way(known: Workshop) -> None:
    own = 'def task_lint():\n    return {"actions": None, "task_dep": ["generate:new/a.py"]}\n'
    (known.task / "dodo.py").write_text(PLAIN + own)
    assert told(known) == (False, "")
    (known.task / "dodo.py").write_text(PLAIN + 'DOIT_CONFIG = {"default_tasks": ["runs"]}\n')
    assert "NNNN" not in told(known, "run")[1]
    assert known.doit("run").stdout != LAST


MADE = """
import sys
from doit import control
plain = control.TaskControl.__init__
def init(self, tasks, **options):
    print("MADE", *(task.name for task in tasks), file=sys.stderr)
    plain(self, tasks, **options)
control.TaskControl.__init__ = init
"""


def made(shop: Workshop, *args: str) -> set[str]:
    """The tasks of units that doit was given."""
    (shop.task / "dodo.py").write_text(MADE + PLAIN)
    names = re.findall("MADE (.*)", shop.doit(*args).stderr)[0].split()
    return {name for name in names if ":" in name or name in ("manifest", "diff", "ready")}


def test_what_is_known_to_be_up_to_date_costs_no_task(shop: Workshop) -> None:
    assert made(shop, "codegen") == set()
    rewrite(shop.task / "plan.md", "Say x", "Say y")
    one = {"context:new/a.py", "generate:new/a.py", "materialize:new/a.py", "manifest", "diff", "ready"}
    assert made(shop, "codegen") == one
    assert made(shop, "codegen") == set()
    assert len(made(shop, "ready")) == 9


def test_what_reads_what_may_change_is_made_too(shop: Workshop) -> None:
    shop.plan((shop.task / "plan.md").read_text(), ["new/a.py", {"path": "src/old.py", "depends_on": ["new/a.py"]}])
    shop.doit("codegen")
    rewrite(shop.task / "plan.md", "Say x", "Say y")
    assert len(made(shop, "codegen")) == 9
    assert made(shop, "codegen") == set()


def test_a_task_that_doit_was_told_to_ignore_is_left_to_doit(shop: Workshop) -> None:
    assert shop.doit("ignore", "generate:new/a.py").returncode == 0
    assert shop.doit("codegen").returncode == 11
    assert "doit was told to leave out steps" in shop.code("failure.json").read_text()


def test_a_newer_version_of_ours_is_noticed(shop: Workshop, tmp_path: Path) -> None:
    source = Path(codegen_tasks.__file__).parent
    shutil.copytree(source, tmp_path / "lib/codegen_tasks", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(source.parent / "templates", tmp_path / "lib/templates")
    env = {"PYTHONPATH": str(tmp_path / "lib")}
    assert [told(shop, **env)[0] for _ in range(3)] == [False, False, True]
    rewrite(tmp_path / "lib/templates/repair.j2", "e", "E")
    assert told(shop, **env)[0] is False


CLOCKS = {
    "tick": "import codegen_tasks.unchanged as u\nu.TICK_NS = 10**15\n",
    "clock put back": NO_TICK + "import time\ntime.time_ns = lambda: 10**18\n",
}


@pytest.mark.parametrize("clock", CLOCKS)
def test_what_changed_just_now_is_not_believed(shop: Workshop, clock: str) -> None:
    (shop.task / "dodo.py").write_text(LOADED + CLOCKS[clock] + DODO)
    assert [told(shop), told(shop)] == [(False, "")] * 2
    assert not (shop.task / ".codegen/unchanged").exists()


def test_a_run_that_is_killed_with_the_lock_in_its_hand_is_noticed(shop: Workshop) -> None:
    dies = "import os\nfrom codegen_tasks.lock import Lock\nLock.give_back = lambda self: os._exit(9)\n"
    (shop.task / "dodo.py").write_text(dies + PLAIN)
    assert shop.doit("codegen").returncode == 9
    assert record(shop)["said"] == [LAST.rstrip()]
    (shop.task / "dodo.py").write_text(PLAIN)
    assert [told(shop)[0] for _ in range(2)] == [False, True]


def test_warnings_are_told_again(shop: Workshop) -> None:
    text = (shop.task / "plan.md").read_text()
    shop.plan(f"{text}\n## `src/olf.py`\n\nNobody plans it.\n", ["new/a.py", "src/old.py"])
    shop.doit("codegen")
    long, at_once = told(shop), told(shop)
    assert (long[0], at_once[0]) == (False, True)
    assert "warning: plan.md" in at_once[1]
    assert at_once[1] == long[1]


MORE: dict[str, dict[str, Any]] = {
    "live": {"context": {"ambient": "live"}},
    "checks": {"check": {"commands": [{"name": "t", "run": ["true"]}], "sandbox": "none"}},
    "remote": {"store": {"remote": "http://127.0.0.1:9/"}},
}


@pytest.mark.parametrize("more", MORE)
def test_where_more_than_files_decides_nothing_is_told_at_once(tmp_path: Path, more: str) -> None:
    shop = make(tmp_path, **MORE[more])
    assert [told(shop)[0] for _ in range(2)] == [False, False]
    assert not (shop.task / ".codegen/unchanged").exists()


def test_what_is_told_at_once_is_what_the_long_way_says(shop: Workshop) -> None:
    """Random edits; law: what is told at once, the long way tells too, to the letter."""
    chance, at_once = random.Random(1), 0
    harmful = ("output", "base file executable", "mark gone", "commit", "provenance gone")
    for name in [*chance.sample(harmful, 2), *HARMLESS]:
        (CHANGES | HARMLESS)[name](shop)
        for _ in range(2):
            run = shop.doit("codegen")
            if "codegen_tasks.session" not in run.stderr.split():
                at_once += 1
                (shop.task / ".codegen/unchanged").unlink()
                assert shop.doit("codegen").stdout == run.stdout
    assert at_once >= len(HARMLESS)


WATCH = """
import atexit, json, os, sys
seen = set()
def note(path):
    if isinstance(path, (str, bytes, os.PathLike)):
        seen.add(os.path.normpath(os.path.join(os.getcwd(), os.fsdecode(path))))
def watched(plain):
    def look(path=".", *args, **named):
        note(path)
        return plain(path, *args, **named)
    return look
for name in ("stat", "lstat", "scandir", "listdir", "readlink"):
    setattr(os, name, watched(getattr(os, name)))
sys.addaudithook(lambda event, args: note(args[0]) if event == "open" else None)
atexit.register(lambda: print("SEEN" + json.dumps(sorted(seen)), file=sys.stderr))
"""
HINTS = ("config", "lock", "plan", "index", "index/true", "unchanged")  # they decide nothing, or are asked apart


def looked_at_besides(shop: Workshop, *apart: str) -> list[str]:
    """What the long way opens or looks at below the repository and is not on record; `apart` begin what may be so."""
    kept = record(shop)
    on_record = {f"{folder}/{name}" for folder, names in kept["files"].items() for name in names} | {*kept["kinds"]}
    gone = tuple(f"{path}/" for path in on_record if not os.path.lexists(path))
    (shop.task / "dodo.py").write_text(WATCH + NO_TICK + DODO)
    run = shop.doit("ready")
    (shop.task / "dodo.py").write_text(PLAIN)
    assert run.stdout == LAST
    task = shop.task
    hints = {str(task / ".codegen" / name) for name in HINTS} | {str(task / "dodo.py")}
    return [
        path
        for path in json.loads(re.findall("SEEN(.*)", run.stderr)[0])
        if path.startswith(str(shop.root)) and path not in on_record | hints and not path.startswith(gone)
        if not path.startswith((str(task / "__pycache__"), *(f"{shop.root}/{name}" for name in apart)))
    ]


def test_all_that_the_long_way_looks_at_is_on_record(known: Workshop) -> None:
    assert looked_at_besides(known) == []


def test_states_of_files(tmp_path: Path) -> None:
    one, gone, folder = tmp_path / "top/one", tmp_path / "top/none/at/all", tmp_path / "top/folder"
    folder.mkdir(parents=True)
    one.write_text("1")
    now, kept = one.stat().st_ctime_ns + 10**10, tmp_path / "kept"

    def keep(**files: bool) -> bool:
        names = {"one": one, "gone": gone, "folder": folder}
        looked = Looked({str(names[name]): was for name, was in files.items()}, set(), (str(tmp_path / "top"),))
        return remember(kept, looked, "about", ["said"], now)

    assert not keep(one=False)
    assert not keep(gone=True)
    assert keep(one=True, gone=False, folder=True)
    assert recall(kept, "about") == ["said"]
    assert recall(kept, "another") is None
    (folder / "x").write_text("")
    (folder / "x").unlink()
    assert recall(kept, "about") is None
    assert keep(one=True, gone=False, folder=True)
    gone.parent.mkdir(parents=True)
    assert recall(kept, "about") is None
    replace_by_link(one, tmp_path / "top/two")
    assert not keep(one=True)


LEFT = {"a file beside the plan's": "files/x.txt", "one in a folder": "files/d/x.txt", "checks": "checks.json"}


@pytest.mark.parametrize("place", LEFT.values(), ids=LEFT.keys())
def test_what_lies_where_nothing_is_written_is_cleared_away_and_the_run_ready(known: Workshop, place: str) -> None:
    known.code(place).parent.mkdir(exist_ok=True)
    known.code(place).write_text("x")
    for _ in range(2):
        run = known.doit("codegen")
        assert (run.returncode, known.code(place).exists()) == (0, False), run.stdout


COMES_LATE = """import pathlib
from codegen_tasks.session import Session
start, late = Session.start, pathlib.Path(__file__).parent / "code/files/late.txt"
def with_a_stranger(session, stages):
    late.write_text("x")
    start(session, stages)
Session.start = with_a_stranger
"""


def test_what_comes_when_tasks_have_been_left_out_fails_no_run(shop: Workshop) -> None:
    assert shop.doit("codegen").returncode == 0
    (shop.task / ".codegen/unchanged").unlink(missing_ok=True)
    (shop.task / "dodo.py").write_text(COMES_LATE + PLAIN)
    run = shop.doit("codegen")
    assert (run.returncode, shop.code("ready.json").exists()) == (0, True), run.stdout


@pytest.mark.parametrize("there", [True, False])
def test_files_that_a_warning_hangs_on_are_on_record(shop: Workshop, there: bool) -> None:
    plan = (shop.task / "plan.md").read_text() + "\n## Notes\n\nEdit `src/olds.py`, too.\n"
    if there:
        shop.put("src/olds.py", "x\n")
    shop.plan(plan, ["new/a.py", "src/old.py"])
    assert any(told(shop)[0] for _ in range(4))
    (shop.root / "src/olds.py").unlink() if there else shop.put("src/olds.py", "x\n")
    assert not told(shop)[0]


def test_the_data_that_the_code_works_with_is_part_of_our_source() -> None:
    package = Path(codegen_tasks.__file__).parent
    shipped = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {path for path in shipped if path.name != "py.typed"} <= set(source_files())
