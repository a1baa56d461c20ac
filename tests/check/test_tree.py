"""What a check sees of a working tree, and when it is looked at again."""

import os
from pathlib import Path

import pytest

from codegen_tasks.check import Rules, cut, is_unchanged, look_at
from codegen_tasks.check.tree import Look

FILES = ("a.py", "src/b.py", "src/deep/c.py", "docs/d.md", "node_modules/x/y.js", ".git/HEAD", "plan.md")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    for path in FILES:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    (root / "link").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe")
    (root / "src" / "empty").mkdir()
    return root


def rules(ignored: tuple[str, ...] = ("node_modules/",)) -> Rules:
    return Rules(lambda: ("a.py", "src/b.py"), lambda path: path in ignored, lambda path: path == "plan.md")


def look(root: Path, **more: tuple[str, ...]) -> Look:
    return look_at(root, rules(**more), root.parent / "cache")


def test_what_is_seen(root: Path) -> None:
    seen = look(root)
    assert sorted(seen.files) == ["a.py", "docs/d.md", "link", "src/b.py", "src/deep/c.py"]
    assert seen.hidden == (".git", "node_modules", "pipe", "plan.md")
    assert cut(seen, ("**",), ()).hidden == seen.hidden


def test_what_is_not_among_the_inputs_is_hidden_as_a_whole(root: Path) -> None:
    tree = cut(look(root), ("src/**", "!src/deep/**"), [("src/new.py", 0o100644, b""), ("other.py", 0o100644, b"")])
    assert tree.paths == ("src/b.py",)
    assert tree.hidden == (".git", "a.py", "docs", "link", "node_modules", "pipe", "plan.md", "src/deep")
    assert [path for path, _, _ in tree.changes] == ["src/new.py"]


def test_changes_decide_the_digest_and_their_order_does_not(root: Path) -> None:
    seen = look(root)
    one, other = ("a.py", 0o100644, b"new"), ("z.py", 0o100755, b"z")
    digests = [cut(seen, ("**",), changes).digest for changes in ([], [one], [one, other], [other, one])]
    assert digests[2] == digests[3]
    assert len(set(digests)) == 3
    assert cut(seen, ("**",), [("a.py", 0o100644, b"a.py")]).digest == digests[0]
    assert cut(seen, ("**",), [("a.py", 0o100755, b"a.py")]).digest != digests[0]


@pytest.mark.parametrize("edit", ["same size, same time", "new file", "removed", "mode", "link", "newly a folder"])
def test_no_edit_is_missed(root: Path, edit: str) -> None:
    before = look(root)
    file = root / "src" / "b.py"
    status = file.stat()
    if edit == "same size, same time":
        file.write_text("SRC/B.PY")
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif edit == "new file":
        (root / "src" / "empty" / "n.py").write_text("")
    elif edit == "removed":
        file.unlink()
    elif edit == "mode":
        file.chmod(0o755)
    elif edit == "link":
        (root / "link").unlink()
        (root / "link").symlink_to("a.py")
    else:
        file.unlink()
        file.mkdir()
    assert not is_unchanged(root, rules(), before)
    assert look(root).files != before.files


def test_a_cache_that_is_lost_or_torn_costs_a_look(root: Path) -> None:
    before = look(root)
    for data in (b"", b"\x00torn", (root.parent / "cache").read_bytes()[:100]):
        (root.parent / "cache").write_bytes(data)
        assert look(root).files == before.files


def test_a_tree_that_did_not_change_is_not_walked(root: Path) -> None:
    old = look(root)
    if not old.settled:  # its files were written just now
        (root.parent / "cache").unlink()
        old = look(root)

    def fail(_path: str = "") -> bool:
        raise AssertionError("git was asked")

    while not old.settled:
        old = look(root)
    unasked = Rules(lambda: [str(fail())], fail, fail)
    assert look_at(root, unasked, root.parent / "cache") == old
