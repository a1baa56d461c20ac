"""A refusal that teaches: what is wrong where, what the file really says there, what was fine, what to send again."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.resolve import Fault
from codegen_tasks.edits.splices import compared
from codegen_tasks.edits.view import View, indent_of, plain, view_of
from codegen_tasks.errors import EditFailed
from codegen_tasks.text import few

WIDTH = 160  # characters of a line that are shown
SHOWN = 12  # lines of a region that are shown
TOLD = 12  # faults that are explained
MANY = 200  # equal lines of a quote that are compared
PLACES = 8  # line numbers that are listed
HINT = "run again, or say in plan.md more exactly what is to change"

_SAID = {  # of each reason that merging gives: what is wrong, what to do about it
    "several": "The lines to find stand at several places: lines {lines}.",
    "astray": "Its few lines stand at line {lines}, far from line {number}.",
    "clash": "It changes lines that an earlier edit of this reply changes otherwise. Send one edit for these lines.",
    "no such file": "There is no such file{others}. Write a new file as a whole; check the path of an old one.",
    "no change": "The lines to find and the lines instead of them are the same: nothing would change.",
}
_MORE = {
    True: "Add lines of context, or the heading they stand under after @@.",
    False: "Quote more of the lines around the one that is meant.",
}


def refuse(faults: Sequence[Fault], named: Collection[str], texts: Mapping[str, str]) -> EditFailed:
    """The error for these faults, each said once. `named` are the paths in the reply, `texts` the files as they are."""
    faults = list({_identity(fault): fault for fault in faults}.values())
    views = {fault.path: view_of(texts[fault.path]) for fault in faults if fault.path in texts}
    parts = [f"{len(faults)} {'part' if len(faults) == 1 else 'parts'} of the reply could not be applied."]
    for number, fault in enumerate(faults, 1):
        told = _explained(fault, views.get(fault.path), texts) if number <= TOLD else ["Not applied either."]
        parts.append("\n   ".join([f"{number}. {_headline(fault)}", *told]))
    if fine := sorted(set(named) - {fault.path for fault in faults}):
        parts.append(f"Fine, need not be sent again: {', '.join(fine)}.")
    return EditFailed("\n\n".join(parts), hint=HINT)


def _identity(fault: Fault) -> tuple[object, ...]:
    return fault.path, fault.reason, fault.lines, fault.hunk and (fault.hunk.before, fault.hunk.after)


def _headline(fault: Fault) -> str:
    place = fault.path or "the reply"
    if fault.hunk is not None and (quoted := next((line for line in fault.hunk.before if line.strip()), "")):
        return f"{place}, the edit that begins with {_quoted(quoted)}:"
    return f"{place}:"


def _explained(fault: Fault, view: View | None, known: Collection[str]) -> list[str]:
    """What is wrong, and what to do about it."""
    hunk = fault.hunk
    if fault.reason == "absent" and hunk is not None and view is not None:
        return _absent(hunk, view)
    if hunk is None or fault.reason not in _SAID:
        return [f"{fault.reason[:1].upper()}{fault.reason[1:].rstrip('.')}."]
    name = fault.path.rpartition("/")[2]
    namesakes = sorted(other for other in known if other.rpartition("/")[2] == name)
    others = f", but there is {few(namesakes, PLACES)}" if namesakes else ""
    said = _SAID[fault.reason].format(lines=few([*map(str, fault.lines)], PLACES), number=hunk.number, others=others)
    return [said, *([_MORE[bool(hunk.signs)]] if fault.reason in ("several", "astray") else [])]


def _absent(hunk: Hunk, view: View) -> list[str]:
    """Why lines were not found: they quote nothing, they are changed already, or what stands nearest to them."""
    if not any(line.strip() for line in hunk.before):
        return ["It quotes no line of the file, so its place is not known. Quote the lines it belongs to."]
    if (line := _already(hunk, view)) is not None:
        return [f"The file has the new lines already, at line {line}. Leave this edit out."]
    start, same = _nearest(hunk, view)
    if not same:
        return ["None of these lines is in the file.", *_alike(hunk, view)]
    count = sum(bool(line.strip()) for line in hunk.before)
    first, end = max(0, start), min(start + len(hunk.before), len(view.lines))
    told = _compared(hunk, view, first, end) or [_beside_words(hunk, view.lines[first:end])]
    if same < count and Counter(filter(None, map(plain, hunk.before))) <= Counter(view.plain):
        told = ["All of them are in the file, but apart or in another order.", *told]
    return [f"Not found. Nearest: lines {first + 1}-{end}, where {same} of {count} lines are the same.", *told]


def _beside_words(hunk: Hunk, region: Sequence[str]) -> str:
    """What keeps lines from being found that say the same in the same order."""
    quoted, there = ([line for line in lines if line.strip()] for lines in (hunk.before, region))
    if any(indent_of(mine) != indent_of(its) for mine, its in zip(quoted, there, strict=False)):
        return "They differ in indentation."
    if [not line.strip() for line in hunk.before] != [not line.strip() for line in region]:
        return "They differ in blank lines."
    return "They do not stand below the heading after @@ or at the end of the file, or other edits take their place."


def _already(hunk: Hunk, view: View) -> int | None:
    """The line (from 1) where the new lines stand, if they are new and stand there once."""
    fresh = {line.strip() for line in hunk.after} - {line.strip() for line in hunk.before} - {""}
    found = view.exact.find(hunk.after) if fresh else []
    return found[0] + 1 if len(found) == 1 else None


def _nearest(hunk: Hunk, view: View) -> tuple[int, int]:
    """The line (from 0) where most quoted lines would be in place, and how many are. It may lie before the file."""
    rows, votes = defaultdict[str, list[int]](list), Counter[int]()
    for row, line in enumerate(map(plain, hunk.before)):
        rows[line] += [row] if line and len(rows[line]) < MANY else []
    for at, line in enumerate(view.plain):
        if line in rows:
            votes.update(at - row for row in rows[line])
    return min(votes.items(), key=lambda vote: (-vote[1], vote[0]), default=(0, 0))


def _compared(hunk: Hunk, view: View, start: int, end: int) -> list[str]:
    """The lines that differ, yours against the file's."""
    region = view.plain[start:end]
    quoted = [plain(line) for line in hunk.before]
    shown: list[str] = []
    for tag, a, b, c, d in compared(quoted, region).get_opcodes():
        if tag == "equal":
            continue
        shown += [f"you wrote:     {_quoted(hunk.before[i])}" for i in range(a, b) if quoted[i]]
        shown += [f"line {start + j + 1} reads: {_quoted(view.lines[start + j])}" for j in range(c, d) if region[j]]
    return shown[:SHOWN] + (["…"] if len(shown) > SHOWN else [])


def _alike(hunk: Hunk, view: View) -> list[str]:
    """A line of the file that shares the longest word of the quoted lines."""
    words = set(re.findall(r"\w+", "\n".join(hunk.before)))
    for word in sorted(words, key=lambda word: (-len(word), word))[:5]:
        at = view.text.find(word) if len(word) > 3 else -1
        if at >= 0:
            line = view.position(at)[0]
            return [f"`{word}` stands at line {line + 1}: {_quoted(view.lines[line])}"]
    return []


def _quoted(line: str) -> str:
    text = line.strip() if len(line) > WIDTH else line
    return f"`{text if len(text) <= WIDTH else text[: WIDTH - 1] + '…'}`"
