"""What the repository defines, where it is used, and who imports whom: an index that re-reads only what changed.

It knows all files by their paths and the code among them by its definitions. It does not know what is relevant.
"""

from __future__ import annotations  # array is a generic type only for type checkers

import math
import os
import sqlite3
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import xxhash

from codegen_tasks.context.index.database import Database, numbers
from codegen_tasks.context.index.extract import Definition, Outline
from codegen_tasks.context.index.imports import Import
from codegen_tasks.context.index.languages import is_code
from codegen_tasks.context.index.listing import Listing, look
from codegen_tasks.context.index.names import is_test, stem, subwords
from codegen_tasks.context.index.reading import Read, digest_of, read_all
from codegen_tasks.context.index.resolve import Resolver

__all__ = [
    "Definition",
    "Import",
    "Index",
    "Outline",
    "index_file",
    "is_test",
    "open_index",
    "open_shared",
    "remove_old",
    "stem",
    "subwords",
]

_VERSION = 2  # of what rows and kept values hold: raise it when extraction, tables or `central` change
_MOST_KEPT = 200  # indexes in a user's cache folder
_KEPT_SECONDS = 90 * 24 * 3600  # that an index is kept which nobody uses
_AT_ONCE = 10_000  # files whose definitions are in memory
_decode = msgspec.msgpack.Decoder(Outline).decode


