"""Where the working tree is and what its HEAD points to, by git's files alone: no process, no library."""

import os
import re
from pathlib import Path
from stat import S_ISREG

from codegen_tasks.errors import BadConfig

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_HOPS = 5  # git's own limit for references to references
_LONGEST = 1 << 22  # bytes of packed-refs; everything else is a line


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


def find_top(root: Path) -> Path | None:
    """The top of the repository around a folder: where its `.git` lies. None without a repository."""
    return next((folder for folder in (root, *root.parents) if os.path.lexists(folder / ".git")), None)


def read_head(root: Path) -> str | None:
    """HEAD's commit, 40 or 64 hex digits; None without a repository, or with one in another form.

    What else stands where a commit should, text of a file somewhere else, is never returned.
    """
    return follow_head(root)[0]


def follow_head(root: Path) -> tuple[str | None, list[Path]]:
    """The same, and the files that it was read from, there or not."""
    looked: list[Path] = []

    def line(path: Path) -> str:
        looked.append(path)
        return _line(path)

    top = find_top(root)
    if top is None:
        return None, looked
    git = top / ".git"
    if git.is_file():
        git = top / line(git).removeprefix("gitdir:").strip()
    common = line(git / "commondir")
    shared = git / common if common else git
    value = line(git / "HEAD")
    for _ in range(_HOPS):
        if not value.startswith("ref:"):
            break
        name = value.removeprefix("ref:").strip()
        if not name.startswith("refs/") or ".." in name:
            return None, looked
        value = line(git / name) or line(shared / name) or _packed(line(shared / "packed-refs"), name)
    return (value if _COMMIT.fullmatch(value) else None), looked


def _line(path: Path) -> str:
    """A small file's text; empty if it is not there, not to be read, or no regular file (a pipe would never end)."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError):
        return ""
    with os.fdopen(handle, "rb") as file:
        if not S_ISREG(os.fstat(handle).st_mode):
            return ""
        return file.read(_LONGEST).decode(errors="replace").strip()


def _packed(text: str, name: str) -> str:
    for line in text.split("\n"):
        commit, _, ref = line.partition(" ")
        if ref == name:
            return commit
    return ""
