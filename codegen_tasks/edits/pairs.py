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

from codegen_tasks.edits.fences import end_of, fence_in
from codegen_tasks.edits.names import above, in_line, looks_like_path
from codegen_tasks.edits.operations import Edit, Hunk, Operation

_WHAT = (
    r"(?: +(?:this|these|the|following|code|lines?|block|version|part|with|from|for|them|file|is|was|are|were|be|reads?"
    r"|looks?|like|as|follows))*"
)
_OLD = re.compile(
    r"\W*(?:(?:the|this|please) )?(?:before|old|original|current|existing|search|find|locate|look|replace|change"
    rf"|instead of|from|this|these){_WHAT}\W*",
    re.IGNORECASE,
)
_IN = re.compile(r"\b(?:in|of|from) (?:the )?(?:file )?[`*\"']*([^\s`*\"',:]+)[`*\"']*", re.IGNORECASE)
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
    if label is None or not _OLD.fullmatch(_IN.sub(_without_path, lines[label])):
        return None
    middle = end_of(lines, at, False)
    new = None if middle is None else _filled_line(lines, range(middle + 1, len(lines)))
    start = None if new is None or not _NEW.fullmatch(lines[new]) else _filled_line(lines, range(new + 1, len(lines)))
    end = None if start is None or fence_in(lines[start]) is None else end_of(lines, start, False)
    if middle is None or start is None or end is None:
        return None
    inside = in_line(lines[label]) if _IN.sub(_without_path, lines[label]) != lines[label] else None
    named = inside or above(lines, label, floor)
    hunk = Hunk(tuple(lines[at + 1 : middle]), tuple(lines[start + 1 : end]), floating=True, at=at)
    return (Edit(named.titles + named.mentions, (hunk,), len(named.titles), example=True, at=at),), end + 1


def _filled_line(lines: Sequence[str], numbers: range) -> int | None:
    """The first of these lines that is not blank."""
    return next((number for number in numbers if lines[number].strip()), None)


def _without_path(found: re.Match[str]) -> str:
    """What is left of `in path`: nothing, or all of it where that is no path."""
    return "" if looks_like_path(found[1]) else found[0]
