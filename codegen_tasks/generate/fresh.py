"""Answers that came and are not kept yet: written where they are read, so that a kill pays for none twice.

It knows nothing of calls, and judges nothing: who finds a noted answer judges it as if it had just come.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from codegen_tasks.files import make_folder, read_own, remove
from codegen_tasks.records import Reply, decode, encode
from codegen_tasks.store import sealed, unsealed


class Note:
    """The open file for one answer. Who takes it may be gone by the time that it comes: then it is not written."""

    def __init__(self, key: str, handle: int | None) -> None:
        self._key, self._handle = key, handle
        self._guard = threading.Lock()
        self.taken = False

    def __call__(self, reply: Reply) -> None:
        """Writes it down in one step, without waiting for the disk. Never raises: who keeps it meets the same fault."""
        with suppress(OSError, UnicodeEncodeError), self._guard:
            data = sealed(_name(self._key), encode(reply))
            if self._handle is not None:
                self.taken = os.write(self._handle, data) == len(data)

    def close(self) -> None:
        """From now on nothing is written."""
        with self._guard:
            if self._handle is not None:
                os.close(self._handle)
            self._handle = None


class Fresh:
    """The folder of noted answers, each under the digest of its question."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def noting(self, key: str) -> Iterator[Note]:
        """What the answer to a question that is being asked is told. Its file is made before: once answers come, the
        disk is busy with them, and making one may take as long as that does.
        """
        note = Note(key, self._open(key))
        try:
            yield note
        finally:
            note.close()
            if not note.taken:
                self.forget(key)

    def reply(self, key: str) -> Reply | None:
        """The answer that was noted, if all of it was."""
        found = read_own(self.folder / key)
        data = None if found is None else unsealed(_name(key), found)
        with suppress(msgspec.MsgspecError, UnicodeDecodeError):
            return None if data is None else decode(data, Reply)
        return None

    def forget(self, key: str) -> None:
        """The answer is kept elsewhere, or is none."""
        with suppress(OSError):
            remove(self.folder / key)

    def _open(self, key: str) -> int | None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
        with suppress(OSError):
            make_folder(self.folder)
            return os.open(self.folder / key, flags, 0o600)
        return None


def _name(key: str) -> str:
    return f"fresh {key}"
