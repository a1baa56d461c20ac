"""The whole phase, by the real command line against a real HTTP peer."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest

from codegen_tasks.errors import Failure
from codegen_tasks.files import Snapshot
from codegen_tasks.pipeline import STAGES, Places, Step
from codegen_tasks.run import Run
from codegen_tasks.schemas import FOLDER
from tests.peer import Action, Peer, Question, Refuse, Say
from tests.workshop import LEAN, Workshop, git, tree

PATHS = [f"src/f{i}.py" for i in range(5)]
ENTRIES: list[dict[str, object]] = [{"path": path} for path in PATHS[:4]] + [
    {"path": PATHS[4], "depends_on": [PATHS[0]]}
]


def plan(changed: int | None = None, shared: str = "For all.", count: int = len(PATHS)) -> str:
    """plan.md with a section for each of the first `count` files; `changed` is the one that reads otherwise."""
    words = [f"Write {i}{', changed' if i == changed else ''}." for i in range(count)]
    parts = [f"## `{path}`\n\n{text}\n\n" for path, text in zip(PATHS, words, strict=False)]
    return f"# Plan\n\n{shared}\n\n" + "".join(parts)


def author(question: Question) -> Say:
    """Writes what depends on the question's own part only, so that the same question has the same answer."""
    changed = ", changed" in question.texts[-1]
    return Say("\n".join(f"{path}\n```\nvalue = {path!r}  # {changed}\n```" for path in question.paths))


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer(author) as peer:
        yield peer


@pytest.fixture
def shop(tmp_path: Path, peer: Peer) -> Workshop:
    files = {
        "README.md": "hi\n",
        "src/f0.py": "old = 0\n",
        "gone.txt": "bye\n",
        ".gitignore": "*.log\n",
        "x.log": "secret\n",
    }
    shop = Workshop(tmp_path / "repo", files)
    shop.plan(plan(), ENTRIES)
    shop.models(peer.url)
    return shop


def codegen(shop: Workshop, peer: Peer, *args: str) -> int:
    """Runs to success; returns how many requests that took."""
    asked = len(peer.requests)
    run = shop.doit(*args)
    assert run.returncode == 0, run.stdout + run.stderr
    assert shop.code("ready.json").exists()
    assert not shop.code("failure.json").exists()
    return len(peer.requests) - asked


@pytest.mark.ends
def test_only_what_changed_is_asked_again(shop: Workshop, peer: Peer) -> None:
    assert codegen(shop, peer) == 5
    first = shop.outputs()
    assert codegen(shop, peer) == 0
    assert shop.outputs() == first
    shop.plan(plan(changed=2), ENTRIES)
    assert codegen(shop, peer) == 1
    assert peer.requests[-1].paths == (PATHS[2],)
    shop.plan(plan(), ENTRIES)
    assert codegen(shop, peer) == 0
    assert shop.outputs() == first
    shop.plan(plan(shared="For all, otherwise."), ENTRIES)
    assert codegen(shop, peer) == 5
    shop.plan(plan(), [{**ENTRIES[0]}, {**ENTRIES[1], "summary": "new"}, *ENTRIES[2:]])
    assert codegen(shop, peer) == 1
    shop.plan(plan(), ENTRIES)
    assert codegen(shop, peer) == 0
    assert shop.outputs() == first


def test_unrelated_changes_of_the_repository_cost_nothing(shop: Workshop, peer: Peer) -> None:
    codegen(shop, peer)
    first = shop.files()
    shop.put("other/new.py", "n = 1\n")
    git(shop.root, "add", "other")
    git(shop.root, "commit", "-q", "-m", "more")
    assert codegen(shop, peer) == 0
    assert shop.files() == first
    assert shop.read("ready.json")["base"]["commit"] == git(shop.root, "rev-parse", "HEAD").strip()
    (shop.task / ".codegen/doit.json").unlink()
    assert codegen(shop, peer) == 0
    shop.plan(plan(changed=3), ENTRIES)
    assert codegen(shop, peer) == 1
    assert "other" in peer.requests[-1].texts[0]
    shop.plan(plan(), ENTRIES)
    assert codegen(shop, peer) == 0


