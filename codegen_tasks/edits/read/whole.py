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
from codegen_tasks.edits.read.fences import MARKUP, SHELLS, end_of, fence_in
from codegen_tasks.edits.read.marks import kind_of
from codegen_tasks.edits.read.titles import Named, above, in_comment, in_info, keeps_rest

SWALLOWED = "a SEARCH block stands behind other lines in its fence: send it in a fence of its own, right below its path"


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The file that begins at a line, and the line after it. Lines from `floor` on may name it."""
    fence = fence_in(lines[at])
    if fence is None:
        return None
    named, inside, first = above(lines, at, floor), in_info(fence.info), in_comment("".join(lines[at + 1 : at + 2]))
    titles = inside.titles or named.titles
    language = re.split(r"[\s:{]", fence.info.lower())[0]
    markup = language in MARKUP or any(PurePosixPath(title).suffix[1:] in MARKUP for title in titles)
    end = end_of(lines, at, markup)
    body, after = lines[at + 1 : end], len(lines) if end is None else end + 1
    doubt = "" if inside.titles or (first.mentions and not named.titles) or language in SHELLS else named.doubt
    if (other := _next_file(body, first)) and not markup:
        doubt = doubt or f"one block holds {first.mentions[0]} and {other}: send each file in a block of its own"
    if not titles and any(kind_of(line) == "search" for line in body):
        doubt = doubt or SWALLOWED
    if doubt:
        return (Broken(doubt, True, at),), after
    both = set(first.mentions) & set(named.mentions) and not titles
    write = Write(
        titles + inside.mentions + (() if both else named.mentions) + first.mentions,
        "\n".join(body) + "\n" if any(body) else "",
        ended=end is not None,
        titles=len(titles),
        language=language,
        part=named.part or keeps_rest(lines[after : after + 3]),
        added=named.added,
        numbered=inside.part,
        whole=named.whole,
        at=at,
    )
    return (write,), after


def _next_file(body: Sequence[str], first: Named) -> str:
    """The path of a second file in a block that begins with the path of the first in a comment, or ""."""
    if not first.mentions:
        return ""
    starts = (in_comment(line).mentions for before, line in pairwise(body) if not before.strip() and line[:1] != " ")
    return next((found[0] for found in starts if found and found != first.mentions), "")
