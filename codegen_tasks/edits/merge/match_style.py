"""New lines are written as the file writes: with its tabs, quotes and dashes. It finds no places.

Spaces become tabs only where the file has tabs alone, and the first new line stands as deep as the line before it, or
one deeper behind what opens a block.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from codegen_tasks.edits.merge.frames import WIDTHS, has_tabs_alone
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.splices import compared
from codegen_tasks.edits.view import Place, View, indent_of

QUOTES = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}  # who writes one of them so writes all
_OPENS = re.compile(r"(?:[:{(\[,\\]|\b(?:then|do|else|begin))\s*(?:(?:#|//).*)?$")
_SPACED = re.compile(r" +[^\s*-]")


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
    """Spaces in front of new lines as tabs, so many for one that the first stands as deep as the line before it allows.

    Not where the quoted lines have spaces, or lose their tabs: then it is the indentation that changes.
    """
    fresh = [i for i, sign in enumerate(signs_of(hunk).replace("-", "")) if sign == "+"]
    depths = {i: len(indent_of(hunk.after[i])) for i in fresh if _SPACED.match(hunk.after[i])}
    tabbed = {line.strip() for line in hunk.before if line.startswith("\t")}
    if not depths or any(_SPACED.match(line) for line in hunk.before) or not has_tabs_alone(view):
        return hunk
    lines = [*view.lines[: place.start], *hunk.after[: min(depths)]]
    above = next((line for line in reversed(lines) if line.strip()), "")
    room = indent_of(above).count("\t") + bool(_OPENS.search(above))
    first = depths[min(depths)]
    widths = [w for w in WIDTHS if first <= room * w and all(depth % w == 0 for depth in depths.values())]
    if not widths or any(hunk.after[i].strip() in tabbed for i in depths):
        return hunk
    width, after = max(widths, key=lambda w: (first // w, -WIDTHS.index(w))), list(hunk.after)
    for i, depth in depths.items():
        after[i] = "\t" * (depth // width) + after[i].lstrip()
    return msgspec.structs.replace(hunk, after=tuple(after), signs=signs_of(hunk))


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
