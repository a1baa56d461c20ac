"""Which files are there and which may have changed, told by what the system says of them, not by their contents."""

import os
from array import array
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from stat import S_ISREG

import msgspec

from codegen_tasks.context.index.languages import language_of

_UNSETTLED = (0, 0, 0, 0)


class Listing(msgspec.Struct):
    """Code files in order of path, with the row of each in the index and four numbers that change when it does."""

    paths: list[str]
    rows: list[int]
    stats: list[tuple[int, int, int, int]]

    @classmethod
    def decode(cls, data: bytes | None) -> "Listing":
        """The listing that `encode` wrote; an empty one where nothing was kept."""
        if data is None:
            return cls([], [], [])
        size, rest = int.from_bytes(data[:8], "big"), data[8:]
        rows, stats = array("q"), array("q")
        text = rest[:size].decode("utf-8", "surrogateescape")
        paths = text.split("\0") if size else []
        rows.frombytes(rest[size : size + 8 * len(paths)])
        stats.frombytes(rest[size + 8 * len(paths) :])
        it = iter(stats)
        return cls(paths, rows.tolist(), list(zip(it, it, it, it, strict=True)))

    def encode(self) -> bytes:
        """As bytes for the index."""
        text = "\0".join(self.paths).encode("utf-8", "surrogateescape")
        flat = array("q", chain.from_iterable(self.stats))
        return len(text).to_bytes(8, "big") + text + array("q", self.rows).tobytes() + flat.tobytes()

    def with_rows(self, found: Mapping[str, tuple[int, bool]]) -> "Listing":
        """The listing with the rows of files that were read; one that was written just now will be read again."""
        made = Listing([], [], [])
        for path, row, stat in zip(self.paths, self.rows, self.stats, strict=True):
            if path in found:
                row, settled = found[path]
                stat = stat if settled else _UNSETTLED
            if row:
                made.paths.append(path)
                made.rows.append(row)
                made.stats.append(stat)
        return made


def look(root: Path, paths: Sequence[str], before: Listing) -> tuple[Listing, list[str]]:
    """The listing of today, and the paths whose content has to be read (their row is 0 until then)."""
    known = dict(zip(before.paths, zip(before.rows, before.stats, strict=True), strict=True))
    made, changed, base = Listing([], [], []), [], f"{root}/"
    for path in paths:
        if language_of(path) is None:
            continue
        try:
            s = os.lstat(base + path)
        except (OSError, ValueError):
            continue
        if not S_ISREG(s.st_mode):
            continue
        stat = (s.st_mtime_ns, s.st_ctime_ns, s.st_size, s.st_ino)
        row, old = known.get(path, (0, _UNSETTLED))
        if old != stat:
            row = 0
            changed.append(path)
        made.paths.append(path)
        made.rows.append(row)
        made.stats.append(stat)
    return made, changed
