"""A file written with placeholders ("... existing code ...") is filled from the file as it is, or refused.

An edit distance in which a placeholder stands for any lines that are indented no less than itself; a line matches one
under the same heading only, so that a closing brace is never taken for another. It knows no format.
"""

import re
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from codegen_tasks.edits.completeness.anchors import anchors
from codegen_tasks.edits.completeness.elisions import points
from codegen_tasks.edits.completeness.remarks import DOTS, remarks_of
from codegen_tasks.edits.completeness.wording import features_of
from codegen_tasks.edits.view import depth_of

ALLOWED = 3  # lines that may go unsaid at one place of a sketch with placeholders
TINY = 1e-9
LARGEST = 150_000  # cells of one table: what takes a tenth of a second
_CLOSER = re.compile(r"^(?:[)\]}>]+[;,.)]*|end\b.*|fi|done|esac|</[\w-]+>)$")
_REMOVED = re.compile(r"^\W*(?:\w+:\s*)?(?:removed|deleted)\s+(?:code|lines?|block|section)\W*$", re.IGNORECASE)
Key = tuple[str, str]


class Step(NamedTuple):
    """One move of the alignment: what becomes of a line of the reply, of the file, or of both."""

    kind: str  # match, insert, delete, keep (under a placeholder), hole (the placeholder itself)
    new: int
    old: int


def is_placeholder(line: str) -> bool:
    """Whether a line stands for code it leaves out."""
    if not line.strip():
        return False
    return any(
        remark.own and (DOTS.fullmatch(remark.text.strip()) or points(features_of(remark.text)) > 0)
        for remark in remarks_of(line, prose=False)
    )


def stands_in(line: str) -> bool:
    """Whether a line of a file stands for others: for code that stays, or for code that was removed."""
    return is_placeholder(line) or _REMOVED.match(line) is not None


def filled(old: Sequence[str], new: Sequence[str]) -> list[str] | str:
    """The new lines with every placeholder replaced by the old lines it stands for, or why that is not certain."""
    told = [line for line in new if not _REMOVED.match(line) or line in old]
    allowed = ALLOWED if len(told) < len(new) else 0
    new = told
    holes = [i for i, line in enumerate(new) if line not in old and is_placeholder(line)]
    steps = _aligned(old, new, frozenset(holes))
    if steps is None:
        return "is too long to tell which lines its placeholders stand for"
    if (reason := _doubt(steps, old, new, ALLOWED if holes else allowed)) is not None:
        return reason
    fresh = {step.new for step in steps if step.kind == "insert"}
    spare = {j for j in fresh if not new[j].strip() and _is_spare(j, fresh, frozenset(holes))}
    said = (step for step in steps if step.kind in ("insert", "match", "keep"))
    kept = (step for step in said if step.kind != "insert" or step.new not in spare)
    return [new[step.new] if step.kind == "insert" else old[step.old] for step in kept]


def _is_spare(at: int, fresh: set[int], holes: frozenset[int]) -> bool:
    """Whether a new blank line only sets a placeholder apart from a line that was there before."""
    return (at - 1 in holes and at + 1 not in fresh) or (at + 1 in holes and at - 1 not in fresh)


def _doubt(steps: Sequence[Step], old: Sequence[str], new: Sequence[str], allowed: int) -> str | None:
    """Why the alignment is not certain: new code between two placeholders, or more lost than found."""
    solid = [s for s in steps if s.kind == "hole" or (new[s.new] if s.kind == "insert" else old[s.old]).strip()]
    kinds = [step.kind for step in solid]
    matched, deleted = kinds.count("match"), kinds.count("delete")
    if not matched and "keep" in kinds and "insert" in kinds and kinds.count("hole") != 1:
        return "has no line of the file beside its placeholders"
    ends = [kind for kind in kinds if kind != "insert"]
    if ends and ((ends[0] == "delete" and kinds[0] != "insert") or (ends[-1] == "delete" and kinds[-1] != "insert")):
        return "leaves out lines at the start or the end without a placeholder for them"
    if deleted > max(8, 2 * matched):
        return "would delete most of the file"
    if (lost := _lost(solid, 2 if allowed else 1)) > allowed:
        return f"leaves out {lost} lines in one place without a placeholder for them"
    groups = [step for step in solid if step.kind != "keep"]
    for before, after in pairwise(groups):
        if before.kind == "hole" and after.kind == "insert":
            last = next((s for s in groups[groups.index(after) :] if s.kind != "insert"), None)
            if last is not None and last.kind == "hole" and (_kept(solid, before) or _kept(solid, last)):
                return f"has new code between two placeholders: `{new[after.new].strip()[:60]}` could go anywhere there"
    return None


