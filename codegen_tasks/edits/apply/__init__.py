"""Operations on base bytes: all or nothing, untouched lines keep their bytes. It asks the other rooms in turn."""

from collections.abc import Collection, Mapping, Sequence

from codegen_tasks.edits.apply.apply_file import UNCHANGED, Applied, apply_claims
from codegen_tasks.edits.apply.refusal import refuse
from codegen_tasks.edits.apply.superseded import superseded
from codegen_tasks.edits.judge import lost_names, objections
from codegen_tasks.edits.operations import Edit, Write
from codegen_tasks.edits.read import read_reply
from codegen_tasks.edits.read.unread import unread
from codegen_tasks.edits.resolve import Aim, Claim, Fault, without_corrected
from codegen_tasks.edits.resolve.paths import is_safe
from codegen_tasks.records import MODE, Blob, Diagnostic, FileChange, Outcome, Outside
from codegen_tasks.text import Text, decode, encode

Texts = dict[str, Text | None]
EXACT = ("exact", "end")


def apply_replies(
    replies: Sequence[str], base: Mapping[str, Blob | None], planned: Collection[str] | None = None
) -> Outcome:
    """What the accepted conversation makes of the base. A later reply mends what was refused in the earlier ones.

    `base` maps each path that may be edited to its content (None: absent); operations outside `planned` (if given) are
    set aside. Raises EditFailed when anything cannot be applied safely; its message is written for the model.
    """
    texts = {path: None if blob is None else decode(blob.data) for path, blob in base.items()}
    made, claims = place_replies(replies, texts, planned, judged=True)
    faults, notes = list[Fault](), list[Diagnostic]()
    for path, result in made.items():
        old, new = texts.get(result.origin), result.text
        if new is None or new == texts.get(path) or _is_outside(path, planned):
            continue
        faults += objections(path, old, new, whole=not result.placed)
        notes += lost_names(path, old.text, new.text) if old and not faults else ()
    _raise_any(faults, made, texts)
    changes, outside = list[FileChange](), list[Outside]()
    for path, result in sorted(made.items()):
        if _is_outside(path, planned):
            outside.append(_outside(path, result, claims, texts))
            continue
        change = FileChange(path, base.get(path), _blob(result, base))
        notes += _notes(path, result, base)
        if change.before != change.after:
            changes.append(change)
        elif change.after:
            notes.append(Diagnostic("info", "unchanged", "the reply leaves it as it is", path))
    touched = {*made, *(claim.path for claim in claims)}
    return Outcome(tuple(changes), tuple(outside), tuple(notes), tuple(sorted(touched)))


def place_replies(
    replies: Sequence[str], texts: Texts, planned: Collection[str] | None = None, *, judged: bool = False
) -> tuple[dict[str, Applied], list[Claim]]:
    """The result for every path that is named, whether or not it is complete and parses, and the claims it came from.

    Where it is `judged`, a whole file that was refused is no base for a later reply's edits of it. Raises EditFailed.
    """
    aim = Aim({path: None if text is None else text.text for path, text in texts.items()}, planned)
    claims, faults = list[Claim](), list[Fault]()
    for number, reply in enumerate(replies):
        found, broken = aim.claims(read_reply(reply) or aim.bare(reply), number, reply)
        claims, faults = claims + found, faults + broken
    claims = claims if planned is None else without_corrected(claims, planned)
    if judged:
        claims = [claim for claim in claims if not (_is_edited_later(claim, claims) and _is_refused(claim, texts))]
    made = apply_claims(claims, texts)
    for path in _held(made, planned):
        del made[path]
    faults += [fault for result in made.values() for fault in result.faults]
    if any(not result.faults and result.text != texts.get(path) for path, result in made.items()):
        faults = [fault for fault in faults if fault.reason != UNCHANGED]  # said of one file, while others change
    faults = [fault for fault in faults if not superseded(fault, faults, claims, aim.texts.get(fault.path))]
    for fault in faults:  # of a file outside the plan: it stops nothing else
        if _is_outside(fault.path, planned):
            result = made.get(fault.path, Applied(texts.get(fault.path)))
            made[fault.path] = result._replace(faults=tuple(dict.fromkeys((*result.faults, fault))))
    faults = [fault for fault in faults if not _is_outside(fault.path, planned)]
    if not (claims or faults or made):  # with a plan, what is missing is known by name
        seen = unread(replies[-1]) or ("it holds no file and no edit" if planned is None else "")
        faults = [Fault("", seen)] if seen else []
    _raise_any(faults, made, texts)
    return made, claims


