"""Which attempt each unit is at, and a reviewer's notes. Kept in the store: it decides which answers are served."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from codegen_tasks.records import Record, decode, digest, encode
from codegen_tasks.store import Store


class Attempts(Record, frozen=True):
    """`base` is every unit's attempt but those in `units`. `clearing`: outputs of the attempt before must still go."""

    base: int = 1
    units: Mapping[str, int] = {}
    notes: Mapping[str, str] = {}
    note: str = ""
    clearing: bool = False

    @property
    def current(self) -> int:
        """The highest attempt of any unit."""
        return max((self.base, *self.units.values()))

    def of(self, unit: str) -> tuple[int, str]:
        """A unit's attempt and the note that goes with it."""
        return (self.units[unit], self.notes.get(unit, "")) if unit in self.units else (self.base, self.note)

    def all_again(self, note: str = "") -> "Attempts":
        """Every unit is asked anew. The old outputs are to be cleared."""
        return Attempts(base=self.current + 1, note=note, clearing=True)

    def again(self, units: tuple[str, ...], note: str = "") -> "Attempts":
        """These units are asked anew."""
        at = self.current + 1
        return msgspec.structs.replace(
            self, units={**self.units, **dict.fromkeys(units, at)}, notes={**self.notes, **dict.fromkeys(units, note)}
        )

    def cleared(self) -> "Attempts":
        """The old outputs are gone."""
        return msgspec.structs.replace(self, clearing=False)


def _key(task: Path, root: Path) -> str:
    """A task is known by where it lies in its repository, so that a copy elsewhere goes on with the same attempts."""
    at = task.relative_to(root).as_posix() if task.is_relative_to(root) else task.name
    return digest(f"attempts\0{at}".encode())


def read_attempts(store: Store, task: Path, root: Path) -> Attempts:
    """The attempts of a task directory; the first one if there is no record."""
    data = store.get("attempts", _key(task, root))
    return Attempts() if data is None else decode(data, Attempts)


def write_attempts(store: Store, task: Path, root: Path, attempts: Attempts) -> None:
    """Keeps the attempts, on disk before it returns."""
    store.put("attempts", _key(task, root), encode(attempts), replace=True)
