"""Whether anything that a run looked at has changed since, told by the states of files alone. It opens none of them,
and does not know what a run is.

A state is what lstat says: kind, size, both times, inode, device. Whoever writes a file moves its ctime, and cannot put
it back as he can an mtime. Two changes within one tick of a file system's clock look alike, so states are kept only
where the last change is older than that (git calls the others racy).
"""

import json
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from stat import S_IFMT, S_ISDIR, S_ISLNK

from codegen_tasks.files import read_own, write_atomic

TICK_NS = 2_000_000_000  # the coarsest clock of a file system
_DIGEST = 64  # hex digits
_pack = struct.Struct("<QQQqqQ").pack
_ABSENT = _pack(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Looked:
    """What a run looked at, by absolute paths. `files`: files whose content and folders whose names it read, and
    whether they were there. `kinds`: what it looked at only to see what it is. `tops`: the folders it works in."""

    files: dict[str, bool]
    kinds: set[str]
    tops: tuple[str, ...]


def remember(path: Path, looked: Looked, about: str, said: Sequence[str], now_ns: int) -> bool:
    """Keeps at `path` how all of it is. Whether it did: not where something changed after `now_ns`, or just before, nor
    where a link stands for a file. `about` is what else counts, `said` what is to be told as long as nothing changes.
    """
    files, above = _there(looked)
    kinds = sorted({*looked.kinds, *above} - {str(path)})
    moving = {os.path.dirname(path)}  # noqa: PTH120 (as below); what we write ourselves
    settled = [name for name in above if name not in moving and any(name.startswith(f"{t}/") for t in looked.tops)]
    try:
        if not all(_is_settled(name, was, now_ns) for name, was in (*files.items(), *((n, True) for n in settled))):
            return False
        folders = _by_folder(files)
        states = _digest(folders, kinds)
    except OSError:
        return False
    body = json.dumps({"about": about, "said": said, "files": folders, "kinds": kinds, "states": states}).encode()
    with suppress(OSError):
        write_atomic(path, _seal(body) + body)
        return True
    return False


def recall(path: Path, about: str) -> list[str] | None:
    """What is to be told, if nothing has changed since that was kept; else None."""
    with suppress(OSError, ValueError):
        data = read_own(path) or b""
        body = data[_DIGEST:]
        if data[:_DIGEST] == _seal(body):
            kept = json.loads(body)
            if kept["about"] == about and kept["states"] == _digest(kept["files"], kept["kinds"]):
                return list(kept["said"])
    return None


def _there(looked: Looked) -> tuple[dict[str, bool], set[str]]:
    """The files, and the folders that lead to them. Of what lies in no folder, the folder that is missing is enough."""
    files, above, known = dict[str, bool](), set[str](), dict[str, bool]()
    for name, was in looked.files.items():
        *parents, last = _steps(name)
        for folder in parents:
            if folder not in known:
                known[folder] = os.path.lexists(folder)
            if not known[folder]:
                files[folder] = False
                break
            above.add(folder)
        else:
            files[last] = was
            continue
        if was:
            files[last] = True  # it was there and is not: never settled
    return files, above


def _steps(name: str) -> Iterator[str]:
    """The folders from the top down to a path, and the path."""
    at = name.find("/", 1)
    while at > 0:
        yield name[:at]
        at = name.find("/", at + 1)
    yield name


def _is_settled(name: str, was: bool, now_ns: int) -> bool:
    """Whether a file is as it was when the run read it, and whoever changes it from now on will be seen to."""
    try:
        status = os.lstat(name)
    except (FileNotFoundError, NotADirectoryError):
        return not was
    return was and not S_ISLNK(status.st_mode) and status.st_ctime_ns < now_ns - TICK_NS


def _by_folder(names: dict[str, bool]) -> dict[str, list[str]]:
    folders: dict[str, list[str]] = {}
    for name in sorted(names):
        folder, _, last = name.rpartition("/")
        folders.setdefault(folder, []).append(last)
    return folders


def _digest(folders: dict[str, list[str]], kinds: list[str]) -> str:
    """Of all states. Raises OSError where something cannot be looked at."""
    states, look = [], os.lstat
    for folder, names in folders.items():
        for name in names:
            try:
                status = look(f"{folder}/{name}")
            except (FileNotFoundError, NotADirectoryError):
                states.append(_ABSENT)
            else:
                size = 0 if S_ISDIR(status.st_mode) else status.st_size
                times = (status.st_mtime_ns, status.st_ctime_ns)
                states.append(_pack(status.st_mode, status.st_ino, size, *times, status.st_dev))
    return _hash(b"".join(states + [_kind(name) for name in kinds]))


def _kind(name: str) -> bytes:
    try:
        status = os.lstat(name)
    except (FileNotFoundError, NotADirectoryError):
        return _ABSENT
    return _pack(S_IFMT(status.st_mode), status.st_ino, 0, 0, 0, status.st_dev)


def _seal(body: bytes) -> bytes:
    return _hash(body).encode()


def _hash(data: bytes) -> str:
    return blake2b(data, digest_size=_DIGEST // 2).hexdigest()
