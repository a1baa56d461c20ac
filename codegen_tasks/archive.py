"""Earlier attempts, kept under code/archive/NNNN. A number is there whole or not at all.

Files of one path that are equal in several numbers are one file with several names, so an attempt that repeats another
takes no room. It does not know what an attempt means.
"""

import os
import tempfile
from collections.abc import Sequence
from filecmp import cmp
from pathlib import Path

from codegen_tasks.files import copy_tree, entries, link_over, make_folder, remove_tree, sync_directory, write_atomic

_UNFINISHED = ".unfinished-"
_MOVING = ".moving"
_RETURNING = ".returning"


def numbers(archive: Path) -> list[Path]:
    """The folders of all archived attempts, the earliest first."""
    found = [entry for entry in archive.iterdir() if entry.name.isdigit()] if archive.is_dir() else []
    return sorted(found, key=lambda entry: int(entry.name))


def put_back(kept: Path, code: Path, last: Sequence[str]) -> None:
    """Copies what an archived attempt holds into `code`, each file and folder in one rename, those named `last` last.

    What is in `code` under such a name already was put there by a call that was cut off. Raises OSError.
    """
    aside = kept.parent / _RETURNING
    remove_tree(aside)
    names = sorted((item.name for item in kept.iterdir()), key=lambda name: (name in last, name))
    missing = [name for name in names if not os.path.lexists(code / name)]
    for name in missing:
        copy_tree(kept / name, aside / name)
    for name in missing:
        (aside / name).rename(code / name)
    remove_tree(aside)


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
    earlier = numbers(archive)
    _share(aside, earlier)
    number = int(earlier[-1].name) if earlier else 0
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


def _share(aside: Path, earlier: Sequence[Path]) -> None:
    """Makes files that an earlier number holds under the same path another name of that file."""
    for name in list(entries(aside)):
        path = Path(name)
        if path.is_symlink():
            continue
        own, seen = path.stat(), set[int]()
        for folder in reversed(earlier):
            twin = folder / path.relative_to(aside)
            if twin.is_symlink() or not twin.is_file():
                continue
            found = twin.stat()
            if found.st_ino not in seen and (found.st_size, found.st_mode) == (own.st_size, own.st_mode):
                seen.add(found.st_ino)
                if cmp(path, twin, shallow=False):
                    link_over(twin, path)
                    break


def drop_unfinished(archive: Path) -> None:
    """Removes what a killed run was building."""
    if archive.is_dir():
        for entry in archive.iterdir():
            if entry.name.startswith((_UNFINISHED, _RETURNING)):
                remove_tree(entry)
