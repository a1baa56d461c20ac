"""Runs commands on the tree a change would make, in a sandbox, and judges them by what they did before it."""

from codegen_tasks.check.blame import Hidden, concerned, fingerprint, imports_any, make_note
from codegen_tasks.check.candidates import badness, planned_passed, shape
from codegen_tasks.check.choose import Sandboxes
from codegen_tasks.check.observe import Bench, Observation, observe, observed, program_stamps
from codegen_tasks.check.rounds import State, States, decide
from codegen_tasks.check.tamper import tampering
from codegen_tasks.check.tree import Rules, cut, is_unchanged, look_at
from codegen_tasks.check.verdict import Checks, Planned, Seen, Verdict, judge_all, summary, told

__all__ = [
    "Bench",
    "Checks",
    "Hidden",
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
]
