"""One run at a time on a task directory, and a way to tell whether another was at work since something was read.

The lock file holds a number: odd while a run is at work, and after one that was killed. It does not know what runs do.
"""

import fcntl
import os
from pathlib import Path

from codegen_tasks.files import make_folder, read_own

_HANDED = "CODEGEN_TASKS_LOCK"  # the file descriptor of the lock, for the program that a process becomes
_WIDTH = 20


class Lock:
    """The lock at `path`. Plain flock: the library for it imports asyncio, half again what an idle run may cost.

    `held`: it is ours. `cut_off`: the run before ours did not get to its end. `stale`: what was read between the making
    of this object and `take` may have changed meanwhile, by another run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = _handed(path)
        self._seen = read_number(path)
        self.cut_off = False
        self.stale = False

    @property
    def held(self) -> bool:
        """Whether the lock is ours."""
        return self._handle is not None

    def take(self) -> bool:
        """Takes the lock until `give_back` or the end of the process. False: another process has it. Raises OSError."""
        if self._handle is not None:
            return True
        make_folder(self._path.parent)
        self._handle = _locked(self._path)
        if self._handle is None:
            return False
        number = _number(os.pread(self._handle, _WIDTH, 0))
        self.cut_off = number % 2 == 1
        self.stale = self.cut_off or number != self._seen
        self._write(number + 2 if self.cut_off else number + 1)
        return True

    def give_back(self) -> None:
        """Lets others work: nothing is left half done."""
        if self._handle is not None:
            self._write(_number(os.pread(self._handle, _WIDTH, 0)) + 1)
            os.close(self._handle)
            self._handle = None

    @property
    def taken_ns(self) -> int:
        """When it was taken, by the file system's clock, in nanoseconds since 1970; 0 if it is not ours."""
        return 0 if self._handle is None else os.fstat(self._handle).st_mtime_ns

    @property
    def next_number(self) -> int:
        """The number that is there once it was given back."""
        return -1 if self._handle is None else _number(os.pread(self._handle, _WIDTH, 0)) + 1

    def hand_on(self) -> None:
        """The program that this process becomes next holds the lock from its start."""
        if self._handle is not None:
            os.set_inheritable(self._handle, True)
            os.environ[_HANDED] = str(self._handle)

    def _write(self, number: int) -> None:
        if self._handle is not None:
            os.pwrite(self._handle, f"{number:0{_WIDTH}}".encode(), 0)


def read_number(path: Path) -> int:
    """The number of a lock file: odd while a run is at work."""
    return _number(read_own(path) or b"")


def _number(data: bytes) -> int:
    """What the file holds; a file that was damaged counts as one that a killed run left."""
    return 0 if not data else int(data) if data.isdigit() else 1


def _locked(path: Path) -> int | None:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        if _is(handle, path):
            return handle
        os.close(handle)  # somebody removed the file between opening and locking it


def _handed(path: Path) -> int | None:
    handle = os.environ.pop(_HANDED, "")
    if not handle.isdigit() or not _is(int(handle), path):
        return None
    os.set_inheritable(int(handle), False)
    return int(handle)


def _is(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except OSError:
        return False
