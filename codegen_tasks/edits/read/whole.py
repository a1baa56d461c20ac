"""Whole files in a reply: fenced blocks with a path. It knows nothing of the files that exist.

path                      ### `path`              ```python path
```python                 ```                     content
content                   content                 ```
```                       ```
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from codegen_tasks.edits.operations import Broken, Operation, Write
from codegen_tasks.edits.read.fences import MARKUP, SHELLS, Fence, end_of, fence_in
from codegen_tasks.edits.read.marks import kind_of
from codegen_tasks.edits.read.titles import Named, above, in_comment, in_info

SWALLOWED = "a SEARCH block stands behind other lines in its fence: send it in a fence of its own, right below its path"

_REST = r"(?:the )?(?:rest|remainder|remaining|other|everything else)\b"
_KEPT = re.compile(
    rf"\s*\W*(?:{_REST}[^\n]*\b(?:unchanged|same|as is|as it is|untouched)\b|(?:keep|leave) {_REST})", re.IGNORECASE
)


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The file that begins at a line, and the line after it. Lines from `floor` on may name it."""
    fence = fence_in(lines[at])
    return None if fence is None else _fenced(lines, at, fence, above(lines, at, floor))


def _fenced(lines: Sequence[str], at: int, fence: Fence, named: Named) -> tuple[tuple[Operation, ...], int]:
    inside = in_info(fence.info)
    first = in_comment(lines[at + 1]) if at + 1 < len(lines) else Named()
    titles = inside.titles or named.titles
    language = re.split(r"[\s:{]", fence.info.lower())[0]
    markup = language in MARKUP or any(PurePosixPath(t).suffix[1:] in MARKUP for t in titles)
    end = end_of(lines, at, markup)
    body = lines[at + 1 : len(lines) if end is None else end]
    closed, after = end is not None, len(lines) if end is None else end + 1
    both = set(first.mentions) & set(named.mentions) and not titles
    names = titles + inside.mentions + (() if both else named.mentions) + first.mentions
    if named.doubt and not inside.titles and (named.titles or not first.mentions) and language not in SHELLS:
        return (Broken(named.doubt, True, at),), after
    if (other := _next_file(body, first)) and not markup:
        reason = f"one block holds {first.mentions[0]} and {other}: send each file in a block of its own"
        return (Broken(reason, True, at),), after
    if not titles and any(kind_of(line) == "search" for line in body):
        return (Broken(SWALLOWED, True, at),), after
    content = "\n".join(body) + "\n" if any(body) else ""
    part = named.part or (after < len(lines) and _KEPT.match("\n".join(lines[after : after + 3])) is not None)
    write = Write(
        names, content, closed, len(titles), language, part=part, added=named.added, numbered=inside.part,
        whole=named.whole, at=at,
    )  # fmt: skip
    return (write,), after


def _next_file(body: Sequence[str], first: Named) -> str:
    """The path of a second file in a block that begins with the path of the first in a comment, or ""."""
    if not first.mentions:
        return ""
    starts = (in_comment(line).mentions for before, line in pairwise(body) if not before.strip() and line[:1] != " ")
    return next((found[0] for found in starts if found and found != first.mentions), "")
