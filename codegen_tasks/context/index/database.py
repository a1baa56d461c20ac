"""The index on disk: one SQLite file a repository, shared by its tasks. It knows rows, not languages.

A row of `file` is one content at one path and never changes, so another branch finds its files again. `name` and `word`
lead from a name or a part of one to the rows that use or define it; each update adds a segment of them. Which rows
are alive is told by `tree`, the listing of the last run. A file that cannot be read is thrown away and made anew.
"""

from __future__ import annotations  # array is a generic type only for type checkers

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
create table if not exists file (id integer primary key, digest blob unique, path text, outline blob, uses text);
create table if not exists name
  (key text, segment integer, users blob, definers blob, primary key (key, segment)) without rowid;
create table if not exists word (key text, segment integer, files blob, primary key (key, segment)) without rowid;
create table if not exists kept (key text primary key, value blob);
"""
_WAIT = 60.0  # seconds for another process that writes
_BATCH = 500  # keys in one query


class Database:
    """One open index. Raises sqlite3.DatabaseError where the file is damaged."""

    def __init__(self, path: Path | None, version: int) -> None:
        self._db = sqlite3.connect(path or ":memory:", timeout=_WAIT, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        if self._db.execute("pragma user_version").fetchone()[0] != version:
            self._create(version)

    def _create(self, version: int) -> None:
        with self.writing():
            if self._db.execute("pragma user_version").fetchone()[0] == version:
                return  # another process was faster
            for table in ("file", "name", "word", "kept"):
                self._db.execute(f"drop table if exists {table}")
            for statement in _SCHEMA.split(";"):
                self._db.execute(statement)
            self._db.execute(f"pragma user_version={version}")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it is there afterwards, or nothing."""
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()

    def kept(self, key: str) -> bytes | None:
        """A value that was kept under a key."""
        row = self._db.execute("select value from kept where key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def keep(self, key: str, value: bytes) -> None:
        """Keeps a value under a key."""
        self._db.execute("insert or replace into kept values (?, ?)", (key, value))

    def find(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        """The rows of contents that were read before."""
        return dict(self._rows("select digest, id from file where digest in ({})", digests))

    def add(self, digest: bytes, path: str, outline: bytes, uses: str) -> int:
        """A new row; its number."""
        row = self._db.execute("insert into file values (null, ?, ?, ?, ?)", (digest, path, outline, uses))
        return int(row.lastrowid or 0)

    def add_segment(
        self, users: Mapping[str, array[int]], definers: Mapping[str, array[int]], words: Mapping[str, array[int]]
    ) -> None:
        """Where names and their parts stand in rows that were just added."""
        number = self._db.execute("select coalesce(max(segment), 0) + 1 from name").fetchone()[0]
        empty = array("I")
        rows = (
            (key, number, users.get(key, empty).tobytes(), definers.get(key, empty).tobytes())
            for key in sorted(users.keys() | definers.keys())
        )
        self._db.executemany("insert into name values (?, ?, ?, ?)", rows)
        self._db.executemany(
            "insert into word values (?, ?, ?)", ((k, number, words[k].tobytes()) for k in sorted(words))
        )

    def digests(self, rows: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Number and digest of each row."""
        return self._rows("select id, digest from file where id in ({})", rows)

    def outlines(self, rows: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Number and outline of each row."""
        return self._rows("select id, outline from file where id in ({})", rows)

    def uses(self, rows: Sequence[int]) -> Iterator[tuple[int, str]]:
        """Number of each row and the names it uses, one a line."""
        return self._rows("select id, uses from file where id in ({})", rows)

    def names(self, names: Sequence[str]) -> Iterator[tuple[str, bytes, bytes]]:
        """Name, users and definers (numbers of rows), a segment at a time."""
        return self._rows("select key, users, definers from name where key in ({}) order by key, segment", names)

    def used_often(self, least: int) -> list[str]:
        """Names that are defined, and used by at least so many rows."""
        query = "select key from name group by key having sum(length(users)) >= ? and sum(length(definers)) > 0"
        return [key for (key,) in self._db.execute(query, (4 * least,))]

    def words(self, words: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Part of a name, and the rows that define something with it, a segment at a time."""
        return self._rows("select key, files from word where key in ({}) order by key, segment", words)

    def _rows(self, query: str, keys: Sequence[object]) -> Iterator[tuple]:  # type: ignore[type-arg] # SQLite's rows
        for start in range(0, len(keys), _BATCH):
            batch = keys[start : start + _BATCH]
            yield from self._db.execute(query.format(",".join("?" * len(batch))), tuple(batch))


def numbers(parts: Iterable[bytes]) -> array[int]:
    """The numbers of rows that were kept as bytes."""
    found = array("I")
    for part in parts:
        found.frombytes(part)
    return found
