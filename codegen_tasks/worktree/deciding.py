"""What decides which files git names and which it ignores: its settings, its index, rules, and the names in folders.

It asks git where its settings lie, and judges nothing.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from codegen_tasks.worktree import git
from codegen_tasks.worktree.head import find_top

_MOST = 5_000  # folders below the fixed part of a glob
_MAGIC = "*?["


def deciding_files(root: Path, patterns: Iterable[str], own: Iterable[Path]) -> set[Path] | None:
    """The files and folders that decide what these paths and globs mean, there or not. `own` folders are passed by.

    None where more decides: another repository inside, settings that name others, no git, too many folders.
    """
    program, top = git.find_git(), find_top(root)
    if program is None or top is None or not (top / ".git").is_dir():
        return None
    settings, folders = git.settings_files(program, top), _folders(root, patterns, set(own))
    if settings is None or folders is None:
        return None
    above = {root, *root.parents} - set(top.parents)
    rules = {folder / ".gitignore" for folder in (*folders, *above)}
    found = {*settings, *rules, *(top / ".git" / name for name in ("index", "info/exclude", "info/sparse-checkout"))}
    return found | {folder for folder, whole in folders.items() if whole}


def _folders(root: Path, patterns: Iterable[str], own: set[Path]) -> dict[Path, bool] | None:
    """The folders on the way to what is meant, and whether the names in them count; None where there are too many, or
    one is a repository of its own."""
    found = {root: False}
    for pattern in sorted(patterns):
        fixed = pattern[: min((pattern.find(sign) for sign in _MAGIC if sign in pattern), default=len(pattern))]
        start = root / fixed.rpartition("/")[0]
        found |= {folder: found.get(folder, False) for folder in (start, *start.parents) if folder.is_relative_to(root)}
        if fixed != pattern and not found[start]:
            for folder in _below(start, own):
                found[folder] = True
                if len(found) > _MOST:
                    return None
    return None if any(os.path.lexists(folder / ".git") for folder in found if folder != root) else found


def _below(start: Path, own: set[Path]) -> Iterator[Path]:
    for name, inner, _ in os.walk(start):
        folder = Path(name)
        inner[:] = [one for one in inner if one != ".git" and folder / one not in own]
        yield folder
