"""A block whose first quoted line alone lost its indentation: which new lines lost it, too? It finds no places."""

import re
from collections.abc import Sequence

from codegen_tasks.edits.apply.indent import SURE, DepthError, Ref, moved, rule_of, shift_of, step_of
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.view import indent_of

_OPENS = re.compile(r"[:{(\[](?:\s*|\s+(?:#|//).*)$")


def is_apart(refs: Sequence[Ref]) -> bool:
    """Whether the first quoted line alone lost its indentation, or is alone and may have lost part of it."""
    first, *rest = refs
    shifts = {shift_of(ref) for ref in rest}
    lost = len(first.file) > len(first.quoted)
    return lost and (not rest or (not first.quoted and len(shifts) == 1 and max(shifts) < shift_of(first)))


def redrawn(hunk: Hunk, refs: Sequence[Ref]) -> list[str]:
    """All new lines at the place of a quote whose first line is apart.

    Either they are one block that begins at the first line's indentation, or only their first lines, down to the one
    that had lost its indentation, are to be moved, and the others stand as in the file. Raises DepthError where nothing
    tells.
    """
    first, *rest = refs
    after, step = hunk.after, step_of(hunk)
    filled = [i for i, line in enumerate(after) if line.strip()]
    lead = 0
    while lead < len(filled) and indent_of(after[filled[lead]]) == first.quoted:
        lead += 1
    until = _repeated(hunk, refs, filled[:lead])
    if until is None and _stand_as_in_file(after, filled, lead, refs):
        until = filled[lead]
    alone = rule_of([first])
    head = [moved(line, alone, step) for line in after[:until]]
    if until is None or all(ref.quoted == ref.file for ref in rest):
        return head + list(after[len(head) :])
    others = rule_of(rest)
    return head + [moved(line, others, step) for line in after[until:]]


def _repeated(hunk: Hunk, refs: Sequence[Ref], leading: Sequence[int]) -> int | None:
    """Where the new lines go on as the quote goes on after its first line: most of them stay as quoted, others that are
    quoted as far out stand so in the file, or more of what they repeat is indented alike than lost what the first line
    lost. None if not, or if a block that the moved lines open would be left empty.
    """
    first, *rest = refs
    later: dict[str, set[int]] = {}
    for line in hunk.before[first.row + 1 :]:
        later.setdefault(line.strip(), set()).add(len(indent_of(line)))
    later.pop("", None)
    depths = [(i, len(indent_of(line)), later.get(line.strip(), set())) for i, line in enumerate(hunk.after)]
    again = [(i, depth, known) for i, depth, known in depths if known]
    alike = [i for i, depth, known in again if depth in known]
    kept = hunk.after[: first.row + 1] == hunk.before[: first.row + 1]
    beside = sum(ref.quoted == ref.file == first.quoted for ref in rest)
    if kept and (beside >= SURE or 2 * signs_of(hunk).count("+") < sum(bool(line.strip()) for line in hunk.after)):
        return first.row + 1
    if not leading or len(alike) <= sum(depth + shift_of(first) in known for _, depth, known in again):
        return None
    until = first.row + 1 if kept else min(alike[0], leading[-1] + 1)
    below = next((i for i, line in enumerate(hunk.after[until:], until) if line.strip()), until)
    fresh = below not in alike and _OPENS.search(hunk.after[until - 1])
    return None if fresh and len(indent_of(hunk.after[below])) <= len(first.file) else until


def _stand_as_in_file(after: Sequence[str], filled: Sequence[int], lead: int, refs: Sequence[Ref]) -> bool:
    """Whether the lines after the leading ones are indented as in the file.

    Then none is further out than the first line there, and the next is further in after a line that opens a block. Not
    if only one line is quoted, and others stand as far out as that: then the block is further out throughout. Raises
    DepthError if the next to such a line may stand as the file's or go on with it.
    """
    if not 0 < lead < len(filled) or (lead > 1 and len(refs) == 1):
        return False
    depth, edge = len(indent_of(after[filled[lead]])), len(refs[0].file)
    if any(len(indent_of(after[i])) < edge for i in filled[lead:]):
        return False
    if _OPENS.search(after[filled[lead - 1]]):
        return depth > edge
    if len(refs) == 1 and depth == edge:
        raise DepthError
    return depth >= edge and len(refs) > 1
