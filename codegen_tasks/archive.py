"""Earlier attempts, kept under code/archive/NNNN. A number is there whole or not at all."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from codegen_tasks.files import copy_tree, remove_tree, sync_directory, write_atomic

_UNFINISHED = ".unfinished-"


def keep(archive: Path, items: Sequence[Path]) -> Path | None:
    """Copies these files and folders into the next number; None if none of them is there. Raises OSError."""
    there = [item for item in items if item.exists()]
    if not there:
        return None
    aside = _aside(archive)
    for item in there:
        copy_tree(item, aside / item.name)
    return _publish(aside, archive)


def keep_edited(archive: Path, path: str, data: bytes) -> Path:
    """Keeps one generated file as a person edited it, before a new reply replaces it."""
    aside = _aside(archive)
    write_atomic(aside / "files" / path, data)
    return _publish(aside, archive)


def _aside(archive: Path) -> Path:
    archive.mkdir(parents=True, exist_ok=True)
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
