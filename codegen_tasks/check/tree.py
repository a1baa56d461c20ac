"""What a check may see of the working tree: its files by content, and what of it stays hidden. It writes nothing there.

A file is read again only when its stamp (inode, size, times) has changed; a tree whose folders and files all bear the
stamps they had is the tree it was, and nobody asks git what is ignored.
"""

import os
import stat
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import msgspec

from codegen_tasks.files import write_atomic
from codegen_tasks.records import LINK, Record

ALL = ("**",)
Stamp = tuple[int, int, int, int, int]
Change = tuple[str, int, bytes | None]  # path, mode, content; None: not there
SAME_TICK_NS = 50_000_000  # a file that changed so shortly before it was read may change once more under the same stamp


class File(Record, frozen=True):
    """A file or link of the tree: git's mode, and sha256 of its content."""

    mode: int
    digest: str


class Look(Record, frozen=True):
    """One look at a working tree. `hidden` are the outermost paths that are no part of it, `watched` tells what
    git ignores."""

    files: dict[str, File]
    hidden: tuple[str, ...]
    folders: dict[str, Stamp]
    stamps: dict[str, Stamp]
    watched: dict[str, Stamp | None]

    @property
    def settled(self) -> bool:
        """Whether the stamps of all files tell their content."""
        return len(self.stamps) == len(self.files)


@dataclass(frozen=True)
class Rules:
    """Who decides what belongs to the tree. They are asked only when something has changed."""

    tracked: Callable[[], Collection[str]]
    is_ignored: Callable[[str], bool]
    is_own: Callable[[str], bool]
    watched: Sequence[Path] = ()


@dataclass(frozen=True)
class Tree:
    """The files that one check sees: those of a look, cut to its inputs, with changes written over them."""

    look: Look
    paths: tuple[str, ...]
    changes: tuple[Change, ...]

    @cached_property
    def digest(self) -> str:
        """sha256 of all paths, modes and contents."""
        files = {path: self.look.files[path] for path in self.paths}
        for path, mode, data in self.changes:
            if data is None:
                files.pop(path, None)
            else:
                files[path] = File(mode, sha256(data).hexdigest())
        found = sha256()
        for path in sorted(files):
            found.update(f"{path}\0{files[path].mode:o}\0{files[path].digest}\n".encode("utf-8", "surrogateescape"))
        return found.hexdigest()

    @cached_property
    def hidden(self) -> tuple[str, ...]:
        """The outermost paths of the working tree that are not in this one."""
        wanted = set(self.paths)
        kept = {folder for path in self.paths for folder in _folders_of(path)}
        found = [_outermost(path, kept) for path in self.look.files if path not in wanted]
        found += [_outermost(path, kept) for path in self.look.hidden]
        return tuple(_uncovered(found))


def cut(look: Look, inputs: Sequence[str], changes: Iterable[Change]) -> Tree:
    """The tree that a check with these `inputs` (patterns as in .gitignore) sees."""
    if tuple(inputs) == ALL:
        return Tree(look, tuple(look.files), tuple(changes))
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines(inputs)
    return Tree(
        look,
        tuple(path for path in look.files if spec.match_file(path)),
        tuple(change for change in changes if spec.match_file(change[0])),
    )


def look_at(root: Path, rules: Rules, cache: Path) -> Look:
    """The working tree as it is now; `cache` keeps what was read, and may be lost."""
    known = _remembered(cache)
    if known is not None and _still_so(root, rules, known):
        return known
    look = _look_anew(root, rules, {} if known is None else _by_stamp(known))
    with suppress(OSError):
        write_atomic(cache, msgspec.msgpack.encode(look))
    return look


def is_unchanged(root: Path, rules: Rules, look: Look) -> bool:
    """Whether the working tree still is what `look` says."""
    return _still_so(root, rules, look) or _look_anew(root, rules, _by_stamp(look)).files == look.files


def _remembered(cache: Path) -> Look | None:
    try:
        return msgspec.msgpack.decode(cache.read_bytes(), type=Look)
    except (OSError, msgspec.MsgspecError):
        return None


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_mode


def _stamp_of(path: str) -> Stamp | None:
    try:
        return _stamp(os.lstat(path))
    except OSError:
        return None


