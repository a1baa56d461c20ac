"""Who is asking a question just now, told to those who share the store, so that two machines do not pay for it twice.

It never stands in the way: where nobody can tell who asks, everybody does. No clocks are compared: a lease counts as
long as its holder changes it, and who waits watches that by a clock of their own.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TypeVar

from codegen_tasks.errors import Interrupted
from codegen_tasks.files import content_digest, make_folder, read_own, remove, write_atomic, write_new

T = TypeVar("T")
TTL_S = 15.0  # without a change after which a lease has ended
POLL_S = 0.5


class Ledger(Protocol):
    """Where leases are written, small values by key; None: there is none."""

    def read(self, key: str) -> bytes | None:
        """The value."""

    def swap(self, key: str, old: bytes | None, new: bytes | None) -> bool | None:
        """Whether `new` is there now in the place of `old`; None: nobody can tell."""


class FolderLedger:
    """Leases as files of a folder that several machines share."""

    def __init__(self, folder: Path, owner: str = "") -> None:
        self._folder, self._owner = folder, owner

    def read(self, key: str) -> bytes | None:
        """The value; None also where it cannot be read."""
        try:
            return read_own(self._folder / key)
        except OSError:
            return None

    def swap(self, key: str, old: bytes | None, new: bytes | None) -> bool | None:
        """One of several who try at once comes first: the file of its turn is made once."""
        path = self._folder / key
        try:
            if old is None:
                return new is None or write_new(path, new, owner=self._owner)
            turn = self._folder / f"{key}.{content_digest(old)[:8]}"
            make_folder(self._folder)
            if not write_new(turn, b"", owner=self._owner):
                return False
            try:
                if read_own(path) != old:
                    return False
                if new is None:
                    remove(path)
                else:
                    write_atomic(path, new, owner=self._owner)
                return True
            finally:
                remove(turn)
        except OSError:
            return None


class Leases:
    """The leases of one process. Without a `ledger` nobody else could ask the same."""

    def __init__(self, ledger: Ledger | None = None, ttl_s: float = TTL_S, poll_s: float = POLL_S) -> None:
        self._ledger, self._ttl_s, self._poll_s = ledger, ttl_s, poll_s
        self._held: dict[str, bytes] = {}
        self._guard = threading.Lock()
        self._beating = False

    @contextmanager
    def hold(self, key: str, answered: Callable[[], T | None], stop: threading.Event) -> Iterator[T | None]:
        """Yields what `answered` gives as soon as another's answer is there; None: it is for us to ask, and others
        wait until the block ends. Raises Interrupted when the run ends."""
        if self._ledger is None:
            yield None
            return
        found = self._wait(self._ledger, key, answered, stop)
        try:
            yield found
        finally:
            self._let_go(self._ledger, key)

    def _wait(self, ledger: Ledger, key: str, answered: Callable[[], T | None], stop: threading.Event) -> T | None:
        mine, since, held = f"{os.urandom(16).hex()} 0".encode(), time.monotonic(), None
        while True:
            over = time.monotonic() - since
            if held is None or over > self._ttl_s:
                ours = ledger.swap(key, held, mine)
                if ours:
                    self._keep(key, mine)
                if ours is not False or over > 2 * self._ttl_s:
                    return answered()  # what another has said in the meantime
            seen, held = held, ledger.read(key)
            if held is not None and held != seen:
                since = time.monotonic()
            if stop.wait(self._poll_s):
                raise Interrupted("the run is over", hint="run again: finished work is kept")
            found = answered()
            if found is not None:
                return found

    def _keep(self, key: str, value: bytes) -> None:
        with self._guard:
            self._held[key] = value
            if not self._beating:
                self._beating = True
                threading.Thread(target=self._beat, name="leases", daemon=True).start()

    def _beat(self) -> None:
        """Shows that this process lives, for as long as it does."""
        while True:
            time.sleep(self._ttl_s / 5)
            for key in list(self._held):
                with self._guard, suppress(KeyError):
                    old = self._held[key]
                    token, count = old.split()
                    new = b"%s %d" % (token, int(count) + 1)
                    if self._ledger is not None and self._ledger.swap(key, old, new):
                        self._held[key] = new

    def _let_go(self, ledger: Ledger, key: str) -> None:
        with self._guard:
            value = self._held.pop(key, None)
            if value is not None:
                ledger.swap(key, value, None)
