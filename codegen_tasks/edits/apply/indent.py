"""How new lines are indented where the found ones are indented otherwise than the quoted. It finds no places."""

import re
from collections.abc import Sequence
from math import gcd
from typing import NamedTuple

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.view import Place, View, indent_of

_OPENS = re.compile(r"[:{(\[](?:\s*|\s+(?:#|//).*)$")


class Ref(NamedTuple):
    """A quoted line that was found: its number in the quote, its indentation there and in the file."""

    row: int
    quoted: str
    file: str


def refs_of(view: View, hunk: Hunk, place: Place) -> list[Ref]:
    """What the found lines say about indentation; nothing if it is the same."""
    refs = [
        Ref(row, indent_of(line), indent_of(view.lines[at]))
        for row, (line, at) in enumerate(zip(hunk.before, place.rows, strict=True))
        if at >= 0 and line.strip()
    ]
    return [] if all(ref.quoted == ref.file for ref in refs) else refs


def step_of(hunk: Hunk) -> int:
    """How many spaces a block indents by; 4 if it does not tell."""
    indents = (indent_of(line) for side in (hunk.before, hunk.after) for line in side if line.strip())
    step = gcd(*(len(indent) for indent in indents))
    return step if step > 1 else 4


def moved(line: str, row: int, refs: Sequence[Ref], step: int) -> str:
    """A new line with the indentation of the place; `row` is where among the quoted lines it stands.

    It goes by the nearest quoted line that is indented alike, else by the next further out, else by the outermost.
    """
    if not line.strip():
        return ""
    indent = indent_of(line)
    same = [ref for ref in refs if ref.quoted == indent]
    if same:
        return min(same, key=lambda ref: abs(ref.row - row)).file + line.lstrip()
    outer = [ref for ref in refs if indent.startswith(ref.quoted)]
    if outer:
        ref = max(outer, key=lambda ref: (len(ref.quoted), -abs(ref.row - row)))
        return ref.file + _converted(indent[len(ref.quoted) :], refs, step) + line.lstrip()
    ref = min(refs, key=lambda ref: (len(ref.quoted), abs(ref.row - row)))
    surplus = len(_converted(ref.quoted[len(indent) :], refs, step))
    return ref.file[: max(0, len(ref.file) - surplus)] + line.lstrip()


def is_apart(refs: Sequence[Ref]) -> bool:
    """Whether the first quoted line alone lost (part of) its indentation, or is alone and may have."""
    first, *rest = refs
    shifts = {len(ref.file) - len(ref.quoted) for ref in rest}
    return len(first.file) > len(first.quoted) and (not shifts or (len(shifts) == 1 and max(shifts) < _shift(first)))


def redrawn(hunk: Hunk, refs: Sequence[Ref]) -> list[str]:
    """All new lines at the place of a quote whose first line is apart.

    Either they are one block that begins at the first line's indentation, or only their first lines, down to the one
    that had lost its indentation, are to be moved, and the others stand as in the file.
    """
    first, *rest = refs
    after, step = hunk.after, step_of(hunk)
    filled = [i for i, line in enumerate(after) if line.strip()]
    lead = 0
    while lead < len(filled) and indent_of(after[filled[lead]]) == first.quoted:
        lead += 1
    until = _repeated(hunk, first, filled[:lead])
    if until is None and _stand_as_in_file(after, filled, lead, refs):
        until = filled[lead]
    if until is None:
        return [moved(line, 0, [first], step) for line in after]
    head = [moved(line, 0, [first], step) for line in after[:until]]
    shifted = any(ref.quoted != ref.file for ref in rest)
    return head + [moved(line, i, rest, step) if shifted else line for i, line in enumerate(after[until:], until)]


def _repeated(hunk: Hunk, first: Ref, leading: Sequence[int]) -> int | None:
    """Where the new lines go on as the quote goes on after its first line: more of what they repeat of it is indented
    alike than lost what the first line lost. None if not, or if a block that the moved lines open would be left empty.
    """
    later: dict[str, set[int]] = {}
    for line in hunk.before[first.row + 1 :]:
        later.setdefault(line.strip(), set()).add(len(indent_of(line)))
    later.pop("", None)
    depths = [(i, len(indent_of(line)), later.get(line.strip(), set())) for i, line in enumerate(hunk.after)]
    again = [(i, depth, known) for i, depth, known in depths if known]
    alike = [i for i, depth, known in again if depth in known]
    if not leading or len(alike) <= sum(depth + _shift(first) in known for _, depth, known in again):
        return None
    kept = hunk.after[: first.row + 1] == hunk.before[: first.row + 1]
    until = first.row + 1 if kept else min(alike[0], leading[-1] + 1)
    below = next((i for i, line in enumerate(hunk.after[until:], until) if line.strip()), until)
    fresh = below not in alike and _OPENS.search(hunk.after[until - 1])
    return None if fresh and len(indent_of(hunk.after[below])) <= len(first.file) else until


def _stand_as_in_file(after: Sequence[str], filled: Sequence[int], lead: int, refs: Sequence[Ref]) -> bool:
    """Whether the lines after the leading ones are indented as in the file.

    Then none is further out than the first line there, and the next is further in after a line that opens a block.
    """
    if not 0 < lead < len(filled):
        return False
    depth, edge = len(indent_of(after[filled[lead]])), len(refs[0].file)
    if any(len(indent_of(after[i])) < edge for i in filled[lead:]):
        return False
    if _OPENS.search(after[filled[lead - 1]]):
        return depth > edge
    return depth >= edge if len(refs) > 1 else depth == edge


def _shift(ref: Ref) -> int:
    return len(ref.file) - len(ref.quoted)


def _converted(indent: str, refs: Sequence[Ref], step: int) -> str:
    """Further indentation in the file's own kind: tabs where it has tabs, spaces where it has spaces."""
    file = "".join(ref.file for ref in refs)
    quoted = "".join(ref.quoted for ref in refs)
    if "\t" in file and "\t" not in quoted and " " in indent:
        width = max(1, round(len(quoted) / len(file))) if quoted else step
        return "\t" * max(1, round(len(indent) / width))
    if "\t" in quoted and "\t" not in file and "\t" in indent:
        width = max(1, round(len(file) / len(quoted)))
        return " " * width * indent.count("\t")
    return indent
