"""Fragments kept from run to run in one file: read whole, written whole, and only what the last run used stays."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from xxhash import xxh3_128

from codegen_tasks.files import read_own, write_atomic

_DIGEST = 16
_SIZE = 8


class PackedFragments:
    """Proved fragments under their keys. The file may be missing or damaged: then everything is made and proved again.

    So it is when another `maker` wrote it: the digest of the code that makes and proves fragments.
    Not for several threads. Nothing reaches the disk before `save`, and only what `may_keep` says.
    """

    def __init__(self, path: Path, maker: str = "", may_keep: Callable[[bytes], bool] = lambda _: True) -> None:
        self._path = path
        self._may_keep = may_keep
        self._maker = maker.encode()
        self._kept = self._read()
        self._used: dict[str, bytes | memoryview] = {}
        self._fresh = False

    def get(self, key: str) -> bytes | memoryview | None:
        """The fragment under `key`, and a note that this run still wants it."""
        found = self._used.get(key, self._kept.get(key))
        if found is not None:
            self._used[key] = found
        return found

    def put(self, key: str, data: bytes) -> None:
        """Keeps a fragment for the next `save`."""
        if self._may_keep(data):
            self._used[key] = data
            self._fresh = True

    def save(self) -> None:
        """Writes what this run got or put, if that differs from what the file holds. Raises OSError.

        The file: digest of all that follows, size of the index, index (the length of each fragment), fragments.
        """
        if self._fresh or len(self._used) != len(self._kept):
            index = msgspec.msgpack.encode({key: len(data) for key, data in self._used.items()})
            pieces = (len(index).to_bytes(_SIZE), index, *self._used.values())
            seal = xxh3_128(self._maker)
            for piece in pieces:
                seal.update(piece)
            write_atomic(self._path, b"".join((seal.digest(), *pieces)))

    def _read(self) -> dict[str, memoryview]:
        data = memoryview(read_own(self._path) or b"")
        seal = xxh3_128(self._maker)
        seal.update(data[_DIGEST:])
        if seal.digest() != data[:_DIGEST]:
            return {}
        at = _DIGEST + _SIZE + int.from_bytes(data[_DIGEST : _DIGEST + _SIZE])
        kept = {}
        for key, size in msgspec.msgpack.decode(data[_DIGEST + _SIZE : at], type=dict[str, int]).items():
            kept[key] = data[at : at + size]
            at += size
        return kept
