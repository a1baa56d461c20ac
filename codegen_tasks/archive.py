"""Earlier attempts, kept under code/archive/NNNN. A number is there whole or not at all."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from codegen_tasks.files import copy_tree, make_folder, remove_tree, sync_directory, write_atomic

_UNFINISHED = ".unfinished-"
_MOVING = ".moving"


def keep(archive: Path, items: Sequence[Path]) -> Path | None:
    """Copies these files and folders into the next number; None if none of them is there. Raises OSError."""
    there = [item for item in items if item.exists()]
    if not there:
        return None
    aside = _aside(archive)
    for item in there:
        copy_tree(item, aside / item.name)
    return _publish(aside, archive)


def move(archive: Path, items: Sequence[Path]) -> Path | None:
    """Moves these files and folders into the next number, each whole, in this order. Raises OSError.

    One that was cut off is gone on with: what it has moved already goes into the same number. None: nothing to move.
    """
    aside = archive / _MOVING
    for item in items:
        if (aside / item.name).exists():  # written again since it was cut off
            _publish(aside, archive)
        make_folder(aside)
        item.rename(aside / item.name)
    return _publish(aside, archive) if aside.is_dir() else None


def keep_edited(archive: Path, path: str, data: bytes) -> Path:
    """Keeps one generated file as a person edited it, before a new reply replaces it."""
    aside = _aside(archive)
    write_atomic(aside / "files" / path, data)
    return _publish(aside, archive)


def _aside(archive: Path) -> Path:
    make_folder(archive)
    return Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=archive))


def _publish(aside: Path, archive: Path) -> Path:
    """Renames what was built aside to the next free number, which others may be taking at the same time."""
    aside.chmod(0o755)
    number = max((int(entry.name) for entry in archive.iterdir() if entry.name.isdigit()), default=0)
    while True:
        number += 1
        target = archive / f"{number:04d}"
        if target.exists():
            continue
        try:
            os.rename(aside, target)  # noqa: PTH104 (must fail where a folder with content is)
        except OSError:
            if not target.exists():
                raise
            continue
        sync_directory(archive)
        return target


def drop_unfinished(archive: Path) -> None:
    """Removes what a killed run was building."""
    if archive.is_dir():
        for entry in archive.iterdir():
            if entry.name.startswith(_UNFINISHED):
                remove_tree(entry)
