"""How a run that failed ends on the terminal: one cause once, with the units it concerns. It decides nothing."""

from collections.abc import Collection, Iterable, Iterator

from codegen_tasks.errors import MEANINGS, Failure, worst
from codegen_tasks.session import Session

_NEXT = {
    "planning": "revise the plan, then run `doit codegen`",
    "plan_review": "revise the plan, or allow an empty diff, then run `doit codegen`",
    "codegen": "run `doit codegen` again: it asks only for what is missing",
    "fix_config": "mend that, then run `doit codegen`",
    "wait": "wait until it has ended, then run again",
    "report": "please report it; `doit codegen` begins where this run ended",
}
_MANY = 5


def told(
    failures: tuple[Failure, ...], session: Session, settled: Collection[str], *, published: bool
) -> Iterator[str]:
    """The lines: each cause, what is kept, what comes next, and where all of it can be read."""
    for (kind, message, hint), places in _causes(failures).items():
        yield f"FAILED {_shown(places)}: {kind}: {message}" if places else f"FAILED: {kind}: {message}"
        yield from (f"  {line}" for line in hint.splitlines())
    units = session.units_done(settled)
    if units is not None and any(failure.unit for failure in failures):
        done, all_units = units
        yield f"{done} of {all_units} units are done and kept"
    kind = worst(failures)
    where = f"; all of it is in {session.shown(session.run.places.failure)}" if published else ""
    yield f"{kind} (exit {MEANINGS[kind].exit}): {_NEXT[MEANINGS[kind].next]}{where}"


def _causes(failures: Iterable[Failure]) -> dict[tuple[str, str, str], list[str]]:
    """Places by cause: a message that begins with its unit's name says the same without it."""
    causes: dict[tuple[str, str, str], list[str]] = {}
    for failure in failures:
        message = failure.message.removeprefix(f"{failure.unit}: ") if failure.unit else failure.message
        place = ":".join(part for part in (failure.stage, failure.unit) if part)
        places = causes.setdefault((failure.kind, message, failure.hint), [])
        if place:
            places.append(place)
    return causes


def _shown(places: list[str]) -> str:
    more = len(places) - _MANY
    return ", ".join(places[:_MANY]) + (f" and {more} more" if more > 0 else "")
