"""Changes to the working tree: all of them or none, and back, whatever stands in the way and wherever it is killed."""

import os
import signal
import stat
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from codegen_tasks.apply import apply_changes, recover, unapply
from codegen_tasks.apply.journal import Entry, Log, begin
from codegen_tasks.apply.standing import wanted
from codegen_tasks.errors import BadConfig, BaseMoved
from codegen_tasks.records import Blob, FileChange
from tests.diff_trees import LINK, SCRIPT, Tree, changes_between, git, random_pair, read_tree, write_tree

BEFORE: Tree = {
    "kept.py": Blob(b"kept\n"),
    "changed.py": Blob(b"old\n"),
    "gone.py": Blob(b"gone\n"),
    "alone/in/folder.txt": Blob(b"x"),
    "run.sh": Blob(b"#!/bin/sh\n"),
    "link": Blob(b"kept.py", LINK),
    "becomes_link": Blob(b"file\n"),
    "becomes_folder": Blob(b"file\n"),
    "was_folder/a": Blob(b"a\n"),
    "was_folder/b": Blob(b"b\n"),
    "link_to_folder": Blob(b"alone", LINK),
}
AFTER: Tree = {
    "kept.py": Blob(b"kept\n"),
    "changed.py": Blob(b"new\n" * 1000),
    "new/deep/er.py": Blob(b"new\n"),
    "run.sh": Blob(b"#!/bin/sh\n", SCRIPT),
    "link": Blob(b"changed.py", LINK),
    "becomes_link": Blob(b"../outside", LINK),
    "becomes_folder/a": Blob(b"\0\xff"),
    "was_folder": Blob(b"now a file\n"),
    "link_to_folder/inside": Blob(b"inside\n"),
}


def picture(root: Path) -> dict[str, tuple[int, bytes]]:
    """Everything under `root`: kind, permissions and content, folders too."""
    seen = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            place = Path(folder) / name
            mode = place.lstat().st_mode
            data = os.fsencode(os.readlink(place)) if stat.S_ISLNK(mode) else b""
            seen[str(place.relative_to(root))] = (mode, place.read_bytes() if stat.S_ISREG(mode) else data)
    return seen


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_tree(tmp_path / "tree", BEFORE)
    return tmp_path / "tree"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def test_all_kinds_of_changes_come_and_go(root: Path, journal: Path) -> None:
    start = picture(root)
    apply_changes(root, changes_between(BEFORE, AFTER), journal)
    assert read_tree(root) == AFTER
    assert not (root / "alone").exists()
    assert set(unapply(root, journal)) == {c.path for c in changes_between(BEFORE, AFTER) if c.before != c.after}
    assert picture(root) == start
    assert list(journal.iterdir()) == []


@pytest.mark.parametrize("seed", range(80))
def test_random_trees_come_and_go(seed: int, tmp_path: Path) -> None:
    before, after = random_pair(seed)
    root, journal = tmp_path / "tree", tmp_path / "journal"
    write_tree(root, before)
    start = picture(root)
    apply_changes(root, changes_between(before, after), journal)
    assert read_tree(root) == after
    unapply(root, journal)
    assert picture(root) == start


def test_two_applies_are_undone_one_by_one(root: Path, journal: Path) -> None:
    third = {**AFTER, "changed.py": Blob(b"newer\n")}
    apply_changes(root, changes_between(BEFORE, AFTER), journal)
    apply_changes(root, changes_between(AFTER, third), journal)
    assert read_tree(root) == third
    assert unapply(root, journal) == ("changed.py",)
    assert read_tree(root) == AFTER
    unapply(root, journal)
    assert read_tree(root) == BEFORE
    assert unapply(root, journal) == ()


def test_only_the_last_ten_applies_are_kept(tmp_path: Path, journal: Path) -> None:
    contents = [Blob(b"%d\n" % number) for number in range(13)]
    write_tree(tmp_path / "tree", {"f": contents[0]})
    for before, after in pairwise(contents):
        apply_changes(tmp_path / "tree", [FileChange("f", before, after)], journal)
    assert len(list(journal.iterdir())) == 10
    for content in reversed(contents[2:12]):
        assert unapply(tmp_path / "tree", journal) == ("f",)
        assert read_tree(tmp_path / "tree") == {"f": content}
    assert unapply(tmp_path / "tree", journal) == ()
    assert list(journal.iterdir()) == []


