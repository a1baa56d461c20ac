"""Our own folders: never through a link, never somebody else's, never where replies would be lost."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from codegen_tasks.archive import move
from codegen_tasks.directory import MARK, check_folders, mark_folders, place_of_store
from codegen_tasks.errors import BadConfig
from codegen_tasks.files import append_line, make_folder, read_own, sweep, write_atomic, write_new
from codegen_tasks.lock import Lock
from tests.program import Program
from tests.workshop import Workshop, tree

OURS = [
    "code", ".codegen", "__pycache__", "code/files", "code/context", "code/replies", "code/archive", "code/quarantine",
    ".codegen/store", ".codegen/journal", "code/.gitignore", "code/ready.json", "code/diff.patch", ".codegen/lock",
    ".codegen/events.jsonl", ".codegen/doit.json", ".codegen/attempts", ".codegen/plan",
]  # fmt: skip


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("leads_to", ["file", "folder", "nowhere"])
def test_a_link_in_the_place_of_ours_is_named_before_anything_is_written(
    tmp_path: Path, name: str, leads_to: str
) -> None:
    task, outside = tmp_path / "task", tmp_path / "outside"
    (task / name).parent.mkdir(parents=True)
    if leads_to == "file":
        outside.write_text("precious\n")
    elif leads_to == "folder":
        outside.mkdir()
    (task / name).symlink_to(outside)
    with pytest.raises(BadConfig) as refused:
        check_folders(task)
    assert refused.value.message == f"{name} is a symbolic link"


@pytest.mark.parametrize("name", OURS)
def test_what_is_of_another_kind_is_named(tmp_path: Path, name: str) -> None:
    wanted = "a folder" if name in OURS[:10] else "a regular file"
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    if wanted == "a folder":
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).mkdir()
    with pytest.raises(BadConfig) as refused:
        check_folders(tmp_path)
    assert refused.value.message == f"{name} is not {wanted}"


@pytest.mark.parametrize("link", ["a", "a/b", "a/b/c"])
def test_nothing_is_written_through_a_link_at_any_depth(tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / link).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / link).symlink_to(outside)
    path = tmp_path / "a/b/c/file"
    for act in (
        lambda: write_atomic(path, b"x"),
        lambda: write_new(path, b"x"),
        lambda: append_line(path, b"x"),
        lambda: make_folder(path.parent),
    ):
        with pytest.raises(OSError, match="symbolic link") as refused:
            act()
        assert refused.value.filename == str(tmp_path / link)
    assert list(outside.iterdir()) == []


def test_only_a_plain_file_is_read_as_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    names = ("file", "link", "folder", "pipe", "missing", "file/below")
    assert [read_own(tmp_path / name) for name in names] == [b"x", None, None, None, None, None]


def named(*names: str) -> Callable[[Path], None]:
    def make(code: Path) -> None:
        for name in names:
            (code / name).parent.mkdir(parents=True, exist_ok=True)
            (code / name).write_text("x\n")

    return make


@pytest.mark.parametrize(
    ("make", "worked_here", "ours"),
    [
        pytest.param(lambda code: code.mkdir(), False, True, id="empty"),
        pytest.param(named(".tmp-x"), False, True, id="killed-before-its-mark"),
        pytest.param(named(".gitignore", "files/a"), True, True, id="a-changed-mark"),
        pytest.param(named("files/a", "archive/0001/files/a"), True, True, id="a-lost-mark"),
        pytest.param(named(".gitignore", "main.c"), True, False, id="the-repository's-own"),
        pytest.param(named("files/a"), False, False, id="a-name-of-ours-where-we-never-worked"),
        pytest.param(named("main.c"), False, False, id="the-repository's"),
    ],
)
def test_whose_code_is_it(tmp_path: Path, make: Callable[[Path], None], worked_here: bool, ours: bool) -> None:
    make(tmp_path / "code")
    if worked_here:
        (tmp_path / ".codegen").mkdir()
        (tmp_path / ".codegen/.gitignore").write_bytes(MARK)
    if ours:
        check_folders(tmp_path)
    else:
        with pytest.raises(BadConfig, match="of its own"):
            check_folders(tmp_path)


def test_a_mark_that_a_person_changed_stays(tmp_path: Path) -> None:
    mark_folders(tmp_path)
    (tmp_path / "code/.gitignore").write_text("*\n!files/\n")
    check_folders(tmp_path)
    mark_folders(tmp_path)
    assert tree(tmp_path) == {"code/.gitignore": b"*\n!files/\n", ".codegen/.gitignore": MARK}


@pytest.mark.parametrize(
    "setting",
    ["code", "code/store", "code/replies", "code/files/x", "./code/../code/a", ".", "..", ".git", ".git/store",
     ".codegen", ".codegen/attempts", ".codegen/journal", "plan.md", "link", "link/store", "deep/link"],
)  # fmt: skip
def test_no_store_where_replies_would_be_lost(tmp_path: Path, setting: str) -> None:
    task = tmp_path / "repo/task"
    (task / "deep").mkdir(parents=True)
    (task / "plan.md").write_text("x")
    (task / "link").symlink_to(tmp_path)
    (task / "deep/link").symlink_to(task / "code")
    with pytest.raises(BadConfig, match=r"store\.path"):
        place_of_store(task, tmp_path / "repo", setting)


@pytest.mark.parametrize("setting", [".codegen/store", "store", "../answers", "../../elsewhere", "/somewhere/else"])
def test_a_store_of_its_own(tmp_path: Path, setting: str) -> None:
    (tmp_path / "repo/task").mkdir(parents=True)
    assert place_of_store(tmp_path / "repo/task", tmp_path / "repo", setting) == Path(
        os.path.normpath(tmp_path / "repo/task" / setting)
    )


def test_a_lock_tells_who_was_at_work_since(tmp_path: Path) -> None:
    first = Lock(tmp_path / "lock")
    late = Lock(tmp_path / "lock")
    assert first.take()
    assert not late.take()
    assert (first.stale, first.cut_off) == (False, False)
    first.give_back()
    assert late.take()
    assert (late.stale, late.cut_off) == (True, False)
    late.give_back()
    after = Lock(tmp_path / "lock")
    assert (after.take(), after.stale, after.cut_off) == (True, False, False)


@pytest.mark.parametrize("left", [b"%020d" % 7, b"junk", b"7"])
def test_a_lock_tells_that_a_run_was_killed(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "lock").write_bytes(left)
    lock = Lock(tmp_path / "lock")
    assert (lock.take(), lock.stale, lock.cut_off) == (True, True, True)
    lock.give_back()
    again = Lock(tmp_path / "lock")
    assert (again.take(), again.stale, again.cut_off) == (True, False, False)


def test_what_is_not_finished_is_swept_away(tmp_path: Path) -> None:
    for name in (".tmp-a", "x/y/.tmp-b", "x/.tmp-mine-c", "x/kept"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    sweep(tmp_path, "mine-")
    assert set(tree(tmp_path)) == {".tmp-a", "x/y/.tmp-b", "x/kept"}
    sweep(tmp_path)
    assert set(tree(tmp_path)) == {"x/kept"}


def test_a_move_that_was_cut_off_is_gone_on_with(tmp_path: Path) -> None:
    named("files/a", "ready.json", "archive/.moving/diff.patch", "archive/.moving/ready.json")(tmp_path)
    items = [tmp_path / "ready.json", tmp_path / "files"]
    assert move(tmp_path / "archive", items) == tmp_path / "archive/0002"
    assert set(tree(tmp_path / "archive")) == {
        "0001/diff.patch", "0001/ready.json", "0002/files/a", "0002/ready.json",
    }  # fmt: skip


def test_clean_keeps_all_and_touches_nothing_beside(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n"})
    shop.plan("# Plan\n\nx\n", ["a.txt"])
    (shop.task / "codegen.yaml").write_text(Program(tmp_path / "program").settings())
    assert shop.doit().returncode == 0
    before = shop.outputs()
    (shop.task / ".code-cleared").mkdir()
    (shop.task / ".code-cleared/mine.txt").write_text("mine\n")
    run = shop.doit("clean")
    assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "archived as code/archive/0001")
    kept = {path: data for path, data in before.items() if path != ".gitignore"}
    assert tree(shop.code("archive/0001")) == kept
    assert shop.outputs() == {".gitignore": MARK}
    assert (shop.task / ".code-cleared/mine.txt").read_text() == "mine\n"


def test_a_run_after_a_killed_one_starts_anew_and_asks_nobody(tmp_path: Path) -> None:
    program = Program(tmp_path / "program")
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n"})
    shop.plan("# Plan\n\nx\n", ["a.txt"])
    (shop.task / "codegen.yaml").write_text(program.settings())
    assert shop.doit().returncode == 0
    first = shop.outputs()
    (shop.task / ".codegen/lock").write_bytes(b"%020d" % 9)
    (shop.task / ".codegen/store/reply/.tmp-cut-off").write_text("half")
    shop.code("files/.tmp-cut-off").write_text("half")
    run = shop.doit("codegen", cwd=shop.task)
    assert (run.returncode, shop.outputs()) == (0, first), run.stdout + run.stderr
    assert len(program.asked) == 1
    assert not list(shop.task.rglob(".tmp-*"))
    assert (shop.task / ".codegen/lock").read_bytes() == b"%020d" % 12


@pytest.mark.parametrize("turn", range(6))
def test_a_step_that_runs_beside_the_last_never_leaves_a_run_without_signal(tmp_path: Path, turn: int) -> None:
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n"})
    shop.plan("# Plan\n\nx\n", ["a.txt"])
    (shop.task / "codegen.yaml").write_text(Program(tmp_path / "program").settings())
    assert shop.doit().returncode == 0
    before = shop.outputs()
    shop.code("context/repo-summary.txt").write_text(f"damaged {turn}\n")
    run = shop.doit()
    assert (run.returncode, shop.outputs()) == (0, before), run.stdout
