"""All claims on a file, one after the other, become its new text. It knows neither formats nor the plan."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from codegen_tasks.edits.apply.renames import by_slot, settled_moves
from codegen_tasks.edits.completeness.placeholders import filled
from codegen_tasks.edits.merge.combine import is_done
from codegen_tasks.edits.merge.merge_hunks import merge_hunks
from codegen_tasks.edits.operations import Delete, Edit, Hunk, Write
from codegen_tasks.edits.resolve import Claim, Fault
from codegen_tasks.edits.splices import lines_of, rewritten
from codegen_tasks.edits.view import Place
from codegen_tasks.text import Text

PART_DELETED = (
    "the diff ends in /dev/null, but it does not show what the file holds: to delete the file, send the two lines "
    "with its path and /dev/null alone, or `deleted file mode 100644`; to change it, name it in both lines"
)
UNCHANGED = "no change"
THERE = (
    "it is sent as a new file, and there is one already, of whose {} lines it keeps {}: send an edit of it, or delete "
    "it first"
)
EMPTIED = "its block is empty, and the file is not: send what it is to hold, or delete it"
_MAKEFILES = {"makefile", "gnumakefile"}
_RULE = re.compile(r"[^\s#=][^=#]*:(?!=)")


class Applied(NamedTuple):
    """What the claims on one path make of it. `text` None: the file is absent; `origin`: the path it had before."""

    text: Text | None
    placed: tuple[tuple[Hunk, Place], ...] = ()
    faults: tuple[Fault, ...] = ()
    open: tuple[int, ...] = ()
    origin: str = ""
    mode: int = 0


def apply_claims(claims: Sequence[Claim], texts: Mapping[str, Text | None]) -> dict[str, Applied]:
    """The result for every path that is named."""
    renamed, stuck = settled_moves(claims, texts)
    files, made = dict[str, Applied](), dict[str, Applied]()
    for slot, of_slot in by_slot(claims, renamed, texts).items():
        result = _of_file(slot.path, of_slot, None if slot.fresh else texts.get(slot.path))
        (made if slot.fresh else files)[slot.path] = result._replace(origin="" if slot.fresh else slot.path)
    for fault in stuck:
        result = files.get(fault.path, Applied(texts.get(fault.path), origin=fault.path))
        files[fault.path] = result._replace(faults=(*result.faults, fault))
    for path, result in files.items():
        if path not in renamed:
            made[path] = result
        elif path not in made:
            made[path] = Applied(None, origin=path)
    for old, new in renamed.items():
        lost = made[new].faults if new in made else ()
        made[new] = files[old]._replace(faults=(*files[old].faults, *lost))
    return made


def _of_file(path: str, claims: Sequence[Claim], text: Text | None) -> Applied:
    """Claims in order: a whole file or a deletion starts afresh, the hunks after it are done together.

    Those that tell once more what the whole file has are done.
    """
    faults, hunks, open_, base, mode = list[Fault](), dict[Hunk, int](), list[int](), text, 0
    for claim in claims:
        operation, reason = claim.operation, ""
        mode = operation.mode or mode if isinstance(operation, Write | Edit) else mode
        if isinstance(operation, Write | Delete):
            result = _deleted(text, operation) if isinstance(operation, Delete) else _whole(text, operation, claim)
            text, reason = (text, result) if isinstance(result, str) else (result, "")
            faults, hunks = [], {}
        elif isinstance(operation, Edit):
            hunks |= dict.fromkeys(operation.hunks, claim.reply)
            reason = "" if operation.hunks or (mode and text) else "an edit of it holds no hunk"
            open_ += [] if operation.ended else [claim.reply]
        faults += [Fault(path, reason, reply=claim.reply)] if reason else []
    if text and text is not base:
        hunks = {hunk: reply for hunk, reply in hunks.items() if not is_done(text.text, hunk)}
    made = _edited(path, text, hunks, claims[-1].ending) if hunks else Applied(text)
    return made._replace(faults=(*faults, *made.faults), open=tuple(open_) if hunks else (), origin=path, mode=mode)


def _deleted(text: Text | None, operation: Delete) -> str | None:
    """Nothing, if all that the file holds was quoted or nothing needs to be; else why not."""
    shown = [line.strip() for line in operation.quoted or () if line.strip()]
    held = [line.strip() for line in lines_of(text.text) if line.strip()] if text else shown
    return None if operation.quoted is None or shown == held else PART_DELETED


def _whole(text: Text | None, operation: Write, claim: Claim) -> Text | str:
    """The text after a whole file, or what is wrong with that. In a sketch placeholders stand for what was there.

    A file sent under its path is a promise to be whole; it is asked elsewhere whether it is.
    """
    filled_in = bool(text and text.text.strip())
    if not operation.ended:
        return "the reply ends inside this file"
    if filled_in and not operation.content.strip():
        return EMPTIED
    if text and operation.new and (reason := _displaces(text.text, operation.content)):
        return reason
    content = _with_tabs(claim.path, operation.content)
    if text and operation.sketch and filled_in:
        lines = filled(lines_of(text.text), lines_of(content))
        if isinstance(lines, str):
            return f"its new text {lines}"
        content = "".join(line + "\n" for line in lines)
    return _written(text, content, claim.ending)


def _with_tabs(path: str, content: str) -> str:
    """The content with a tab for the spaces before each command; what is no makefile comes back as it is."""
    file = PurePosixPath(path.lower())
    if (file.name not in _MAKEFILES and file.suffix != ".mk") or ".RECIPEPREFIX" in content:
        return content
    lines, under_rule, width = content.split("\n"), False, 0
    for number, line in enumerate(lines):
        goes_on = number > 0 and lines[number - 1].endswith("\\")
        if line.startswith(" ") and line.strip() and under_rule and (width or not goes_on):
            width = width or len(line) - len(line.lstrip(" "))
            lines[number] = "\t" + (line[width:] if not line[:width].strip() else line.lstrip(" "))
        elif line.strip() and not goes_on:
            under_rule, width = line.startswith("\t") or bool(_RULE.match(line)), 0
    return "\n".join(lines)


def _displaces(old: str, new: str) -> str:
    """What is wrong with a new file in place of one that is there: it keeps less than half of its lines."""
    held, sent = (Counter(filter(None, map(str.strip, lines_of(side)))) for side in (old, new))
    kept = (held & sent).total()
    return THERE.format(held.total(), kept) if 2 * kept < held.total() else ""


def _edited(path: str, text: Text | None, hunks: Mapping[Hunk, int], ending: str) -> Applied:
    """The text after its hunks; a file that is absent or empty may be written by hunks that quote nothing."""
    first = [hunk for hunk in hunks if not any(hunk.before)]
    free = not any(hunk.number or hunk.anchors for hunk in first) if text is None else not text.text.strip()
    if first and free:
        text = _written(text, "".join(line + "\n" for hunk in first for line in hunk.after), ending)
        hunks = {hunk: reply for hunk, reply in hunks.items() if hunk not in first}
    if text and not hunks:
        return Applied(text)
    if text is None:
        return Applied(None, (), (Fault(path, "no such file", next(iter(hunks)), reply=max(hunks.values())),))
    edited = merge_hunks(text, hunks)
    faults = [Fault(path, miss.reason, miss.hunk, miss.lines, hunks[miss.hunk]) for miss in edited.missed]
    if edited.placed and not faults and edited.text == text and all(hunk.floating for hunk in hunks):
        faults = [Fault(path, UNCHANGED, next(iter(hunks)), reply=max(hunks.values()))]
    return Applied(edited.text, edited.placed, tuple(faults))


def _written(text: Text | None, content: str, ending: str) -> Text:
    if text is not None and text.text:
        return rewritten(text, content)
    return Text(content if not content or content.endswith("\n") else content + "\n", endings=(ending,))
