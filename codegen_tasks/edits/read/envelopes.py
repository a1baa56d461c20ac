"""What stands around the edits of a reply: tokens, a model's thoughts, a list or a quotation that a block is part of.

It knows neither formats nor files. The number of lines stays, so that they can be named.
"""

import re

from codegen_tasks.edits.read.fences import MARKUP, end_of, fence_in

_THOUGHT = re.compile(
    r"\s*(?:<(?P<tag>(?:seed:)?(?:think|thinking|thought|reasoning|scratchpad|analysis))>|\[THINK\]"
    r"|<\|channel\|>analysis<\|message\|>)",
    re.IGNORECASE,
)
_ANSWER = r"\[/THINK\]|<\|channel\|>final<\|message\|>"
_SPOKEN = re.compile(r"^</think(?:ing)?>\s*$", re.IGNORECASE | re.MULTILINE)
CONTROL = r"<\uff5c[^<>\n\uff5c]{1,40}\uff5c>|<\|[\w./-]{1,40}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>"
_FIRST_TOKENS = re.compile(
    r"\A(?:\s*(?:<\|(?:im_start|start_header_id|assistant)\|>|<start_of_turn>|<s>)(?:assistant|model)?)+"
    r"(?:<\|end_header_id\|>)?"
)
_LAST_TOKENS = re.compile(rf"(?:\s*(?:{CONTROL}|</s>))+\s*\Z")


def without_tokens(reply: str) -> str:
    """A reply without the tokens that a model's template puts around it, its lines ended by LF."""
    text = reply.removeprefix("\ufeff").replace("\r\n", "\n")
    return _LAST_TOKENS.sub("", _FIRST_TOKENS.sub("", text)).removesuffix("\n")


def without_thoughts(reply: str) -> str | None:
    """A reply with blank lines for what a model thought first, between tags; the opening one may be missing.

    None if the thoughts have no end.
    """
    if opened := _THOUGHT.match(reply):
        end = re.compile(f"</{opened['tag']}>" if opened["tag"] else _ANSWER, re.IGNORECASE).search(reply)
        if end is None:
            return None
    else:
        end = _SPOKEN.search(reply)
        if end is None or sum(fence_in(line) is not None for line in reply[: end.start()].split("\n")) % 2:
            return reply
    return "\n" * reply.count("\n", 0, end.end()) + reply[end.end() :]


def outdent(lines: list[str], at: int) -> None:
    """Takes the indentation of the fence at a line, as of a list or a quotation, from its whole block."""
    fence = fence_in(lines[at])
    if fence and fence.indent and (end := end_of(lines, at, fence.info.lower() in MARKUP)):
        lines[at : end + 1] = [_outdented(line, fence.indent) for line in lines[at : end + 1]]


def _outdented(line: str, indent: str) -> str:
    if line.startswith(indent):
        return line[len(indent) :]
    return "" if line.strip() == indent.strip() else line
