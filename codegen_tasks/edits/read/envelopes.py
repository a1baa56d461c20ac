"""What stands around the edits of a reply: a model's thoughts, a list or a quotation that a block is part of.

It knows neither formats nor files. The number of lines stays, so that they can be named.
"""

import re
from collections.abc import Sequence

from codegen_tasks.edits.read.fences import MARKUP, end_of, fence_in

_THOUGHT = re.compile(
    r"\s*(?:<(?P<tag>(?:seed:)?(?:think|thinking|thought|reasoning|scratchpad|analysis))>|\[THINK\]"
    r"|<\|channel\|>analysis<\|message\|>)",
    re.IGNORECASE,
)
CONTROL = r"<\uff5c[^<>\n\uff5c]{1,40}\uff5c>|<\|[\w./-]{1,40}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>"
_FIRST_TOKENS = re.compile(
    r"\A(?:\s*(?:<\|(?:im_start|start_header_id|assistant)\|>|<start_of_turn>|<s>)(?:assistant|model)?)+"
    r"(?:<\|end_header_id\|>)?"
)
_LAST_TOKENS = re.compile(rf"(?:\s*(?:{CONTROL}|</s>))+\s*\Z")
_SPOKEN = re.compile(r"</think(?:ing)?>\s*$", re.IGNORECASE)
_ANSWER = r"\[/THINK\]|<\|channel\|>final<\|message\|>"


def without_thoughts(lines: Sequence[str]) -> list[str]:
    """The lines with blank ones for what a model thought first, between tags; the opening one may be missing."""
    close = _close_of_thoughts(next((line for line in lines if line.strip()), ""))
    spoken = close or _SPOKEN
    end = next((i for i, line in enumerate(lines) if (spoken.search if close else spoken.match)(line)), None)
    if end is None and close:
        return [""] * len(lines)
    if end is None or (not close and sum(fence_in(line) is not None for line in lines[:end]) % 2):
        return list(lines)
    return [""] * end + [spoken.split(lines[end], maxsplit=1)[1], *lines[end + 1 :]]


def without_tokens(text: str) -> str:
    """A reply without the tokens that a model's template puts around it."""
    return _LAST_TOKENS.sub("", _FIRST_TOKENS.sub("", text))


def thinks_to_its_end(reply: str) -> bool:
    """Whether a reply begins with thoughts that nothing ends."""
    close = _close_of_thoughts(reply)
    return close is not None and close.search(reply) is None


def _close_of_thoughts(reply: str) -> re.Pattern[str] | None:
    """What ends the thoughts that a reply begins with; None if it begins with none."""
    opened = _THOUGHT.match(reply)
    return re.compile(f"</{opened['tag']}>" if opened["tag"] else _ANSWER, re.IGNORECASE) if opened else None


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
