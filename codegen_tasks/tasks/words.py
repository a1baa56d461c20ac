"""How a run that failed ends on the terminal: one cause once, with the units it concerns. It decides nothing."""

from collections.abc import Collection, Iterable, Iterator

from codegen_tasks.errors import MEANINGS, Failure, worst
from codegen_tasks.session import Session

_NEXT = {
    "planning": "revise the plan, then run `doit codegen`",
    "plan_review": "revise the plan, or allow an empty diff, then run `doit codegen`",
    "codegen": "run `doit codegen` again: it does only what is missing",
    "fix_config": "mend that, then run `doit codegen`",
    "wait": "wait until it has ended, then run again",
    "report": "please report it; `doit codegen` begins where this run ended",
}
_MANY = 5


def told(
    failures: tuple[Failure, ...], session: Session, settled: Collection[str], *, published: bool
) -> Iterator[str]:
    """The lines: each cause, what is kept, what comes next, and where all of it can be read."""
    for same in _causes(failures):
        yield from _cause(same)
    units = session.units_done(settled)
    if units is not None and any(failure.unit for failure in failures):
        done, all_units = units
        yield f"{done} of {all_units} units are done and kept"
    kind = worst(failures)
    where = f"; all of it is in {session.shown(session.run.places.failure)}" if published else ""
    yield f"{kind} (exit {MEANINGS[kind].exit}): {_NEXT[MEANINGS[kind].next]}{where}"


def _causes(failures: Iterable[Failure]) -> list[list[Failure]]:
    """Failures that say the same, but for the unit they name."""
    causes: dict[tuple[str, str, str, str], list[Failure]] = {}
    for failure in failures:
        same = failure.message.replace(failure.unit, "") if failure.unit else failure.message
        key = (failure.kind, failure.stage, same, failure.hint.partition("\n")[0])
        causes.setdefault(key, []).append(failure)
    return list(causes.values())


def _cause(same: list[Failure]) -> Iterator[str]:
    first, units = same[0], sorted(failure.unit for failure in same)
    place = ":".join(part for part in (first.stage, first.unit) if part)
    message = first.message.removeprefix(f"{first.unit}: ") if first.unit else first.message
    if len(same) == 1:
        yield f"FAILED {place}: {first.kind}: {message}" if place else f"FAILED: {first.kind}: {message}"
        yield from (f"  {line}" for line in first.hint.splitlines())
        return
    yield f"FAILED {first.stage}, {len(same)} units alike: {first.kind}: {message.replace(first.unit, '(each)')}"
    yield f"  {first.hint.partition(chr(10))[0]}"
    more = len(units) - _MANY
    yield f"  units: {', '.join(units[:_MANY])}{f' and {more} more' if more > 0 else ''}"