def test_what_is_there_already_is_left_alone_and_stays(root: Path, journal: Path) -> None:
    (root / "changed.py").write_bytes(AFTER["changed.py"].data)
    inode = (root / "changed.py").stat().st_ino
    apply_changes(root, changes_between(BEFORE, AFTER), journal)
    assert (root / "changed.py").stat().st_ino == inode
    assert "changed.py" not in unapply(root, journal)
    assert read_tree(root) == {**BEFORE, "changed.py": AFTER["changed.py"]}


def test_nothing_to_do_leaves_no_journal(root: Path, journal: Path) -> None:
    apply_changes(root, changes_between(BEFORE, BEFORE), journal)
    assert not journal.exists()


@pytest.mark.parametrize(
    ("stands", "before", "after", "stands_then"),
    [
        pytest.param(0o600, Blob(b"a"), Blob(b"b"), 0o600, id="kept"),
        pytest.param(0o664, Blob(b"a"), Blob(b"b", SCRIPT), 0o775, id="x for all who read"),
        pytest.param(0o750, Blob(b"a", SCRIPT), Blob(b"a"), 0o640, id="x taken from all"),
        pytest.param(None, None, Blob(b"b"), 0o640, id="new, by umask"),
        pytest.param(None, None, Blob(b"b", SCRIPT), 0o750, id="new script, by umask"),
    ],
)
def test_permissions(
    stands: int | None, before: Blob | None, after: Blob, stands_then: int, tmp_path: Path, journal: Path
) -> None:
    place = tmp_path / "tree/file"
    place.parent.mkdir()
    if before is not None and stands is not None:
        place.write_bytes(before.data)
        place.chmod(stands)
    mask = os.umask(0o027)
    try:
        apply_changes(place.parent, [FileChange("file", before, after)], journal)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(place.stat().st_mode) == stands_then
    unapply(place.parent, journal)
    assert (stat.S_IMODE(place.stat().st_mode) if place.exists() else None) == stands


def test_folders_come_back_with_their_permissions_and_empty_ones_stay(root: Path, journal: Path) -> None:
    (root / "alone/in").chmod(0o700)
    (root / "new").mkdir(mode=0o711)
    start = picture(root)
    apply_changes(root, changes_between(BEFORE, AFTER), journal)
    unapply(root, journal)
    assert picture(root) == start


def test_a_folder_whose_files_are_exchanged_stays_itself(tmp_path: Path, journal: Path) -> None:
    before, after = {"d/old": Blob(b"x")}, {"d/new": Blob(b"x")}
    write_tree(tmp_path / "tree", before)
    os.setxattr(tmp_path / "tree/d", "user.mark", b"ours")
    apply_changes(tmp_path / "tree", changes_between(before, after), journal)
    assert os.getxattr(tmp_path / "tree/d", "user.mark") == b"ours"


def edit(root: Path) -> None:
    (root / "changed.py").write_bytes(b"mine\n")


def make_unplanned(root: Path) -> None:
    (root / "new/deep").mkdir(parents=True)
    (root / "new/deep/er.py").write_bytes(b"mine\n")


def make_folder(root: Path) -> None:
    (root / "changed.py").unlink()
    (root / "changed.py").mkdir()


def link_away(root: Path) -> None:
    (root.parent / "outside").mkdir()
    (root / "new").symlink_to("../outside")


def file_in_the_way(root: Path) -> None:
    (root / "new").write_bytes(b"mine\n")


def become_pipe(root: Path) -> None:
    (root / "gone.py").unlink()
    os.mkfifo(root / "gone.py")


MOVES = [
    pytest.param(edit, "changed.py: its content is another", id="edited"),
    pytest.param(lambda root: (root / "gone.py").unlink(), None, id="deletion of what is gone is no conflict"),
    pytest.param(lambda root: (root / "changed.py").unlink(), "changed.py: it is not there any more", id="gone"),
    pytest.param(make_unplanned, "new/deep/er.py: it is there already, with other content", id="there already"),
    pytest.param(lambda root: (root / "changed.py").chmod(0o755), "changed.py: its mode is 100755", id="mode"),
    pytest.param(make_folder, "changed.py: a folder stands there", id="folder"),
    pytest.param(link_away, "new/deep/er.py: new is a link or a file", id="link on the way"),
    pytest.param(file_in_the_way, "new/deep/er.py: new is a link or a file", id="file on the way"),
    pytest.param(become_pipe, "gone.py: its content is another", id="pipe"),
]


