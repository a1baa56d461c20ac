"""Which attempt each unit is at, and a reviewer's notes. It decides which answers are served, so it is kept twice.

It does not know what an attempt consists of on disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path

import msgspec

from codegen_tasks.errors import BadConfig
from codegen_tasks.files import write_atomic
from codegen_tasks.records import Record, decode, digest, encode
from codegen_tasks.store import Store, sealed, unsealed


class Attempts(Record, frozen=True):
    """`base` is every unit's attempt but those in `units`."""

    base: int = 1
    units: Mapping[str, int] = {}
    notes: Mapping[str, str] = {}
    note: str = ""

    @property
    def current(self) -> int:
        """The highest attempt of any unit."""
        return max((self.base, *self.units.values()))

    def of(self, unit: str) -> tuple[int, str]:
        """A unit's attempt and the note that goes with it."""
        return (self.units[unit], self.notes.get(unit, "")) if unit in self.units else (self.base, self.note)

    def all_again(self, note: str = "") -> "Attempts":
        """Every unit is asked anew."""
        return Attempts(base=self.current + 1, note=note)

    def again(self, units: tuple[str, ...], note: str = "") -> "Attempts":
        """These units are asked anew."""
        at = self.current + 1
        return msgspec.structs.replace(
            self, units={**self.units, **dict.fromkeys(units, at)}, notes={**self.notes, **dict.fromkeys(units, note)}
        )


class Held(Record, frozen=True):
    """What is on record. `serial` counts the changes; `clearing`: outputs of the attempt before must still go."""

    attempts: Attempts = Attempts()
    serial: int = 0
    clearing: bool = False


@dataclass(frozen=True)
class AttemptRecords:
    """The two records of one task: `local` travels with its directory, the other with the store and its clones.

    Both are sealed. The one that was changed more often counts; the order to clear is only in `local`, because another
    clone has other outputs.
    """

    store: Store
    local: Path
    identity: str

    def read(self) -> Held:
        """What counts. Raises BadConfig where a record is damaged and there is no other."""
        local, kept = self._read_local(), self._read_store()
        found = [held for held in (local, kept) if held is not None]
        if not found:
            self._refuse_damaged()
            return Held()
        return max(found, key=lambda held: held.serial)

    def write(self, attempts: Attempts, *, clearing: bool = False) -> None:
        """Keeps the attempts, on disk before it returns. The local record decides, so it is written first."""
        self._write(Held(attempts, self.read().serial + 1, clearing))

    def settle(self) -> Held:
        """What counts, with each record that is missing, damaged or older put right."""
        held = self.read()
        if held.serial and (held != self._read_local() or held.serial != (self._read_store() or Held()).serial):
            self._write(held)
        return held

    def cleared(self) -> None:
        """The old outputs are gone."""
        self._write(msgspec.structs.replace(self.read(), clearing=False))

    @property
    def _key(self) -> str:
        return digest(f"attempts\0{self.identity}".encode("utf-8", "surrogateescape"))

    def _write(self, held: Held) -> None:
        write_atomic(self.local, sealed("attempts of this task", encode(held)), durable=True)
        shared = msgspec.structs.replace(held, clearing=False)
        self.store.put("attempts", self._key, encode(shared), replace=True)

    def _read_local(self) -> Held | None:
        try:
            data = unsealed("attempts of this task", self.local.read_bytes())
        except OSError:
            return None
        return None if data is None else decode(data, Held)

    def _read_store(self) -> Held | None:
        data = self.store.get("attempts", self._key)
        return None if data is None else decode(data, Held)

    def _refuse_damaged(self) -> None:
        aside = self.store.aside("attempts", self._key, "damaged")
        damaged = next((path for path in (self.local, aside) if path.exists()), None)
        if damaged is not None:
            raise BadConfig(
                f"the record of attempts is damaged, so which answers count is not known: {damaged.name}",
                hint=f"put a copy of it back, or remove {damaged} to begin again with the first answers",
            )


def identity(task: Path, root: Path, store: Path) -> str:
    """What tells a task from all others that keep their attempts in the same store.

    Where store and task lie in one repository or working tree, it is the way from one to the other, which a clone
    keeps. Else it is the directory itself: its path, device and inode.
    """
    top = next((folder for folder in (task, *task.parents) if (folder / ".git").exists()), task)
    for tree in (task, root, top):
        if store.is_relative_to(tree) and task.is_relative_to(tree):
            return f"in the tree\0{relpath(task, store)}"
    status = task.stat()
    return f"at\0{task}\0{status.st_dev}\0{status.st_ino}"
