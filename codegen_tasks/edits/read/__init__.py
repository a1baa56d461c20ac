"""A reply becomes operations, whatever format or mixture of formats it is written in. Knows no files."""

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from codegen_tasks.edits.operations import Broken, Edit, Nested, Operation, Write
from codegen_tasks.edits.read import (
    heredoc,
    patch,
    search_replace,
    statements,
    tags,
    tool_calls,
    udiff,
    whole,
)
from codegen_tasks.edits.read.envelopes import outdent, without_thoughts, without_tokens
from codegen_tasks.edits.read.fences import SHELLS, Fence, closes, fence_in
from codegen_tasks.edits.read.marks import kind_of
from codegen_tasks.edits.read.titles import above, in_info, in_line

_SCRIPTS = {"", *SHELLS}
LOOK = 6  # lines of a fence that may stand before the first edit in it: a path, a heredoc, a tag, half a header
_WRAPPER = re.compile(r"<<-?\s*['\"]?\w+['\"]?\s*$|^\s*<\w[\w-]*>\s*$|^(?:--|\+\+|[Ii]ndex\b)")

FORMATS = {
    "search_replace": search_replace.parse,
    "patch": patch.parse,
    "udiff": udiff.parse,
    "whole": whole.parse,
}
READERS = (heredoc.parse, statements.parse, tool_calls.parse, tags.parse, *FORMATS.values())


def read_reply(reply: str) -> tuple[Operation, ...]:
    """The operations of a reply in its order; none if it holds no edit."""
    text = without_tokens(reply)
    if tool_calls.HALVES.search(text):
        return (Broken(tool_calls.HALF, True),)
    return tuple(_expanded(_parts((without_thoughts(text) or "").split("\n"))))


def _expanded(operations: Iterable[Operation]) -> Iterator[Operation]:
    """The operations, and in place of a text that holds some of its own those, with its line and its path."""
    for operation in operations:
        if not isinstance(operation, Nested):
            yield operation
            continue
        inner = read_reply(operation.text)
        for found in inner:
            unnamed = isinstance(found, Write | Edit) and operation.names and not found.titles
            named = replace(found, names=operation.names, titles=1) if unnamed else found
            yield replace(named, at=operation.at)
        if not inner:
            yield Broken("the patch in a call holds no edit that can be read", True, operation.at)


def _parts(lines: list[str]) -> Iterator[Operation]:
    """The operations in lines, one after the other. A fence around edits is only opened and closed."""
    at = floor = 0
    opened: Fence | None = None
    broken = False
    while at < len(lines):
        if opened and closes(lines[at], opened):
            opened, floor = None, at + 1 if at == floor else floor
        elif not opened and at == floor > 0 and _is_left_over(lines, at):
            floor = at + 1
        elif not opened and _wraps_edits(lines, at, floor):
            opened = fence_in(lines[at])
        else:
            script = opened is not None and opened.info.split(" ")[0] in _SCRIPTS
            operations, end = _read(lines, at, floor, script=script) or ((), 0)
            yield from operations
            broken |= any(isinstance(operation, Broken) for operation in operations)
            at, floor = (end or at + 1) - 1, end or floor
        at += 1
    if opened and not broken:
        yield Broken("the reply ends inside a fenced block", False, len(lines))


def _is_left_over(lines: Sequence[str], at: int) -> bool:
    """Whether a fence right below an edit closes what nothing opened: it says nothing, and nothing follows at once."""
    fence = fence_in(lines[at])
    return fence is not None and not fence.info and not "".join(lines[at + 1 : at + 2]).strip()


def _read(lines: Sequence[str], at: int, floor: int, *, script: bool) -> tuple[tuple[Operation, ...], int] | None:
    """What begins at a line, and the line after it. In a script commands count."""
    readers = (whole.parse,) if _is_patch_file(lines, at, floor) else READERS + (heredoc.parse_command,) * script
    found = next((read for parse in readers if (read := parse(lines, at, floor)) is not None), None)
    return found and (found[0], max(found[1], at + 1))


def is_patch(names: Sequence[str]) -> bool:
    """Whether a block with these names is the file of a patch, not a patch of a file."""
    return bool(names) and names[0].endswith((".patch", ".diff"))


def _is_patch_file(lines: Sequence[str], at: int, floor: int) -> bool:
    return fence_in(lines[at]) is not None and is_patch(above(lines, at, floor).titles)


def _wraps_edits(lines: list[str], at: int, floor: int) -> bool:
    """Whether the fence opened at a line is only the envelope of edits, and no file itself; it is outdented.

    One for a shell may write files, and be no script.
    """
    outdent(lines, at)
    fence = fence_in(lines[at])
    if fence is None or _is_patch_file(lines, at, floor):
        return False
    titles = in_info(fence.info).titles + above(lines, at, floor).titles
    if fence.info.split(" ")[0] in _SCRIPTS and heredoc.writes_files(lines, at, titles):
        return True
    for i in range(at + 1, min(at + LOOK, len(lines))):
        if kind_of(lines[i]) in ("search", "begin", "file") or udiff.begins(lines, i):
            return True
        if lines[i].strip() and not in_line(lines[i]).titles and not _WRAPPER.search(lines[i]):
            return False
    return False
