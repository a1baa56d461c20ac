"""What stands before every line of new text and not in the file: numbers, signs of a diff, bars. It places nothing."""

import re
from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import pairwise, takewhile

from codegen_tasks.edits.syntax.languages import is_prose, language_of
from codegen_tasks.edits.view import View

SIGNED = (
    "its new text shows lines of the file behind the signs of a diff (`{}`): send a fence that is called diff, with "
    "every line behind a space, - or +, or the whole file without signs"
)
NUMBERED = "its new text begins each line with its number (`{}`): send the lines alone"
SPACED = "every line of its new text begins with a space, as in a diff, which the file's do not: send it without them"

_COUNTED = re.compile(
    r"\s*(?:L(?=\d)|\[(?=\d+\]))?(\d+)(\s*(?:[|\u2502\u2503:]|\u2192|->|=>)|\t|[.)\]](?=\s|$)|(?= ))(\s?)(.*)"
)
_BARS = {"|", "\u2502", "\u2503", "\u2192", "->", "=>"}
_LISTED = {"\t", ":", "]", ")", "."}
_SPACED = {"|", "\u2502", "\u2503", ":", "->", "=>", ".", ")", "]", ""}  # what a listing may put a space behind
_GUTTERS = ("\u2502 ", "\u2502", "\u2503 ", "\u258f ", "> ")

Lines = list[str]


class Known:
    """The lines of a file that are not blank, and those that an edit quotes from it."""

    def __init__(self, view: View, quoted: Sequence[str] = ()) -> None:
        self.view = view
        self.quoted = quoted

    @cached_property
    def lines(self) -> frozenset[str]:
        """The lines without the space behind them."""
        return frozenset(line.rstrip() for lines in (self.view.lines, self.quoted) for line in lines) - {""}

    @cached_property
    def stripped(self) -> Collection[str]:
        """The lines without the space around them."""
        quoted = {line.strip() for line in self.quoted} - {""}
        return self.view.known if quoted <= self.view.known else self.view.known | quoted


def without_gutter(lines: Lines, path: str, known: Known) -> Lines:
    """The lines without what is certain to be no part of them."""
    kept = _without_numbers(lines, path, known) or lines
    kept = _without_signs(kept, path, known) or kept
    return _without_bar(kept, path, known.stripped) or kept


def gutter_in(lines: Sequence[str], path: str, known: Known, *, whole: bool) -> str:
    """Why what stands before the lines is doubtful, or ""."""
    fresh = [line for line in lines if line.strip() and line.strip() not in known.stripped]
    gone = [line for line in fresh if line[0] == "-" and line[1:].rstrip() in known.lines]
    if gone and any(line[0] == "+" for line in fresh):
        return SIGNED.format(gone[0])
    if whole and _is_spaced(lines, known):
        return SPACED
    return NUMBERED.format(fresh[0]) if _is_listing(fresh, path, known.stripped) else ""


def _without_numbers(lines: Lines, path: str, known: Known) -> Lines | None:
    """The lines without the numbers of a listing before each, one after the other and a bar behind them."""
    rows = [_COUNTED.fullmatch(line) for line in lines]
    found = [row for row in rows if row]
    if not found or len(found) != len(lines) or any(line.strip() in known.stripped for line in lines):
        return None
    signs = {row[2].strip(" ") for row in found}
    texts = [row[4].strip() for row in found if row[4].strip()]
    listed = is_prose(path) and signs & {".", ")", ""}  # a list of people's own
    told = bool(texts) and not listed and 2 * sum(text in known.stripped for text in texts) >= len(texts)
    barred = not signs - _BARS and len(found) > 1 and language_of(path) is not None
    counted = all(int(row[1]) + 1 == int(following[1]) for row, following in pairwise(found))
    if not counted or not (told or barred):
        return None
    spaced = all(row[3] for row in found if row[4].strip()) and not signs - _SPACED
    filled = [row for row in found if row[4].strip()]
    if spaced and all(row[4][0].isspace() for row in filled):  # the space may be the file's: its lines tell
        spaced = not known.lines.isdisjoint(row[4].rstrip() for row in filled)
        if not spaced and known.lines.isdisjoint((row[3] + row[4]).rstrip() for row in filled):
            return None
    return [(row[4] if spaced else row[3] + row[4]).rstrip() if row[4].strip() else "" for row in found]


def _without_signs(lines: Lines, path: str, known: Known) -> Lines | None:
    """The lines without the sign of a diff before each: new ones, the file's own behind a space, or all that go."""
    filled = [line for line in lines if line.strip()]
    signs = {line[0] for line in filled}
    if signs not in ({"+"}, {"+", " "}, {"-"}) or is_prose(path) or path.endswith((".diff", ".patch")):
        return None
    own = all(line[1:].rstrip() in known.lines for line in filled if line[0] != "+")
    if (
        not own
        or any(line.startswith("+") for line in known.stripped)
        or any(line.rstrip() in known.lines for line in filled)
    ):
        return None
    return [line[1:] for line in lines]


def without_space(lines: Lines, known: Known) -> Lines:
    """A whole file without the one space before each of its lines that the context of a diff has."""
    filled = [line for line in lines if line.strip()]
    if not filled or not all(line[0] == " " and line.rstrip() not in known.lines for line in filled):
        return lines
    own = sum(line[1:].rstrip() in known.lines for line in filled)
    return [line[1:] for line in lines] if 2 * own >= len(filled) else lines


def _without_bar(lines: Lines, path: str, known: Collection[str]) -> Lines | None:
    """The lines without the bar or the sign of a quotation before each."""
    filled = [line for line in lines if line.strip()]
    for gutter in _GUTTERS:
        if len(filled) > 1 and not is_prose(path) and all(line.startswith(gutter.rstrip()) for line in filled):
            whole = all(line.startswith(gutter) or line.strip() == gutter.strip() for line in filled)
            if whole and not any(line.startswith(gutter.strip()) for line in known):
                return [line[len(gutter) :] for line in lines]
    return None


def _is_spaced(lines: Sequence[str], known: Known) -> bool:
    """Whether every line of a file begins with a space that not all of the old ones had, as the context of a diff."""
    filled = [line for line in lines if line.strip()]
    spaced = all(line[0] == " " for line in filled) and any(line[0] != " " for line in known.lines)
    return spaced and any(line[1:].rstrip() in known.lines and line.rstrip() not in known.lines for line in filled)


def _is_listing(fresh: Sequence[str], path: str, known: Collection[str]) -> bool:
    """Whether each new line begins with its number, and a bar, or half of what stands behind is known without it."""
    rows = [found for found in takewhile(bool, map(_COUNTED.fullmatch, fresh)) if found]
    if not rows or len(rows) != len(fresh):
        return False
    texts = [row[4].strip() for row in rows if row[4].strip()]
    signs = {row[2].strip(" ") for row in rows}
    if is_prose(path) and signs & {".", ")", ""}:
        return False
    coded = language_of(path) not in ("yaml", "json", "jsonc", "toml") and not is_prose(path) and bool(known)
    numbered = signs == {"\t"} or all(row[0].lstrip()[0] in "L[" for row in rows)
    plain = ((coded and not signs - _LISTED) or (bool(known) and numbered)) and not any(map(_COUNTED.match, known))
    told = plain or not signs - _BARS or 2 * sum(text in known for text in texts) >= len(texts)
    counted = all(int(row[1]) < int(following[1]) for row, following in pairwise(rows))
    return counted and told and (1 if signs == {"\u2192"} else 2) <= len(rows)
