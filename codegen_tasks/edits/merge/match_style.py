"""New lines are written with the quotes and dashes of the file. It finds no places."""

from collections.abc import Mapping, Sequence

import msgspec

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.splices import compared
from codegen_tasks.edits.view import Place, View, indent_of

QUOTES = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}  # who writes one of them so writes all


def match_style(view: View, hunk: Hunk, place: Place) -> Hunk:
    """The hunk with quotes, dashes and spaces as the file has them where a line repeats the quote, and plain ones where
    it has these. Curly quotes that it has nowhere are plain ones too, if one of them is.

    The quoted lines become the file's in this, so that lines that stay are still known to.
    """
    if place.rung != "quotes and dashes":
        return hunk
    found = zip(hunk.before, place.rows, strict=True)
    pairs = [(line, file) for line, at in found if (file := indent_of(line) + view.lines[at].strip()) != line]
    pairs = [(quoted, file) for quoted, file in pairs if len(quoted) == len(file)]
    meant = {a: b for pair in pairs for a, b in zip(*pair, strict=True) if a != b}
    if meant.keys() & QUOTES.keys():
        meant = {a: b for a, b in QUOTES.items() if a not in view.text} | meant
    straight = str.maketrans({a: b for a, b in meant.items() if b.isascii()})
    sides = (hunk.before, hunk.after)
    before, after = (tuple(_like(line, pairs, meant).translate(straight) for line in side) for side in sides)
    return msgspec.structs.replace(hunk, before=before, after=after)


def _like(line: str, pairs: Sequence[tuple[str, str]], meant: Mapping[str, str]) -> str:
    """A line with the file's characters where it repeats the quoted line that is most like it."""
    if not pairs or not meant.keys() & set(line):
        return line
    quoted, file = max(pairs, key=lambda pair: compared(pair[0], line).ratio())
    codes = compared(quoted, line).get_opcodes()
    return "".join(file[a:b] if tag == "equal" else line[c:d] for tag, a, b, c, d in codes)
