"""What an apply is about to do, kept so that it can be finished or undone after a crash, and undone much later.

A journal is a folder with one file per apply, numbered. The file's ending says how far it got: `applying` and
`undoing` were cut off, `applied` is done. A file changes its ending by a rename and never its content.
Only the last few applies are kept: a journal holds all contents, and who goes back further has git.
It does not know how files are written to the working tree.
"""

from hashlib import sha256
from pathlib import Path

import msgspec

from codegen_tasks.apply.standing import Standing
from codegen_tasks.errors import BadConfig
from codegen_tasks.files import read_own, remove, sync_directory, write_atomic
from codegen_tasks.records import Record

_KEPT = 10
_DIGEST = 32


def encode_name(path: str) -> bytes:
    """A path as a record can hold it: UTF-8, and the odd bytes that Python keeps as surrogates."""
    return path.encode("utf-8", "surrogateescape")


def decode_name(name: bytes) -> str:
    """The path that `encode_name` was given."""
    return name.decode("utf-8", "surrogateescape")


class Entry(Record, frozen=True):
    """One file's way: what stood there and what shall."""

    name: bytes
    before: Standing | None
    after: Standing | None

    @property
    def path(self) -> str:
        """The path as the rest of the program knows it."""
        return decode_name(self.name)


class Folder(Record, frozen=True):
    """A folder above one of the files, and its permissions; None if it was not there."""

    name: bytes
    mode: int | None

    @property
    def path(self) -> str:
        """The path as the rest of the program knows it."""
        return decode_name(self.name)


class Log(Record, frozen=True):
    """Everything one apply does, both ways."""

    entries: tuple[Entry, ...]
    folders: tuple[Folder, ...]

    @property
    def token(self) -> str:
        """Part of the names of temporary files: nobody else's file has it, and it is known again after a crash."""
        return sha256(b"\0".join(entry.name for entry in self.entries)).hexdigest()[:16]


def begin(journal: Path, log: Log) -> Path:
    """Writes `log` as the newest file of the journal, safely on the disk before anything else happens."""
    last = newest(journal)
    file = journal / f"{1 if last is None else int(last.stem) + 1:06}.applying"
    data = msgspec.msgpack.encode(log)
    write_atomic(file, sha256(data).digest() + data, durable=True)
    return file


def newest(journal: Path) -> Path | None:
    """The file of the last apply that was not undone. What a crash left half written beside it is removed."""
    for torn in journal.glob(".tmp-*"):
        remove(torn)
    return max(journal.glob("[0-9]*.*"), default=None)


def read(file: Path) -> Log:
    """The log in a file of the journal, behind its digest. Raises BadConfig if somebody damaged or forged it."""
    written = read_own(file) or b""
    digest, data = written[:_DIGEST], written[_DIGEST:]
    log = msgspec.msgpack.decode(data, type=Log) if sha256(data).digest() == digest else None
    if log is None or any(_leads_astray(decode_name(name)) for name in _names(log)):
        raise BadConfig(
            f".codegen/journal/{file.name} is damaged: what it would put back is not known",
            hint="remove it, and put the working tree right by git",
        )
    return log


def _names(log: Log) -> list[bytes]:
    return [entry.name for entry in log.entries] + [folder.name for folder in log.folders]


def _leads_astray(path: str) -> bool:
    """Whether a path is none that a plan could name: absolute, climbing out, or in git's own folder."""
    return any(part in ("", ".", "..") or part.casefold() == ".git" for part in path.split("/"))


def turn_to(file: Path, state: str) -> Path:
    """Gives the file another ending, safely on the disk."""
    turned = file.with_suffix("." + state)
    file.replace(turned)
    sync_directory(file.parent)
    return turned


def forget_old(journal: Path) -> None:
    """Removes all but the last applies. One that was cut off is the last."""
    for file in sorted(journal.glob("[0-9]*.*"))[:-_KEPT]:
        remove(file)


def end(file: Path) -> None:
    """Forgets an apply that was undone."""
    remove(file)
    sync_directory(file.parent)