@pytest.mark.parametrize(("move", "message"), MOVES)
def test_a_moved_pre_image_is_refused_before_anything_is_written(
    move: Callable[[Path], object], message: str | None, root: Path, journal: Path
) -> None:
    move(root)
    start = picture(root.parent)
    if message is None:
        apply_changes(root, changes_between(BEFORE, AFTER), journal)
        assert read_tree(root) == AFTER
        return
    with pytest.raises(BaseMoved) as caught:
        apply_changes(root, changes_between(BEFORE, AFTER), journal)
    assert message in caught.value.message
    assert picture(root.parent) == start


def test_all_moved_files_are_named(root: Path, journal: Path) -> None:
    edit(root)
    make_unplanned(root)
    with pytest.raises(BaseMoved) as caught:
        apply_changes(root, changes_between(BEFORE, AFTER), journal)
    assert caught.value.message.count("\n") == 2


def test_an_edit_after_apply_stops_unapply(root: Path, journal: Path) -> None:
    apply_changes(root, changes_between(BEFORE, AFTER), journal)
    edit(root)
    start = picture(root)
    with pytest.raises(BaseMoved, match=r"(?s)nothing was undone.*changed\.py: its content is another"):
        unapply(root, journal)
    assert picture(root) == start


def test_an_error_of_the_system_undoes_everything(root: Path, journal: Path) -> None:
    (root / "was_folder/not mine").write_bytes(b"kept")
    start = picture(root)
    with pytest.raises(IsADirectoryError):
        apply_changes(root, changes_between(BEFORE, AFTER), journal)
    assert picture(root) == start
    assert recover(root, journal) == "nothing"


def test_an_error_of_the_system_in_unapply_applies_everything_again(root: Path, journal: Path) -> None:
    apply_changes(root, changes_between(BEFORE, AFTER), journal)
    (root / "becomes_folder/not mine").write_bytes(b"kept")
    start = picture(root)
    with pytest.raises(IsADirectoryError):
        unapply(root, journal)
    assert picture(root) == start
    (root / "becomes_folder/not mine").unlink()
    unapply(root, journal)
    assert read_tree(root) == BEFORE


def test_the_index_is_not_touched(root: Path, journal: Path) -> None:
    git(root, "init", "-q", ".")
    git(root, "add", "-A")
    index = (root / ".git/index").read_bytes()
    apply_changes(root, changes_between(BEFORE, AFTER), journal)
    assert (root / ".git/index").read_bytes() == index


FILE_EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.chmod"}


def killed_at(step: int, run: Callable[[], object]) -> bool:
    """Runs in a process that is killed before its `step`-th call to the file system. False: it ended before."""
    child = os.fork()
    if child == 0:
        left = step

        def watch(event: str, _: object) -> None:
            nonlocal left
            if event in FILE_EVENTS:
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            run()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("ending", ["recover", "apply", "unapply"])
def test_killed_anywhere_in_apply(ending: str, tmp_path: Path) -> None:
    changes, step = changes_between(BEFORE, AFTER), 0
    while True:
        root, journal = tmp_path / f"tree{step}", tmp_path / f"journal{step}"
        write_tree(root, BEFORE)
        start = picture(root)
        killed = killed_at(step, lambda root=root, journal=journal: apply_changes(root, changes, journal))
        if ending == "recover":
            recover(root, journal)
            assert read_tree(root) in (BEFORE, AFTER)
        elif ending == "apply":
            apply_changes(root, changes, journal)
            assert read_tree(root) == AFTER
        else:
            unapply(root, journal)
            assert picture(root) == start
        if not killed:
            break
        step += 1
    assert step > 60


