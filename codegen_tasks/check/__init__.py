"""Runs commands on the tree a change would make, in a sandbox, and judges them by what they did before it.

Who only asks whether a tree has changed shall not pay for the rest: a module is imported when its names are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codegen_tasks.check.blame import Hidden, concerned, fingerprint, imports_any, make_note
    from codegen_tasks.check.candidates import badness, planned_passed, shape
    from codegen_tasks.check.choose import Sandboxes
    from codegen_tasks.check.observation import Bench, Observation, observe, observed
    from codegen_tasks.check.programs import program_stamps, what_is_there
    from codegen_tasks.check.rounds import State, States, decide
    from codegen_tasks.check.sandbox import Ended, Job
    from codegen_tasks.check.tamper import tampering
    from codegen_tasks.check.tree import Change, Look, Rules, cut, is_unchanged, look_at
    from codegen_tasks.check.verdict import Checks, Planned, Seen, Verdict, judge_all, summary, told

__all__ = [
    "Bench",
    "Change",
    "Checks",
    "Ended",
    "Hidden",
    "Job",
    "Look",
    "Observation",
    "Planned",
    "Rules",
    "Sandboxes",
    "Seen",
    "State",
    "States",
    "Verdict",
    "badness",
    "concerned",
    "cut",
    "decide",
    "fingerprint",
    "imports_any",
    "is_unchanged",
    "judge_all",
    "look_at",
    "make_note",
    "observe",
    "observed",
    "planned_passed",
    "program_stamps",
    "shape",
    "summary",
    "tampering",
    "told",
    "what_is_there",
]

_MODULES = {
    "blame": (
        "Hidden",
        "concerned",
        "fingerprint",
        "imports_any",
        "make_note",
    ),
    "candidates": (
        "badness",
        "planned_passed",
        "shape",
    ),
    "choose": ("Sandboxes",),
    "observation": (
        "Bench",
        "Observation",
        "observe",
        "observed",
    ),
    "programs": ("program_stamps", "what_is_there"),
    "rounds": (
        "State",
        "States",
        "decide",
    ),
    "sandbox": ("Ended", "Job"),
    "tamper": ("tampering",),
    "tree": (
        "Change",
        "Look",
        "Rules",
        "cut",
        "is_unchanged",
        "look_at",
    ),
    "verdict": (
        "Checks",
        "Planned",
        "Seen",
        "Verdict",
        "judge_all",
        "summary",
        "told",
    ),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"codegen_tasks.check.{_HOME[name]}"), name)
