"""New lines are written as the file writes: with its tabs, quotes and dashes. It finds no places.

Spaces become tabs only where the file has tabs alone, and the first new line stands as deep as the line before it, or
one deeper behind what opens a block.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from codegen_tasks.edits.merge.frames import WIDTHS
from codegen_tasks.edits.merge.here_documents import here_documents
from codegen_tasks.edits.merge.tab_depths import has_tabs_alone
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.splices import compared
from codegen_tasks.edits.view import Place, View, indent_of

QUOTES = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}  # who writes one of them so writes all
_OPENS = re.compile(r"(?:[:{(\[,\\]|\b(?:then|do|else|begin))\s*(?:(?:#|//).*)?$")


class Fresh(NamedTuple):
    """A new line: its number among the hunk's new lines, itself, and the line that will stand before it."""

    number: int
    line: str
    before: str


class Pair(NamedTuple):
    """A quoted line, and the file's with the same indentation."""

    quoted: str
    file: str


def match_style(view: View, hunk: Hunk, place: Place) -> Hunk:
    """The hunk as the file would write it at this place."""
    if place.rung == "quotes and dashes":
        return _retyped(view, hunk, place)
    if place.rung in ("exact", "trailing space"):
        return _with_tabs(view, hunk, place)
    return hunk


def _with_tabs(view: View, hunk: Hunk, place: Place) -> Hunk:
    """Spaces in front of new lines as tabs."""
    if "\t" not in view.text or not any(line.startswith(" ") for line in hunk.after) or not has_tabs_alone(view):
        return hunk
    fresh = list(_fresh(view, hunk, place))
    literal = {i for document in here_documents(hunk.after) for i in range(document.start, document.end)}
    spaced = [row for row in fresh if row.number not in literal and re.match(r" +[^\s*-]", row.line)]
    if not spaced or _unindents(hunk, fresh):
        return hunk
    width = _width(fresh)
    if not width or any(line.startswith(" ") and line.strip() for line in hunk.before):
        return hunk
    after = list(hunk.after)
    for row in spaced:
        count, rest = divmod(len(indent_of(row.line)), width)
        after[row.number] = "\t" * count + " " * rest + row.line.lstrip()
    return msgspec.structs.replace(hunk, after=tuple(after), signs=signs_of(hunk))


def _fresh(view: View, hunk: Hunk, place: Place) -> Iterator[Fresh]:
    """The new lines of a hunk. A blank line does not count as the line before."""
    row = new = 0
    before = next((view.lines[i] for i in range(place.start - 1, -1, -1) if view.stripped[i]), "")
    for sign in signs_of(hunk):
        if sign == "+":
            yield Fresh(new, hunk.after[new], before)
        line = hunk.after[new] if sign == "+" else view.lines[place.rows[row]] if sign == " " else ""
        before = line if line.strip() else before
        row += sign != "+"
        new += sign != "-"


def _unindents(hunk: Hunk, fresh: Sequence[Fresh]) -> bool:
    """Whether it is the indentation itself that the hunk changes."""
    tabbed = {line.strip() for line in hunk.before if line.startswith("\t")}
    return any(row.line.strip() in tabbed for row in fresh if row.line.startswith(" "))


def _width(fresh: Sequence[Fresh]) -> int:
    """How many spaces stand for a tab in the new lines; 0 if no width explains them."""
    rows = [row for row in fresh if row.line.strip()]
    fitting = [width for width in WIDTHS if all(_room(row, width) >= 0 for row in rows)]
    return min(fitting, key=lambda width: _room(rows[0], width), default=0)


def _room(row: Fresh, width: int) -> float:
    """How much deeper a new line could be: one step behind what opens a block, else none. -1: it is no whole number."""
    depth, above = (indent.count("\t") + indent.count(" ") / width for indent in map(indent_of, (row.line, row.before)))
    return above + bool(_OPENS.search(row.before)) - depth if depth == int(depth) else -1


def _retyped(view: View, hunk: Hunk, place: Place) -> Hunk:
    """Quotes, dashes and spaces as the file has them where a line repeats the quote, and plain ones where it has these.
    Curly quotes that it has nowhere are plain ones too, if one of them is.

    The quoted lines become the file's in this, so that lines that stay are still known to.
    """
    pairs = [
        Pair(line, indent_of(line) + view.lines[at].strip()) for line, at in zip(hunk.before, place.rows, strict=True)
    ]
    pairs = [pair for pair in pairs if pair.quoted != pair.file and len(pair.quoted) == len(pair.file)]
    meant = {a: b for pair in pairs for a, b in zip(*pair, strict=True) if a != b}
    if meant.keys() & QUOTES.keys():
        meant = {a: b for a, b in QUOTES.items() if a not in view.text} | meant
    straight = str.maketrans({a: b for a, b in meant.items() if b.isascii()})
    sides = (hunk.before, hunk.after)
    before, after = (tuple(_like(line, pairs, meant).translate(straight) for line in side) for side in sides)
    return msgspec.structs.replace(hunk, before=before, after=after)


def _like(line: str, pairs: Sequence[Pair], meant: Mapping[str, str]) -> str:
    """A line with the file's characters where it repeats the quoted line that is most like it."""
    if not pairs or not meant.keys() & set(line):
        return line
    quoted, file = max(pairs, key=lambda pair: _shared(pair.quoted, line))
    codes = compared(quoted, line).get_opcodes()
    return "".join(file[a:b] if tag == "equal" else line[c:d] for tag, a, b, c, d in codes)


def _shared(one: str, other: str) -> int:
    """How many words two lines have in common."""
    return len(set(re.findall(r"\w+", one)) & set(re.findall(r"\w+", other)))
