"""A user's own tasks, settings, reporters, databases and modules beside ours."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codegen_tasks import module_path
from tests.program import Program
from tests.workshop import DODO, LEAN, Workshop

OWN = """
def task_lint():
    return {"actions": ["echo linted >> lint.log; exit 1"]}

def task_deploy():
    return {"actions": ["touch deployed"], "task_dep": ["codegen"]}

def task_serve():
    return {"actions": ["touch serving; exec sleep 60"], "uptodate": [False]}
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "program")


@pytest.fixture
def shop(tmp_path: Path, program: Program) -> Workshop:
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n"})
    shop.plan("# Plan\n\n## `a.txt`\n\nx\n\n## `b.txt`\n\ny\n", ["a.txt", "b.txt"])
    (shop.task / "codegen.yaml").write_text(program.settings())
    return shop


def doit(shop: Workshop, *args: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Without the look at the repository: own tasks may write to it."""
    command = [str(Path(sys.executable).parent / "doit"), *args]
    return subprocess.run(command, cwd=cwd or shop.task, env=LEAN, capture_output=True, text=True, check=False)


def break_plan(shop: Workshop) -> None:
    (shop.task / "plan.files.json").write_text('["../a.txt"]')


def signals(shop: Workshop) -> tuple[bool, bool]:
    return shop.code("ready.json").exists(), shop.code("failure.json").exists()


def test_own_tasks_touch_neither_signals_nor_lock(shop: Workshop) -> None:
    (shop.task / "dodo.py").write_text(DODO + OWN)
    assert doit(shop).returncode == 0
    lock = (shop.task / ".codegen/lock").read_bytes()
    run = doit(shop, "lint")
    assert (run.returncode, signals(shop)) == (1, (True, False))
    assert "TaskFailed - taskid:lint" in run.stdout
    break_plan(shop)
    assert (doit(shop, "lint").returncode, signals(shop)) == (1, (True, False))
    assert (shop.task / ".codegen/lock").read_bytes() == lock


def test_an_own_task_before_the_first_run_makes_nothing_of_ours(shop: Workshop) -> None:
    (shop.task / "dodo.py").write_text(DODO + OWN)
    doit(shop, "lint")
    assert not (shop.task / "code").exists()
    assert not (shop.task / ".codegen").exists()


@pytest.mark.parametrize("names", [["serve"], ["codegen", "serve"]], ids=" ".join)
def test_an_own_task_that_runs_for_long_holds_nobody_up(shop: Workshop, names: list[str]) -> None:
    (shop.task / "dodo.py").write_text(DODO + OWN)
    with subprocess.Popen(shop.command(*names), cwd=shop.task, env=LEAN, stdout=subprocess.DEVNULL) as serve:
        while not (shop.task / "serving").exists():
            assert serve.poll() is None
        assert doit(shop).returncode == 0
        serve.send_signal(signal.SIGTERM)
    assert signals(shop) == (True, False)


def test_an_own_task_that_needs_ours_runs_them_as_ours(shop: Workshop, program: Program) -> None:
    (shop.task / "dodo.py").write_text(DODO + OWN)
    assert doit(shop, "deploy").returncode == 0
    assert (signals(shop), (shop.task / "deployed").exists()) == ((True, False), True)
    break_plan(shop)
    (shop.task / "deployed").unlink()
    assert doit(shop, "deploy").returncode == 65
    assert (signals(shop), (shop.task / "deployed").exists()) == ((False, True), False)


def test_an_own_task_that_fails_beside_ours_leaves_ours_ready(shop: Workshop) -> None:
    (shop.task / "dodo.py").write_text(DODO + OWN)
    run = doit(shop, "--continue", "lint", "codegen")
    assert (run.returncode, signals(shop)) == (1, (True, False))


@pytest.mark.parametrize(
    "args",
    [["-r", "json"], ["-r", "console"], ["-r", "zero"], ["-r", "executed-only"], ["-r", "error-only"], ["-n", "1"],
     ["-n", "3", "-P", "process"], ["-P", "thread"], ["--continue"], ["--no-continue"], ["-v", "0"], ["-v", "2"],
     ["--backend", "sqlite3"], ["--backend", "dbm"], ["--db-file", "mine.db"], ["-a"],
     ["--check_file_uptodate", "timestamp"], ["-o", "out.txt"]],
    ids=" ".join,
)  # fmt: skip
def test_options_of_doit_change_no_signal(shop: Workshop, program: Program, args: list[str]) -> None:
    run = doit(shop, "run", *args, "codegen")
    assert (run.returncode, signals(shop), len(program.asked)) == (0, (True, False), 2), run.stdout + run.stderr
    assert (doit(shop, "run", *args, "codegen").returncode, len(program.asked)) == (0, 2)
    (shop.task / "codegen.yaml").write_text(json.dumps({"roles": {"codegen": [{"command": ["false"], "retries": 0}]}}))
    shop.plan("# Plan\n\nanother\n", ["a.txt", "b.txt"])
    run = doit(shop, "run", *args, "codegen")
    assert (run.returncode, signals(shop)) == (12, (False, True)), run.stdout + run.stderr
    assert [failure["unit"] for failure in shop.read("failure.json")["failures"]] == ["a.txt", "b.txt"]
    if args == ["-r", "json"]:
        assert {task["result"] for task in json.loads(run.stdout)["tasks"]} >= {"fail", "success"}


@pytest.mark.parametrize(
    "dodo",
    [DODO + 'DOIT_CONFIG = {"verbosity": 1}\n', 'DOIT_CONFIG = {"verbosity": 1}\n' + DODO,
     DODO + 'DOIT_CONFIG = {"reporter": "zero", "num_process": 2, "backend": "sqlite3"}\n',
     DODO + 'DOIT_CONFIG = {"check_file_uptodate": "timestamp", "dep_file": "own.db", "par_type": "process"}\n'],
    ids=["after", "before", "other-places", "other-checker"],
)  # fmt: skip
def test_settings_of_a_users_own_live_beside_ours(shop: Workshop, program: Program, dodo: str) -> None:
    (shop.task / "dodo.py").write_text(dodo)
    run = doit(shop)
    assert (run.returncode, signals(shop), len(program.asked)) == (0, (True, False), 2), run.stdout + run.stderr
    break_plan(shop)
    assert (doit(shop).returncode, shop.read("failure.json")["kind"]) == (65, "bad_plan")


@pytest.mark.parametrize("name", ["doit.cfg", "pyproject.toml"])
def test_settings_in_files_go_over_ours(shop: Workshop, name: str) -> None:
    text = "[GLOBAL]\nreporter = zero\n" if name == "doit.cfg" else '[tool.doit]\nreporter = "zero"\n'
    (shop.task / name).write_text(text)
    run = doit(shop)
    assert (run.returncode, run.stdout, signals(shop)) == (0, "", (True, False))


@pytest.mark.parametrize("args", [["ignore", "generate:a.txt"], ["ignore", "diff"], ["ignore", "ready"]], ids=" ".join)
def test_a_step_that_is_left_out_is_told(shop: Workshop, args: list[str]) -> None:
    assert doit(shop).returncode == 0
    doit(shop, *args)
    assert (doit(shop).returncode, signals(shop)) == (11, (False, True))
    doit(shop, "forget", *args[1:])
    assert (doit(shop).returncode, signals(shop)) == (0, (True, False))


@pytest.mark.parametrize(
    "args",
    [["list"], ["list", "--all", "--status"], ["info", "codegen"], ["forget"], ["help"], ["tabcompletion"],
     ["dumpdb"], ["resetdep"]],
    ids=" ".join,
)  # fmt: skip
def test_commands_that_only_look_make_nothing(shop: Workshop, args: list[str]) -> None:
    doit(shop, *args)
    assert not (shop.task / "code").exists()
    assert not (shop.task / ".codegen").exists()


@pytest.mark.parametrize(
    "name", ["jinja2", "yaml", "msgspec", "markdown_it", "pygit2", "xxhash", "json", "statistics", "queue"]
)
@pytest.mark.parametrize("folder", [False, True], ids=["module", "package"])
def test_modules_of_the_repository_never_shadow_ours(shop: Workshop, tmp_path: Path, name: str, folder: bool) -> None:
    ran = tmp_path / "ran"
    place = shop.task / name / "__init__.py" if folder else shop.task / f"{name}.py"
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"open({str(ran)!r}, 'a').write(__name__)\nraise ImportError('mine')\n")
    assert (doit(shop).returncode, ran.exists()) == (0, False)


def test_a_doit_in_the_current_folder_is_not_doit(shop: Workshop, tmp_path: Path) -> None:
    elsewhere, ran = tmp_path / "elsewhere", tmp_path / "ran"
    elsewhere.mkdir()
    (elsewhere / "doit.py").write_text(f"open({str(ran)!r}, 'a').write('ran')\n")
    command = [str(Path(sys.executable).parent / "doit"), "-f", str(shop.task / "dodo.py"), "-d", str(elsewhere)]
    for args in (["codegen"], ["redo"]):
        run = subprocess.run([*command, *args], cwd=elsewhere, env=LEAN, capture_output=True, text=True, check=False)
        assert (run.returncode, ran.exists()) == (0, False), run.stderr


def test_modules_of_a_users_own_are_found(shop: Workshop) -> None:
    (shop.task / "lint_rules.py").write_text("RULES = ['a']\n")
    (shop.task / "dodo.py").write_text(DODO + "import lint_rules\n" + OWN)
    assert doit(shop).returncode == 0


def test_a_clone_of_this_package_runs_beside_the_installed_one(tmp_path: Path) -> None:
    for copy in ("clone", "installed"):
        package = tmp_path / copy / "codegen_tasks"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        shutil.copy(Path(module_path.__file__), package / "module_path.py")
    script = (
        "import sys, sysconfig\n"
        f"sysconfig.get_path = lambda kind: {str(tmp_path / 'installed')!r}\n"
        f"sys.path.insert(0, {str(tmp_path / 'clone')!r})\n"
        "from codegen_tasks.module_path import put_installed_first\n"
        f"put_installed_first({str(tmp_path / 'clone')!r})\n"
        "assert 'codegen_tasks' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={})
