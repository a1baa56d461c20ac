"""Whatever is wrong with what the user wrote: a contract failure that names the place, and nothing is lost."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workshop import DODO, LEAN, Workshop, git

PLAN = "# Plan\n\nDo it.\n"


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    shop = Workshop(
        tmp_path / "repo", {"a.py": "a = 1\n", "dir/b.py": "b = 1\n", "README.md": "hi\n", ".gitignore": "*.log\n"}
    )
    shop.put("x.log", "ignored\n")
    shop.put(".env", "KEY=1\n")
    shop.plan(PLAN, ["a.py"])
    shop.models("http://127.0.0.1:9/v1")
    return shop


def entries(*values: object) -> Callable[[Workshop], None]:
    return lambda shop: shop.plan(PLAN, values)


def raw(name: str, data: bytes) -> Callable[[Workshop], None]:
    def write(shop: Workshop) -> None:
        (shop.task / name).write_bytes(data)

    return write


def link(shop: Workshop) -> None:
    (shop.root / "linked").symlink_to("dir")
    shop.plan(PLAN, ["linked/c.py"])


def link_out(shop: Workshop) -> None:
    (shop.task / "plan.md").unlink()
    (shop.task / "plan.md").symlink_to("/etc/hostname")


def missing(name: str) -> Callable[[Workshop], None]:
    return lambda shop: (shop.task / name).unlink()


def many_with_twin(shop: Workshop) -> None:
    shop.plan(PLAN, [f"src/f{i}.py" for i in range(5000)] + ["src/F7.py"])


BAD_PLAN = {
    "no plan": (missing("plan.md"), "plan.md is missing"),
    "no files": (missing("plan.files.json"), "plan.files.json is missing"),
    "empty plan": (raw("plan.md", b" \n"), "plan.md is empty"),
    "plan with a mark": (raw("plan.md", b"\xef\xbb\xbf# Plan"), "byte order mark"),
    "plan in UTF-16": (raw("plan.md", "# Plan".encode("utf-16")), "UTF-16"),
    "plan in Latin-1": (raw("plan.md", b"# Plan\n\xe4"), "plan.md:2: not UTF-8"),
    "plan outside": (link_out, "link to a place outside"),
    "no entries": (entries(), "plans no file"),
    "twice": (entries("a.py", "a.py"), "listed twice"),
    "climbs": (entries("../a.py"), "climbs out"),
    "absolute": (entries("/etc/passwd"), "is absolute"),
    "drive": (entries("C:/a.py"), "is absolute"),
    "backslash": (entries("src\\a.py"), "backslash"),
    "git": (entries(".git/config"), "lies in .git"),
    "git by case": (entries("x/.GIT/hooks/post-checkout"), "lies in .git"),
    "git by invisible": (entries(".g\u200cit/config"), "lies in .git"),
    "device": (entries("src/NUL.txt"), "reserved device"),
    "control": (entries("a\nb.py"), "control character"),
    "surrogate": (raw("plan.files.json", b'["\\ud800.py"]'), "lone surrogate"),
    "empty path": (entries(""), "is empty"),
    "dot part": (entries("./a.py"), "'.' part"),
    "case twins": (entries("x/A.py", "x/a.py"), "where case is ignored"),
    "Unicode twins": (entries("\u00e9.py", "e\u0301.py"), "where case is ignored"),
    "twin in the tree": (entries("A.py"), "only by case"),
    "file and folder": (entries("x", "x/y.py"), "also a folder"),
    "under a file": (entries("a.py/b.py"), "lies under the file"),
    "an ignored file": (entries("x.log"), "is ignored"),
    "a secret": (entries(".env"), "looks like a secret"),
    "onto a folder": (entries("dir"), "is a folder"),
    "through a link": (link, "symbolic link"),
    "own file": (entries("task/plan.md"), "own files"),
    "own folder": (entries("task/code/files/a.py"), "own files"),
    "create what is there": (entries({"path": "a.py", "intent": "create"}), "but it is there"),
    "update what is not": (entries({"path": "z.py", "intent": "update"}), "but it is not there"),
    "delete what is not": (entries({"path": "z.py", "intent": "delete"}), "but it is not there"),
    "bad intent": (entries({"path": "a.py", "intent": "change"}), "$[0].intent"),
    "bad type": (entries({"path": "a.py", "depends_on": "b.py"}), "$[0].depends_on"),
    "no path": (entries({"pth": "a.py"}), "$[0]"),
    "number": (entries(7), "$[0] is a number"),
    "unplanned dependency": (entries({"path": "a.py", "depends_on": ["dir/b.py"]}), "not a planned file"),
    "context that is not there": (entries({"path": "a.py", "context": ["nope.py"]}), "'nope.py'"),
    "context outside": (entries({"path": "a.py", "context": ["../../etc/passwd"]}), "climbs out"),
    "context glob of nothing": (entries({"path": "a.py", "context": ["*.rs"]}), "matches no file"),
    "torn JSON": (raw("plan.files.json", b'["a.py",\n  "b.py"'), "plan.files.json:2:9"),
    "JSON with a mark": (raw("plan.files.json", b'\xef\xbb\xbf["a.py"]'), "byte order mark"),
    "JSON in UTF-16": (raw("plan.files.json", '["a.py"]'.encode("utf-16")), "UTF-16"),
    "another shape": (raw("plan.files.json", b'{"paths": []}'), "no list of files"),
    "both shapes": (raw("plan.files.json", b'{"files": ["a.py"], "file_plan": []}'), "files and file_plan"),
    "deep": (raw("plan.files.json", b"[" * 100_000), "nested too deeply"),
    "key twice": (raw("plan.files.json", b'[{"path": "a.py", "path": "b.py"}]'), "stands twice"),
    "adopt of nothing": (entries({"path": "a.py", "adopt": "sha256:" + "0" * 64}), "neither in quarantine"),
    "adopt in another form": (entries({"path": "a.py", "adopt": "md5:1"}), "64 hex digits"),
    "5,000 entries and a twin": (many_with_twin, "where case is ignored"),
}

BAD_CONFIG = {
    "tab": (b"roles:\n\tcodegen: []\n", "codegen.yaml:2:1"),
    "unknown key": (b"generat: {jobs: 2}\n", "did you mean 'generate'?"),
    "unknown key of a model": (b"roles: {codegen: [{model: x, temprature: 1}]}\n", "did you mean 'temperature'?"),
    "wrong type": (b"generate: {jobs: many}\n", "generate.jobs"),
    "zero jobs": (b"generate: {jobs: 0}\n", "generate.jobs is 0"),
    "empty chain": (b"roles: {codegen: []}\n", "roles.codegen is empty"),
    "unknown format": (b"roles: {codegen: [{model: x, format: diff}]}\n", "is unknown"),
    "key twice": (b"repo: .\nrepo: .\n", "stands twice"),
    "UTF-16": ("repo: .".encode("utf-16"), "UTF-16"),
    "not UTF-8": (b"repo: \xff\n", "codegen.yaml:1"),
    "no such repo": (b"repo: elsewhere\n", "there is no folder"),
}


def check(shop: Workshop, kind: str, code: int, words: str) -> None:
    """The run fails so, and says so in failure.json and on the terminal."""
    run = shop.doit("codegen")
    assert run.returncode == code, run.stdout + run.stderr
    report = shop.read("failure.json")
    assert report["kind"] == kind
    (failure,) = report["failures"]
    assert words in failure["message"] + " " + failure["hint"]
    assert failure["hint"]
    assert failure["message"] in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
    assert not shop.code("ready.json").exists()


@pytest.mark.parametrize("case", BAD_PLAN)
def test_bad_plan(shop: Workshop, case: str) -> None:
    spoil, words = BAD_PLAN[case]
    spoil(shop)
    check(shop, "bad_plan", 65, words)


@pytest.mark.parametrize("case", BAD_CONFIG)
def test_bad_config(shop: Workshop, case: str) -> None:
    data, words = BAD_CONFIG[case]
    (shop.task / "codegen.yaml").write_bytes(data)
    check(shop, "bad_config", 78, words)


def test_every_stage_fails_the_same_way(shop: Workshop) -> None:
    (shop.task / "plan.md").unlink()
    for args in (["context"], ["generate:a.py"], ["materialize"], ["diff"], ["ready"], []):
        assert shop.doit(*args).returncode == 65, args
    assert shop.doit("list").returncode == 0


def test_a_code_folder_of_the_repository_is_left_alone(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, {"code/mine.py": "x = 1\n"}, task=".")
    shop.plan(PLAN, ["a.py"])
    run = shop.doit("codegen")
    assert run.returncode == 78
    assert "doit task=FOLDER codegen" in run.stdout
    assert [path.name for path in (tmp_path / "code").iterdir()] == ["mine.py"]


def test_code_as_a_link_is_refused(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    shop.code(".").symlink_to(tmp_path / "elsewhere")
    assert shop.doit("codegen").returncode == 78
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_bare_repository_has_no_working_tree(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    task = tmp_path / "bare.git" / "task"
    task.mkdir()
    (task / "dodo.py").write_text(DODO)
    (task / "plan.md").write_text(PLAN)
    (task / "plan.files.json").write_text('["a.py"]')
    run = Workshop.at(tmp_path / "bare.git").doit("codegen")
    assert run.returncode == 78
    assert "bare git repository" in json.loads((task / "code/failure.json").read_text())["failures"][0]["message"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to a read-only folder")
def test_a_read_only_task_directory(shop: Workshop) -> None:
    shop.task.chmod(0o555)
    try:
        run = shop.doit("codegen")
    finally:
        shop.task.chmod(0o755)
    assert run.returncode == 78
    assert "mend permissions" in run.stdout


def test_an_unreadable_file_in_place_of_a_folder(shop: Workshop) -> None:
    shop.code(".").write_text("a file where our folder should be\n")
    run = shop.doit("codegen")
    assert run.returncode == 78
    assert "code is not a folder" in run.stdout
    assert shop.code(".").read_text() == "a file where our folder should be\n"


def test_a_task_directory_that_is_not_there(shop: Workshop) -> None:
    run = shop.doit("task=TYPO", "codegen")
    assert (run.returncode, "no folder TYPO" in run.stdout) == (65, True)
    assert not (shop.task / "TYPO").exists()


@pytest.mark.parametrize("gone", ["pipe", "full", "closed"])
def test_a_terminal_that_is_gone_changes_no_signal(shop: Workshop, gone: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    out = {"pipe": writer, "full": os.open("/dev/full", os.O_WRONLY), "closed": writer}[gone]
    command = [*(["sh", "-c", 'exec "$@" >&-', "sh"] if gone == "closed" else []), *shop.command("codegen")]
    run = subprocess.run(command, cwd=shop.task, stdout=out, stderr=subprocess.DEVNULL, env=LEAN, check=False)
    os.close(writer)
    assert run.returncode == 12
    assert shop.read("failure.json")["kind"] == "provider_error"


@pytest.mark.parametrize("where", ["task", "."])
@pytest.mark.parametrize("name", ["codegen.yaml", "codegen.yml"])
def test_settings_are_found_under_both_names_in_both_places(shop: Workshop, name: str, where: str) -> None:
    (shop.task / "codegen.yaml").unlink()
    shop.put(f"{where}/{name}", "generat: {jobs: 2}\n")
    check(shop, "bad_config", 78, f"{name}: unknown key 'generat'")


def test_of_two_files_of_settings_none_is_taken(shop: Workshop) -> None:
    (shop.task / "codegen.yml").write_text("{}")
    check(shop, "bad_config", 78, "keep one of them")


def test_a_key_that_was_put_into_the_wrong_place_is_kept_nowhere(shop: Workshop) -> None:
    key = "sk-proj-AbCdEf0123456789AbCdEf0123456789AbCdEf01"
    shop.put("task/codegen.yaml", f"roles: {{codegen: [{{model: x, api_key_env: {key}}}]}}\n")
    check(shop, "bad_config", 78, "api_key_env")
    kept = [path.name for path in shop.task.rglob("*") if path.is_file() and key in path.read_text(errors="replace")]
    assert kept == ["codegen.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        '["a.txt", {"path": "b.txt", "zz": 9' + "9" * 5000 + "}]",
        '[{"path": "a.txt", "zz": -' + "9" * 5000 + "}]",
        r'[{"path": "a.txt", "notes": "\ud800"}]',
        r'[{"path": "a.txt", "zz": {"deep": ["\udfff"]}}]',
        r'[{"path": "a.txt", "\ud800": 1}]',
        r'[{"path": "a\ud800.txt"}]',
        r'[{"path": "a\u0000.txt"}]',
        r'[{"path": "a.txt", "context": ["\u0000"]}]',
    ],
    ids=["number", "negative", "notes", "deep", "key", "path", "nul-path", "nul-context"],
)
def test_values_that_nothing_can_hold_are_bad_plans(tmp_path: Path, text: str) -> None:
    shop = Workshop(tmp_path / "repo", {"a.txt": "base\n"})
    shop.plan("# Plan\n\nx\n", [])
    (shop.task / "plan.files.json").write_text(text)
    run = shop.doit()
    assert (run.returncode, shop.read("failure.json")["kind"]) == (65, "bad_plan"), run.stdout


def test_what_is_wrong_with_the_plan_is_told_once(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, {"README.md": "hi\n"})
    shop.plan("# Plan\n", [])
    said = shop.doit("codegen").stdout
    assert said.startswith("FAILED plan: bad_plan: plan.files.json plans no file\n")
    assert said.count("FAILED") == 1
