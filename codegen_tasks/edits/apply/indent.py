"""How new lines are indented where the found ones are indented otherwise than the quoted. It finds no places.

Nothing is guessed: where lines quoted at one depth stand at several in the file, nobody knows which is meant.
"""

import re
from collections import Counter
from collections.abc import Sequence
from math import gcd
from typing import NamedTuple

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.view import Place, View, indent_of

WIDTHS = (4, 8, 2, 3)  # spaces that may stand for a tab, the likeliest first
SURE = 3  # so many quoted lines outweigh one
_OPENS = re.compile(r"[:{(\[](?:\s*|\s+(?:#|//).*)$")


class DepthError(Exception):
    """What is quoted does not tell how a new line is to be indented."""


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


def moved(line: str, refs: Sequence[Ref], step: int) -> str:
    """A new line with the indentation of the place.

    It goes by the quoted lines that are indented alike; else, if the file differs from the quote in one way throughout,
    by the next further out, else by the outermost. Raises DepthError where that is not certain.
    """
    if not line.strip():
        return ""
    indent, agreeing = indent_of(line), _agreeing(refs)
    same = {ref.file for ref in agreeing if ref.quoted == indent}
    if len(same) > 1 or not (same or _is_even(agreeing)) or any(x.quoted == indent for x in refs if x not in agreeing):
        raise DepthError
    file = same.pop() if same else _extended(indent, agreeing, step)
    others = (ref for ref in agreeing if ref.quoted != indent)
    if any((len(ref.quoted) < len(indent)) != (len(ref.file) < len(file)) for ref in others):
        raise DepthError
    return file + line.lstrip()


def _agreeing(refs: Sequence[Ref]) -> Sequence[Ref]:
    """The quoted lines without a single one that three others contradict. Lines without any indentation do so unless
    it may only show another width of it.
    """
    (way, count), *_ = Counter(map(_way, refs)).most_common(1)
    odd = next((ref for ref in refs if _way(ref) != way), refs[0])
    wide = len(odd.file) / max(1, len(odd.quoted)) in (0.5, 1, 2) or bool(width_of([odd]))
    against = [ref for ref in refs if _way(ref) == way and (ref.quoted or not wide)]
    return [ref for ref in refs if ref is not odd] if count == len(refs) - 1 and len(against) >= SURE else refs


def _way(ref: Ref) -> int | None:
    """How much further in a line of the file is; None: it is indented with something else."""
    either = ref.file.endswith(ref.quoted) or ref.quoted.endswith(ref.file)
    return _shift(ref) if either else None


def has_spaces_for_tabs(refs: Sequence[Ref]) -> bool:
    """Whether spaces are quoted for the tabs of the file, and not by a slip in one line."""
    swapped = sum("\t" in ref.file and "\t" not in ref.quoted for ref in refs)
    return swapped > 1 or bool(swapped and width_of(refs))


def width_of(refs: Sequence[Ref]) -> int:
    """How many spaces of the quoted lines stand for a tab of the file; 0: they show nothing like it."""
    if not any("\t" in ref.file for ref in refs):
        return 0
    fitting = [n for n in WIDTHS if all(ref.quoted == ref.file.replace("\t", " " * n) for ref in refs)]
    return fitting[0] if fitting else 0


def _is_even(refs: Sequence[Ref]) -> bool:
    """Whether the file's lines are all indented by as much more or less than the quoted ones, or by so many times."""
    ways = {_way(ref) for ref in refs}
    times = {len(ref.quoted): len(ref.file) / len(ref.quoted) for ref in refs if ref.quoted}
    scaled = len(times) > 1 and len(set(times.values())) == 1 and not any(ref.file for ref in refs if not ref.quoted)
    return scaled or bool(width_of(refs)) or (len(ways) == 1 and None not in ways)


def _extended(indent: str, refs: Sequence[Ref], step: int) -> str:
    """An indentation that no quoted line has, as the file would have it."""
    surplus = refs[0].quoted.removesuffix(refs[0].file)
    if indent.startswith(surplus) and all(ref.quoted == surplus + ref.file for ref in refs):
        return indent.removeprefix(surplus)
    outer = [ref for ref in refs if indent.startswith(ref.quoted)]
    if outer:
        ref = max(outer, key=lambda ref: len(ref.quoted))
        return ref.file + _converted(indent[len(ref.quoted) :], refs, step)
    ref = min(refs, key=lambda ref: len(ref.quoted))
    if not ref.quoted.startswith(indent):
        raise DepthError
    less = len(_converted(ref.quoted[len(indent) :], refs, step))
    return ref.file[: max(0, len(ref.file) - less)]


def is_apart(refs: Sequence[Ref]) -> bool:
    """Whether the first quoted line alone lost its indentation, or is alone and may have lost part of it."""
    first, *rest = refs
    shifts = {_shift(ref) for ref in rest}
    lost = len(first.file) > len(first.quoted)
    return lost and (not rest or (not first.quoted and len(shifts) == 1 and max(shifts) < _shift(first)))


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
        return [moved(line, [first], step) for line in after]
    head = [moved(line, [first], step) for line in after[:until]]
    shifted = any(ref.quoted != ref.file for ref in rest)
    return head + [moved(line, rest, step) if shifted else line for line in after[until:]]


def _repeated(hunk: Hunk, first: Ref, leading: Sequence[int]) -> int | None:
    """Where the new lines go on as the quote goes on after its first line: most of them stay as quoted, or more of what
    they repeat is indented alike than lost what the first line lost. None if not, or if a block that the moved lines
    open would be left empty.
    """
    later: dict[str, set[int]] = {}
    for line in hunk.before[first.row + 1 :]:
        later.setdefault(line.strip(), set()).add(len(indent_of(line)))
    later.pop("", None)
    depths = [(i, len(indent_of(line)), later.get(line.strip(), set())) for i, line in enumerate(hunk.after)]
    again = [(i, depth, known) for i, depth, known in depths if known]
    alike = [i for i, depth, known in again if depth in known]
    kept = hunk.after[: first.row + 1] == hunk.before[: first.row + 1]
    if kept and 2 * signs_of(hunk).count("+") < sum(bool(line.strip()) for line in hunk.after):
        return first.row + 1
    if not leading or len(alike) <= sum(depth + _shift(first) in known for _, depth, known in again):
        return None
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
        count, rest = divmod(len(indent), width)
        return "\t" * count + " " * rest
    if "\t" in quoted and "\t" not in file and "\t" in indent:
        width = max(1, round(len(file) / len(quoted)))
        return indent.replace("\t", " " * width)
    return indent
