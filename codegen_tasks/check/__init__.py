"""Runs commands on the tree a change would make, in a sandbox, and judges them by what they did before it."""

from codegen_tasks.check.blame import Hidden, concerned, fingerprint, make_note
from codegen_tasks.check.candidates import Candidate, badness, best
from codegen_tasks.check.observe import Bench, Observation, observe, observed
from codegen_tasks.check.tree import Rules, cut, is_unchanged, look_at
from codegen_tasks.check.verdict import Checks, Planned, Seen, Verdict, judge_all, summary, told

__all__ = [
    "Bench",
    "Candidate",
    "Checks",
    "Hidden",
    "Observation",
    "Planned",
    "Rules",
    "Seen",
    "Verdict",
    "badness",
    "best",
    "concerned",
    "cut",
    "fingerprint",
    "is_unchanged",
    "judge_all",
    "look_at",
    "make_note",
    "observe",
    "observed",
    "summary",
    "told",
]
