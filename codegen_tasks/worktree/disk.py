"""What lies where on disk, without following links: folders are read once, whole. It opens no file."""

import os
from pathlib import Path


class Disk:
    """The kinds of what lies below a folder, as one reading sees them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: dict[str, dict[str, str]] = {}

    def kind(self, path: str) -> str | None:
        """ "file", "folder", "link" or "other" (a pipe, a socket, a device); None: nothing, or behind a link."""
        folder, _, name = path.rstrip("/").rpartition("/")
        return self._names(folder).get(name)

    def _names(self, folder: str) -> dict[str, str]:
        if folder not in self._folders:
            there = not folder or self.kind(folder) == "folder"
            self._folders[folder] = _read(f"{self._root}/{folder}") if there else {}
        return self._folders[folder]


def _read(folder: str) -> dict[str, str]:
    try:
        with os.scandir(folder) as found:
            return {entry.name: _kind(entry) for entry in found}
    except OSError:
        return {}


def _kind(entry: "os.DirEntry[str]") -> str:
    if entry.is_file(follow_symlinks=False):
        return "file"
    if entry.is_symlink():
        return "link"
    return "folder" if entry.is_dir(follow_symlinks=False) else "other"
