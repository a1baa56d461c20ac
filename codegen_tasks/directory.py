"""The task directory's own folders, code/ and .codegen: are they ours, and is there no link in the way?

Nothing is written before that is known. It does not know what lies deeper in them.
"""

import os
import stat
from pathlib import Path

from codegen_tasks.errors import BadConfig
from codegen_tasks.files import TEMPORARY, make_folder, read_own, write_new

MARK = b"*\n"  # the .gitignore of our own folders
CODE = "code"
STATE = ".codegen"

_FOLDERS = {
    "": (CODE, STATE, "__pycache__"),
    CODE: ("archive", "context", "files", "quarantine", "replies"),
    STATE: ("journal", "store"),
}
_FILES = {
    "": (),
    CODE: (
        ".gitignore", "checks.json", "diff.patch", "estimate.json", "failure.json", "manifest.json", "provenance.json",
        "ready.json", "review.html", "scope.json", "scope.sarif",
    ),
    STATE: (
        ".gitignore", "attempts", "config", "doit.json", "events.jsonl", "events.old.jsonl", "fragments",
        "lock", "plan", "unchanged",
    ),
}  # fmt: skip


def own_names(task: Path) -> list[Path]:
    """All files and folders that `check_folders` looks at."""
    return [task / folder / name for kind in (_FOLDERS, _FILES) for folder, names in kind.items() for name in names]


def check_folders(task: Path) -> None:
    """Raises BadConfig where one of our files or folders is a link or of another kind, and where code/ is not ours."""
    for folder in _FOLDERS:
        for name in _FOLDERS[folder]:
            _check(task / folder / name, stat.S_IFDIR, f"{folder}/{name}".lstrip("/"))
        for name in _FILES[folder]:
            _check(task / folder / name, stat.S_IFREG, f"{folder}/{name}")
    if not _is_ours(task):
        raise BadConfig(
            "the task directory has a folder code/ of its own",
            hint="put plan.md, plan.files.json and codegen.yaml into a folder, and run `doit task=FOLDER codegen`",
        )


def _check(path: Path, kind: int, shown: str) -> None:
    try:
        found = stat.S_IFMT(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return
    if found == stat.S_IFLNK:
        raise BadConfig(
            f"{shown} is a symbolic link", hint="remove it: nothing of ours is read or written through links"
        )
    if found != kind:
        what = "a folder" if kind == stat.S_IFDIR else "a regular file"
        raise BadConfig(f"{shown} is not {what}", hint=f"move it away: {shown} is a name of ours")


def _is_ours(task: Path) -> bool:
    """Whether code/ is ours: empty, marked, or with nothing in it but our names beside traces of our work.

    A kill can leave it without its mark, and a person may change the mark.
    """
    code = task / CODE
    try:
        names = [name for name in os.listdir(code) if not name.startswith(TEMPORARY)]  # noqa: PTH208 (names are wanted)
    except FileNotFoundError:
        return True
    if not names or read_own(code / ".gitignore") == MARK:
        return True
    known = {*_FOLDERS[CODE], *_FILES[CODE]}
    return known.issuperset(names) and (read_own(task / STATE / ".gitignore") == MARK or _has_signal(code))


def _has_signal(code: Path) -> bool:
    found = (read_own(code / name) or b"" for name in ("manifest.json", "ready.json", "failure.json"))
    return any(b'"schema": "codegen.' in data[:200] for data in found)


def mark_folders(task: Path) -> None:
    """Makes our folders, each with its mark; one that a person changed stays. Raises OSError."""
    for name in (STATE, CODE):
        make_folder(task / name)
        write_new(task / name / ".gitignore", MARK)
    if (task / "__pycache__").is_dir():
        write_new(task / "__pycache__" / ".gitignore", MARK)


def place_of_store(task: Path, root: Path, setting: str) -> Path:
    """Where replies are kept. Raises BadConfig for a place where they would be lost, or found by way of a link."""
    place = Path(os.path.normpath(task / setting))
    real = place.resolve()
    for tree in (task, root):
        links = [part for part in (place, *place.parents) if part.is_relative_to(tree) and part.is_symlink()]
        if links:
            hint = f"remove the link, or name the folder it leads to: {real}"
            raise BadConfig(f"store.path: {links[-1].relative_to(tree)} is a symbolic link", hint=hint)
    hint = "name a folder of its own, such as .codegen/store"
    if any(where == task / CODE or where.is_relative_to(task / CODE) for where in (place, real)):
        raise BadConfig(f"store.path: {setting!r} lies in code/, which every run clears away", hint=hint)
    if ".git" in real.parts or any(folder.is_relative_to(real) for folder in (task, root)):
        raise BadConfig(f"store.path: {setting!r} is a folder that holds other things", hint=hint)
    taken = {*_FILES[STATE], "journal"}
    if real == task / STATE or (real.parent == task / STATE and real.name in taken):
        raise BadConfig(f"store.path: {setting!r} is taken by other files of ours", hint=hint)
    if place.exists() and not place.is_dir():
        raise BadConfig(f"store.path: {setting!r} is not a folder", hint=hint)
    return real
