"""Headings that stayed while the block under them became dots, words or a docstring. It knows lines, no grammar.

The file as it was tells what a heading held: `selector:` with six lines under it can't have become `selector: {...}`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile

from codegen_tasks.edits.completeness.definitions import defined
from codegen_tasks.edits.completeness.elisions import points
from codegen_tasks.edits.completeness.line_context import BY_CONTRACT
from codegen_tasks.edits.completeness.remarks import is_comment
from codegen_tasks.edits.completeness.vocabulary import says, words_of
from codegen_tasks.edits.completeness.wording import features_of
from codegen_tasks.edits.view import depth_of

LEAST = 3  # lines of a block that a docstring does not replace
EMPTIED = frozenset(
    {"alone in its line", "lost 1", "lost 2", "shrank", "nothing came"}
)  # the place of what stands for a block
LONGEST = 200  # characters of a line that may hold no more than a heading and dots
_FILL = re.compile(  # all that a heading holds: dots, or words in brackets
    r" ?(?P<open>[{\[]+)? ?[\"']?(?:\.{3}|…|[<\[(](?P<said>[\w ]+)[>\])])[\"']?"
    r" ?[})\]]*[,;]?(?:</[\w-]+>)?(?: ?(?:#|//).*)?$"
)
_HINT = re.compile(r"\.{3}|…|[<\[(][\w ]+[>\])]")  # without which there is none
_SPREAD = re.compile(r"^\.\.\.([^\W\d]\w*),?$|[\[{]\s*(?:\.\.\.|\*\*?)([^\W\d]\w*)\s*[,\]]")
_DOC = re.compile(r"[rRuU]?(\"\"\"|''')(?P<said>.*?)\1\n?", re.DOTALL)
_STUB = re.compile(r"pass|\.\.\.|return(?: None| null| nil)?;?")
_QUOTES = {'"""', "'''"}


def emptied_blocks(path: str, before: str, after: str) -> Iterator[int]:
    """Rows of `after` (from 0) that stand for a block, for items or for a body that only `before` has."""
    old, new = before.split("\n"), after.split("\n")
    known, there = (frozenset(line.strip() for line in lines) for lines in (old, new))
    if known <= there:
        return
    fresh = [row for row, line in enumerate(new) if line.strip() not in known]
    python = path.endswith((".py", ".pyi", ".pyw"))
    yield from _spread(new, fresh)
    yield from _collapsed(old, new, fresh, there, python=python)
    if not BY_CONTRACT.search(after):
        yield from _emptied(old, new, fresh, there)


def _spread(new: Sequence[str], fresh: Sequence[int]) -> Iterator[int]:
    """Lines that spread a name which stands nowhere else, for the items that are not there."""
    names = {row: found[1] or found[2] for row in fresh if (found := _SPREAD.search(new[row].strip()))}
    words = Counter(re.findall(r"[^\W\d]\w*", "\n".join(new))) if names else Counter[str]()
    yield from (row for row, name in names.items() if words[name] == 1)


def _collapsed(
    old: Sequence[str], new: Sequence[str], fresh: Sequence[int], there: frozenset[str], *, python: bool
) -> Iterator[int]:
    """Headings of a block with dots or a placeholder in its place. `f(...)` and `def f(): ...` may be meant."""
    lines = {row: " ".join(new[row].split()) for row in fresh if _HINT.search(new[row])}
    filled = {row: found for row, line in lines.items() if len(line) <= LONGEST and (found := _FILL.search(line))}
    heads = {_stem(line): row for row, line in enumerate(old)} if filled else {}
    for row, found in filled.items():
        stem = _stem(lines[row][: found.start()])
        meant = stem.endswith("(") or (python and stem.endswith(":"))
        block = _body(old, heads[stem]) if stem in heads and not meant else []
        said = found["said"] is None or points(features_of(f"({found['said']})"), EMPTIED) > 0
        if said and len(block) > (found["open"] is None) and not there.issuperset(block):
            yield row


def _emptied(old: Sequence[str], new: Sequence[str], fresh: Sequence[int], there: frozenset[str]) -> Iterator[int]:
    """Functions that kept a docstring or a comment and lost all their code, without a word why."""
    noted = (row for row in fresh if is_comment(new[row]) or new[row].lstrip()[:3] in _QUOTES)
    heads = {row: head for row in noted if (head := _silent_head(new, row)) is not None}
    known = dict[str, list[int]]()
    for at, line in enumerate(old) if heads else ():
        for name in defined(line):
            known.setdefault(name, []).append(at)
    for row, head in heads.items():
        if any(_lost(old, at, there) for name in defined(new[head]) for at in known.get(name, ())):
            yield row


def _silent_head(lines: Sequence[str], row: int) -> int | None:
    """The heading of a function whose body begins with a remark in a row, and says nothing else and not why."""
    head = next((at for at in range(row - 1, -1, -1) if lines[at].strip()), row)
    if depth_of(lines[head]) >= depth_of(lines[row]) or not defined(lines[head]):
        return None
    if lines[head - 1].lstrip().startswith("@"):
        return None  # what decorates it may be what it does
    said = _said(_body(lines, head))
    return head if said and not any("meant" in says(word.text) for word in words_of(said)) else None


def _lost(old: Sequence[str], head: int, there: frozenset[str]) -> bool:
    """Whether the code under a heading is gone, and was more than a docstring replaces."""
    code = [line for line in _body(old, head) if _said([line]) is None]
    return len(code) >= LEAST and there.isdisjoint(code)


def _body(lines: Sequence[str], head: int) -> list[str]:
    """The lines that stand deeper under a heading."""
    depth = depth_of(lines[head])
    below = (lines[at] for at in range(head + 1, len(lines)))
    under = takewhile(lambda line: not line.strip() or depth_of(line) > depth, below)
    return [line.strip() for line in under if line.strip()]


def _said(body: Sequence[str]) -> str | None:
    """The words of a body that holds no code; None if it holds some."""
    text = "\n".join(body)
    doc = _DOC.match(text)
    rest = text[doc.end() if doc else 0 :].split("\n")
    if any(line and not is_comment(line) and not _STUB.fullmatch(line) for line in rest):
        return None
    return (doc["said"] if doc else "") + "\n".join(line for line in rest if is_comment(line))


def _stem(heading: str) -> str:
    """A heading without the bracket that opens its block."""
    return " ".join(heading.rstrip("{[ ").split())
