"""Which answers count: kept twice, known by the task, and never another task's."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from codegen_tasks.attempts import AttemptRecords, Attempts, Held, identity
from codegen_tasks.errors import BadConfig
from codegen_tasks.store import Store
from tests.program import Program
from tests.workshop import LEAN, Workshop, git


def records(folder: Path) -> AttemptRecords:
    return AttemptRecords(Store(folder / "store"), folder / "attempts", "one")


def store_file(folder: Path) -> Path:
    return next(path for path in (folder / "store/attempts").rglob("*") if path.is_file())


def ordered(times: int) -> Attempts:
    attempts = Attempts()
    for _ in range(times):
        attempts = attempts.ordered()
    return attempts


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


@pytest.mark.parametrize("damage", [flip, remove, empty, cut])
@pytest.mark.parametrize("which", ["local", "store"])
def test_one_sound_record_is_enough_and_mends_the_other(
    tmp_path: Path, damage: Callable[[Path], None], which: str
) -> None:
    kept = records(tmp_path)
    kept.write(Attempts().ordered(note="not so"))
    damage(tmp_path / "attempts" if which == "local" else store_file(tmp_path))
    assert kept.settle().attempts == Attempts().ordered(note="not so")
    (store_file(tmp_path) if which == "local" else tmp_path / "attempts").unlink()
    assert kept.read().attempts.orders[0].note == "not so"


@pytest.mark.parametrize("damage", [flip, empty, cut])
def test_damage_without_another_record_is_named_as_often_as_it_is_met(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    kept = records(tmp_path)
    kept.write(ordered(3))
    for path in (tmp_path / "attempts", store_file(tmp_path)):
        damage(path)
    for act in (kept.read, kept.settle, kept.read, lambda: kept.write(ordered(9))):
        with pytest.raises(BadConfig) as refused:
            act()
        assert str(tmp_path / "attempts") in refused.value.hint


def test_only_the_task_itself_is_ordered_to_clear(tmp_path: Path) -> None:
    kept = records(tmp_path)
    kept.write(ordered(2), clearing=True)
    assert kept.settle().clearing
    (tmp_path / "attempts").unlink()
    assert kept.read() == Held(ordered(2), 1)


def test_the_record_changed_more_often_counts(tmp_path: Path) -> None:
    here, there = records(tmp_path), AttemptRecords(Store(tmp_path / "store"), tmp_path / "other", "one")
    here.write(ordered(2))
    there.write(ordered(3))
    assert here.read().attempts == ordered(3)


def test_no_two_tasks_have_one_identity(tmp_path: Path) -> None:
    places = [tmp_path / where for where in ("a/task", "b/task", "r/task", "s/task")]
    for place in places:
        place.mkdir(parents=True)
    for name in "rs":
        (tmp_path / name / ".git").mkdir()
    shared = tmp_path / "store"
    assert len({identity(place, place, shared) for place in places}) == 4
    assert identity(places[0], places[0], places[0] / "s") == identity(places[1], places[1], places[1] / "s")
    assert identity(places[2], tmp_path, tmp_path / "r/store") == identity(places[3], tmp_path, tmp_path / "s/store")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "program")


def make_task(root: Path, program: Program, store: str) -> Workshop:
    shop = Workshop(root, {"u/a.txt": f"base of {root.name}\n"})
    shop.plan(f"# Plan of {root.name}\n\nall\n", ["u/a.txt"])
    (shop.task / "codegen.yaml").write_text(program.settings(store={"path": store}))
    return shop


def paid(shop: Workshop, program: Program, *args: str) -> int:
    before = len(program.asked)
    run = subprocess.run(shop.command(*args), cwd=shop.task, env=LEAN, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return len(program.asked) - before


def test_tasks_of_one_name_that_share_a_store_leave_each_other_alone(tmp_path: Path, program: Program) -> None:
    one, other = (make_task(tmp_path / name, program, str(tmp_path / "store")) for name in "ab")
    assert (paid(one, program), paid(other, program)) == (1, 1)
    assert (paid(one, program, "redo", "--note", "of one"), paid(other, program)) == (1, 0)
    assert (one.read("ready.json")["attempt"], other.read("ready.json")["attempt"]) == (2, 1)
    third = make_task(tmp_path / "c", program, str(tmp_path / "store"))
    paid(third, program)
    assert not any("of one" in asked for asked in program.asked if "Plan of c" in asked)


@pytest.mark.parametrize("way", ["moved", "copied", "moved-without-caches"])
def test_a_task_that_went_elsewhere_goes_on(tmp_path: Path, program: Program, way: str) -> None:
    shop = make_task(tmp_path / "here", program, str(tmp_path / "store"))
    paid(shop, program)
    paid(shop, program, "redo")
    if way == "moved-without-caches":
        shutil.rmtree(shop.task / ".codegen")
        assert paid(shop, program) == 0
    if way == "copied":
        shutil.copytree(shop.root, tmp_path / "there", symlinks=True)
    else:
        os.rename(shop.root, tmp_path / "there")
    there = Workshop.at(tmp_path / "there")
    assert (paid(there, program), there.read("ready.json")["attempt"]) == (0, 2)
    assert paid(there, program, "redo") == 1
    if way == "copied":
        assert (paid(shop, program), shop.read("ready.json")["attempt"]) == (0, 2)


@pytest.mark.parametrize("store", [".codegen/store", "../answers"])
def test_a_clone_with_the_store_replays_the_attempt(tmp_path: Path, program: Program, store: str) -> None:
    shop = make_task(tmp_path / "origin", program, store)
    paid(shop, program)
    paid(shop, program, "redo", "--note", "shorter")
    git(shop.root, "add", "-f", "task/dodo.py", "task/plan.md", "task/plan.files.json", "task/codegen.yaml")
    git(shop.root, "add", "-f", f"task/{store}")
    git(shop.root, "commit", "-q", "-m", "the store")
    git(tmp_path, "clone", "-q", str(shop.root), "clone")
    clone = Workshop.at(tmp_path / "clone")
    assert (paid(clone, program), clone.read("ready.json")["attempt"]) == (0, 2)
    assert clone.files() == shop.files()


def test_a_damaged_record_never_brings_back_what_was_rejected(tmp_path: Path, program: Program) -> None:
    shop = make_task(tmp_path / "here", program, ".codegen/store")
    paid(shop, program)
    paid(shop, program, "redo")
    second = shop.files()
    flip(next(path for path in (shop.task / ".codegen/store/attempts").rglob("*") if path.is_file()))
    (shop.task / ".codegen/attempts").unlink()
    run = shop.doit()
    assert (run.returncode, shop.read("failure.json")["kind"]) == (78, "bad_config")
    assert (shop.files(), len(program.asked)) == (second, 2)
    assert shop.doit("redo").returncode == 78