def test_a_dependency_that_comes_out_the_same_asks_nobody(shop: Workshop, peer: Peer) -> None:
    codegen(shop, peer)
    shop.plan(plan(), [{**ENTRIES[0], "notes": "say it again"}, *ENTRIES[1:]])
    assert codegen(shop, peer) == 1
    assert peer.requests[-1].paths == (PATHS[0],)


def test_a_dependent_sees_what_was_generated(shop: Workshop, peer: Peer) -> None:
    codegen(shop, peer)
    last = next(question for question in peer.requests if question.paths == (PATHS[4],))
    assert "value = 'src/f0.py'  # False" in last.texts[-1]
    assert "old = 0" not in last.texts[-1]


@pytest.mark.parametrize(("change", "asked"), [("body", 1), ("signature", 3)])
def test_who_sees_an_interface_is_asked_again_for_a_signature_alone(
    shop: Workshop, peer: Peer, change: str, asked: int
) -> None:
    texts = {"": "(a):\n    return 1", "body": "(a):\n    return 2", "signature": "(a, b):\n    return 1"}

    def author(question: Question) -> Say:
        text = texts[change if "again" in question.texts[-1] else ""]
        written = f"def f{text}" if question.paths[0] == PATHS[0] else "x = 1"
        return Say(f"{question.paths[0]}\n```\n{written}\n```")

    peer.rule = author
    sees = {"path": PATHS[0], "see": "interface"}
    entries = [{"path": PATHS[0]}, *({"path": path, "depends_on": [sees]} for path in PATHS[1:3])]
    shop.plan(plan(count=3), entries)
    assert codegen(shop, peer) == 3
    assert "def f(a):" in peer.requests[-1].texts[-1]
    assert "return 1" not in peer.requests[-1].texts[-1]
    shop.plan(plan(count=3), [{"path": PATHS[0], "notes": "again"}, *entries[1:]])
    assert codegen(shop, peer) == asked


@pytest.mark.parametrize(
    ("change", "asked"),
    [("def price(net):\n    return 2\n", 0), ("def price(net, tax):\n    return 1\n", 3), ("", 3), (None, 3)],
    ids=["body", "signature", "gone", "deleted"],
)
def test_who_was_shown_a_definition_is_asked_again_when_it_is_true_no_longer(
    shop: Workshop, peer: Peer, change: str | None, asked: int
) -> None:
    shop.put("lib/price.py", "def price(net):\n    return 1\n")
    shop.put("lib/other.md", "Nothing.\n")
    git(shop.root, "add", "lib")
    shop.plan("# Plan\n\nUse price of lib/price.py.\n", [{"path": path} for path in PATHS[:3]])
    assert codegen(shop, peer) == 3
    assert all("def price(net):" in question.texts[-1] for question in peer.requests[-3:])
    shop.put("lib/other.md", "Something.\n")
    shop.put("lib/more.py", "def price_again(net): ...\n")
    assert codegen(shop, peer) == 0
    if change is None:
        (shop.root / "lib/price.py").unlink()
    else:
        shop.put("lib/price.py", change)
    assert codegen(shop, peer) == asked
    assert codegen(shop, peer) == 0


def test_a_hand_edit_stays_until_a_new_reply_replaces_it(shop: Workshop, peer: Peer) -> None:
    codegen(shop, peer)
    shop.code("files/src/f1.py").write_text("by hand\n")
    assert codegen(shop, peer) == 0
    entry = {file["path"]: file for file in shop.read("ready.json")["files"]}
    assert [path for path in entry if entry[path]["hand_edited"]] == ["src/f1.py"]
    assert b"+by hand\n" in shop.code("diff.patch").read_bytes()
    for lost in (".codegen/doit.json", "code/manifest.json"):
        (shop.task / lost).unlink()
    assert codegen(shop, peer) == 0
    assert shop.files()["src/f1.py"] == b"by hand\n"
    shop.plan(plan(changed=1), ENTRIES)
    assert codegen(shop, peer) == 1
    assert shop.files()["src/f1.py"] == b"value = 'src/f1.py'  # True\n"
    assert tree(shop.code("archive")) == {"0001/files/src/f1.py": b"by hand\n"}


