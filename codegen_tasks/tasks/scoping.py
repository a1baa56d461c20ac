"""`doit scope`: what replies wanted beyond the plan is listed, accepted into the plan, or rejected. Asks nobody."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec

from codegen_tasks.errors import BadPlan, CodegenError
from codegen_tasks.files import write_atomic
from codegen_tasks.pipeline.scope import rejected_key
from codegen_tasks.plan import parse_files, with_entries
from codegen_tasks.records import decode, digest
from codegen_tasks.session import Session
from codegen_tasks.signals import Refused, Scope
from codegen_tasks.tasks.commands import attempt
from codegen_tasks.tasks.graph import StepFailed, decoded
from codegen_tasks.text import few

_LIST = "`doit scope` lists what was refused"
_NAMED = 5


def scope_task(session: Session) -> dict[str, Any]:
    """The command, with the words `accept` and `reject`."""

    def scope(words: list[str]) -> StepFailed | None:
        if session.failure is not None and words:
            return StepFailed(session.failure, publish=False)
        return attempt(session, "scope", lambda: _act(session, words))

    doc = "list what replies wanted beyond the plan; `accept PATH…` plans it, `reject PATH…` drops it"
    return {"basename": "scope", "doc": doc, "actions": [scope], "pos_arg": "words"}


def _act(session: Session, words: Sequence[str]) -> None:
    scope = _scope(session)
    if not words:
        _list(session, scope)
        return
    refused = {entry.path for entry in scope.refused}
    named = list(dict.fromkeys(path if path in refused else decoded(path) for path in words[1:]))
    if words[0] not in ("accept", "reject") or not named:
        hint = "write `doit scope`, `doit scope accept PATH…` or `doit scope reject PATH…`"
        raise BadPlan(f"`doit scope` does not know what to do with {' '.join(words)!r}", hint=hint)
    for path in named:
        if path not in refused:
            raise BadPlan(f"{path!r} was not refused", hint=f"{_LIST}: {', '.join(sorted(refused)) or 'nothing'}")
    if words[0] == "accept":
        _accept(session, scope, named)
    else:
        _reject(session, scope, named)


def _scope(session: Session) -> Scope:
    data = session.run.snapshot.read(session.run.places.scope)
    try:
        return Scope("codegen.scope/1", (), ()) if data is None else decode(data, Scope)
    except msgspec.MsgspecError:
        raise BadPlan("code/scope.json is damaged", hint="`doit codegen` writes it again, without a call") from None


def _list(session: Session, scope: Scope) -> None:
    write = session.board.write
    if not scope.refused:
        write("nothing was refused")
    planned = {entry.path for entry in scope.amendment}
    for (operation, path), entries in groupby(scope.refused, lambda entry: (entry.operation, entry.path)):
        write(f"{operation:8}{path}")
        for line in _said(tuple(entries)):
            write(f"        {line}")
        if path not in planned:
            write("        it can be rejected, not accepted")
    if scope.refused:
        session.say(
            "`doit scope accept PATH…` plans such a file as the reply wants it, `doit scope reject PATH…` drops it"
        )


def _said(entries: Sequence[Refused]) -> Iterator[str]:
    """What there is to say of one path, by whichever units it is wanted."""
    for said in dict.fromkeys((entry.model, entry.reason) for entry in entries):
        units = [entry.unit for entry in entries if (entry.model, entry.reason) == said]
        yield f"by {few(units, _NAMED)} ({said[0]}): {said[1]}"
    if needed := list(dict.fromkeys(path for entry in entries for path in entry.needed_by)):
        yield f"imported or named by {few(needed, _NAMED)}"
    if entries[0].nearest:
        yield f"the nearest planned path is {entries[0].nearest}"
    if kept := {entry.sha256: entry.quarantine for entry in reversed(entries) if entry.quarantine}:
        yield f"see {few(list(kept.values())[::-1], _NAMED)}"


def _accept(session: Session, scope: Scope, paths: Sequence[str]) -> None:
    """Merges the amendment for these paths into plan.files.json. Raises BadPlan, and then nothing is changed."""
    phase, amendment = session.phase, {entry.path: entry for entry in scope.amendment}
    for path in paths:
        if path not in amendment:
            reason = next(entry.reason for entry in scope.refused if entry.path == path)
            raise BadPlan(f"{path!r} can not be accepted: {reason}", hint="reject it, or say more in plan.md")
    if phase is None:
        return
    place = phase.plan_files.resolve()
    text = (session.run.snapshot.read(phase.plan_files) or b"").decode()
    merged = with_entries(text, [msgspec.to_builtins(amendment[path]) for path in paths]).encode()
    try:
        parse_files(merged)
    except CodegenError as error:
        raise BadPlan(f"the plan would not be sound: {error.message}", hint=error.hint) from error
    write_atomic(place, merged, place.stat().st_mode & 0o777)
    for path in paths:
        session.board.write(f"accepted    {path}")
    session.say(f"{session.shown(phase.plan_files)} names them now; `doit codegen` goes on without a call")


def _reject(session: Session, scope: Scope, paths: Sequence[str]) -> None:
    """Has the store remember that the replies which are there now shall not write these paths."""
    run, phase = session.run, session.phase
    if run.store is None or phase is None:
        return
    for entry in scope.refused:
        reply = run.snapshot.read(phase.places.reply(entry.unit)) if entry.path in paths else None
        if reply is not None:
            run.store.put("rejected", rejected_key(digest(reply), entry.path), b"")
            session.board.write(f"rejected    {entry.path} of {entry.unit}")
    session.say("`doit codegen` goes on without a call")
