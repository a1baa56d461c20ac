"""Which faults of earlier replies does a later one mend, by saying anew what they could not? It places nothing."""

from collections.abc import Iterable, Sequence

from codegen_tasks.edits.merge.merge_hunks import THERE
from codegen_tasks.edits.operations import Delete, Edit, Stated, Write
from codegen_tasks.edits.resolve import Claim, Fault
from codegen_tasks.edits.resolve.paths import is_safe

Sides = tuple[tuple[str, ...], tuple[str, ...]]


def superseded(fault: Fault, faults: Sequence[Fault], claims: Sequence[Claim], text: str | None) -> bool:
    """Whether a later reply says anew what an earlier one could not: the whole file (`text` is the old one), or with as
    many hunks as there were `faults` in hunks of it as many new lines in place of all that was to go.

    What was meant for no file, or for one that cannot be, is mended by any later claim.
    """
    later = [claim for claim in claims if claim.reply > fault.reply and not isinstance(claim.operation, Stated)]
    if not fault.path or not is_safe(fault.path) or fault.reason == "no such file":
        return bool(later)
    later = [claim for claim in later if claim.path == fault.path]
    left_out = fault.reason == THERE.format(*fault.lines or (0,))  # as it was told to
    whole = any(isinstance(claim.operation, Write | Delete) for claim in later)
    if not later or fault.hunk is None or left_out or whole:
        return bool(later)
    fresh = _sides(later) - _sides(claim for claim in claims if claim.reply <= fault.reply)
    wanted = sum(other.path == fault.path and other.reply == fault.reply and other.hunk is not None for other in faults)
    before, after, file = _lines(fault.hunk.before), _lines(fault.hunk.after), _lines((text or "").split("\n"))
    quoted, said = (_lines(line for side in fresh for line in side[part]) for part in (0, 1))
    gone = (before - after or before) & file
    return len(fresh) >= wanted and gone <= quoted and len(said - quoted) >= len(after - before - file)


def _sides(claims: Iterable[Claim]) -> set[Sides]:
    """The two parts of each hunk of the claims."""
    edits = (claim.operation for claim in claims if isinstance(claim.operation, Edit))
    return {(hunk.before, hunk.after) for edit in edits for hunk in edit.hunks}


def _lines(lines: Iterable[str]) -> set[str]:
    """What the lines say that are not blank."""
    return {line.strip() for line in lines} - {""}
