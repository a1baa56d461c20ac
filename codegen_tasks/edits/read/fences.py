"""Where fenced blocks of a reply begin and end, also when fences stand inside fences. Knows no format."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from codegen_tasks.edits.read.marks import EDITS, kind_of, mark_in
from codegen_tasks.edits.read.titles import above, in_info
from codegen_tasks.edits.read.words import LISTS

_SENTENCE = re.compile(r"[A-Z#>*-]|\d+[.)]|.*[.:!?]$")
MARKUP, SHELLS = set(LISTS["markup"]), set(LISTS["shells"])


class Fence(NamedTuple):
    """A line that opens or closes a block: its indentation, its marks, its info string ("" may close)."""

    indent: str
    marks: str
    info: str


def fence_in(line: str) -> Fence | None:
    """The fence that a line is, or None."""
    found = mark_in(line)
    return Fence(found["indent"], found["ticks"], found["info"].strip()) if found and found["ticks"] else None


def closes(line: str, opening: Fence) -> bool:
    """Whether a line can close the block that `opening` opened."""
    fence = fence_in(line)
    return (
        fence is not None
        and not fence.info
        and fence.marks.startswith(opening.marks)
        and len(fence.indent) <= len(opening.indent)
    )


def end_of(lines: Sequence[str], at: int, markup: bool) -> int | None:
    """The line that closes the block opened at `at`, or None if nothing does.

    A fence with an info string inside opens a block of its own. In code, one inside a long string or a comment is not
    the end, nor are one that more code follows and the next. In markup the first that can only close is, else the last.
    """
    opening = fence_in(lines[at])
    depth, candidates, holds = 1, list[int](), markup
    for i in range(at + 1, len(lines) if opening else 0):
        fence = fence_in(lines[i])
        if opening is None or fence is None or not fence.marks.startswith(opening.marks):
            continue
        if depth == 1 and candidates and _starts_file(lines, i, candidates[-1] + 1):
            break
        if fence.info:
            depth += not candidates or markup
        elif depth > 1:
            depth -= 1
        elif closes(lines[i], opening):
            candidates.append(i)
            inside = not markup and _inside_text(lines[at + 1 : i])
            holds = holds or (len(candidates) == 1 and not inside and _goes_on(lines, i + 1))
            if _ends_text(lines, i) and len(candidates) % 2 if holds else not inside:
                return i
    if holds and len(candidates) % 2:
        return candidates[-1]
    return candidates[0] if candidates and not markup else None


def _ends_text(lines: Sequence[str], at: int) -> bool:
    """Whether a fence stands as one that closes: right below a line of text, and a blank line or nothing follows."""
    return bool(lines[at - 1].strip()) and not "".join(lines[at + 1 : at + 2]).strip()


def _goes_on(lines: Sequence[str], at: int) -> bool:
    """Whether the line behind a fence is no blank one, and does not look like a sentence, a heading or a list."""
    line = lines[at].strip() if at < len(lines) else ""
    return bool(line) and line.isascii() and not _SENTENCE.match(line) and fence_in(line) is None


def _inside_text(body: Sequence[str]) -> bool:
    """Whether code stops inside a long string or a comment: a fence there is part of it."""
    code = "\n".join(body)
    return code.count('"""') % 2 == 1 or code.count("'''") % 2 == 1 or code.count("/*") > code.count("*/")


def _starts_file(lines: Sequence[str], at: int, floor: int) -> bool:
    """Whether the block opened at `at` follows a title or begins with an edit, so that it stands for itself."""
    opening = fence_in(lines[at])
    named = bool(opening and in_info(opening.info).titles) or bool(above(lines, at, floor).titles)
    return named or begins_edit(lines, at)


def begins_edit(lines: Sequence[str], at: int) -> bool:
    """Whether the first line in a fence is the first of an edit in some format."""
    return kind_of("".join(lines[at + 1 : at + 2])) in EDITS
