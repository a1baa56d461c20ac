"""Which files lie below a folder and are not ignored, and which of them are tracked. It reads no contents.

The index is not the disk: what is listed may be missing, a link or no regular file. `Disk` tells.
"""

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from codegen_tasks.worktree import git, plain
from codegen_tasks.worktree.disk import Disk
from codegen_tasks.worktree.head import find_top


class Listing:
    """What lies below `root`, asked once: `tracked` by the repository around it, `paths` in those inside it too."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.disk = Disk(root)

    @cached_property
    def tracked(self) -> tuple[str, ...]:
        """Paths of regular files in the index that are on disk, sorted."""
        return tuple(sorted(path for path in self._parts[0] if self.disk.kind(path) == "file"))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """All regular files that are tracked or not ignored, sorted."""
        return tuple(path for path in self.entries if self.disk.kind(path) == "file")

    @cached_property
    def entries(self) -> tuple[str, ...]:
        """All regular files and links that are tracked or not ignored, sorted."""
        found = {path for part in self._parts for path in part if self.disk.kind(path) in ("file", "link")}
        for folder in self._inner():
            found.update(f"{folder}/{path}" for path in Listing(self.root / folder).entries)
        return tuple(sorted(found))

    def is_ignored(self, path: str) -> bool:
        """Whether a path, there or not, is ignored."""
        if path in self._set:
            return False
        folders = [path[:i] for i, c in enumerate(path) if c == "/"]
        repositories = [folder for folder in folders if os.path.lexists(self.root / folder / ".git")]
        repositories = ["", *repositories] if self._top else repositories
        if self._git is None or not repositories:
            return os.path.lexists(self.root / path)
        return git.is_ignored(self._git, self.root, path, repositories)

    @property
    def was_read(self) -> bool:
        """Whether anybody has asked."""
        return "_parts" in vars(self)

    @cached_property
    def _set(self) -> frozenset[str]:
        return frozenset(self.paths)

    @cached_property
    def _top(self) -> Path | None:
        return find_top(self.root)

    @cached_property
    def _git(self) -> str | None:
        return git.find_git()

    @cached_property
    def _parts(self) -> tuple[list[str], list[str]]:
        """What is tracked, and what is neither that nor ignored; repositories inside end with `/`."""
        if self._top is None:
            return [], list(plain.walk(self.root, None))
        if self._git is None:
            return plain.tracked(self.root, self._top), list(plain.walk(self.root, self._top))
        return git.list_files(self._git, self.root)

    def _inner(self) -> Iterator[str]:
        """The repositories inside: submodules, and others that are not ignored."""
        tracked, others = self._parts
        for path in tracked:
            if self.disk.kind(path) == "folder" and os.path.lexists(self.root / path / ".git"):
                yield path
        yield from (path.rstrip("/") for path in others if path.endswith("/"))
