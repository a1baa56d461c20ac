"""A remote store on Redis: four commands of it are needed, and spoken here. It does not know what entries mean."""

import socket
import ssl
import time
from contextlib import closing
from urllib.parse import unquote, urlsplit

SILENCE_S = 2.0
DEADLINE_S = 6.0
MOST_BYTES = 64 * 1024 * 1024
LONGEST_LINE = 1024


class RedisCache:
    """Entries as strings `codegen-tasks:KIND:KEY`. `url` is redis[s]://[[user]:password@]host[:port][/database].

    A connection serves one entry: the store asks seldom, and from many threads. Raises OSError, ValueError.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.name = parts.hostname or "localhost"
        self.address = (self.name, parts.port or 6379)
        self.tls = parts.scheme == "rediss"
        self.greeting: list[tuple[bytes, ...]] = []
        if parts.password:
            user = (unquote(parts.username).encode(),) if parts.username else ()
            self.greeting.append((b"AUTH", *user, unquote(parts.password).encode()))
        if parts.path.strip("/"):
            self.greeting.append((b"SELECT", parts.path.strip("/").encode()))

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry as it lies there, or None."""
        return self._ask((b"GET", _name(kind, key)))

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Leaves the entry there."""
        self._ask((b"SET", _name(kind, key), data))

    def close(self) -> None:
        """Nothing stays under way: every exchange has its own connection and ends by itself."""

    def _ask(self, command: tuple[bytes, ...]) -> bytes | None:
        end = time.monotonic() + DEADLINE_S
        with closing(self._connect()) as connection:
            answers = _Answers(connection, end)
            for words in self.greeting:
                connection.sendall(_command(words))
                answers.next()
            connection.sendall(_command(command))
            return answers.next()

    def _connect(self) -> socket.socket:
        plain = socket.create_connection(self.address, timeout=SILENCE_S)
        if not self.tls:
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self.name)


def _name(kind: str, key: str) -> bytes:
    return f"codegen-tasks:{kind}:{key}".encode()


def _command(words: tuple[bytes, ...]) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


class _Answers:
    """What a server sends, one answer at a time, until the deadline."""

    def __init__(self, connection: socket.socket, end: float) -> None:
        self.connection = connection
        self.end = end
        self.unread = bytearray()

    def next(self) -> bytes | None:
        """A simple or a bulk string; None for nil. Raises ValueError for an error and for what is no Redis."""
        while b"\r\n" not in self.unread:
            if len(self.unread) > LONGEST_LINE:
                raise ValueError("this is no Redis")
            self._receive()
        line = self._take(self.unread.index(b"\r\n"))
        if line[:1] == b"+":
            return line[1:]
        if line[:1] == b"-":
            raise ValueError(line[1:].decode(errors="replace").split(" ")[0])  # the rest may quote what we sent
        if line[:1] != b"$":
            raise ValueError("this is no Redis")
        size = int(line[1:])
        if size > MOST_BYTES:
            raise ValueError("the entry is too big")
        if size < 0:
            return None
        while len(self.unread) < size + 2:
            self._receive()
        return self._take(size)

    def _take(self, size: int) -> bytes:
        """So many bytes and the line end after them, which is dropped."""
        taken = bytes(self.unread[:size])
        del self.unread[: size + 2]
        return taken

    def _receive(self) -> None:
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self.connection.settimeout(min(SILENCE_S, left))
        piece = self.connection.recv(65536)
        if not piece:
            raise ConnectionError("the answer is cut off")
        self.unread += piece
