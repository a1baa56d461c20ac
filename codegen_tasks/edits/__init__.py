"""Replies and base bytes become new bytes, or a refusal that teaches: read, resolve, locate, merge, judge."""

import traceback
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from codegen_tasks.edits import apply
from codegen_tasks.edits.read import FORMATS, truncation
from codegen_tasks.errors import CodegenError, EditBug

__all__ = ["FORMATS", "apply_replies", "is_cut_off", "join_continuation"]

LONGEST = 300  # characters of what went wrong; the reply may be quoted in it

P = ParamSpec("P")
T = TypeVar("T")


def _or_refused(verb: Callable[P, T]) -> Callable[P, T]:
    """The verb; a fault of ours in it refuses the reply, which else would meet it in every later run, too."""

    @wraps(verb)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return verb(*args, **kwargs)
        except CodegenError:
            raise
        except Exception as fault:
            told = _printable("".join(traceback.format_exception_only(fault)).strip())[:LONGEST]
            all_told = _printable(traceback.format_exc())
            raise EditBug(
                f"codegen-tasks failed on the reply: {told}", hint=f"please report this:\n{all_told}"
            ) from fault

    return call


def _printable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


apply_replies = _or_refused(apply.apply_replies)
is_cut_off = _or_refused(truncation.is_cut_off)
join_continuation = _or_refused(truncation.join_continuation)
