"""Replies and base bytes become new bytes, or a refusal that teaches: parse, locate, apply. One file per format."""

from codegen_tasks.edits.apply import apply_replies
from codegen_tasks.edits.apply.outcome import Outcome, Outside
from codegen_tasks.edits.read import FORMATS
from codegen_tasks.edits.read.continuation import join_continuation
from codegen_tasks.edits.read.truncation import is_cut_off

__all__ = ["FORMATS", "Outcome", "Outside", "apply_replies", "is_cut_off", "join_continuation"]
