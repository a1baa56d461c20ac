"""What stands at one place of the working tree: seen, put and cleared there. It knows no plan and no journal."""

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from codegen_tasks.records import Blob, Record


class Standing(Record, frozen=True):
    """A content with the file system's own mode, kind and all permissions. The data of a link is its target."""

    data: bytes
    mode: int

    @property
    def blob(self) -> Blob:
        """The same as git sees it. What is neither a file nor a link keeps its mode, and so equals nothing planned."""
        if stat.S_ISREG(self.mode):
            return Blob(self.data, 0o100755 if self.mode & stat.S_IXUSR else 0o100644)
        return Blob(self.data, stat.S_IFMT(self.mode))


def see(root: Path, path: str) -> Standing | None:
    """What stands at `path`; None if there is nothing, only a folder, or no way there but through a link."""
    place = root / path
    if obstacle(root, path) is not None:
        return None
    try:
        mode = place.lstat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        return None
    if stat.S_ISLNK(mode):
        return Standing(os.fsencode(place.readlink()), stat.S_IFLNK | 0o777)
    return Standing(place.read_bytes() if stat.S_ISREG(mode) else b"", mode)


def obstacle(root: Path, path: str) -> str | None:
    """The first part of the way to `path` that is there and is no folder: a file or a link."""
    for parent in ways_to(path):
        try:
            mode = (root / parent).lstat().st_mode
        except FileNotFoundError:
            return None
        if not stat.S_ISDIR(mode):
            return parent
    return None


def ways_to(path: str) -> list[str]:
    """The folders above `path`, the highest first."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def wanted(blob: Blob, before: Standing | None) -> Standing:
    """How `blob` is to stand there: with the permissions of the file before it, else with what the umask allows."""
    if stat.S_ISLNK(blob.mode):
        return Standing(blob.data, stat.S_IFLNK | 0o777)
    runs = bool(blob.mode & stat.S_IXUSR)
    if before is None or not stat.S_ISREG(before.mode):
        return Standing(blob.data, stat.S_IFREG | (0o777 if runs else 0o666) & ~_umask())
    if runs == bool(before.mode & stat.S_IXUSR):
        return Standing(blob.data, before.mode)
    readers = (before.mode & 0o444) >> 2
    return Standing(blob.data, before.mode | readers if runs else before.mode & ~0o111)


def folder_mode(root: Path, path: str) -> int | None:
    """The permissions of the folder at `path`; None if there is none, or no way there but through a link."""
    try:
        mode = (root / path).lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    return stat.S_IMODE(mode) if stat.S_ISDIR(mode) and obstacle(root, path) is None else None


def make_folders(root: Path, path: str, modes: Mapping[str, int | None]) -> None:
    """Makes the folders above `path` that are missing, with the permissions they had if they are known."""
    for way in ways_to(path):
        if folder_mode(root, way) is None:
            (root / way).mkdir()
            mode = modes[way]
            if mode is not None:
                (root / way).chmod(mode)


def put(root: Path, path: str, standing: Standing, temporary: str) -> None:
    """Makes `standing` stand at `path` in one rename, by way of a name that can be cleared after a crash.

    The bytes are on the disk before the rename; the rename itself is when its folder is synced. Raises OSError.
    """
    aside = root / temporary
    if stat.S_ISLNK(standing.mode):
        aside.symlink_to(os.fsdecode(standing.data))
    else:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(standing.data)
            os.fchmod(file.fileno(), stat.S_IMODE(standing.mode))
            file.flush()
            os.fsync(file.fileno())
    aside.replace(root / path)


def clear(root: Path, path: str) -> None:
    """Removes the file or link at `path`, never through a link; a folder stays, and nothing to remove is fine."""
    if obstacle(root, path) is None and folder_mode(root, path) is None:
        (root / path).unlink(missing_ok=True)


def prune(root: Path, folders: Iterable[str]) -> None:
    """Removes those of the folders that are empty, the deepest first."""
    for folder in sorted(folders, key=lambda path: path.count("/"), reverse=True):
        if obstacle(root, folder) is None:
            with suppress(OSError):
                (root / folder).rmdir()


def _umask() -> int:
    mask = os.umask(0o077)  # there is no way to ask without setting; no thread of ours makes files meanwhile
    os.umask(mask)
    return mask