def test_what_is_deleted_or_damaged_is_made_again_without_a_call(shop: Workshop, peer: Peer) -> None:
    codegen(shop, peer)
    first = shop.outputs()
    for name in ("files/src/f1.py", "replies/src/f2.py.json", "ready.json"):
        shop.code(name).unlink()
    for name in ("diff.patch", "manifest.json", "context/src/f3.py.md", "replies/src/f4.py.json"):
        shop.code(name).write_bytes(b"damaged")
    assert codegen(shop, peer) == 0
    assert shop.outputs() == first


def test_an_applied_diff_asks_nobody(shop: Workshop, peer: Peer) -> None:
    shop.plan(plan(), [*ENTRIES, {"path": "gone.txt", "intent": "delete"}, {"path": "new.py", "intent": "create"}])
    codegen(shop, peer)
    before = shop.files()
    git(shop.root, "apply", "--check", str(shop.code("diff.patch")))
    git(shop.root, "apply", str(shop.code("diff.patch")))
    assert {path: (shop.root / path).read_bytes() for path in before} == before
    assert not (shop.root / "gone.txt").exists()
    assert codegen(shop, peer) == 0
    assert shop.code("diff.patch").read_bytes() == b""
    assert shop.read("ready.json")["applied"] is True
    git(shop.root, "add", "-A", ":!task")
    git(shop.root, "commit", "-q", "-m", "applied")
    assert codegen(shop, peer) == 0
    shop.plan(
        plan(changed=1), [*ENTRIES, {"path": "gone.txt", "intent": "delete"}, {"path": "new.py", "intent": "create"}]
    )
    assert codegen(shop, peer) == 1
    assert codegen(shop, peer) == 0
    assert shop.read("ready.json")["applied"] is False


def test_an_edit_on_top_of_an_applied_file_is_a_changed_input(shop: Workshop, peer: Peer) -> None:
    codegen(shop, peer)
    git(shop.root, "apply", str(shop.code("diff.patch")))
    shop.put("src/f1.py", "value = 'src/f1.py'  # False\nmore = 1\n")
    assert codegen(shop, peer) == 1
    assert "more = 1" in peer.requests[-1].texts[-1]


def test_clean_archives_and_asks_anew(shop: Workshop, peer: Peer) -> None:
    codegen(shop, peer)
    first = shop.files()
    patch, ready = shop.code("diff.patch").read_bytes(), shop.code("ready.json").read_bytes()
    dry = shop.doit("clean", "-n")
    assert "would archive" in dry.stdout
    assert shop.files() == first
    assert shop.doit("clean").returncode == 0
    kept = tree(shop.code("archive/0001"))
    assert {path.removeprefix("files/"): data for path, data in kept.items() if path.startswith("files/")} == first
    assert (kept["diff.patch"], kept["ready.json"]) == (patch, ready)
    assert not any(shop.code(name).exists() for name in ("files", "diff.patch", "ready.json", "manifest.json"))
    assert codegen(shop, peer) == 5
    assert shop.read("ready.json")["attempt"] == 2
    assert shop.doit("clean", "codegen").returncode == 0
    assert sorted(path.name for path in shop.code("archive").iterdir()) == ["0001", "0002"]


def test_clean_of_nothing(shop: Workshop) -> None:
    run = shop.doit("clean")
    assert (run.returncode, "nothing to archive" in run.stdout) == (0, True)


def test_redo_asks_for_the_named_units_with_a_note(shop: Workshop, peer: Peer) -> None:
    codegen(shop, peer)
    assert codegen(shop, peer, "redo", "src/f1.py", "--note", "be kind") == 1
    assert "be kind" in peer.requests[-1].texts[-1]
    assert shop.read("ready.json")["attempt"] == 2
    assert codegen(shop, peer) == 0
    assert codegen(shop, peer, "redo") == 5
    assert shop.doit("redo", "nope.py").returncode == 65


