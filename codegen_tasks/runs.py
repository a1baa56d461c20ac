"""The archived attempts: what each was, what differs from now, and which answers count when one is put back.

It changes nothing.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from codegen_tasks.archive import numbers
from codegen_tasks.attempts import Attempts
from codegen_tasks.bases import output_key
from codegen_tasks.errors import BadPlan
from codegen_tasks.files import Snapshot, entries
from codegen_tasks.pipeline import Phase, Places
from codegen_tasks.pipeline.question import Question
from codegen_tasks.records import Answer, Record, decode, digest
from codegen_tasks.signals import FailureReport, Manifest, Ready

T = TypeVar("T")


class ArchivedRun(Record, frozen=True):
    """One number of the archive. `end` is ready, a kind of failure, unfinished, or edited: a person's files alone.

    `attempt` is None where nobody wrote it down. `differing` are the generated files that are not the same now.
    """

    number: str
    end: str
    attempt: int | None
    files: int
    insertions: int
    deletions: int
    differing: tuple[str, ...]


def list_runs(places: Places, snapshot: Snapshot) -> Iterator[ArchivedRun]:
    """All archived attempts, the earliest first."""
    now = _digests(places.files, snapshot)
    for kept in numbers(places.archive):
        yield _describe(kept, now, snapshot)


def find_run(places: Places, number: str) -> Path:
    """The archive with this number, however many zeros stand before it. Raises BadPlan naming those there are."""
    found = numbers(places.archive)
    for kept in found:
        if number.isdecimal() and int(kept.name) == int(number):
            return kept
    there = f"there are {', '.join(kept.name for kept in found)}; `doit runs` tells more of each"
    none = "there is none yet: `doit clean` and `doit redo` archive what is in code/"
    raise BadPlan(f"no archived attempt has the number {number!r}", hint=there if found else none)


def is_attempt(kept: Path) -> bool:
    """Whether an archive is of a whole attempt, and not of files alone that a person edited."""
    return any(entry.name != "files" for entry in kept.iterdir())


def attempts_of(kept: Path, phase: Phase, attempts: Attempts) -> Attempts:
    """The attempts with those of an archive counting again, as far as they answer what is asked now.

    Orders that no run has carried out are gone: what they should have replaced comes back.
    """
    courses = dict(attempts.courses)
    for question in phase.questions.asked:
        at = _attempt_in(kept, question, phase)
        course = attempts.of(question.identity)
        if at is not None and at != course.at and at <= len(course.told):
            courses[question.identity] = msgspec.structs.replace(course, at=at)
    return Attempts(courses)


def outdated(kept: Path, phase: Phase) -> list[str]:
    """The units that were asked something else when an archived attempt was made."""
    replies = [q for q in phase.questions.asked if _reply(kept, q, phase.places) is not None]
    return [question.unit.name for question in replies if _attempt_in(kept, question, phase) is None]


def _attempt_in(kept: Path, question: Question, phase: Phase) -> int | None:
    """The attempt that a unit's archived reply was, if a content made from it is known to answer what is asked now."""
    reply, snapshot = _reply(kept, question, phase.places), Snapshot()
    if reply is None:
        return None
    manifest = _read(kept / "manifest.json", Manifest, snapshot)
    made = {(path, data) for path in question.unit.writes if (data := _sha256(kept / "files" / path, snapshot))}
    files = manifest.files if manifest else ()
    made |= {(file.path, file.sha256) for file in files if file.unit == reply.unit and file.sha256}
    keys = (output_key(path, after, question.core) for path, after in sorted(made))
    return reply.attempt if any(phase.tools.store.get("output", key) is not None for key in keys) else None


def _sha256(path: Path, snapshot: Snapshot) -> str | None:
    data = snapshot.read(path)
    return None if data is None else digest(data)


def _reply(kept: Path, question: Question, places: Places) -> Answer | None:
    return _read(kept / places.reply(question.unit.name).relative_to(places.code), Answer, Snapshot())


def _describe(kept: Path, now: Mapping[str, str | None], snapshot: Snapshot) -> ArchivedRun:
    from codegen_tasks.diff import measure_patch

    ready = _read(kept / "ready.json", Ready, snapshot)
    failure = _read(kept / "failure.json", FailureReport, snapshot)
    manifest = _read(kept / "manifest.json", Manifest, snapshot)
    end = "ready" if ready else failure.kind if failure else "unfinished" if is_attempt(kept) else "edited"
    then = _digests(kept / "files", snapshot)
    compared = then if end == "edited" else {*then, *now}
    extent = measure_patch(snapshot.read(kept / "diff.patch") or b"")
    return ArchivedRun(
        number=kept.name,
        end=end,
        attempt=ready.attempt if ready else manifest.attempt if manifest else None,
        files=len(then),
        insertions=extent.insertions,
        deletions=extent.deletions,
        differing=tuple(sorted(path for path in compared if then.get(path) != now.get(path))),
    )


def _digests(folder: Path, snapshot: Snapshot) -> dict[str, str | None]:
    names = [Path(name) for name in entries(folder)]
    return {path.relative_to(folder).as_posix(): snapshot.digest(path) for path in names}


def _read(path: Path, kind: type[T], snapshot: Snapshot) -> T | None:
    data = snapshot.read(path)
    try:
        return None if data is None else decode(data, kind)
    except msgspec.MsgspecError:
        return None
