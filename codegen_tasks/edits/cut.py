"""Was a reply cut off, and how do its two parts join? Knows only what opens and closes, no files."""

import re
from collections.abc import Sequence

from codegen_tasks.edits.operations import Broken, Edit, Write
from codegen_tasks.edits.parse import parse_reply

_OVERLAP = 2000


def is_cut_off(text: str) -> bool:
    """Whether the reply ends inside a fence, a tag or a block."""
    return any(isinstance(op, Write | Edit | Broken) and not op.ended for op in parse_reply(text))


def join_continuation(first: str, more: str) -> str:
    """The reply that was cut off with what the model sent when asked to go on.

    A fence the model opened again is dropped, and so is what it repeated of the end.
    """
    more = _without_new_fence(first, more)
    for size in range(min(len(first), len(more), _OVERLAP), 0, -1):
        if first.endswith(more[:size]) and (size >= 20 or "\n" in more[:size].strip("\n")):
            return first + more[size:]
    return first + more


def _without_new_fence(first: str, more: str) -> str:
    lines: Sequence[str] = more.split("\n")
    if re.match(r"^\s*(`{3,}|~{3,})\w*\s*$", lines[0]) and len(lines) > 1 and is_cut_off(first):
        return more.partition("\n")[2]
    return more