def _is_edited_later(claim: Claim, claims: Sequence[Claim]) -> bool:
    """Whether a later reply has edits of a file that a claim sends as a whole."""
    later = [other for other in claims if other.path == claim.path and other.reply > claim.reply]
    return isinstance(claim.operation, Write) and any(isinstance(other.operation, Edit) for other in later)


def _is_refused(claim: Claim, texts: Texts) -> bool:
    made, old = apply_claims([claim], texts)[claim.path], texts.get(claim.path)
    return bool(made.faults) or made.text is None or bool(objections(claim.path, old, made.text, whole=True))


def _held(made: Mapping[str, Applied], planned: Collection[str] | None) -> set[str]:
    """The paths of files that stay where they are: what may not arrive may not leave, nor another take its place."""
    moved = {result.origin: path for path, result in made.items() if result.origin not in ("", path)}
    held = {old for old, new in moved.items() if _is_outside(new, planned)}
    while more := {old for old, new in moved.items() if new in held} - held:
        held |= more
    return held


def _is_outside(path: str, planned: Collection[str] | None) -> bool:
    """Whether a file is not in the plan: what is wrong with an edit of it stops nothing else."""
    return planned is not None and bool(path) and path not in planned


def _raise_any(faults: Sequence[Fault], made: Collection[str], texts: Texts) -> None:
    if faults:
        raise refuse(faults, made, {path: text.text for path, text in texts.items() if text is not None})


def _outside(path: str, result: Applied, claims: Sequence[Claim], texts: Texts) -> Outside:
    """What the replies make of a file outside the plan, if that is known and may be."""
    old, new, fault = texts.get(path), result.text, next(iter(result.faults), None)
    reason = "not in the plan" if is_safe(path) else "not a path inside the repository"
    told = [claim.reply for claim in claims if claim.path == path] or [each.reply for each in result.faults]
    reply = max(told or [claim.reply for claim in claims], default=0)
    if fault and fault.hunk:
        known = old or texts.get(result.origin)
        why = "the edit of it cannot be applied" if known else "an edit of a file that is not at hand"
    elif fault or (new and (fault := next(iter(objections(path, old, new, whole=not result.placed)), None))):
        why = fault.reason
    else:
        return Outside(path, None if new is None else encode(new), reason, reply=reply)
    return Outside(path, None, f"{reason}, and {why}", applied=False, reply=reply)


def _blob(result: Applied, base: Mapping[str, Blob | None]) -> Blob | None:
    """The new content, with the mode that the replies give the file, else that of the one it was made from."""
    return None if result.text is None else Blob(encode(result.text), result.mode or _old_mode(result, base))


def _old_mode(result: Applied, base: Mapping[str, Blob | None]) -> int:
    before = base.get(result.origin)
    return before.mode if before else 0o100644


def _notes(path: str, result: Applied, base: Mapping[str, Blob | None]) -> list[Diagnostic]:
    """One entry for each hunk that was not found exactly as quoted, for an open block and for a mode that is new."""
    notes = [
        Diagnostic(
            "info",
            "edit_not_exact",
            f"lines {place.start + 1}-{place.end}: matched by {place.rung}, score {place.score:.2f}",
            path,
        )
        for _, place in result.placed
        if place.rung not in EXACT
    ]
    if result.mode not in (0, _old_mode(result, base)):
        wanted = f"the reply wants mode {result.mode:o}: say executable in plan.files.json"
        notes.append(Diagnostic("warning", MODE, wanted, path))
    return notes + [
        Diagnostic("warning", "block_not_closed", "its last block has no end mark", path) for _ in result.open
    ]
