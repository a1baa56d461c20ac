"""Everything is rebuilt apart, from the store alone, and compared with what code/ holds. Nothing else is changed.

It asks nobody and runs no check: a verdict that the store does not hold cannot be rebuilt.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from codegen_tasks.bases import Base
from codegen_tasks.check import Ended, Job, Sandboxes
from codegen_tasks.context import Templates
from codegen_tasks.errors import Failure, NoSandbox, ScopeMismatch
from codegen_tasks.events import EventLog
from codegen_tasks.files import Snapshot, copy_tree, entries, remove_tree, write_atomic
from codegen_tasks.pipeline import Phase, Places, SentBack, Step, Tools, judge_scope, load_phase, steps_for
from codegen_tasks.pipeline.question import Questions
from codegen_tasks.records import Record, decode, digest, encode
from codegen_tasks.run import Run
from codegen_tasks.signals import Manifest, Ready
from codegen_tasks.store import Overlay, damaged_entries
from codegen_tasks.worktree import Worktree

_NOT_COMPARED = {".gitignore", "archive", "estimate.json", "failure.json", "review.html"}
_HINTS = ("attempts", "accepted", "check-programs", "index")  # of .codegen: read, never compared
_ROUNDS = 3


class Difference(Record, frozen=True):
    """One thing that is not as the store makes it: a path below the task directory or the store, and what is wrong."""

    path: str
    wrong: str


def verify(phase: Phase, templates: Templates) -> list[Difference]:
    """All that differs, by path. Works in .codegen/verify, which is gone afterwards.

    A tree on which the diff was applied is taken as it was before, if code/ is of that time.
    """
    apart = phase.places.state / "verify"
    try:
        found = _compare(phase, templates, apart, applied=True)
        if found and any(base.made for base in phase.bases.values()):
            found = min(found, _compare(phase, templates, apart, applied=False), key=len)
    finally:
        remove_tree(apart)
    store = phase.places.shown(phase.places.store)
    damaged = (*phase.tools.store.damaged, *damaged_entries(phase.places.store))
    found += [Difference(f"{store}/{name}", "is damaged") for name in damaged]
    return sorted(found, key=lambda one: one.path)


class _Unobserved(Sandboxes):
    """A sandbox in which nothing runs."""

    def run(self, _job: Job) -> Ended:
        raise NoSandbox("the store does not hold what it does on these files", hint="run `doit codegen`")


def _compare(phase: Phase, templates: Templates, apart: Path, *, applied: bool) -> list[Difference]:
    remove_tree(apart)
    places = replace(phase.places, apart=apart)
    _lay_out(phase.places, places)
    found = [Difference(*_told(failure)) for failure in _rebuild(phase, places, templates, applied)]
    return found + list(_differences(phase.places.code, places.code))


def _told(failure: Failure) -> tuple[str, str]:
    place = ":".join(part for part in (failure.stage, failure.unit) if part)
    return place, f"cannot be rebuilt: {failure.message}"


def _lay_out(here: Places, places: Places) -> None:
    """What the rebuilding begins with: the attempts, caches, and the contents that a person made."""
    for name in _HINTS:
        if (here.state / name).exists():
            copy_tree(here.state / name, places.state / name)
    kept = _read(here.manifest, Manifest), _read(here.ready, Ready)
    for file in (file for record in kept if record is not None for file in record.files):
        if file.hand_edited and file.sha256 is not None:
            data = Snapshot().read(here.result(file.path))
            if data is not None and digest(data) == file.sha256:
                write_atomic(places.result(file.path), data)


def _read(path: Path, kind: type[Manifest] | type[Ready]) -> Manifest | Ready | None:
    with suppress(msgspec.MsgspecError):
        return decode(Snapshot().read(path) or b"", kind)
    return None


def _rebuild(phase: Phase, places: Places, templates: Templates, applied: bool) -> list[Failure]:
    """Runs all steps apart. Returns why units that have their outputs in code/ cannot be rebuilt."""
    tools = _tools(phase, places)
    run = Run(places, tools.snapshot, tools.store)
    failures = list[Failure]()
    for _ in range(_ROUNDS):
        again = load_phase(places, phase.config, templates, tools, phase.code)
        failures, backs = _run_all(run, _steps(again) if applied else _steps(_unapplied(again)))
        accepted = [back.accepted for back in backs if back.accepted is not None]
        if not accepted:
            break
        tools.snapshot.write(places.accepted, encode(accepted[-1]))
    if failures and not any(failure.stage == "manifest" for failure in failures):
        with suppress(ScopeMismatch):
            judge_scope(again, {failure.unit for failure in failures})
    failed = _failed_before(phase.places)
    return [failure for failure in failures if (failure.stage, failure.unit) not in failed]


def _failed_before(places: Places) -> set[tuple[str, str]]:
    """What the last run says that failed: there is nothing to compare then."""
    try:
        said = json.loads(Snapshot().read(places.failure) or b"{}").get("failures", [])
    except ValueError:
        return set()
    return {(str(failure.get("stage")), str(failure.get("unit"))) for failure in said}


def _tools(phase: Phase, places: Places) -> Tools:
    snapshot = Snapshot()
    snapshot.no_links_below = places.code
    config, store = phase.config, Overlay(places.state / "store", phase.places.store)
    worktree = Worktree(places.root, snapshot, places.own(), (*config.context.exclude, *config.check.hidden))
    asking = replace(phase.tools.asking, store=store, offline=True, log=EventLog(None), show=lambda _progress: None)
    sandbox = _Unobserved(config.check.sandbox, places.state / "scratch")
    return Tools(snapshot, worktree, store, asking, phase.tools.secrets, sandbox)


def _unapplied(phase: Phase) -> Phase:
    """The phase with the working tree as it was before its diff was applied."""

    def before(base: Base) -> Base:
        return Base(base.path, base.before, base.before) if base.made else base

    questions = {name: replace(q, bases=tuple(map(before, q.bases))) for name, q in phase.questions.items()}
    return replace(phase, questions=Questions(questions))


def _steps(phase: Phase) -> list[Step]:
    """The steps. Files of the working tree that are gone, because the diff was applied, are no longer read."""
    gone = {phase.places.original(path) for path in phase.bases if not phase.places.original(path).is_file()}
    return [replace(step, reads=tuple(path for path in step.reads if path not in gone)) for step in steps_for(phase)]


def _run_all(run: Run, steps: Sequence[Step]) -> tuple[list[Failure], list[SentBack]]:
    """Runs each step once what it reads is there; what waits for a step that failed is left out."""
    ends: dict[Path, str | Failure | SentBack | None] = {}
    made, pending = {step.writes for step in steps}, list(steps)
    while pending:
        ready = [step for step in pending if all(path in ends for path in step.reads if path in made)]
        for step in ready:
            unmet = any(not isinstance(ends[path], str) for path in step.reads if path in made)
            ends[step.writes] = None if unmet else run.execute(step)
        done = {step.writes for step in ready}
        pending = [step for step in pending if step.writes not in done] if ready else []
    found = list(ends.values())
    return [end for end in found if isinstance(end, Failure)], [end for end in found if isinstance(end, SentBack)]


def _differences(code: Path, rebuilt: Path) -> Iterator[Difference]:
    there, made = _contents(code), _contents(rebuilt)
    for name in sorted(there.keys() | made.keys()):
        if name not in made:
            yield Difference(f"code/{name}", "is not what the store makes: nothing makes it")
        elif name not in there:
            yield Difference(f"code/{name}", "is missing")
        elif there[name] != made[name]:
            yield Difference(f"code/{name}", f"is not what the store makes{_where(name, there[name], made[name])}")


def _contents(code: Path) -> Mapping[str, bytes | None]:
    found = {Path(name).relative_to(code).as_posix(): Path(name) for name in entries(code)}
    kept = {name: path for name, path in found.items() if name.partition("/")[0] not in _NOT_COMPARED}
    return {name: Snapshot().read(path) if not path.is_symlink() else None for name, path in kept.items()}


def _where(name: str, there: bytes | None, made: bytes | None) -> str:
    """The fields that differ, of a file in JSON."""
    if not name.endswith(".json") or name.startswith("files/"):
        return ""
    try:
        one, other = json.loads(there or b"null"), json.loads(made or b"null")
    except ValueError:
        return ": it is no JSON"
    if not isinstance(one, dict) or not isinstance(other, dict):
        return ""
    fields = [key for key in sorted(one.keys() | other.keys()) if one.get(key) != other.get(key)]
    return f": {', '.join(fields)}" if fields else ""
