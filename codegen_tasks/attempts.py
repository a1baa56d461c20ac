"""Which attempt each unit is at, and a reviewer's notes. It decides which answers are served, so it is kept twice.

It does not know what an attempt consists of on disk.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from codegen_tasks.errors import BadConfig
from codegen_tasks.files import read_own, write_atomic
from codegen_tasks.records import Record, decode, digest, encode
from codegen_tasks.store import Store, sealed, unsealed


class Told(Record, frozen=True, omit_defaults=True):
    """What an attempt is asked with beside its question: a person's `note`, and the `report` of a later stage.

    `round` counts the attempts that later stages have asked for since a person last did; `sample` numbers those that
    are told nothing of the ones before.
    """

    note: str = ""
    report: str = ""
    round: int = 0
    sample: int = 0


class Course(Record, frozen=True, omit_defaults=True):
    """The attempts at one question: what each was told (the first one nothing), and which one counts, from 1."""

    told: tuple[Told, ...] = (Told(),)
    at: int = 1

    @property
    def now(self) -> Told:
        """What the attempt that counts is told."""
        return self.told[self.at - 1]

    def again(self, told: Told) -> "Course":
        """One attempt more, which counts from now on."""
        return Course((*self.told, told), len(self.told) + 1)


class Order(Record, frozen=True):
    """A person's wish to have units asked anew, all of them if none is named, whatever their questions are then."""

    units: tuple[str, ...] = ()
    note: str = ""


class Attempts(Record, frozen=True):
    """The courses of all questions that were asked more than once, and orders that no run has carried out yet.

    A question is known by a digest of what a unit is asked, attempts apart: an edited plan begins at its own first
    attempt, and going back finds the course as it was.
    """

    courses: Mapping[str, Course] = {}
    orders: tuple[Order, ...] = ()

    def of(self, question: str) -> Course:
        """The course of a question."""
        return self.courses.get(question) or Course()

    def ordered(self, units: tuple[str, ...] = (), note: str = "") -> "Attempts":
        """With an order more."""
        return msgspec.structs.replace(self, orders=(*self.orders, Order(units, note)))

    def settled(self, questions: Mapping[str, str]) -> "Attempts":
        """The orders carried out on the units' questions as they are now."""
        courses = dict(self.courses)
        for order in self.orders:
            for unit in order.units or questions:
                if question := questions.get(unit):
                    courses[question] = courses.get(question, Course()).again(Told(order.note))
        return Attempts(courses)

    def sent_back(
        self, reports: Mapping[str, str], chosen: Mapping[str, int], samples: Mapping[str, int] | None = None
    ) -> "Attempts":
        """With an attempt more for each question that has a report or is a sample, and the `chosen` ones for others."""
        courses = dict(self.courses)
        for question, report in reports.items():
            told = self.of(question).now
            courses[question] = self.of(question).again(Told(told.note, report, told.round + 1))
        for question, number in (samples or {}).items():
            told = self.of(question).now
            courses[question] = self.of(question).again(Told(told.note, "", told.round + 1, number))
        for question, at in chosen.items():
            courses[question] = msgspec.structs.replace(self.of(question), at=at)
        return msgspec.structs.replace(self, courses=courses)


class Held(Record, frozen=True):
    """What is on record. `serial` counts the changes; `clearing`: outputs of the attempt before must still go;
    `restoring`: then those of the archive with this number must come."""

    attempts: Attempts = Attempts()
    serial: int = 0
    clearing: bool = False
    restoring: str = ""


@dataclass(frozen=True)
class AttemptRecords:
    """The two records of one task: `local` travels with its directory, the other with the store and its clones.

    Both are sealed. The one that was changed more often counts; the orders to clear and to restore are only in `local`,
    because another clone has other outputs.
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

    def write(self, attempts: Attempts, *, clearing: bool = False, restoring: str = "") -> None:
        """Keeps the attempts, on disk before it returns. The local record decides, so it is written first."""
        self._write(Held(attempts, self.read().serial + 1, clearing, restoring))

    def settle(self) -> Held:
        """What counts, with each record that is missing, damaged or older put right."""
        held = self.read()
        if held.serial and (held != self._read_local() or held.serial != (self._read_store() or Held()).serial):
            self._write(held)
        return held

    def cleared(self) -> None:
        """The old outputs are gone."""
        self._write(msgspec.structs.replace(self.read(), clearing=False))

    def restored(self) -> None:
        """The outputs of the archive are there."""
        self._write(msgspec.structs.replace(self.read(), restoring=""))

    @property
    def aside(self) -> Path:
        """Where the store's record goes when it is damaged."""
        return self.store.aside("attempts", self._key, "damaged")

    @property
    def _key(self) -> str:
        return digest(f"attempts\0{self.identity}".encode("utf-8", "surrogateescape"))

    def _write(self, held: Held) -> None:
        write_atomic(self.local, sealed("attempts of this task", encode(held)), durable=True)
        shared = msgspec.structs.replace(held, clearing=False, restoring="")
        self.store.put("attempts", self._key, encode(shared), replace=True)

    def _read_local(self) -> Held | None:
        found = read_own(self.local)
        data = None if found is None else unsealed("attempts of this task", found)
        return None if data is None else decode(data, Held)

    def _read_store(self) -> Held | None:
        data = self.store.get("attempts", self._key)
        return None if data is None else decode(data, Held)

    def _refuse_damaged(self) -> None:
        damaged = next((path for path in (self.local, self.aside) if os.path.lexists(path)), None)
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
            return f"in the tree\0{os.path.relpath(task, store)}"
    status = task.stat()
    return f"at\0{task}\0{status.st_dev}\0{status.st_ino}"