def _still_so(root: Path, rules: Rules, known: Look) -> bool:
    if not known.settled or known.watched != _watched(rules):
        return False
    base = f"{root}/"
    return all(
        _stamp_of(base + path) == stamp for stamps in (known.folders, known.stamps) for path, stamp in stamps.items()
    )


def _watched(rules: Rules) -> dict[str, Stamp | None]:
    return {str(path): _stamp_of(str(path)) for path in rules.watched}


def _by_stamp(known: Look) -> dict[tuple[str, Stamp], File]:
    return {(path, stamp): known.files[path] for path, stamp in known.stamps.items()}


def _look_anew(root: Path, rules: Rules, known: Mapping[tuple[str, Stamp], File]) -> Look:
    watched = _watched(rules)
    walk = _Walk(root, rules, frozenset(rules.tracked()))
    walk.enter("")
    files, stamps = {}, {}
    now = time.time_ns()
    for path, stamp in sorted(walk.files.items()):
        file = known.get((path, stamp)) or _read(f"{root}/{path}", stamp)
        if file is None:  # it went away just now, or nobody may read it
            walk.hidden.append(path)
            continue
        files[path] = file
        if stamp[3] < now - SAME_TICK_NS:
            stamps[path] = stamp
    return Look(files, tuple(sorted(walk.hidden)), walk.folders, stamps, watched)


def _read(path: str, stamp: Stamp) -> File | None:
    try:
        if stat.S_ISLNK(stamp[4]):
            return File(LINK, sha256(os.fsencode(os.readlink(path))).hexdigest())  # noqa: PTH115 (a hundred thousand times)
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb", buffering=0) as file:
            mode = 0o100755 if stamp[4] & 0o100 else 0o100644
            return File(mode, sha256(file.readall()).hexdigest())
    except OSError:
        return None


class _Walk:
    """Finds the files of a tree; what is ignored, git's own, ours, or no file is hidden with all below it."""

    def __init__(self, root: Path, rules: Rules, tracked: Collection[str]) -> None:
        self._root = str(root)
        self._rules = rules
        self._tracked = tracked
        self._above = {folder for path in tracked for folder in _folders_of(path)}
        self.files: dict[str, Stamp] = {}
        self.folders: dict[str, Stamp] = {}
        self.hidden: list[str] = []

    def enter(self, folder: str) -> None:
        """Walks `folder`, which ends with a slash unless it is the root."""
        self.folders[folder] = _stamp(os.lstat(f"{self._root}/{folder}"))
        try:
            with os.scandir(f"{self._root}/{folder}") as entries:
                found = list(entries)
        except OSError:
            self.hidden.append(folder.rstrip("/"))
            return
        for entry in found:
            path = folder + entry.name
            if entry.is_dir(follow_symlinks=False):
                self._judge_folder(path)
            else:
                self._judge_file(path, entry)

    def _judge_folder(self, path: str) -> None:
        ours = path.rpartition("/")[2] == ".git" or self._rules.is_own(path)
        known = path in self._above or os.path.lexists(
            f"{self._root}/{path}/.git"
        )  # a repository of its own is no folder
        if ours or (not known and self._rules.is_ignored(f"{path}/")):
            self.hidden.append(path)
        else:
            self.enter(f"{path}/")

    def _judge_file(self, path: str, entry: os.DirEntry[str]) -> None:
        status = entry.stat(follow_symlinks=False)
        known = path in self._tracked
        is_file = stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)
        is_ours = entry.name == ".git" or self._rules.is_own(path)
        if not is_file or is_ours or (not known and self._rules.is_ignored(path)):
            self.hidden.append(path)
        else:
            self.files[path] = _stamp(status)


def _folders_of(path: str) -> Iterator[str]:
    at = path.rfind("/")
    while at > 0:
        yield path[:at]
        at = path.rfind("/", 0, at)


def _outermost(path: str, kept: Collection[str]) -> str:
    """The outermost folder above a path that holds nothing of what is kept; the path itself if there is none."""
    for folder in reversed(list(_folders_of(path))):
        if folder not in kept:
            return folder
    return path


def _uncovered(paths: Iterable[str]) -> Iterator[str]:
    """Those that do not lie below another one, each once."""
    found = set(paths)
    return (path for path in sorted(found) if not any(folder in found for folder in _folders_of(path)))
