"""What a hunk changes once its place is known: only the lines it really changes, with the indentation of the place.

It finds no places and knows no format.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.splices import Splice
from codegen_tasks.edits.view import Place, View

SAME_INDENT = {"exact", "trailing space", "part of a line", "end"}


class Ref(NamedTuple):
    """A quoted line that was found: its number in the quote, its indentation there and in the file."""

    row: int
    quoted: str
    file: str


def signs_of(hunk: Hunk) -> str:
    """The signs of the hunk's rows; for two sides alone, what an aligned comparison of them shows."""
    if hunk.signs:
        return hunk.signs
    before, after = hunk.before, hunk.after
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    signs = [" " * head]
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        signs.append(" " * (b - a) if tag == "equal" else "-" * (b - a) + "+" * (d - c))
    return "".join(signs) + " " * tail


def splices_of(view: View, hunk: Hunk, place: Place) -> list[Splice]:
    """The changes of a hunk at a place, in order."""
    if place.column >= 0:
        return [_inside(view, hunk, place)]
    literal = place.rung in SAME_INDENT or (hunk.signs and place.rung == "ragged indentation")
    refs = [] if literal else _refs(view, hunk, place)
    done: list[Splice] = []
    start = end = place.start
    lines: list[str] = []
    row = new = 0
    signs = signs_of(hunk)
    for index, sign in enumerate(signs):
        if sign == "+":
            line = _moved(hunk, new, row, refs) if refs else hunk.after[new]
            lines.append(line if line.strip() or place.rung != "alignment" else "")
            new += 1
            continue
        at = place.rows[row]
        if sign == "-" and at >= 0:
            if not _joins(view, end, at, start, lines):
                done, start, lines = _flush(done, start, end, lines), at, []
            end = at + 1
        elif sign == " ":
            if at >= 0:
                done, start, end, lines = _flush(done, start, end, lines), at + 1, at + 1, []
            elif lines and not hunk.after[new].strip() and "+" in signs[index + 1 : index + 2]:
                lines.append("")
            new += 1
        row += 1
    return _flush(done, start, end, lines)


def _flush(done: list[Splice], start: int, end: int, lines: list[str]) -> list[Splice]:
    return [*done, Splice(start, end, lines)] if lines or end > start else done


def _joins(view: View, end: int, at: int, start: int, lines: Sequence[str]) -> bool:
    """Whether a line that goes belongs to the change before it: nothing but blank lines in between."""
    return end == at or ((end > start or bool(lines)) and not any(view.stripped[end:at]))


def _inside(view: View, hunk: Hunk, place: Place) -> Splice:
    head = view.lines[place.start][: place.column]
    tail = view.lines[place.end - 1][place.stop :] if place.end <= len(view.lines) else ""
    lines = list(hunk.after) or [""]
    lines[0] = head + lines[0]
    lines[-1] += tail
    return Splice(place.start, place.end, lines)


def indent_of(line: str) -> str:
    """The space a line begins with."""
    return line[: len(line) - len(line.lstrip())]


def _refs(view: View, hunk: Hunk, place: Place) -> list[Ref]:
    """What the found lines say about indentation; a first line without its own comes first and alone."""
    refs = [
        Ref(row, indent_of(line), indent_of(view.lines[at]))
        for row, (line, at) in enumerate(zip(hunk.before, place.rows, strict=True))
        if at >= 0 and line.strip()
    ]
    return [] if all(ref.quoted == ref.file for ref in refs) else refs


def _moved(hunk: Hunk, new: int, row: int, refs: Sequence[Ref]) -> str:
    """A new line with the indentation it has at the place; `row` is where in the quoted lines it stands."""
    line = hunk.after[new]
    if not line.strip():
        return line.strip()
    indent = indent_of(line)
    if len(refs) == 1 or _is_apart(refs):
        if not _is_absolute(hunk.after, refs):
            refs = refs[:1]
        elif new and len(refs) == 1:
            return line
        else:
            refs = refs[:1] if new == 0 else refs[1:]
    same = [ref for ref in refs if ref.quoted == indent]
    if same:
        return min(same, key=lambda ref: abs(ref.row - row)).file + line.lstrip()
    outer = [ref for ref in refs if indent.startswith(ref.quoted)]
    if outer:
        ref = max(outer, key=lambda ref: (len(ref.quoted), -abs(ref.row - row)))
        return ref.file + _converted(indent[len(ref.quoted) :], refs) + line.lstrip()
    ref = min(refs, key=lambda ref: (len(ref.quoted), abs(ref.row - row)))
    surplus = len(_converted(ref.quoted[len(indent) :], refs))
    return ref.file[: max(0, len(ref.file) - surplus)] + line.lstrip()


def _is_apart(refs: Sequence[Ref]) -> bool:
    """Whether the first line alone lost (part of) its indentation."""
    first, *rest = refs
    shifts = {len(ref.file) - len(ref.quoted) for ref in rest}
    return len(shifts) == 1 and len(first.file) - len(first.quoted) > max(shifts)


def _is_absolute(after: Sequence[str], refs: Sequence[Ref]) -> bool:
    """Whether only the first of the new lines lacks its indentation, the others standing where the file has them.

    No line of a block lies further out than the first, and what follows an opening line lies further in.
    """
    first = len(refs[0].file)
    rest = [len(indent_of(line)) for line in after[1:] if line.strip()]
    if not rest or len(indent_of(after[0])) >= first or min(rest) < first:
        return False
    if after[0].rstrip().endswith((":", "{", "(", "[")):
        return rest[0] > first
    return len(refs) > 1 or rest[0] == first


def _converted(indent: str, refs: Sequence[Ref]) -> str:
    """Further indentation in the file's own kind: tabs where it has tabs, spaces where it has spaces."""
    file = "".join(ref.file for ref in refs)
    quoted = "".join(ref.quoted for ref in refs)
    if "\t" in file and "\t" not in quoted and " " in indent:
        width = max(1, round(len(quoted) / len(file))) if quoted else 4
        return "\t" * max(1, round(len(indent) / width))
    if "\t" in quoted and "\t" not in file and "\t" in indent:
        width = max(1, round(len(file) / len(quoted)))
        return " " * width * indent.count("\t")
    return indent