def test_a_reply_outside_its_plan_is_refused(shop: Workshop, peer: Peer) -> None:
    def stray(question: Question) -> Say:
        said = author(question)
        extra = "\nsrc/extra.py\n```\nx = 1\n```\n" if PATHS[1] in question.paths else ""
        other = f"\n{PATHS[2]}\n```\nstolen = 1\n```\n" if PATHS[3] in question.paths else ""
        return Say(said.text + extra + other)

    peer.rule = stray
    run = shop.doit("codegen")
    assert run.returncode == 10
    assert shop.read("failure.json")["kind"] == "scope_mismatch"
    scope = shop.read("scope.json")
    assert [entry["path"] for entry in scope["refused"]] == ["src/extra.py"]
    assert shop.code("quarantine/src/extra.py").read_bytes() == b"x = 1\n"
    assert sorted(shop.files()) == PATHS
    assert shop.files()[PATHS[2]] == b"value = 'src/f2.py'  # False\n"
    assert not shop.code("diff.patch").exists()
    shop.plan(plan(), [*ENTRIES, *scope["amendment"]])
    assert codegen(shop, peer) == 0
    assert shop.files()["src/extra.py"] == b"x = 1\n"
    assert not shop.code("scope.json").exists()
    assert not shop.code("quarantine").exists()
    found = [(entry["code"], entry["path"]) for entry in shop.read("ready.json")["diagnostics"]]
    assert sorted(found) == [("other_unit", "src/extra.py"), ("other_unit", PATHS[2])]


def test_one_failure_does_not_stop_the_others(shop: Workshop, peer: Peer) -> None:
    def moody(question: Question) -> Action:
        return Refuse(401, "bad key", "invalid_request_error") if PATHS[0] in question.paths else author(question)

    peer.rule = moody
    run = shop.doit("codegen")
    assert run.returncode == 13
    report = shop.read("failure.json")
    assert (report["kind"], report["next"], report["retryable"]) == ("provider_refused", "fix_config", False)
    assert [(f["stage"], f["unit"]) for f in report["failures"]] == [("generate", PATHS[0])]
    assert sorted(shop.files()) == PATHS[1:4]
    peer.rule = author
    assert codegen(shop, peer) == 2


def test_a_shrunken_plan_leaves_no_orphans(shop: Workshop, peer: Peer) -> None:
    codegen(shop, peer)
    shop.code("files/mine.txt").write_text("a person's own\n")
    shop.plan(plan(count=2), ENTRIES[:2])
    assert codegen(shop, peer) == 0
    assert sorted(shop.files()) == PATHS[:2]
    assert sorted(tree(shop.code("replies"))) == ["src/f0.py.json", "src/f1.py.json"]
    assert tree(shop.code("archive")) == {"0001/files/mine.txt": b"a person's own\n"}


def test_two_runs_at_once(shop: Workshop, peer: Peer) -> None:
    gate = {"open": False}

    def slow(question: Question) -> Say:
        return Say(author(question).text, delay=0.0 if gate["open"] else 3.0)

    peer.rule = slow
    first = shop.start("codegen")
    while not peer.requests:
        assert first.poll() is None
    second = shop.doit("codegen")
    gate["open"] = True
    assert second.returncode == 17
    assert "another run" in second.stdout
    assert not shop.code("failure.json").exists()
    out, _ = first.communicate()
    assert first.returncode == 0, out
    assert len(peer.requests) == 5


@pytest.mark.parametrize(
    ("number", "code", "kind"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated"), (signal.SIGHUP, 143, "terminated")],
)
@pytest.mark.parametrize("again", [False, True], ids=["once", "again-and-again"])
def test_an_interrupted_run_says_so_and_goes_on(
    shop: Workshop, peer: Peer, number: int, code: int, kind: str, again: bool
) -> None:
    def stuck(question: Question) -> Say:
        return author(question) if PATHS[0] in question.paths else Say("", delay=60)

    peer.rule = stuck
    run = shop.start("codegen")
    while not shop.code("files/src/f0.py").exists():
        assert run.poll() is None
    run.send_signal(number)
    while again and run.poll() is None:
        run.send_signal(number)
    assert run.wait(timeout=30) == code
    assert shop.read("failure.json")["kind"] == kind
    assert "Traceback" not in run.communicate()[0]
    peer.rule = author
    assert codegen(shop, peer) == 4


def test_the_first_signal_counts(shop: Workshop, peer: Peer) -> None:
    peer.rule = lambda _question: Say("", delay=60)
    run = shop.start("codegen")
    while not peer.requests:
        assert run.poll() is None
    run.send_signal(signal.SIGINT)
    while run.poll() is None:
        run.send_signal(signal.SIGHUP)
        run.send_signal(signal.SIGTERM)
    assert (run.wait(), shop.read("failure.json")["kind"]) in [(130, "interrupted"), (143, "terminated")]


def test_a_signal_ends_a_run_whose_terminal_hangs(shop: Workshop, peer: Peer) -> None:
    peer.rule = lambda _question: Say("", delay=60)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    run = subprocess.Popen(shop.command("codegen"), cwd=shop.task, env=LEAN, stdout=writer, stderr=writer)
    try:
        while not (shop.task / ".codegen/lock").exists():
            assert run.poll() is None
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=30) == 143
    finally:
        run.kill()
        run.wait()
        os.close(reader)
        os.close(writer)
    assert shop.read("failure.json")["kind"] == "terminated"


