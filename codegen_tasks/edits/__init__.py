"""Replies and base bytes become new bytes, or a refusal that teaches: read, resolve, locate, apply."""

from collections.abc import Collection, Mapping, Sequence

from codegen_tasks.edits import apply
from codegen_tasks.edits.read import FORMATS
from codegen_tasks.edits.read.continuation import join_continuation
from codegen_tasks.edits.read.truncation import is_cut_off
from codegen_tasks.errors import CodegenError, EditFailed
from codegen_tasks.records import Blob, Outcome

__all__ = ["FORMATS", "apply_replies", "is_cut_off", "join_continuation"]


def apply_replies(
    replies: Sequence[str], base: Mapping[str, Blob | None], planned: Collection[str] | None = None
) -> Outcome:
    """As `apply.apply_replies`. A fault of our own refuses the reply: a stored one would meet it in every run.

    Raises EditFailed.
    """
    try:
        return apply.apply_replies(replies, base, planned)
    except CodegenError:
        raise
    except Exception as fault:
        raise EditFailed(
            f"the reply could not be read: {type(fault).__name__}", hint="this is a fault of codegen-tasks: report it"
        ) from fault
