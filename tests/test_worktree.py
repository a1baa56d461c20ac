"""What of a working tree is read and what a model may be shown, with git and without."""

from pathlib import Path

import pytest

from codegen_tasks.errors import BadConfig, BadPlan
from codegen_tasks.files import Snapshot
from codegen_tasks.records import Blob
from codegen_tasks.worktree import Worktree, find_root, read_head
from tests.workshop import Workshop, git

FILES = {
    ".gitignore": "*.log\n/build/\n",
    "a.py": "a = 1\n",
    "src/b.py": "b = 1\n",
    "src/.gitignore": "!keep.log\n",
    "src/keep.log": "kept\n",
    "x.log": "ignored\n",
    "build/out.py": "ignored\n",
    ".env": "KEY=1\n",
    ".env.example": "KEY=\n",
    "keys/id_rsa": "secret\n",
}
SHOWN = (".env.example", ".gitignore", "a.py", "src/.gitignore", "src/b.py", "src/keep.log")


@pytest.fixture(params=["git", "plain"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Worktree:
    Workshop(tmp_path, FILES, bare=request.param == "plain")
    return Worktree(tmp_path, Snapshot(), own=("task",))


def test_visible_files(tree: Worktree) -> None:
    assert tree.visible() == SHOWN


GLOBS = {
    "*.py": ("a.py",),
    "**/*.py": ("a.py", "src/b.py"),
    "src/*": ("src/.gitignore", "src/b.py", "src/keep.log"),
    "src/[ab].py": ("src/b.py",),
}


@pytest.mark.parametrize("pattern", GLOBS)
def test_globs(tree: Worktree, pattern: str) -> None:
    assert tree.expand(pattern, "here") == GLOBS[pattern]


NOT_SENT = {
    ".env": "looks like a secret",
    "keys/id_rsa": "looks like a secret",
    "x.log": "is ignored",
    "build/out.py": "is ignored",
    "src": "is not a file",
    "nope.py": "is not a file",
    "task/dodo.py": "is the task's own",
}


@pytest.mark.parametrize("path", NOT_SENT)
def test_what_is_not_sent(tree: Worktree, path: str) -> None:
    with pytest.raises(BadPlan) as refusal:
        tree.expand(path, "here")
    assert refusal.value.message.startswith("here: ")
    assert NOT_SENT[path] in refusal.value.message


def test_a_new_file_that_git_does_not_track_yet_is_sent(tree: Worktree) -> None:
    (tree.root / "fresh.py").write_text("f = 1\n")
    assert tree.expand("fresh.py", "here") == ("fresh.py",)


def test_exclude(tmp_path: Path) -> None:
    Workshop(tmp_path, FILES)
    tree = Worktree(tmp_path, Snapshot(), own=("task",), exclude=("src/", "!src/b.py"))
    assert "src/keep.log" not in tree.visible()
    with pytest.raises(BadPlan, match="excluded"):
        tree.expand("src/keep.log", "here")


def test_contents_modes_and_links(tree: Worktree) -> None:
    (tree.root / "run").write_text("#!\n")
    (tree.root / "run").chmod(0o755)
    (tree.root / "link").symlink_to("a.py")
    assert tree.read("a.py", "here") == Blob(b"a = 1\n", 0o100644)
    assert tree.read("run", "here") == Blob(b"#!\n", 0o100755)
    assert tree.read("link", "here") == Blob(b"a.py", 0o120000)
    assert tree.read("a.py/below", "here") is None
    with pytest.raises(BadPlan, match="not a regular file"):
        tree.read("src", "here")


def test_head_in_every_shape(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "repo", {"a.py": "a\n"})
    commit = git(shop.root, "rev-parse", "HEAD").strip()
    assert read_head(shop.root) == commit
    git(shop.root, "pack-refs", "--all")
    assert read_head(shop.root) == commit
    git(shop.root, "worktree", "add", "-q", "-b", "other", str(tmp_path / "second"))
    assert read_head(tmp_path / "second") == commit
    git(shop.root, "checkout", "-q", "--detach")
    assert read_head(shop.root / "task") == commit
    git(tmp_path, "init", "-q", "empty")
    assert read_head(tmp_path / "empty") is None


def test_dirty_means_other_than_the_commit(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, {"src/a.py": "a\n", "b.py": "b\n"})
    tree = Worktree(tmp_path / "src", Snapshot())
    commit = str(read_head(tmp_path))
    assert not tree.is_dirty(commit, [("a.py", Blob(b"a\n")), ("new.py", None)])
    assert tree.is_dirty(commit, [("a.py", Blob(b"other\n"))])
    assert tree.is_dirty(commit, [("a.py", Blob(b"a\n", 0o100755))])
    assert tree.is_dirty(commit, [("a.py", None)])
    assert tree.is_dirty("0" * 40, [])
    assert shop.root == tmp_path


def test_roots(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "repo", {"a.py": "a\n"}, task="deep/task")
    assert find_root(shop.task, None) == shop.root
    assert find_root(shop.task, "..") == shop.root / "deep"
    assert find_root(tmp_path, None) == tmp_path
    with pytest.raises(BadConfig, match="no folder"):
        find_root(shop.task, "nowhere")
