"""`doit why`: which input makes a unit's question another one. It asks nobody, takes no lock and touches no signal."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from codegen_tasks.errors import BadPlan
from codegen_tasks.records import encode
from codegen_tasks.session import Session
from codegen_tasks.tasks.graph import decoded
from codegen_tasks.tasks.looking import looking

if TYPE_CHECKING:
    from codegen_tasks.pipeline.why import Reason, UnitWhy

_STATES = {
    "up_to_date": "up to date",
    "same": "not asked: its question is the same",
    "stored": "not asked: the answer is in the store",
    "asked": "would be asked",
    "unless": "would be asked, unless what it depends on comes out as it was",
    "missing": "its answer is not in the store, and store.offline forbids asking",
    "no_model": "needs no model",
}
_CHANGES = {
    "changed": "changed",
    "new": "is new",
    "gone": "is gone",
    "unknown": "is there, but what it was asked with is not on record",
    "awaited": "is asked itself",
}
_NEVER = "it has no accepted reply yet"


def why_task(session: Session) -> dict[str, Any]:
    """`doit why [PATH…] [--json]`."""

    def why(paths: list[str], as_json: bool) -> None:
        from codegen_tasks.pipeline.why import explain

        words = [word for word in paths if word != "--json"]
        with looking(session, "why") as phase:
            names = [_unit(word, session) for word in words]
            found = explain(phase, session.share)
            units = [unit for unit in found.units if not names or unit.unit in names]
            if as_json or "--json" in paths:
                session.board.write(encode({"schema": found.schema, "units": units}).decode())
                return
            for unit in units:
                for line in _told(unit, whole=bool(names)):
                    session.board.write(line)
            session.board.write(_summed(units))

    return {
        "basename": "why",
        "doc": "which input makes a unit's question another one, or why it is up to date; asks nobody (--json)",
        "actions": [why],
        "params": [{"name": "as_json", "long": "json", "type": bool, "default": False, "help": "as JSON"}],
        "pos_arg": "paths",
    }


def _unit(word: str, session: Session) -> str:
    for path in (word, decoded(word)):
        if path in session.unit_of:
            return session.unit_of[path]
        if path in session.unit_of.values():
            return path
    near = get_close_matches(word, session.unit_of, 1)
    hint = f"do you mean {near[0]!r}?" if near else "name paths of plan.files.json"
    raise BadPlan(f"{word!r} is not a planned file", hint=hint)


def _told(unit: "UnitWhy", *, whole: bool) -> list[str]:
    """One line; with `whole` the reasons have lines of their own, with what changed in them."""
    head = f"{unit.unit}  {_STATES[unit.state]}"
    if not whole:
        return [": ".join([head, *(["; ".join(map(_reason, unit.reasons))] if unit.reasons else [])])]
    lines = [head]
    for reason in unit.reasons:
        lines += [f"  {_reason(reason)}", *(f"    {line}" for line in reason.diff)]
    if unit.old_summary:
        lines.append("  the repo summary it was shown is out of date; that asks nobody")
    return lines


def _reason(reason: "Reason") -> str:
    if reason.kind == "reply" and reason.change == "new":
        return _NEVER
    return f"{reason.kind} {reason.name} {_CHANGES[reason.change]}".replace("  ", " ")


def _summed(units: Sequence["UnitWhy"]) -> str:
    asked, unless = (sum(unit.state == state for unit in units) for state in ("asked", "unless"))
    old = sum(unit.old_summary for unit in units)
    said = [f"{asked} of {len(units)} would be asked"]
    said += [f"{unless} more, unless what they depend on comes out as it was"] if unless else []
    said += [f"the repo summary of {old} is out of date; that asks nobody"] if old else []
    return "; ".join(said)
