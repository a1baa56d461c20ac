"""A remote store on Redis, through its own client library. It does not know what entries mean."""

from contextlib import suppress
from urllib.parse import urlsplit

SILENCE_S = 2.0  # for a connection, and for every read
MOST_BYTES = 64 * 1024 * 1024
FORGET_MS = 60_000
SWAP = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
"""


class RedisCache:
    """Entries as strings `codegen-tasks:KIND:KEY`. `url` is redis[s]://[[user]:password@]host[:port][/database].

    Raises ImportError where the library is missing; of exchanges OSError and ValueError.
    """

    def __init__(self, url: str) -> None:
        import redis

        self.name = urlsplit(url).hostname or "localhost"  # the URL itself may hold a password
        self._client = redis.Redis.from_url(url, socket_timeout=SILENCE_S, socket_connect_timeout=SILENCE_S)

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry as it lies there, or None."""
        data = self._ask("GETRANGE", _name(kind, key), "0", str(MOST_BYTES))  # of what is not there: nothing
        if isinstance(data, bytes) and len(data) > MOST_BYTES:
            raise ValueError("the entry is too big")
        return data if isinstance(data, bytes) and data else None

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Leaves the entry there."""
        self._ask("SET", _name(kind, key), data)

    def lease(self, key: str) -> bytes | None:
        """The lease that is there."""
        data = self._ask("GET", _name("lease", key))
        return data if isinstance(data, bytes) else None

    def swap(self, key: str, old: bytes | None, new: bytes | None) -> bool:
        """Compared and set in one step of the server, which forgets a lease that nobody renews."""
        name = _name("lease", key)
        return self._ask("EVAL", SWAP, "1", name, old or b"", new or b"", str(FORGET_MS)) == 1

    def close(self) -> None:
        """Cuts what is under way. The next exchange connects anew."""
        with suppress(Exception):  # what is cut while somebody reads may say anything
            self._client.connection_pool.disconnect()

    def _ask(self, *command: str | bytes) -> object:
        from redis import exceptions

        try:
            answer: object = self._client.execute_command(*command)  # type: ignore[no-untyped-call]
        except UnicodeError as error:
            raise ValueError("this is no Redis") from error
        except exceptions.RedisError as error:
            raise OSError(_said(error)) from error
        return answer


def _name(kind: str, key: str) -> str:
    return f"codegen-tasks:{kind}:{key}"


def _said(error: Exception) -> str:
    """What went wrong: the server's word for it, or the kind of error; the rest may quote what we sent."""
    word = str(error).partition(" ")[0]
    return word if word.isupper() and word.isalpha() else type(error).__name__
