"""Was a reply cut off, and how does what the model sent when asked to go on join it? Knows texts, no files."""

import re

from codegen_tasks.edits.operations import Broken, Edit, Write
from codegen_tasks.edits.read import read_reply
from codegen_tasks.edits.read.envelopes import without_thoughts
from codegen_tasks.edits.read.fences import fence_in
from codegen_tasks.edits.read.marks import kind_of

_TAG = re.compile(r"^<(patch|diff|answer|edits|files|changes)>\s*$", re.MULTILINE)
_HEADER = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,(?P<new>\d+))? @@")
_CLOSED = re.compile(r"\s*(?:```|~~~)|\+?</|[ +]?\s*\*\*\* ?[Ee]nd")
_EMPTY = re.compile(r"^={7}\n\s*(?:```|~~~)[\w+-]*\Z", re.MULTILINE)
_MARK = re.compile(
    r"(?:<{4,7}(?: [A-Z]*)?|>{5,6}|\*\*\*(?: (?!End)[A-Z][\w :]*)?|@@ -.*|--- (?:a/.*|/dev/null)|\+\+\+ (?:b/.*)?"
    r"|diff --git .*|rename from .*)"
)
_SURE = 20  # so many repeated characters are no accident
_TRIED = 50  # places where a repetition may begin
_LEAD = 4  # lines that may stand before a fence that is opened again: words, a path
_ANNOUNCED = re.compile(
    r"\s*(?:\W{0,3}(?:continu|resum|sure|okay|here|picking|fortsetzung|weiter|suite|voici|sigue|aqu[ií]|продолж|继续|以下|続き)"
    r"[^\n(){};=]*[:.…!]\W{0,3}|\[continu\w*\]|\(continu\w*\))[ \t]*\n+",
    re.IGNORECASE,
)


def is_cut_off(text: str) -> bool:
    """Whether the reply ends inside a fence, a tag, a block, a diff, a patch or a JSON value."""
    operations = read_reply(text)
    if any(isinstance(operation, Write | Edit | Broken) and not operation.ended for operation in operations):
        return True
    if any(f"</{tag}>" not in text for tag in _TAG.findall(text)) or without_thoughts(text) is None:
        return True
    return any(isinstance(operation, Edit) for operation in operations) and _is_cut_edit(text.rstrip())


def _is_cut_edit(text: str) -> bool:
    """Whether edits without an envelope stop in a mark, in a patch, or in a hunk whose header promised more.

    Headers are often wrong, but of 116 open diffs at hand 18 also ended with a change, and at least 15 were cut off.
    """
    lines = text.split("\n")
    if _EMPTY.search(text) or _MARK.fullmatch(lines[-1]):
        return True
    closed = max((i for i, line in enumerate(lines) if _CLOSED.match(line)), default=-1)
    rest = range(len(lines) - 1, closed, -1)
    if any(kind_of(lines[i]) in ("begin", "file") for i in rest):
        return True
    begun, header = next(((i, found) for i in rest if (found := _HEADER.match(lines[i]))), (0, None))
    new = sum(line[:1] != "-" for line in lines[begun + 1 :])
    return header is not None and lines[-1][:1] in ("+", "-") and new < int(header["new"] or 1)


def join_continuation(first: str, more: str) -> str:
    """The reply that was cut off with what followed.

    What announces it is dropped, a fence the model opened again, and what it repeated: lines, or the line it was in.
    """
    if is_cut_off(first):
        more = _without_lead(more)
    return first + more[_repeated(first, more) :]


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
    opened = next((i for i in solid if fence_in(lines[i])), None)
    if opened is not None and (opened == solid[0] or _is_lead(lines[:opened])):
        fence = fence_in(lines[opened])
        if (fence and fence.info) or any(map(fence_in, lines[opened + 1 :])):
            return "\n".join(lines[opened + 1 :])
    announced = _ANNOUNCED.match(more)
    return more[announced.end() :] if announced else more


def _is_lead(lines: list[str]) -> bool:
    """Whether lines before a fence are words or a path, and no code: the last ends as what announces a block does."""
    text = [line.strip() for line in lines if line.strip()]
    return _ANNOUNCED.fullmatch(text[0] + "\n") is not None or text[-1].endswith((":", "`")) or "." in text[-1]
