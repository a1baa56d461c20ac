"""Replies, pins and contents under their digests, on disk for good. It knows neither models nor the network."""

import errno
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec

from codegen_tasks.files import entries, make_folder, read_own, remove, write_atomic, write_new
from codegen_tasks.records import ModelSpec, Reply, Request, decode, digest, encode

SHARED = frozenset({"observed", "reply", "partial", "pin"})  # the kinds that a remote store holds too
_ENTRY = re.compile(f"({'|'.join(sorted(SHARED))}) ([0-9a-f]{{64}})")
PROBE_BYTES = 64 * 1024  # about the longest reply


class Remote(Protocol):
    """A store elsewhere. It never raises and never blocks for long: what it cannot do, it leaves. It may lie."""

    def get(self, kind: str, key: str) -> bytes | None:
        """What lies there under this kind and key, or None."""

    def put(self, kind: str, key: str, data: bytes, *, look: bool = False) -> bool:
        """Leaves a copy if it may; with `look` only where there is none like it. False: it could not."""

    def read(self, key: str) -> bytes | None:
        """A lease; see `lease`."""

    def swap(self, key: str, old: bytes | None, new: bytes | None) -> bool | None:
        """Whether a lease is there now in the place of another; None: nobody can tell."""


def _tell_nobody(_message: str) -> None:
    pass


class Store:
    """Entries by kind and key (64 hex digits) below `root`; a miss is looked up in `remote`.

    An entry's first line names its kind, key and content digest, so damage is found whenever it is read: the entry is
    moved to `aside/` and `tell` hears of it. Safe for any number of threads and runs at once.
    """

    def __init__(
        self,
        root: Path,
        remote: Remote | None = None,
        tell: Callable[[str], None] = _tell_nobody,
        owner: str = "",
    ) -> None:
        self.root = root
        self.owner = owner
        self.remote = remote
        self.tell = tell
        self.damaged: list[str] = []  # entries that were found so and set aside, by their names below the root
        self.looked: dict[str, bool] = {}  # the files of entries that were looked up, and whether they were there
        self._guard = threading.Lock()
        self._proved = False
        self._unshared: list[str] = []
        self._trouble: OSError | None = None

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry's content, or None. What only the remote has is kept here too."""
        data = self._read(kind, key)
        if data is None:
            data = self._read_remote(kind, key)
            if data is not None:
                self._write(kind, key, data)
        return data

    def put(self, kind: str, key: str, data: bytes, *, replace: bool = False) -> None:
        """Keeps the entry on disk before it returns. The first writer wins unless `replace`. Raises OSError."""
        if replace:
            path = self._path(kind, key)
            with self._writing(path):
                write_atomic(path, sealed(f"{kind} {key}", data), durable=True, owner=self.owner)
        elif not self._write(kind, key, data) and self._read(kind, key) is None:
            self._write(kind, key, data)  # the first one was damaged and is aside now
        if kind == "pin":
            self.share(kind, key, look=True)

    def prove_writable(self, key: str) -> None:
        """To be called before a reply to question `key` is paid for: raises the OSError that would lose it.

        Writes and removes a file once, and looks at the reply's own folder; from the first failed write of any entry on
        there is nothing more to prove.
        """
        folder = self._path("reply", key).parent
        with self._guard:
            if self._trouble is None and not self._proved:
                probe = self.root / "reply" / ".probe"
                with self._writing(probe):
                    write_atomic(probe, bytes(PROBE_BYTES), durable=True, owner=self.owner)
                    remove(probe)
                self._proved = True
            if self._trouble is None:
                with self._writing(folder):
                    make_folder(folder)
                    if not os.access(folder, os.W_OK | os.X_OK):
                        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        if self._trouble is not None:
            raise OSError(self._trouble.errno, self._trouble.strerror, self._trouble.filename)

    def share(self, kind: str, key: str, *, look: bool = False) -> None:
        """Gives the remote a copy of an entry that has proved good, in place of any other that it has.

        With `look` it is asked first whether it has this one. What it cannot take now is left to `share_rest`.
        """
        data = self._read(kind, key) if self.remote is not None and kind in SHARED else None
        if (
            self.remote is not None
            and data is not None
            and not self.remote.put(kind, key, sealed(f"{kind} {key}", data), look=look)
        ):
            self._unshared.append(f"{kind} {key}")

    def share_rest(self) -> None:
        """Tries once more to share what this run or an earlier one could not. Tells what is left to the next run."""
        if self.remote is None:
            return
        noted = self.root / "unshared"
        found = (read_own(noted) or b"").decode(errors="replace").splitlines() + self._unshared
        self._unshared = []
        for line in dict.fromkeys(found):
            if entry := _ENTRY.fullmatch(line):
                self.share(entry[1], entry[2], look=True)
        if self._unshared:
            write_atomic(noted, "\n".join(self._unshared).encode(), owner=self.owner)
            many = "1 answer" if len(self._unshared) == 1 else f"{len(self._unshared)} answers"
            self.tell(f"{many} could not be left in store.remote; they are kept here, and the next run tries again")
        elif found:
            remove(noted)

    def aside(self, kind: str, key: str, why: str) -> Path:
        """Where `set_aside` moves an entry."""
        return self.root / "aside" / f"{why}-{kind}-{key}"

    def set_aside(self, kind: str, key: str, why: str) -> Path | None:
        """Moves an entry to `aside/`, where only people find it. Returns where; None if there is no such entry."""
        path = self._path(kind, key)
        target = self.aside(kind, key, why)
        make_folder(target.parent)
        try:
            path.replace(target)
        except FileNotFoundError:
            return None
        return target

    def note_aside(self, kind: str, key: str, why: str, text: str) -> Path:
        """Writes a text beside an entry that was set aside. Returns where."""
        path = self.aside(kind, key, why).with_suffix(".told")
        with self._writing(path):
            write_atomic(path, text.encode(errors="backslashreplace"), owner=self.owner)
        return path

    def set_aside_reply(self, key: str, why: str, reply: Reply) -> None:
        """Keeps a reply that is no answer, for diagnosis: `key` is its question, `why` one word."""
        data = encode(reply)
        path = self.root / "aside" / f"{why}-reply-{key}-{digest(data)[:12]}"
        with self._writing(path):
            write_new(path, data, durable=True, owner=self.owner)

    def get_reply(self, key: str, kind: str = "reply") -> Reply | None:
        """The reply to the question with this digest that is kept here, or None."""
        data = self._read(kind, key)
        reply = None if data is None else _reply(data)
        if data is not None and reply is None:
            self._damaged(kind, key)
        return reply

    def offered_reply(self, key: str, kind: str = "reply") -> Reply | None:
        """The reply that the remote has. It is not kept: it may be a lie, and nobody has judged it yet."""
        data = self._read_remote(kind, key)
        return None if data is None else _reply(data)

    def put_reply(self, key: str, reply: Reply, kind: str = "reply") -> Reply:
        """Keeps a reply; returns the one that counts from now on, which may be an earlier writer's."""
        data = encode(reply)
        if self._write(kind, key, data):
            return reply
        self.put(kind, key, data)
        return self.get_reply(key, kind) or reply

    def _read(self, kind: str, key: str) -> bytes | None:
        path = self._path(kind, key)
        found = read_own(path)
        self.looked[str(path)] = found is not None
        data = None if found is None else unsealed(f"{kind} {key}", found)
        if data is None and (found is not None or os.path.lexists(path)):
            self._damaged(kind, key)
        return data

    def _read_remote(self, kind: str, key: str) -> bytes | None:
        found = self.remote.get(kind, key) if self.remote is not None and kind in SHARED else None
        if found is None:
            return None
        data = unsealed(f"{kind} {key}", found)
        if data is not None and data.decode(errors="ignore").encode() == data:  # all that is shared is text
            return data
        self.tell(f"the remote store's {kind} {key} is damaged; it was not used")
        return None

    def _write(self, kind: str, key: str, data: bytes) -> bool:
        path = self._path(kind, key)
        with self._writing(path):
            write_new(
                self.root / ".gitattributes", b"* -text\n", owner=self.owner
            )  # a committed store must keep its bytes
            return write_new(path, sealed(f"{kind} {key}", data), durable=True, owner=self.owner)

    @contextmanager
    def _writing(self, path: Path) -> Iterator[None]:
        """Keeps the first failure in mind, and says which file it was: the system does not always."""
        try:
            yield
        except OSError as error:
            error.filename = str(path)
            self._trouble = self._trouble or error
            raise

    def _damaged(self, kind: str, key: str) -> None:
        where = self.set_aside(kind, key, "damaged")
        if where is not None:
            self.damaged.append(f"{kind}/{key[:2]}/{key}")
            self.tell(f"the store's {kind} {key} is damaged; it was moved to {where.relative_to(self.root)}")

    def _path(self, kind: str, key: str) -> Path:
        return self.root / kind / key[:2] / key


