"""The store's remote tier: a server's troubles become misses, and a server in trouble is left alone for a while."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from codegen_tasks.errors import BadConfig
from codegen_tasks.remote.http_cache import HttpCache
from codegen_tasks.remote.redis_cache import RedisCache

T = TypeVar("T")

TROUBLES_IN_A_ROW = 3
REST_S = 30.0
DEADLINE_S = 6.0  # from connecting to the last byte, whatever the server does


class Cache(Protocol):
    """A server that keeps bytes. Raises OSError and ValueError."""

    name: str

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry or None."""

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Leaves an entry."""

    def swap(self, key: str, old: bytes | None, new: bytes | None) -> bool:
        """Whether the lease `new` is there now in the place of `old`; None: no lease."""

    def lease(self, key: str) -> bytes | None:
        """The lease that is there."""

    def close(self) -> None:
        """Ends what is still under way."""


class Remote:
    """Never raises, never blocks for long. Unless `writable` it only reads. `tell` hears when the server is let be.

    Of the same trouble it hears once.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        writable: bool,
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self.cache = cache
        self.writable = writable
        self.tell = tell
        self.clock = clock
        self.deadline_s = deadline_s
        self._guard = threading.Lock()
        self._troubles = 0
        self._rest_until = 0.0
        self._told = ""

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry as the server has it, or None."""
        return self._try(lambda: self.cache.get(kind, key))

    def put(self, kind: str, key: str, data: bytes, *, look: bool = False) -> bool:
        """Leaves a copy if it may; with `look` only where there is none like it. False: it could not."""

        def leave() -> bool:
            if not (look and self.cache.get(kind, key) == data):
                self.cache.put(kind, key, data)
            return True

        return not self.writable or bool(self._try(leave))

    def read(self, key: str) -> bytes | None:
        """A lease; see codegen_tasks.lease."""
        return self._try(lambda: self.cache.lease(key))

    def swap(self, key: str, old: bytes | None, new: bytes | None) -> bool | None:
        """Whether a lease is there now in the place of another; None: nobody can tell."""
        return self._try(lambda: self.cache.swap(key, old, new)) if self.writable else None

    def _try(self, exchange: Callable[[], T]) -> T | None:
        if self.clock() < self._rest_until:
            return None
        try:
            given = _in_time(exchange, self.deadline_s)
        except (OSError, ValueError) as trouble:
            if isinstance(trouble, TimeoutError):
                self.cache.close()
            self._note(str(trouble) or f"no whole answer within {self.deadline_s:g} s")
            return None
        self._troubles = 0
        return given

    def _note(self, trouble: str) -> None:
        with self._guard:
            self._troubles += 1
            if self._troubles < TROUBLES_IN_A_ROW:
                return
            self._troubles = 0
            self._rest_until = self.clock() + REST_S
            known, self._told = self._told == trouble, trouble
        if not known:
            where = f"store.remote at {self.cache.name} is in trouble"
            self.tell(f"{where} ({trouble}): going on without it for {REST_S:.0f} s")


def _in_time(exchange: Callable[[], T], deadline_s: float) -> T:
    """What the exchange returns or raises. TimeoutError: it takes too long, and is left to a thread of its own.

    No client bounds a whole exchange: a byte a second, or one interim answer after the other, keeps it going.
    """
    ended: Future[T] = Future()

    def run() -> None:
        try:
            ended.set_result(exchange())
        except BaseException as error:
            ended.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return ended.result(deadline_s)


def open_remote(url: str, *, writable: bool, tell: Callable[[str], None]) -> Remote:
    """The remote tier for `store.remote`; nothing is sent yet. Raises BadConfig."""
    try:
        parts = urlsplit(url)
        known = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        known = False
    if known and parts.scheme in ("http", "https"):
        return Remote(HttpCache(url), writable=writable, tell=tell)
    if known and parts.scheme in ("redis", "rediss"):
        try:
            return Remote(RedisCache(url), writable=writable, tell=tell)
        except ImportError as error:
            message = "codegen.yaml: store.remote is a Redis, and its client library is not installed"
            raise BadConfig(message, hint="pip install 'codegen-tasks[redis]'") from error
    hint = "write http://host/path, https://…, redis://host:port/db or rediss://…"
    raise BadConfig("codegen.yaml: store.remote is no address of a server we can talk to", hint=hint)