class Index:
    """The index of one state of the repository. Files are numbers (`rows`, `paths` maps back); `code` are programs."""

    def __init__(self, database: Database, listing: Listing, root: Path, paths: Sequence[str]) -> None:
        self._database = database
        self.paths = {row: path for path, row in zip(listing.paths, listing.rows, strict=True)}
        self.rows = dict(zip(listing.paths, listing.rows, strict=True))
        self.code = {path: None for path in listing.paths if is_code(path)}
        self.resolver = Resolver(root, self.rows, paths)
        self._all_alive = max(self.paths, default=0) == len(self.paths)  # of those up to the last of ours
        self._outlines: dict[int, Outline] = {}
        self._uses: dict[int, frozenset[str]] = {}
        self._names: dict[str, tuple[array[int], array[int]]] = {}
        self._words: dict[str, array[int]] = {}
        self._known: dict[int, bytes] = {}

    def outlines(self, rows: Collection[int]) -> dict[int, Outline]:
        """The outlines of files."""
        missing = sorted(row for row in rows if row not in self._outlines)
        self._outlines.update((row, _decode(data)) for row, data in self._database.outlines(missing))
        return {row: self._outlines[row] for row in rows}

    def outline(self, path: str) -> Outline:
        """The outline of one file."""
        return self.outlines([row := self.rows[path]])[row]

    def uses(self, rows: Collection[int]) -> dict[int, frozenset[str]]:
        """The names that files use."""
        missing = sorted(row for row in rows if row not in self._uses)
        self._uses.update(
            (row, frozenset(text.split("\n") if text else ())) for row, text in self._database.uses(missing)
        )
        return {row: self._uses[row] for row in rows}

    def names(self, names: Collection[str]) -> Mapping[str, tuple[array[int], array[int]]]:
        """For each name the files that use it, and those that define it (as often as they do)."""
        missing = sorted(name for name in names if name not in self._names)
        found: dict[str, tuple[list[bytes], list[bytes]]] = {name: ([], []) for name in missing}
        for name, users, definers in self._database.names(missing):
            found[name][0].append(users)
            found[name][1].append(definers)
        for name, (users_, definers_) in found.items():
            self._names[name] = self._alive(users_), self._alive(definers_)
        return self._names

    def words(self, words: Collection[str]) -> Mapping[str, array[int]]:
        """For each part of a name, in lower case, the files that define a name with it."""
        missing = sorted(word for word in words if word not in self._words)
        found: dict[str, list[bytes]] = {word: [] for word in missing}
        for word, files in self._database.words(missing):
            found[word].append(files)
        self._words.update((word, self._alive(parts)) for word, parts in found.items())
        return self._words

    def central(self, files: int, names: int) -> list[tuple[str, list[str]]]:
        """The files whose definitions most other files use, each with the names of its most used ones."""
        state = xxhash.xxh3_128_digest(array("q", [files, names, *sorted(self.paths)]).tobytes())
        kept = self._database.kept("central")
        if kept is None or not kept.startswith(state):
            kept = state + msgspec.msgpack.encode(self._central(files, names))
            with self._database.writing():
                self._database.keep("central", kept)
        return msgspec.msgpack.decode(kept[len(state) :], type=list[tuple[str, list[str]]])

    def _central(self, files: int, names: int) -> list[tuple[str, list[str]]]:
        least = max(2, len(self.rows) // 300)
        telling = [n for n in self._database.used_often(least) if len(n) > 4 and ("_" in n or not n.islower())]
        weights: dict[str, dict[str, float]] = {}
        known = self.names(telling)
        for name in telling:
            users, definers = known[name]
            definers_ = set(definers)
            if len(users) >= least and 0 < len(definers_) <= 3:
                for row in definers_:
                    weights.setdefault(self.paths[row], {})[name] = math.log(len(users)) / len(definers_)
        best = sorted(weights, key=lambda path: (-sum(weights[path].values()), path))[:files]
        return [(path, sorted(weights[path], key=lambda n: (-weights[path][n], n))[:names]) for path in best]

    def holds(self, path: str, data: bytes) -> bool:
        """Whether the index knows the file at `path` with exactly this content."""
        row = self.rows.get(path)
        return row is not None and self._digests([row])[row] == digest_of(path, data)

    def _digests(self, rows: Sequence[int]) -> dict[int, bytes]:
        missing = [row for row in rows if row not in self._known]
        self._known.update(self._database.digests(missing))
        return self._known

    def close(self) -> None:
        """Lets go of the file."""
        self._database.close()

    def _alive(self, parts: Iterable[bytes]) -> array[int]:
        found = numbers(parts)
        if self._all_alive and max(found, default=0) <= len(self.paths):
            return found
        return array("I", [row for row in found if row in self.paths])


def index_file(root: Path) -> Path:
    """Where the index of a repository is kept: one file in the user's cache folder for all tasks in that repository."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "codegen-tasks" / "index" / f"{xxhash.xxh3_128_hexdigest(os.fsencode(root))}.sqlite"


def open_shared(root: Path, paths: Sequence[str], otherwise: Path) -> Index:
    """The index of a repository in the user's cache folder, or in the folder `otherwise` where that cannot be used."""
    try:
        index = open_index(root, paths, at := index_file(root))
        remove_old(at)
        return index
    except (OSError, RuntimeError, sqlite3.OperationalError):
        return open_index(root, paths, otherwise / "index.sqlite")


def remove_old(used: Path) -> None:
    """Marks an index as used now. Removes beside it those that nobody used for long, and the oldest of too many."""
    with suppress(OSError):  # another process removes the same
        os.utime(used)
        ages = sorted((used.stat().st_mtime - at.stat().st_mtime, at) for at in used.parent.glob("*.sqlite"))
        for number, (age, at) in enumerate(ages):
            if at != used and (number >= _MOST_KEPT or age > _KEPT_SECONDS):
                _remove(at)


def _remove(at: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        at.with_name(at.name + ending).unlink(missing_ok=True)


def open_index(root: Path, paths: Sequence[str], at: Path | None) -> Index:
    """The index of the files `paths` below `root`, kept in `at` (None: in memory), brought up to date."""
    try:
        return _opened(root, paths, at)
    except sqlite3.DatabaseError as e:
        if at is None or (isinstance(e, sqlite3.OperationalError) and "locked" in str(e)):
            raise
        _remove(at)
        return _opened(root, paths, at)


def _opened(root: Path, paths: Sequence[str], at: Path | None) -> Index:
    if at is not None:
        at.parent.mkdir(parents=True, exist_ok=True)
    database = Database(at, _VERSION)
    before = Listing.decode(database.kept("tree"))
    listing, changed = look(root, paths, before)
    found: dict[str, tuple[int, bool]] = {}
    for start in range(0, len(changed), _AT_ONCE):
        read = read_all(root, changed[start : start + _AT_ONCE])
        with database.writing():
            found.update(_add(database, read))
    if changed:
        listing = listing.with_rows(found)
    if listing.stats != before.stats or listing.paths != before.paths or listing.rows != before.rows:
        with database.writing():
            database.keep("tree", listing.encode())
    return Index(database, listing, root, paths)


def _add(database: Database, read: Sequence[Read]) -> dict[str, tuple[int, bool]]:
    """The rows of what was read, new ones where this content was never at this path; and whether it is settled."""
    known = database.find([file.digest for file in read])
    users: dict[str, array[int]] = {}
    definers: dict[str, array[int]] = {}
    words: dict[str, array[int]] = {}
    for file in read:
        if file.digest in known:
            continue
        row = known[file.digest] = database.add(file.digest, file.path, file.outline, file.uses)
        if file.uses:
            for name in file.uses.split("\n"):
                users.setdefault(name, array("I")).append(row)
        for name in (names := [definition.name for definition in _decode(file.outline).definitions]):
            definers.setdefault(name, array("I")).append(row)
        for word in {word for name in names for word in subwords(name)}:
            words.setdefault(word, array("I")).append(row)
    database.add_segment(users, definers, words)
    return {file.path: (known[file.digest], file.settled) for file in read}
