"""The rung for text that begins or ends inside a line: it counts where it is whole by itself. Knows no language.

Half a word or a number is never meant, nor is code in a comment or a string, where it does nothing. What a tool call
sends as a string is taken as it is.
"""

import re

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.view import LONGEST, Place, View

SHORTEST = 3
MANY = 50  # places that are looked at
WIDE = 100  # characters around an end that may belong to one word
_MARKS = (";", ":", ",")  # what is never meant twice at a line's end
_CLOSES = re.compile(r"[\s;:,)\]}]*$")
_TOKEN = re.compile(r"\d+(?:\.\d+)+|\w+(?:-[^\W\d]\w*)*")
_AMID = re.compile(r"[\w.-]{2}")
_CODE = re.compile(r"^(?:await|from|import|raise|return|throw|yield)\b|[=(){}\[\];<>]|^\W*\w+\W*$")
_COMMENT_OR_STRING = re.compile(
    r"(?<![^\s])(?:#|//|--|/\*)\s.*|(?<!\w)[bfru]{0,2}([\"'`])(?:\\.|(?!\1).)*\1", re.IGNORECASE
)


def within(view: View, hunk: Hunk) -> list[Place]:
    """The places where the quoted text stands as a part of lines."""
    if not hunk.floating or not hunk.before[0].strip() or not hunk.before[-1].strip():
        return []
    text = "\n".join(hunk.before)
    if len(text.strip()) < SHORTEST:
        return []
    whole, cut = occurrences(view, text, MANY)
    if hunk.literal:
        return whole or cut
    return [place for place in whole if not _is_idle(view, place, text) and not _is_glued(view, hunk, place)]


def occurrences(view: View, text: str, most: int) -> tuple[list[Place], list[Place]]:
    """The first places of a text, wherever in a line: where no word or number goes on beyond either end, and others."""
    found: tuple[list[Place], list[Place]] = ([], [])
    at = view.text.find(text)
    while at >= 0 and len(found[0]) + len(found[1]) < most:
        (line, column), (last, stop) = view.position(at), view.position(at + len(text))
        cut = is_cut(view.lines[line], column) or (last < len(view.lines) and is_cut(view.lines[last], stop))
        found[cut].append(Place(tuple(range(line, last + 1)), "part of a line", 0.9, line, column, stop))
        at = view.text.find(text, at + 1)
    return found


def is_cut(line: str, at: int) -> bool:
    """Whether a place in a line is amid a word or a number."""
    if not _AMID.fullmatch(line[max(0, at - 1) : at + 1]):
        return False
    near = line[max(0, at - WIDE) : at + WIDE]
    return any(token.start() < min(at, WIDE) < token.end() for token in _TOKEN.finditer(near))


def _is_glued(view: View, hunk: Hunk, place: Place) -> bool:
    """Whether the rest of the last quoted line would stand behind a new line that does not go with it.

    It goes with the quoted line itself and with brackets; what closes a line goes with any that does not end so.
    """
    tail, last = view.lines[place.end - 1][place.stop :].strip(), hunk.after[-1].rstrip() if hunk.after else ""
    if not tail or last.endswith(hunk.before[-1].strip()):
        return False
    if tail in _MARKS:
        return last.endswith(tail)
    return len(hunk.after) > len(hunk.before) and not (_CLOSES.match(tail) or _CLOSES.match(last))


def _is_idle(view: View, place: Place, text: str) -> bool:
    """Whether code was found in a comment or a string, and not what marks it as such."""
    line = view.lines[place.start]
    if len(place.rows) > 1 or len(line) > LONGEST or not _CODE.search(text):
        return False
    spans = (found.span() for found in _COMMENT_OR_STRING.finditer(line))
    return any(start < place.column and place.stop <= end for start, end in spans)
