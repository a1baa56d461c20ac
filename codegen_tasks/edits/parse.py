"""A reply becomes operations, whatever format or mixture of formats it is written in. Knows no files."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from codegen_tasks.edits import pairs, patch, search_replace, stated, udiff, whole
from codegen_tasks.edits.fences import Fence, closes, fence_in
from codegen_tasks.edits.names import above, in_line
from codegen_tasks.edits.operations import Broken, Operation

LOOK = 6  # lines of a fence that may stand before the first edit in it: a path, a heredoc, a tag, half a header
_WRAPPER = re.compile(r"<<-?\s*['\"]?\w+['\"]?\s*$|^\s*<\w[\w-]*>\s*$|^(?:--|\+\+|[Ii]ndex\b)")

FORMATS = {
    "search_replace": search_replace.parse,
    "patch": patch.parse,
    "udiff": udiff.parse,
    "whole": whole.parse,
}
READERS = (pairs.parse, stated.parse, *FORMATS.values())


class Part(NamedTuple):
    """An operation and the part of the reply it was read from."""

    operation: Operation
    raw: str


def parse_reply(reply: str) -> tuple[Part, ...]:
    """The operations of a reply in its order; none if it holds no edit."""
    text = reply.removeprefix("\ufeff").replace("\r\n", "\n").removesuffix("\n")
    if (found := whole.parse_json(text)) is not None:
        return tuple(Part(operation, text) for operation in found)
    lines = text.split("\n")
    parts: list[Part] = []
    at = floor = 0
    opened: Fence | None = None
    while at < len(lines):
        if opened and closes(lines[at], opened):
            opened, at = None, at + 1
            continue
        fence = fence_in(lines[at])
        filed = fence is not None and is_patch(above(lines, at, floor).titles)
        if fence and opened is None and not filed and _wraps_edits(lines, at):
            opened, at = fence, at + 1
            continue
        parsers = (whole.parse,) if filed else READERS
        parsed = next((read for parse in parsers if (read := parse(lines, at, floor)) is not None), None)
        if parsed is None:
            at += 1
            continue
        end = max(parsed[1], at + 1)
        parts += [Part(operation, "\n".join(lines[at:end])) for operation in parsed[0]]
        at = floor = end
    if opened and not any(isinstance(part.operation, Broken) for part in parts):
        parts.append(Part(Broken("the reply ends inside a fenced block", False, len(lines)), ""))
    return tuple(parts)


def is_patch(names: Sequence[str]) -> bool:
    """Whether a block with these names is the file of a patch, not a patch of a file."""
    return bool(names) and names[0].endswith((".patch", ".diff"))


def _wraps_edits(lines: Sequence[str], at: int) -> bool:
    """Whether the fence opened at a line is only the envelope of blocks, a diff or a patch, and no file itself.

    In a fence that calls itself a diff they may stand anywhere.
    """
    fence = fence_in(lines[at])
    told = fence is not None and fence.info.split(" ")[0] in ("diff", "patch")
    for i in range(at + 1, len(lines) if told else min(at + LOOK, len(lines))):
        if search_replace.begins(lines[i]) or udiff.begins(lines, i) or lines[i].startswith("*** Begin Patch"):
            return True
        if fence and closes(lines[i], fence):
            return False
        if lines[i].strip() and not told and not in_line(lines[i]).titles and not _WRAPPER.search(lines[i]):
            return False
    return False
