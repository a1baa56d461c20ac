"""Where the working tree is and what its HEAD points to, by git's files alone: no process, no library."""

from pathlib import Path

from codegen_tasks.errors import BadConfig


def find_root(task: Path, repo: str | None) -> Path:
    """The working tree of a task directory: `repo` of the configuration, else the git repository around it, else the
    directory itself. Raises BadConfig."""
    if repo is not None:
        root = (task / repo).resolve()
        if not root.is_dir():
            raise BadConfig(
                f"codegen.yaml: repo: there is no folder {repo!r}", hint="name an existing folder, or leave it out"
            )
        return root
    for folder in (task, *task.parents):
        if (folder / ".git").exists():
            return folder
        if all((folder / name).exists() for name in ("HEAD", "objects", "refs")):
            raise BadConfig(
                f"the task directory lies in a bare git repository ({folder.name})",
                hint="work in a clone with a working tree, or name one by repo: in codegen.yaml",
            )
    return task


def read_head(root: Path) -> str | None:
    """HEAD's commit, 40 or 64 hex digits; None without a repository, or with one in another form."""
    git = next((folder / ".git" for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if git is None:
        return None
    if git.is_file():
        pointer = git.read_text(errors="replace").removeprefix("gitdir:").strip()
        git = git.parent / pointer
    common = _line(git / "commondir")
    shared = git / common if common else git
    head = _line(git / "HEAD")
    if not head.startswith("ref:"):
        return head or None
    name = head.removeprefix("ref:").strip()
    return _line(git / name) or _line(shared / name) or _packed(shared / "packed-refs", name)


def _line(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _packed(path: Path, name: str) -> str | None:
    for line in _line(path).split("\n"):
        commit, _, ref = line.partition(" ")
        if ref == name:
            return commit
    return None
