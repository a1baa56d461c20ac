"""Joins a reply that was cut off with what the model sent when asked to go on. Knows text and fences, no files."""

import re

from codegen_tasks.edits.read.truncation import is_cut_off

_SURE = 20  # so many repeated characters are no accident
_TRIED = 50  # places where a repetition may begin
_LEAD = 4  # lines that may stand before a fence that is opened again: words, a path
_FENCE = re.compile(r"^\s*(?:`{3,}|~{3,})(?P<info>[\w+-]*)\s*$")
_ANNOUNCED = re.compile(
    r"\s*(?:\W{0,3}(?:continu|resum|sure|okay|here|picking|fortsetzung|weiter|suite|voici|sigue|aqu[ií]|продолж|继续|以下|続き)"
    r"[^\n(){};=]*[:.…!]\W{0,3}|\[continu\w*\]|\(continu\w*\))[ \t]*\n+",
    re.IGNORECASE,
)


def join_continuation(first: str, more: str) -> str:
    """The reply that was cut off with what followed.

    What announces it is dropped, a fence the model opened again, and what it repeated: lines, or the line it was in.
    """
    if is_cut_off(first):
        more = _without_lead(more)
    repeated = _repeated(first, more)
    return first + more[repeated:]


def _repeated(first: str, more: str) -> int:
    """How many characters at the start of a continuation the first part ends with already."""
    last = first[first.rfind("\n") + 1 :]
    if len(last.strip()) > 1 and any(map(str.isalnum, last)) and more.startswith(last):
        return len(last)
    at = -1
    for _ in range(_TRIED):  # the longest repetition begins first
        at = first.find(more[:_SURE], at + 1) if len(more) >= _SURE else -1
        if at < 0:
            break
        if more.startswith(first[at:]):
            return len(first) - at
    sizes = range(min(len(first), len(more), 2 * _SURE), 0, -1)
    return next((n for n in sizes if first.endswith(more[:n]) and "\n" in more[:n].strip("\n")), 0)


def _without_lead(more: str) -> str:
    """The continuation without the words that announce it and without a fence it opens at once."""
    lines = more.split("\n")
    solid = [i for i, line in enumerate(lines) if line.strip()][:_LEAD]
    opened = next((i for i in solid if _FENCE.match(lines[i])), None)
    if opened is not None and opened + 1 < len(lines):
        named = _FENCE.match(lines[opened])
        closed = any(_FENCE.match(line) for line in lines[opened + 1 :])
        if (closed or (named and named["info"])) and (opened == solid[0] or _is_lead(lines[:opened])):
            return "\n".join(lines[opened + 1 :])
    announced = _ANNOUNCED.match(more)
    return more[announced.end() :] if announced else more


def _is_lead(lines: list[str]) -> bool:
    """Whether lines before a fence are words or a path, and no code: the last ends as what announces a block does."""
    text = [line.strip() for line in lines if line.strip()]
    return _ANNOUNCED.fullmatch(text[0] + "\n") is not None or text[-1].endswith((":", "`")) or "." in text[-1]
