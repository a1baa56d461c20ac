"""Two blocks, one after the other, that a reply calls before and after. It knows nothing of the files.

Before:             Replace this:
```                 ```
lines to find       lines to find
```                 ```
After:              with:
```                 ```
lines instead       lines instead
```                 ```
"""

import re
from collections.abc import Sequence

from codegen_tasks.edits.operations import Broken, Edit, Hunk, Operation
from codegen_tasks.edits.read.fences import closes, end_of, fence_in
from codegen_tasks.edits.read.titles import Named, above, clean, looks_like_path

OPEN_END = "the fence of the new lines is not closed, or it is not certain where: send a SEARCH/REPLACE block"

_WHAT = (
    r"(?: +(?:this|these|the|following|code|lines?|block|version|part|with|from|for|them|file|is|was|are|were|be|reads?"
    r"|looks?|like|as|follows))*"
)
_OLD = re.compile(
    r"\W*(?:(?:the|this|please) )?(?:before|old|original|current|existing|search|find|locate|look|replace|change"
    rf"|instead of|from|this|these){_WHAT}\W*",
    re.IGNORECASE,
)
_IN = re.compile(r"(?:\b(?:in|of|from) (?:the )?(?:file )?|\()[`*\"']*([^\s`*\"',:()]+)[`*\"']*\)?", re.IGNORECASE)
_NEW = re.compile(
    r"\W*(?:and )?(?:(?:it|this|that|they|the|please) )?(?:(?:should|must|now) )?(?:after|new|updated|modified"
    r"|replacement|replace|becomes?|be|look|read|changed? (?:it |this |them )?(?:to|into)|with|to|into|by|use)"
    rf"(?: changed (?:in)?to)?{_WHAT}\W*",
    re.IGNORECASE,
)


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The edit that two blocks make, and the line after the second. Lines from `floor` on may name the file."""
    if fence_in(lines[at]) is None:
        return None
    label = _filled_line(lines, range(at - 1, floor - 1, -1))
    told, path = ("", "") if label is None else _told(lines[label])
    if label is None or not _OLD.fullmatch(told):
        return None
    second = _second(lines, at, path)
    if second is None:
        return None
    middle, start = second
    end = _end(lines, start, sum(fence_in(line) is not None for line in lines[at + 1 : middle]))
    if end is None:
        closed = any(fence_in(line) for line in lines[start + 1 :])
        return (Broken(OPEN_END, closed, start),), len(lines)
    named = Named((), (path,)) if path else above(lines, label, floor)
    hunk = Hunk(tuple(lines[at + 1 : middle]), tuple(lines[start + 1 : end]), floating=True, at=at)
    return (Edit(named.titles + named.mentions, (hunk,), len(named.titles), example=True, at=at),), end + 1


def _second(lines: Sequence[str], at: int, path: str) -> tuple[int, int] | None:
    """The line that closes the first block, and the one that opens the second.

    The first ends where a label for the second follows, also where code would go on: it may end in a long text. Below
    another label for a first block that one is meant.
    """
    opening = fence_in(lines[at])
    for i in range(at + 1, len(lines)):
        if opening is None or fence_in(lines[i]) is None:
            continue
        if closes(lines[i], opening) and (start := _after_label(lines, i, path)) is not None:
            return i, start
        above_it = _filled_line(lines, range(i - 1, at, -1))
        if above_it is not None and _OLD.fullmatch(_told(lines[above_it])[0]):
            return None
    return None


def _end(lines: Sequence[str], start: int, fences: int) -> int | None:
    """The line that closes the second block. It holds as many fences as the first, or nobody knows where it ends."""
    opening, found = fence_in(lines[start]), 0
    for i in range(start + 1, len(lines)):
        if found == fences and opening and closes(lines[i], opening):
            return i if not fences or i in (end_of(lines, start, False), end_of(lines, start, True)) else None
        found += fence_in(lines[i]) is not None
    return None


def _after_label(lines: Sequence[str], at: int, path: str) -> int | None:
    """The fence that opens below a label for the new lines, right below a line. Another path is of another file."""
    label = _filled_line(lines, range(at + 1, len(lines)))
    told, other = ("", "") if label is None else _told(lines[label])
    if label is None or not _NEW.fullmatch(told) or (other and other != path):
        return None
    start = _filled_line(lines, range(label + 1, len(lines)))
    return None if start is None or fence_in(lines[start]) is None else start


def _filled_line(lines: Sequence[str], numbers: range) -> int | None:
    """The first of these lines that is not blank."""
    return next((number for number in numbers if lines[number].strip()), None)


def _told(line: str) -> tuple[str, str]:
    """A label without `in path` or `(path)`, and that path, or ""."""
    found = next((found for found in _IN.finditer(line) if looks_like_path(found[1]) or found[0][:2] == "(`"), None)
    return (line, "") if found is None else (line[: found.start()] + line[found.end() :], clean(found[1]))
