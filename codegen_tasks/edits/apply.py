"""Operations on base bytes: all or nothing, untouched lines keep their bytes. It knows no format."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from codegen_tasks.edits.claims import Aim, Claim, Fault, moves
from codegen_tasks.edits.edit import edit
from codegen_tasks.edits.elide import filled, stands_in
from codegen_tasks.edits.operations import Delete, Edit, Hunk, Write
from codegen_tasks.edits.outcome import Outcome, Outside
from codegen_tasks.edits.parse import parse_reply
from codegen_tasks.edits.refusal import refuse
from codegen_tasks.edits.splices import lines_of, rewritten
from codegen_tasks.edits.view import Place
from codegen_tasks.records import Blob, Diagnostic, FileChange
from codegen_tasks.text import Text, decode, encode


class Made(NamedTuple):
    """What the claims on one path make of it. `text` None: the file is absent."""

    text: Text | None
    placed: tuple[tuple[Hunk, Place], ...] = ()
    faults: tuple[Fault, ...] = ()


def apply_replies(
    replies: Sequence[str], base: Mapping[str, Blob | None], planned: Collection[str] | None = None
) -> Outcome:
    """What the accepted conversation makes of the base. A later reply mends what was refused in the earlier ones.

    `base` maps each path that may be edited to its content (None: absent); operations outside `planned` (if given) are
    set aside. Raises EditFailed when anything cannot be applied safely; its message is written for the model.
    """
    texts = {path: None if blob is None else decode(blob.data) for path, blob in base.items()}
    aim = Aim({path: None if text is None else text.text for path, text in texts.items()}, planned)
    claims, faults = list[Claim](), list[Fault]()
    for number, reply in enumerate(replies):
        found, broken = aim.claims(parse_reply(reply) or aim.bare(reply), number)
        claims, faults = claims + found, faults + broken
    made = _made(claims, texts)
    faults += [fault for result in made.values() for fault in result.faults]
    faults = [fault for fault in faults if not _mended(fault, claims)]
    if not claims and not faults:
        faults = [Fault("", "no file and no edit")]
    if faults:
        bad = {fault.path for fault in faults}
        fine = sorted(path for path in made if path not in bad)
        raise refuse(faults, fine, {path: text.text for path, text in texts.items() if text is not None})
    return _outcome(made, base, planned)


def _made(claims: Sequence[Claim], texts: Mapping[str, Text | None]) -> dict[str, Made]:
    """The result for every path that is named."""
    renamed = moves(claims)
    back = {new: old for old, new in renamed.items() if old != new and texts.get(new) is None}
    by_path: dict[str, list[Claim]] = {}
    for claim in claims:
        by_path.setdefault(back.get(claim.path, claim.path), []).append(claim)
    made = {path: _apply(path, of_path, texts.get(path)) for path, of_path in by_path.items()}
    for old, new in renamed.items():
        if old in made and old != new:
            made[new] = made[old]
            made[old] = Made(None)
    return made


def _apply(path: str, claims: Sequence[Claim], text: Text | None) -> Made:
    """All claims on one path, in order: a whole file or a deletion starts afresh, hunks between are done together."""
    faults, placed = list[Fault](), list[tuple[Hunk, Place]]()
    hunks: list[tuple[Hunk, int]] = []
    for _, operation, reply in claims:
        if isinstance(operation, Write | Delete):
            hunks, placed = [], []
            if isinstance(operation, Delete):
                text = None
            elif operation.ended:
                written = _filled(text, operation.content)
                faults = [Fault(path, written, reply=reply)] if isinstance(written, str) else []
                text = text if isinstance(written, str) else written
            else:
                faults.append(Fault(path, "the reply ends inside this file", reply=reply))
        elif isinstance(operation, Edit):
            hunks += [(hunk, reply) for hunk in operation.hunks]
            faults += [] if operation.hunks else [Fault(path, "no hunk", reply=reply)]
    fresh = not any(any(hunk.before) for hunk, _ in hunks)
    if hunks and fresh and (not any(h.signs for h, _ in hunks) if text is None else not text.text.strip()):
        lines = [line for hunk, _ in hunks for line in hunk.after]
        return Made(_written(text, "".join(line + "\n" for line in lines)), (), tuple(faults))
    if hunks and text is None:
        return Made(None, (), (*faults, Fault(path, "no such file", hunks[0][0], reply=hunks[-1][1])))
    if hunks and text is not None:
        before = text
        edited = edit(text, [hunk for hunk, _ in hunks])
        of_hunk = dict(hunks)
        text, placed = edited.text, list(edited.placed)
        if edited.placed and not edited.missed and edited.text == before and all(hunk.floating for hunk, _ in hunks):
            faults.append(Fault(path, "no change", hunks[0][0], reply=hunks[-1][1]))
        faults += [Fault(path, miss.reason, miss.hunk, miss.lines, of_hunk[miss.hunk]) for miss in edited.missed]
    return Made(text, tuple(placed), tuple(faults))


def _filled(text: Text | None, content: str) -> Text | str:
    """The text with new content, placeholders in it filled from what was there; or why that is not certain."""
    if text is None or not text.text.strip():
        return _written(text, content)
    old, new = lines_of(text.text), lines_of(content)
    known = set(old)
    if not any(line not in known and stands_in(line) for line in new):
        return _written(text, content)
    lines = filled(old, new)
    return lines if isinstance(lines, str) else _written(text, "".join(line + "\n" for line in lines))


def _written(text: Text | None, content: str) -> Text:
    if text is not None and text.text:
        return rewritten(text, content)
    return Text(content if not content or content.endswith("\n") else content + "\n")


def _mended(fault: Fault, claims: Sequence[Claim]) -> bool:
    """Whether a later reply says anew what an earlier one could not: the whole file, or hunks enough for the fault."""
    later = [claim for claim in claims if claim.reply > fault.reply and claim.path == fault.path]
    if any(isinstance(claim.operation, Write | Delete) for claim in later):
        return True
    if fault.hunk is None:
        return bool(later)
    wanted = {line.strip() for line in fault.hunk.after if line.strip()} - {x.strip() for x in fault.hunk.before}
    said = {
        line.strip()
        for claim in later
        if isinstance(claim.operation, Edit)
        for hunk in claim.operation.hunks
        for line in hunk.before + hunk.after
    }
    return bool(later) and (not wanted or bool(wanted & said) or len(later) > 1)


def _outcome(made: Mapping[str, Made], base: Mapping[str, Blob | None], planned: Collection[str] | None) -> Outcome:
    changes, outside, notes = list[FileChange](), list[Outside](), list[Diagnostic]()
    for path, result in sorted(made.items()):
        before = base.get(path)
        after = None if result.text is None else Blob(encode(result.text), before.mode if before else 0o100644)
        notes += _notes(path, result.placed)
        if planned is not None and path not in planned:
            outside.append(Outside(path, after.data if after else None, "not in the plan"))
        elif after != before:
            changes.append(FileChange(path, before, after))
    return Outcome(tuple(changes), tuple(outside), tuple(notes), tuple(sorted(made)))


def _notes(path: str, placed: Sequence[tuple[Hunk, Place]]) -> list[Diagnostic]:
    """One entry for each hunk that was not found exactly as quoted."""
    return [
        Diagnostic(
            "info", "edit_not_exact", f"lines {p.start + 1}-{p.end}: matched by {p.rung}, score {p.score:.2f}", path
        )
        for _, p in placed
        if p.rung not in ("exact", "end")
    ]