def test_what_a_reviewer_is_warned_of_stands_on_the_terminal(shop: Workshop, peer: Peer) -> None:
    (shop.root / "src/f0.py").write_text("def kept():\n    return 1\n\n\ndef gone():\n    return 2\n")
    text = "def kept():\n    return 1\n"
    peer.rule = lambda question: Say("".join(f"{path}\n```\n{text}```\n" for path in question.paths))
    for _ in range(2):  # also where there is nothing to do
        run = shop.doit("codegen")
        assert "warning: src/f0.py: no longer defined: gone (definitions_gone)" in run.stdout.splitlines()


@pytest.mark.parametrize("said", [None, False, True])
def test_a_mode_that_only_the_reply_wants_is_told(shop: Workshop, peer: Peer, said: bool | None) -> None:
    (shop.root / "src/f0.py").write_text("a = 1\n")
    plan = shop.task / "plan.files.json"
    entry: dict[str, object] = {"path": "src/f0.py", "intent": "update", "summary": "a script"}
    plan.write_text(json.dumps({"files": [entry | ({} if said is None else {"executable": said})]}))
    head = "diff --git a/{0} b/{0}\nold mode 100644\nnew mode 100755\n"
    rows = "--- a/src/f0.py\n+++ b/src/f0.py\n@@ -1 +1 @@\n-a = 1\n+a = 2\n"
    peer.rule = lambda question: Say("".join(head.format(path) + rows for path in question.paths))
    told = "warning: src/f0.py: the reply wants mode 100755: say executable in plan.files.json (mode_not_planned)"
    assert (told in shop.doit("codegen").stdout.splitlines()) is (said is None)


def test_an_empty_diff_tells_the_mode_that_a_reply_wants(shop: Workshop, peer: Peer) -> None:
    (shop.root / "src/f0.py").write_text("a = 1\n")
    entry = {"path": "src/f0.py", "intent": "update", "summary": "a script"}
    (shop.task / "plan.files.json").write_text(json.dumps({"files": [entry]}))
    peer.rule = lambda question: Say("diff --git a/src/f0.py b/src/f0.py\nold mode 100644\nnew mode 100755\n")
    assert shop.doit("codegen").returncode == 18
    assert "src/f0.py: the reply wants mode 100755: say executable" in (shop.task / "code/failure.json").read_text()


def test_a_signal_after_the_end_changes_nothing(shop: Workshop, peer: Peer) -> None:
    run = shop.start("codegen")
    assert run.stdout is not None
    assert any("ready for review" in line for line in run.stdout)
    while run.poll() is None:
        run.send_signal(signal.SIGTERM)
    assert (run.wait(), shop.code("ready.json").exists(), len(peer.requests)) == (0, True, 5)


def test_what_is_still_under_way_changes_no_signal_of_a_failed_run(tmp_path: Path) -> None:
    places = Places(tmp_path, tmp_path, tmp_path / "store")
    run = Run(places, Snapshot())
    run.fail([Failure("terminated", "", "", "the run was terminated", "")])
    said = places.failure.read_bytes()
    late = run.execute(Step("ready", "", (), (), places.ready, lambda _blobs: b"{}"))
    assert (places.failure.read_bytes(), places.ready.exists()) == (said, False)
    assert isinstance(late, Failure)


