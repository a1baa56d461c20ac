"""Replies and base bytes become new bytes, or a refusal that teaches: parse, locate, apply. One file per format."""

from codegen_tasks.edits.apply import apply_replies
from codegen_tasks.edits.apply.outcome import Outcome, Outside
from codegen_tasks.edits.continued import join_continuation
from codegen_tasks.edits.cut import is_cut_off
from codegen_tasks.edits.parse import FORMATS

__all__ = ["FORMATS", "Outcome", "Outside", "apply_replies", "is_cut_off", "join_continuation"]
