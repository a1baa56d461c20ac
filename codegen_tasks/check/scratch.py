"""A scratch tree as a copy on disk, for sandboxes that cannot lay one tree over another. It knows no commands."""

import fcntl
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from codegen_tasks.check.tree import Change

FICLONE = 0x40049409


def make_copy(root: Path, files: tuple[str, ...], changes: tuple[Change, ...], target: Path) -> None:
    """Makes `target` the tree of these files of `root`, with the changes. Contents are shared where the file system can
    (reflinks), never by hard links, through which a command could write."""
    changed = {path for path, _, _ in changes}
    for path in files:
        if path not in changed:
            _copy(root / path, target / path)
    for path, mode, data in changes:
        if data is not None:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(target / path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode & 0o777)
            with os.fdopen(handle, "wb") as file:
                file.write(data)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):  # it went away just now; the look at the tree tells
        if stat.S_ISLNK(source.lstat().st_mode):
            target.symlink_to(source.readlink())
        elif not _clone(source, target):
            shutil.copyfile(source, target, follow_symlinks=False)
            shutil.copymode(source, target, follow_symlinks=False)


def _clone(source: Path, target: Path) -> bool:
    with source.open("rb") as old, target.open("xb") as new:
        try:
            fcntl.ioctl(new, FICLONE, old.fileno())
            os.fchmod(new.fileno(), os.fstat(old.fileno()).st_mode & 0o777)
        except OSError:
            target.unlink()
            return False
    return True