def test_any_number_of_jobs_gives_the_same_bytes(shop: Workshop, peer: Peer, tmp_path: Path) -> None:
    shop.models(peer.url, more="generate: {jobs: 1}\n")
    codegen(shop, peer)
    other = Workshop(
        tmp_path / "elsewhere" / "repo",
        {"README.md": "hi\n", "src/f0.py": "old = 0\n", "gone.txt": "bye\n", ".gitignore": "*.log\n"},
    )
    other.plan(plan(), ENTRIES)
    other.models(peer.url, more="generate: {jobs: 8}\n")
    shutdown = other.doit("codegen", env={"TZ": "Asia/Tokyo", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"})
    assert shutdown.returncode == 0, shutdown.stdout
    assert shop.outputs() == other.outputs()


def test_a_store_replays_elsewhere_to_the_byte(shop: Workshop, peer: Peer, tmp_path: Path) -> None:
    codegen(shop, peer)
    asked = len(peer.requests)
    shutil.copytree(shop.root, tmp_path / "other" / "place", symlinks=True)
    other = Workshop.at(tmp_path / "other" / "place")
    shutil.rmtree(other.code("."))
    for entry in (other.task / ".codegen").iterdir():
        if entry.name != "store":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    other.models("http://127.0.0.1:9/v1", more="store: {offline: true}\n")
    run = other.doit("codegen", env={"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "99"})
    assert run.returncode == 0, run.stdout
    assert other.outputs() == shop.outputs()
    assert len(peer.requests) == asked


@pytest.mark.ends
def test_every_file_validates(shop: Workshop, peer: Peer) -> None:
    codegen(shop, peer)
    shop.plan(plan(), [*ENTRIES, {"path": "../x"}])
    shop.doit("codegen")
    checked = {"manifest.json": "manifest.json", "failure.json": "failure.json", "replies/src/f0.py.json": "reply.json"}
    for name, schema in checked.items():
        jsonschema.validate(shop.read(name), json.loads((FOLDER / f"{schema}.schema.json").read_bytes()))
    jsonschema.validate(ENTRIES, json.loads((FOLDER / "plan.files.json.schema.json").read_bytes()))


def test_ignored_files_are_not_shown(shop: Workshop, peer: Peer) -> None:
    codegen(shop, peer)
    shown = "".join(text for question in peer.requests for text in question.texts)
    assert "README.md" in shown
    assert "x.log" not in shown
    assert "plan.files.json" not in shown


def test_what_is_shared_comes_first_and_is_the_same(shop: Workshop, peer: Peer) -> None:
    codegen(shop, peer)
    assert len({question.texts[0] for question in peer.requests}) == 1
    for question in peer.requests:
        assert question.texts[-1].rstrip("\n").endswith("## Write these files\n- " + "\n- ".join(question.paths))
        package = shop.code(f"context/{question.paths[0]}.md").read_text()
        assert all(text in package for text in question.texts)


def test_without_git(tmp_path: Path, peer: Peer) -> None:
    shop = Workshop(tmp_path / "plain", {"README.md": "hi\n", "src/f0.py": "old = 0\n"}, bare=True)
    shop.plan(plan(), ENTRIES)
    shop.models(peer.url, more="repo: ..\n")
    assert codegen(shop, peer) == 5
    assert shop.read("ready.json")["base"] == {"commit": None, "dirty": True}


def test_list_info_and_task_directory(shop: Workshop, peer: Peer, tmp_path: Path) -> None:
    names = {line.split()[0] for line in shop.doit("list").stdout.splitlines()}
    commands = {
        "codegen",
        "redo",
        "estimate",
        "why",
        "apply",
        "unapply",
        "scope",
        "review",
        "verify",
        "runs",
        "restore",
    }
    assert names >= commands | STAGES.keys()
    assert "src/f1.py" in shop.doit("list", "--all").stdout
    assert shop.doit("info", "generate:src/f1.py").stdout.count("src/f1.py") >= 3
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shop.plan(plan(), PATHS)
    (elsewhere / "dodo.py").write_bytes((shop.task / "dodo.py").read_bytes())
    run = shop.doit(f"task={shop.task}", "context", cwd=elsewhere)
    assert run.returncode == 0, run.stderr
    assert shop.code("context/src/f0.py.md").exists()
    assert peer.requests == []
