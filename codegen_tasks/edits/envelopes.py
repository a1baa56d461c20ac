"""What stands around the edits of a reply: a model's thoughts, a list or a quotation that a block is part of.

It knows neither formats nor files. The number of lines stays, so that they can be named.
"""

import re
from collections.abc import Sequence

from codegen_tasks.edits.fences import MARKUP, end_of, fence_in

_THOUGHT = re.compile(r"\s*<(think|thinking|thought|reasoning|scratchpad)>", re.IGNORECASE)
_SPOKEN = re.compile(r"</think(?:ing)?>\s*$", re.IGNORECASE)


def without_thoughts(lines: Sequence[str]) -> list[str]:
    """The lines with blank ones for what a model thought first, between tags; the opening one may be missing."""
    first = next((line for line in lines if line.strip()), "")
    opened = _THOUGHT.match(first)
    close = re.compile(rf"</{opened[1]}>", re.IGNORECASE) if opened else _SPOKEN
    end = next((i for i, line in enumerate(lines) if (close.search if opened else close.match)(line)), None)
    if end is None or (not opened and sum(fence_in(line) is not None for line in lines[:end]) % 2):
        return list(lines)
    return [""] * end + [close.split(lines[end], maxsplit=1)[1], *lines[end + 1 :]]


def outdent(lines: list[str], at: int) -> None:
    """Takes the indentation of the fence at a line, as of a list or a quotation, from its whole block."""
    fence = fence_in(lines[at])
    end = end_of(lines, at, fence.info.lower() in MARKUP) if fence and fence.indent else None
    if fence and end is not None:
        lines[at : end + 1] = [_outdented(line, fence.indent) for line in lines[at : end + 1]]


def _outdented(line: str, indent: str) -> str:
    if line.startswith(indent):
        return line[len(indent) :]
    return "" if line.strip() == indent.strip() else line
