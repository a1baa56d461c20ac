"""The store's remote tier: a server's troubles become misses, and a server in trouble is left alone for a while."""

import threading
import time
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from codegen_tasks.errors import BadConfig
from codegen_tasks.providers.http_cache import HttpCache
from codegen_tasks.providers.redis_cache import RedisCache

TROUBLES_IN_A_ROW = 3
REST_S = 30.0


class Cache(Protocol):
    """A server that keeps bytes. Raises OSError and ValueError."""

    name: str

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry or None."""

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Leaves an entry."""


class Remote:
    """Never raises, never blocks for long. Unless `writable` it only reads. `tell` hears when the server is let be."""

    def __init__(
        self,
        cache: Cache,
        *,
        writable: bool,
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cache = cache
        self.writable = writable
        self.tell = tell
        self.clock = clock
        self._guard = threading.Lock()
        self._troubles = 0
        self._rest_until = 0.0

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry as the server has it, or None."""
        if self._resting():
            return None
        try:
            data = self.cache.get(kind, key)
        except (OSError, ValueError) as trouble:
            self._note(trouble)
            return None
        self._note(None)
        return data

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Leaves a copy, if it may and can."""
        if not self.writable or self._resting():
            return
        try:
            self.cache.put(kind, key, data)
        except (OSError, ValueError) as trouble:
            self._note(trouble)
        else:
            self._note(None)

    def _resting(self) -> bool:
        return self.clock() < self._rest_until

    def _note(self, trouble: Exception | None) -> None:
        with self._guard:
            self._troubles = 0 if trouble is None else self._troubles + 1
            if self._troubles < TROUBLES_IN_A_ROW:
                return
            self._troubles = 0
            self._rest_until = self.clock() + REST_S
        self.tell(
            f"store.remote at {self.cache.name} is in trouble ({trouble}): going on without it for {REST_S:.0f} s"
        )


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
        return Remote(RedisCache(url), writable=writable, tell=tell)
    hint = "write http://host/path, https://…, redis://host:port/db or rediss://…"
    raise BadConfig("codegen.yaml: store.remote is no address of a server we can talk to", hint=hint)
