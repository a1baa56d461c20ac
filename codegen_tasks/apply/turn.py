"""Apply, undo, and the way out of either after a crash. It trusts the paths it is given: the plan has judged them.

All pre-images are checked and the journal is on the disk before the first file is written. From then on every file is
either what it was or what it shall be, and the journal knows both.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from codegen_tasks.apply import journal as journals
from codegen_tasks.apply.journal import Entry, Folder, Log, encode_name
from codegen_tasks.apply.standing import (
    Standing,
    clear,
    folder_mode,
    make_folders,
    obstacle,
    prune,
    put,
    see,
    wanted,
    ways_to,
)
from codegen_tasks.errors import BaseMoved
from codegen_tasks.files import sync_directory
from codegen_tasks.records import Blob, FileChange


class Trouble(NamedTuple):
    """What to say when files are not as they should be, and what to do about it."""

    message: str
    hint: str


_MOVED = Trouble(
    "nothing was written, because these files are not as they were when the diff was made",
    "run `doit codegen` for a diff against what is there now, or put back what was there",
)
_EDITED = Trouble(
    "nothing was undone, because these files are not as the diff left them",
    "put back what the diff made of them, or undo by hand",
)
_CUT_OFF = Trouble(
    "an earlier apply was cut off and cannot be finished, because these files were edited since",
    "give each the content it had before the diff or the one the diff gives it, and run the command again",
)


def apply_changes(root: Path, changes: Sequence[FileChange], journal: Path) -> None:
    """Brings `root` from all `before` to all `after`; files that are there already are left alone.

    A half-done apply of the same changes is finished first; what another one did stays, and can be undone after this
    one. Raises BaseMoved, naming each file, with nothing written; and OSError with everything put back.
    """
    _end_half_done(root, journal, {change.path: change.after for change in changes})
    log = _plan(root, changes)
    if log.entries:
        _run(root, journals.begin(journal, log), log)


def unapply(root: Path, journal: Path) -> tuple[str, ...]:
    """Undoes the last apply and returns its paths; none if there is nothing to undo.

    A half-done apply is finished first. Raises BaseMoved if a file was edited since, with nothing written.
    """
    recover(root, journal)
    file = journals.newest(journal)
    if file is None:
        return ()
    log = journals.read(file)
    _refuse_moved(root, log, _EDITED)
    _run(root, journals.turn_to(file, "undoing"), log)
    return tuple(entry.path for entry in log.entries)


def recover(root: Path, journal: Path) -> str:
    """Finishes what a crash cut off: `applied` or `undone` says what was; `nothing` that there was nothing to do.

    Raises BaseMoved, with nothing written, if a file is neither what it was nor what it should become.
    """
    file = journals.newest(journal)
    if file is None or file.suffix == ".applied":
        return "nothing"
    log = journals.read(file)
    _refuse_moved(root, log, _CUT_OFF)
    _run(root, file, log)
    return "applied" if file.suffix == ".applying" else "undone"


def _end_half_done(root: Path, journal: Path, wanted: Mapping[str, Blob | None]) -> None:
    file = journals.newest(journal)
    if file is None or file.suffix == ".applied":
        return
    log = journals.read(file)
    if all(entry.path in wanted and wanted[entry.path] == _blob(entry.after) for entry in log.entries):
        recover(root, journal)
        return
    for number in range(len(log.entries)):
        clear(root, _temporary(log, number))
    journals.turn_to(file, "applied")


def _temporary(log: Log, number: int) -> str:
    return f"{log.entries[number].path.rpartition('/')[0]}/.codegen-{log.token}-{number}".lstrip("/")


def _plan(root: Path, changes: Sequence[FileChange]) -> Log:
    entries, moved, paths = list[Entry](), list[str](), {change.path for change in changes}
    for change in sorted(changes, key=lambda change: encode_name(change.path)):
        before = see(root, change.path)
        there = _blob(before)
        reason = _in_the_way(root, change.path, paths)
        if reason is None and there == change.after:
            continue
        if reason is None and there != change.before:
            reason = _difference(there, change.before)
        if reason is not None:
            moved.append(f"{change.path}: {reason}")
        after = None if change.after is None else wanted(change.after, before)
        entries.append(Entry(encode_name(change.path), before, after))
    _refuse(moved, _MOVED)
    ways = sorted({way for entry in entries for way in ways_to(entry.path)})
    return Log(tuple(entries), tuple(Folder(encode_name(way), folder_mode(root, way)) for way in ways))


def _refuse_moved(root: Path, log: Log, trouble: Trouble) -> None:
    paths, moved = {entry.path for entry in log.entries}, list[str]()
    for entry in log.entries:
        there = _blob(see(root, entry.path))
        reason = _in_the_way(root, entry.path, paths)
        if reason is None and there not in (_blob(entry.before), _blob(entry.after)):
            reason = _difference(there, _blob(entry.after))
        if reason is not None:
            moved.append(f"{entry.path}: {reason}")
    _refuse(moved, trouble)


def _refuse(moved: Sequence[str], trouble: Trouble) -> None:
    if moved:
        raise BaseMoved(f"{trouble.message}:\n  " + "\n  ".join(moved), hint=trouble.hint)


def _in_the_way(root: Path, path: str, own: Collection[str]) -> str | None:
    """What blocks `path` and does not itself belong to the changes `own`, in words."""
    blocked = obstacle(root, path)
    if blocked is not None and blocked not in own:
        return f"{blocked} is a link or a file, not a folder"
    below = path + "/"
    if blocked is None and folder_mode(root, path) is not None and not any(other.startswith(below) for other in own):
        return "a folder stands there"
    return None


def _difference(there: Blob | None, before: Blob | None) -> str:
    if there is None:
        return "it is not there any more"
    if before is None:
        return "it is there already, with other content"
    return "its content is another" if there.data != before.data else f"its mode is {there.mode:o}, not {before.mode:o}"


def _blob(standing: Standing | None) -> Blob | None:
    return None if standing is None else standing.blob


def _run(root: Path, file: Path, log: Log) -> None:
    """Goes the way the journal's file says, or back again if anything stops it."""
    try:
        _finish(root, file, log)
    except BaseException:
        if file.exists():
            _finish(root, journals.turn_to(file, "undoing" if file.suffix == ".applying" else "applying"), log)
        raise


def _finish(root: Path, file: Path, log: Log) -> None:
    forward = file.suffix == ".applying"
    _move(root, log, {entry.path: entry.after if forward else entry.before for entry in log.entries}, forward=forward)
    if forward:
        journals.turn_to(file, "applied")
        journals.forget_old(file.parent)
    else:
        journals.end(file)


def _move(root: Path, log: Log, targets: dict[str, Standing | None], *, forward: bool) -> None:
    """Makes the targets stand: first what goes, then what comes, so that a file can take a folder's place.

    May be cut off anywhere and started again. Going forward, folders that fall empty go; going back, only ours.
    """
    folders = {folder.path: folder.mode for folder in log.folders}
    temporaries = {path: _temporary(log, number) for number, path in enumerate(targets)}
    for path, standing in targets.items():
        clear(root, temporaries[path])
        if standing is None:
            clear(root, path)
    needed = {way for path, standing in targets.items() if standing is not None for way in ways_to(path)}
    prune(root, [way for way, mode in folders.items() if way not in needed and (forward or mode is None)])
    for path, standing in targets.items():
        if standing is not None and see(root, path) != standing:
            make_folders(root, path, folders)
            put(root, path, standing, temporaries[path])
    for way in ("", *folders):
        if folder_mode(root, way) is not None:
            sync_directory(root / way)
