"""Does a later reply say what an earlier one could not? It places nothing."""

from collections.abc import Iterable, Sequence

from codegen_tasks.edits.merge.merge_hunks import THERE
from codegen_tasks.edits.operations import Delete, Edit, Hunk, Stated, Write
from codegen_tasks.edits.resolve import Claim, Fault
from codegen_tasks.edits.resolve.paths import is_safe

Sides = tuple[tuple[str, ...], tuple[str, ...]]


def superseded(fault: Fault, faults: Sequence[Fault], claims: Sequence[Claim], text: str | None) -> bool:
    """Whether a later reply says anew what an earlier one could not: the whole file, the new lines of the hunk, or in
    other words what it was about, with as many hunks as there were `faults` in hunks of this file.

    What was meant for no file, or for one that cannot be, is mended by any later claim. `text` is the file's.
    """
    later = [claim for claim in claims if claim.reply > fault.reply and not isinstance(claim.operation, Stated)]
    if not fault.path or not is_safe(fault.path) or fault.reason == "no such file":
        return bool(later)
    later = [claim for claim in later if claim.path == fault.path]
    if not later or fault.hunk is None or any(isinstance(claim.operation, Write | Delete) for claim in later):
        return bool(later)
    if fault.reason == THERE.format(*fault.lines or (0,)):  # it was told to leave it out
        return True
    known = {side for claim in claims if claim.reply <= fault.reply for side in _sides(claim)}
    fresh = {side for claim in later for side in _sides(claim)} - known
    open_ = sum(other.path == fault.path and other.reply == fault.reply and other.hunk is not None for other in faults)
    return bool(fresh) and _say_anew(fresh, fault.hunk, _lines((text or "").split("\n")), len(fresh) >= open_)


def _say_anew(sides: Iterable[Sides], hunk: Hunk, file: set[str], enough: bool) -> bool:
    """Whether hunks have all new lines of one that was refused, or (if they are `enough`) as many in place of all that
    it was to replace.

    What the file has is not new: its context may have been misquoted.
    """
    before, after = _lines(hunk.before), _lines(hunk.after)
    quoted, said = (_lines(line for side in sides for line in side[part]) for part in (0, 1))
    new = after - before - file
    if new and new <= said:
        return True
    return enough and (before - after or before) & file <= quoted and len(said - quoted) >= len(new)


def _sides(claim: Claim) -> list[Sides]:
    """The two parts of each hunk of a claim."""
    return [(hunk.before, hunk.after) for hunk in claim.operation.hunks] if isinstance(claim.operation, Edit) else []


def _lines(lines: Iterable[str]) -> set[str]:
    """What the lines say that are not blank."""
    return {line.strip() for line in lines} - {""}
