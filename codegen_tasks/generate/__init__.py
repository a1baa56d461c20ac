"""Stored answer, else the chain of models in order: retries, continuations, repairs, fall back."""

from codegen_tasks.generate.asking import Asking, Progress
from codegen_tasks.generate.chain import answer, stored_answer

__all__ = ["Asking", "Progress", "answer", "stored_answer"]
