"""Commands on archived attempts: `doit runs` and `doit restore NNNN`. Neither asks a model."""

from collections.abc import Iterator
from typing import Any

from codegen_tasks.errors import BadPlan
from codegen_tasks.session import Session
from codegen_tasks.tasks.commands import attempt
from codegen_tasks.tasks.graph import StepFailed
from codegen_tasks.text import few

_NAMED = 3


def archive_tasks(session: Session) -> Iterator[dict[str, Any]]:
    """The two commands."""

    def runs() -> StepFailed | None:
        return attempt(session, "runs", lambda: _list(session))

    def restore(words: list[str]) -> StepFailed | None:
        if session.failure is not None:
            return StepFailed(session.failure, publish=False)
        return attempt(session, "restore", lambda: _restore(session, words))

    yield {
        "basename": "runs",
        "doc": "list the archived attempts, and what of each differs from now",
        "actions": [runs],
    }
    doc = "put an archived attempt back, by its number; what is there is archived first. Asks nobody"
    yield {"basename": "restore", "doc": doc, "actions": [restore], "pos_arg": "words"}


def _list(session: Session) -> None:
    from codegen_tasks.runs import list_runs

    row = "{:8} {:18} {:>8} {:>6} {:>8} {:>8}  {}".format
    found = list(list_runs(session.run.places, session.run.snapshot))
    if not found:
        session.board.write("no attempt was archived yet")
        return
    session.board.write(row("number", "ended", "attempt", "files", "+", "-", "differs from now"))
    for run in found:
        differs = few(run.differing, _NAMED) or "nothing"
        counts = (run.files, f"+{run.insertions}", f"-{run.deletions}")
        session.board.write(row(run.number, run.end, run.attempt or "", *counts, differs))


def _restore(session: Session, words: list[str]) -> None:
    from codegen_tasks.runs import attempts_of, find_run, is_attempt, outdated

    run, phase = session.run, session.phase
    if len(words) != 1:
        raise BadPlan("`doit restore` takes one number", hint="`doit runs` lists the archived attempts")
    kept = find_run(run.places, words[0])
    if not is_attempt(kept):
        edited, files = session.shown(kept / "files"), session.shown(run.places.files)
        hint = f"copy what you want of {edited} to {files}; `doit codegen` keeps it"
        raise BadPlan(f"{kept.name} holds files that a person edited, not an attempt", hint=hint)
    if phase is None or run.store is None:
        return
    others = outdated(kept, phase)
    attempts = attempts_of(kept, phase, run.places.attempts(run.store).read().attempts)
    before = run.restore(kept.name, attempts)
    session.board.write(
        f"restored {kept.name}; what was there is {session.shown(before)}" if before else f"restored {kept.name}"
    )
    if others:
        names = few(others, _NAMED)
        session.say(
            f"the plan or the files have changed since: `doit codegen` makes these as they are asked for now: {names}"
        )