def _lost(solid: Sequence[Step], rate: int) -> int:
    """The most lines that go at one place where more than so many times fewer come."""
    worst = 0
    for _, run in groupby(solid, key=lambda step: step.kind in ("insert", "delete")):
        kinds = [step.kind for step in run]
        deleted, inserted = kinds.count("delete"), kinds.count("insert")
        worst = max(worst, deleted if deleted > rate * inserted else 0)
    return worst


def _kept(solid: Sequence[Step], hole: Step) -> bool:
    """Whether a placeholder stands for any line."""
    at = solid.index(hole) + 1
    return at < len(solid) and solid[at].kind == "keep"


def _aligned(old: Sequence[str], new: Sequence[str], holes: frozenset[int]) -> list[Step] | None:
    """The cheapest alignment; between lines that occur once on both sides each stretch is aligned on its own."""
    left, right = _keys(old, frozenset()), _keys(new, holes)
    steps: list[Step] = []
    a = b = 0
    solid = [key if key[0] and j not in holes else None for j, key in enumerate(right)]
    for i, j in [*anchors(left, solid), (len(old), len(new))]:
        if (i - a + 1) * (j - b + 1) > LARGEST:
            return None
        steps += _table(old, new, left, right, holes, (a, i), (b, j))
        if i < len(old) and j < len(new):
            steps.append(Step("match", j, i))
        a, b = i + 1, j + 1
    return steps


def _keys(lines: Sequence[str], holes: frozenset[int]) -> list[Key]:
    """Each line with the heading it stands under; a closing line with the heading it closes."""
    keys: list[Key] = []
    open_: list[tuple[int, str]] = []
    for i, line in enumerate(lines):
        text = line.strip()
        depth = depth_of(line)
        if not text or i in holes:
            keys.append((text, ""))
            continue
        while open_ and open_[-1][0] > depth:
            open_.pop()
        if _CLOSER.match(text) and open_ and open_[-1][0] == depth:
            keys.append((text, open_[-1][1]))
            continue
        while open_ and open_[-1][0] >= depth:
            open_.pop()
        keys.append((text, open_[-1][1] if open_ else ""))
        open_.append((depth, re.split(r"[({:=]", text)[0].strip()))
    return keys


def _table(
    old: Sequence[str],
    new: Sequence[str],
    left: Sequence[Key],
    right: Sequence[Key],
    holes: frozenset[int],
    rows: tuple[int, int],
    columns: tuple[int, int],
) -> list[Step]:
    """The cheapest alignment of a stretch of old lines (`rows`) and new lines (`columns`)."""
    (a, i_end), (b, j_end) = rows, columns
    depth = [depth_of(line) if line.strip() else 999 for line in old[a:i_end]]
    best: list[list[tuple[float, str]]] = [[(0.0, "")]]
    for i in range(a, i_end):
        best[0].append((best[0][-1][0] + _price(old[i], 1.2), "delete"))
    for j in range(b, j_end):
        above, row = best[-1], list[tuple[float, str]]()
        hole = depth_of(new[j]) if j in holes else -1
        price = 0.0 if hole >= 0 else _price(new[j], 1.0)
        for i in range(i_end - a + 1):
            choice = (above[i][0] + price, "hole" if hole >= 0 else "insert")
            if i:
                if hole >= 0 and depth[i - 1] >= hole and row[i - 1][1] in ("hole", "keep"):
                    choice = _cheaper(choice, (row[i - 1][0] + 0.001, "keep"))
                elif hole < 0 and left[a + i - 1] == right[j]:
                    choice = _cheaper(choice, (above[i - 1][0], "match"))
                choice = _cheaper(choice, (row[i - 1][0] + _price(old[a + i - 1], 1.2), "delete"))
            row.append(choice)
        best.append(row)
    return _path(best, a, b)


def _cheaper(choice: tuple[float, str], other: tuple[float, str]) -> tuple[float, str]:
    """The cheaper of two moves. Of two alike a match counts most, a deletion least."""
    if abs(choice[0] - other[0]) < TINY:
        return other if other[1] == "match" else choice
    return min(choice, other)


def _price(line: str, full: float) -> float:
    return full if line.strip() else full / 10


def _path(best: Sequence[Sequence[tuple[float, str]]], a: int, b: int) -> list[Step]:
    """The moves that led to the last cell of a table."""
    j, i, steps = len(best) - 1, len(best[0]) - 1, list[Step]()
    while j or i:
        kind = best[j][i][1]
        steps.append(Step(kind, b + j - 1, a + i - 1))
        j -= kind in ("match", "insert", "hole")
        i -= kind in ("match", "delete", "keep")
    return steps[::-1]
