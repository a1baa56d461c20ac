"""Stored answer, else the chain of models in order: retries, continuations, repairs, fall back."""

from codegen_tasks.generate.asking import Asking, Progress
from codegen_tasks.generate.budget import Budget
from codegen_tasks.generate.chain import answer, as_answer, stored_answer
from codegen_tasks.generate.conversation import Accepted
from codegen_tasks.generate.estimate import Estimate, estimate
from codegen_tasks.generate.judge import Judge, judge_edits
from codegen_tasks.generate.limits import Limits

__all__ = [
    "Accepted",
    "Asking",
    "Budget",
    "Estimate",
    "Judge",
    "Limits",
    "Progress",
    "answer",
    "as_answer",
    "estimate",
    "judge_edits",
    "stored_answer",
]
