"""How a run ends on the terminal: what it asked and made, each cause of failure once. It decides nothing."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from codegen_tasks.errors import MEANINGS, Failure, worst
from codegen_tasks.pipeline import STAGES
from codegen_tasks.records import decode
from codegen_tasks.session import Session
from codegen_tasks.signals import Ready
from codegen_tasks.terminal import dollars
from codegen_tasks.text import few

_NEXT = {
    "planning": "revise the plan, then run `doit codegen`",
    "plan_review": "revise the plan, or allow an empty diff, then run `doit codegen`",
    "codegen": "run `doit codegen` again: it does only what is missing",
    "fix_config": "mend that, then run `doit codegen`",
    "wait": "wait until it has ended, then run again",
    "report": "please report it; `doit codegen` begins where this run ended",
}
_MANY = 5
_APPLIED = ": the working tree has all of it"


class Said(NamedTuple):
    """Lines for a person. `level` is error, warning or empty; `path` is the file they are about, if it is one."""

    text: str
    level: str = ""
    path: str = ""


def closing(done: int, session: Session) -> Iterator[Said]:
    """How a run that succeeded ends: what it asked and made, what a reviewer is warned of, what comes next."""
    what = "nothing to do" if not done else "1 step" if done == 1 else f"{done} steps"
    data = session.run.snapshot.read(session.run.places.ready)
    yield from _asked(session, complete=data is not None and bool(done))
    if session.shard is not None:
        part, parts = session.shard
        yield Said(f"{what}; share {part} of {parts} is answered; a run without shard= assembles all of them")
        return
    if data is None:
        yield Said(what)
        return
    if done or b'"warning"' in data:
        ready = decode(data, Ready)
        yield from _made(ready, session) if done else ()
        for found in ready.diagnostics:
            if found.severity != "info":
                said = f"{found.severity}: {found.path}: {found.message} ({found.code})"
                yield Said(said, found.severity, found.path or "")
    command = session.apply_command()
    then = f"; to apply it: {command}" if command else ""
    yield Said(f"{what}; ready for review: {session.shown(session.run.places.ready)}{then}")


def _made(ready: Ready, session: Session) -> Iterator[Said]:
    diff = ready.diff
    files = "1 file" if diff.files == 1 else f"{diff.files} files"
    patch = session.shown(session.run.places.patch)
    yield Said(
        f"diff +{diff.insertions} -{diff.deletions} in {files}: {patch}"
        if diff.files
        else f"diff: empty{_APPLIED * ready.applied}"
    )
    if ready.checks:
        yield Said(f"checks: {', '.join(f'{check.name} {check.verdict}' for check in ready.checks)}")


def _asked(session: Session, *, complete: bool) -> Iterator[Said]:
    """What the run asked, and what for; `complete`: what it did not look at was up to date."""
    tally, units = session.run.log.tally, session.run.log.units
    stored = tally.stored - tally.asked
    touched = tally.asked | stored | tally.failed
    if not units or not (touched or complete):
        return
    counts = {
        "from the store": len(stored),
        "up to date": units - len(touched) if complete else 0,
        "repaired": len(tally.refused - tally.failed),
        "failed": len(tally.failed),
    }
    facts = [f"{count} {what}" for what, count in counts.items() if count]
    if tally.asked:
        known = dollars(tally.cost)
        facts.append(
            known if tally.priced else f"{known} and more: a price is not known" if tally.cost else "no price known"
        )
    yield Said(", ".join([f"asked {len(tally.asked)} of {units}", *facts]))


def told(
    failures: tuple[Failure, ...], session: Session, settled: Collection[str], *, published: bool
) -> Iterator[Said]:
    """How a run that failed ends: each cause, what is kept, what comes next, and where all of it can be read."""
    for same in _causes(failures):
        yield Said("\n".join(_cause(same, session)), "error")
    yield from _asked(session, complete=False)
    units = session.units_done(settled)
    if units is not None and any(failure.unit for failure in failures):
        done, all_units = units
        yield Said(f"{done} of {all_units} units are done and kept")
    kind = worst(failures)
    where = f"; all of it is in {session.shown(session.run.places.failure)}" if published else ""
    after = session.as_called(_next(failures, kind, published))
    yield Said(f"{kind} (exit {MEANINGS[kind].exit}): {after}{where}")


def _next(failures: Sequence[Failure], kind: str, published: bool) -> str:
    """What comes next. A command that was given something wrong is what to run again, not the phase."""
    wanted, command = MEANINGS[kind].next, failures[0].stage
    if not published and command not in ("", "plan", *STAGES) and wanted in ("planning", "fix_config"):
        return f"mend that, then run `doit {command}` again"
    return _NEXT[wanted]


def _causes(failures: Iterable[Failure]) -> list[list[Failure]]:
    """Failures that say the same, but for the unit they name."""
    causes: dict[tuple[str, str, str, str], list[Failure]] = {}
    for failure in dict.fromkeys(failures):  # what is wrong with the plan fails every stage
        same = failure.message.replace(failure.unit, "") if failure.unit else failure.message
        key = (failure.kind, failure.stage, same, failure.hint.partition("\n")[0])
        causes.setdefault(key, []).append(failure)
    return list(causes.values())


def _cause(same: list[Failure], session: Session) -> Iterator[str]:
    first, units = same[0], sorted(failure.unit for failure in same)
    hint = session.as_called(first.hint).splitlines()
    place = ":".join(part for part in (first.stage, first.unit) if part)
    message = first.message.removeprefix(f"{first.unit}: ") if first.unit else first.message
    if len(same) == 1:
        yield f"FAILED {place}: {first.kind}: {message}" if place else f"FAILED: {first.kind}: {message}"
        yield from (f"  {line}" for line in hint)
        return
    yield f"FAILED {first.stage}, {len(same)} units alike: {first.kind}: {message.replace(first.unit, '(each)')}"
    yield from (f"  {line}" for line in hint[:1])
    yield f"  units: {few(units, _MANY)}"
