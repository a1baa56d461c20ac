"""A remote store on any server of Bazel's HTTP cache protocol: /ac/ and /cas/. It does not know what entries mean."""

import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from codegen_tasks.records import digest
from codegen_tasks.remote.action_result import decode_result, encode_result

if TYPE_CHECKING:
    import httpx

SILENCE_S = 2.0  # for a connection, and for every read
MOST_BYTES = 64 * 1024 * 1024
SETTLE_S = 0.1  # in which what others were about to write arrives
FREE = b"free"  # the protocol removes nothing


class HttpCache:
    """Entries as action results: /ac/ and the key's digest name the content in /cas/. Raises OSError, ValueError."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.name = urlsplit(url).hostname or "the server"  # the URL itself may hold a password
        self._lock = threading.Lock()
        self._opened: httpx.Client | None = None

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry, proved by its digest, or None."""
        result = self._exchange("GET", f"ac/{_action(kind, key)}")
        if result is None:
            return None
        _, sha256, size = decode_result(result)
        data = self._exchange("GET", f"cas/{sha256}")
        if data is not None and (len(data) != size or digest(data) != sha256):
            raise ValueError("the content is not what its digest says")
        return data

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Content first, so that nobody finds a result without it."""
        sha256 = digest(data)
        self._exchange("PUT", f"cas/{sha256}", data)
        self._exchange("PUT", f"ac/{_action(kind, key)}", encode_result(f"{kind}/{key}", sha256, len(data)))

    def lease(self, key: str) -> bytes | None:
        """The lease that is there."""
        found = self.get("lease", key)
        return None if found == FREE else found

    def swap(self, key: str, old: bytes | None, new: bytes | None) -> bool:
        """The protocol compares nothing: of several who write at once the last one stays, and each looks again."""
        if not self._is_leased(key, old):
            return False
        self.put("lease", key, new or FREE)
        if old is not None:
            return True
        time.sleep(SETTLE_S)
        return self._is_leased(key, new)

    def _is_leased(self, key: str, value: bytes | None) -> bool:
        """Whether the lease is this one, told by its digest: nobody needs the content."""
        result = self._exchange("GET", f"ac/{_action('lease', key)}")
        if result is None:
            return value is None
        return decode_result(result)[1] == digest(FREE if value is None else value)

    def close(self) -> None:
        """Cuts what is under way, so that nobody waits for it in the background. The next exchange connects anew."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _exchange(self, method: str, path: str, data: bytes | None = None) -> bytes | None:
        """The body of the answer; None if there is no such thing."""
        import httpx

        body = bytearray()
        try:
            with self._client().stream(method, f"{self.url}/{path}", content=data) as answer:
                if answer.status_code == 404 and method == "GET":
                    return None
                answer.raise_for_status()
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise ValueError("the answer is too big")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise OSError(_said(error)) from error
        return bytes(body)

    def _client(self) -> "httpx.Client":
        import httpx

        with self._lock:
            if self._opened is None:
                try:
                    self._opened = httpx.Client(timeout=SILENCE_S)
                except ImportError as error:  # the environment names a proxy of a kind that needs another library
                    raise OSError(str(error).partition(".")[0]) from error
            return self._opened


def _action(kind: str, key: str) -> str:
    return digest(f"codegen-tasks {kind} {key}".encode())


def _said(error: Exception) -> str:
    """What went wrong, without the URL that some messages quote."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return f"status {status}" if status else type(error).__name__
