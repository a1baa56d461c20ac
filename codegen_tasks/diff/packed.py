"""Fragments kept from run to run in one file: read whole, written whole, and only what the last run used stays."""

from pathlib import Path

import msgspec
from xxhash import xxh3_128_digest

from codegen_tasks.files import write_atomic

_DIGEST = 16


class PackedFragments:
    """Fragments under their keys. The file may be missing or damaged: it is a hint, and then everything is made again.

    Not for several threads. Nothing reaches the disk before `save`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, memoryview] = _read(path)
        self._used: dict[str, bytes] = {}
        self._fresh = False

    def get(self, key: str) -> bytes | None:
        """The fragment under `key`, and a note that this run still wants it."""
        found = self._used.get(key)
        if found is None and key in self._kept:
            found = self._used[key] = bytes(self._kept[key])
        return found

    def put(self, key: str, data: bytes) -> None:
        """Keeps a fragment for the next `save`."""
        self._used[key] = data
        self._fresh = True

    def save(self) -> None:
        """Writes what this run got or put, if that differs from what the file holds. Raises OSError."""
        if self._fresh or len(self._used) != len(self._kept):
            body = msgspec.msgpack.encode(self._used, order="sorted")
            write_atomic(self._path, xxh3_128_digest(body) + body)


def _read(path: Path) -> dict[str, memoryview]:
    try:
        data = memoryview(path.read_bytes())
    except FileNotFoundError:
        return {}
    body = data[_DIGEST:]
    if xxh3_128_digest(body) != data[:_DIGEST]:
        return {}
    return msgspec.msgpack.decode(body, type=dict[str, memoryview])