class Overlay(Store):
    """What the store's folder `below` holds, which is only read, with what is written from now on, kept at `root`."""

    def __init__(self, root: Path, below: Path) -> None:
        super().__init__(root)
        self._below = Store(below)

    def _read(self, kind: str, key: str) -> bytes | None:
        data = super()._read(kind, key)
        found = None if data is not None else read_own(self._below._path(kind, key))
        return data if found is None else unsealed(f"{kind} {key}", found)


def damaged_entries(root: Path) -> Iterator[str]:
    """The entries of a store's folder whose bytes are not what was written, by their names below it."""
    for kind in sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else ():
        for name in sorted(entries(root / kind)) if kind != "aside" else ():
            key = os.path.basename(name)  # noqa: PTH119 (a Path for each file of a store)
            if not key.startswith(".") and unsealed(f"{kind} {key}", read_own(Path(name)) or b"") is None:
                yield os.path.relpath(name, root)


def _reply(data: bytes) -> Reply | None:
    try:
        return decode(data, Reply)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def sealed(name: str, data: bytes) -> bytes:
    """The content behind a line that names it and its digest, so that damage is found whenever it is read."""
    return f"codegen-tasks {name} sha256:{digest(data)}".encode() + b"\n" + data


def unsealed(name: str, found: bytes) -> bytes | None:
    """The content that `sealed` was given under this name; None if these bytes are anything else."""
    data = found.partition(b"\n")[2]
    return data if found == sealed(name, data) else None


def question_digest(request: Request, spec: ModelSpec) -> str:
    """What a reply is kept under: everything that shapes it, nothing else.

    Not in it: keys, time-outs and retries; `api_base`, because the same model behind another host must find the answers
    that were paid for (a host that serves something else needs another model name); the unit's name; `spec.format`,
    which `request.format` has settled.
    """
    asked = (request.paths, request.messages, request.format, request.attempt)
    asked_of = (spec.model, spec.command, spec.temperature, spec.max_output_tokens)
    more = (spec.params,) if spec.params else ()  # answers from before there were any keep their names
    return digest(msgspec.json.encode(("codegen.question/1", asked, asked_of, *more), order="deterministic"))