def test_killed_anywhere_in_unapply(tmp_path: Path) -> None:
    changes, step, killed = changes_between(BEFORE, AFTER), 0, True
    while killed:
        root, journal = tmp_path / f"tree{step}", tmp_path / f"journal{step}"
        write_tree(root, BEFORE)
        start = picture(root)
        apply_changes(root, changes, journal)
        killed = killed_at(step, lambda root=root, journal=journal: unapply(root, journal))
        ended = recover(root, journal)
        assert (picture(root) == start) if ended == "undone" else (read_tree(root) in (BEFORE, AFTER))
        unapply(root, journal)
        assert picture(root) == start
        step += 1
    assert step > 60


def test_killed_again_and_again(root: Path, journal: Path) -> None:
    changes, step = changes_between(BEFORE, AFTER), 12
    while killed_at(step, lambda: apply_changes(root, changes, journal)):
        step += 3
    assert read_tree(root) == AFTER
    assert recover(root, journal) == "nothing"


def test_an_edit_after_the_crash_is_neither_lost_nor_hidden(root: Path, journal: Path) -> None:
    step = 0
    while not killed_at(step, lambda: apply_changes(root, changes_between(BEFORE, AFTER), journal)) or (
        (root / "changed.py").read_bytes() == b"old\n"
    ):
        step += 1
    edit(root)
    start = picture(root)
    with pytest.raises(BaseMoved, match=r"(?s)cut off.*changed\.py: its content is another"):
        recover(root, journal)
    assert picture(root) == start


def half_done(root: Path, journal: Path, after: Tree) -> None:
    """Leaves the tree as a killed apply of `after` does: one file written, one not."""
    changes = [FileChange(path, BEFORE[path], after[path]) for path in ("changed.py", "kept.py")]
    apply_changes(root, changes, journal)
    (root / "kept.py").write_bytes(BEFORE["kept.py"].data)
    file = next(journal.glob("*.applied"))
    file.rename(file.with_suffix(".applying"))


OLDER: Tree = {"changed.py": Blob(b"older\n"), "kept.py": Blob(b"older too\n")}


@pytest.mark.parametrize("state", ["applying", "undoing"])
@pytest.mark.parametrize("newer", [{"run.sh": Blob(b"new\n")}, {"changed.py": Blob(b"newer\n")}, {"kept.py": None}])
def test_a_half_done_apply_of_another_answer_is_not_finished(
    root: Path, tmp_path: Path, newer: dict[str, Blob | None], state: str
) -> None:
    journal = tmp_path / "journal"
    half_done(root, journal, OLDER)
    left = next(journal.glob("*.applying"))
    left.rename(left.with_suffix(f".{state}"))
    now = {"changed.py": OLDER["changed.py"], "run.sh": BEFORE["run.sh"], "kept.py": BEFORE["kept.py"]}
    apply_changes(root, [FileChange(path, now[path], after) for path, after in newer.items()], journal)
    expected = {**BEFORE, "changed.py": OLDER["changed.py"], **newer}
    assert read_tree(root) == {path: blob for path, blob in expected.items() if blob is not None}
    unapply(root, journal)
    assert read_tree(root) == {**BEFORE, "changed.py": OLDER["changed.py"]}
    unapply(root, journal)
    assert read_tree(root) == BEFORE


def test_a_half_done_apply_of_the_same_answer_is_finished(root: Path, tmp_path: Path) -> None:
    half_done(root, tmp_path / "journal", OLDER)
    now = {"changed.py": OLDER["changed.py"], "kept.py": BEFORE["kept.py"]}
    apply_changes(root, [FileChange(path, now[path], OLDER[path]) for path in now], tmp_path / "journal")
    assert read_tree(root) == {**BEFORE, **OLDER}
    unapply(root, tmp_path / "journal")
    assert read_tree(root) == BEFORE


@pytest.mark.parametrize("path", ["../evil", "/tmp/evil", ".git/hooks/pre-commit", "a/../../evil", "sub/.GIT/config"])
def test_a_forged_journal_is_refused(root: Path, tmp_path: Path, path: str) -> None:
    log = Log((Entry(path.encode(), None, wanted(Blob(b"x"), None)),), ())
    begin(tmp_path / "journal", log)
    for act in (lambda: recover(root, tmp_path / "journal"), lambda: unapply(root, tmp_path / "journal")):
        with pytest.raises(BadConfig, match="damaged"):
            act()
