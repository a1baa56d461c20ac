"""The rung for text that begins or ends inside a line: it counts where it is whole by itself. Knows no language.

Half a word or a number is never meant, nor is code in a comment or a string, where it does nothing. What a tool call
sends as a string is taken as it is.
"""

import re

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.view import Place, View

SHORTEST = 3
WIDE = 100  # characters around an end that may belong to one word
LONGEST = 2000  # characters of a line in which comments and strings are told apart
_TOKEN = re.compile(r"\d+(?:\.\d+)+|\w+(?:-[^\W\d]\w*)*")
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
    found = [_place(view, at, at + len(text)) for at in view.offsets(text)]
    whole = [place for place in found if _is_whole(view, place)]
    return whole or found if hunk.literal else [place for place in whole if not _is_idle(view, place, text)]


def _place(view: View, start: int, end: int) -> Place:
    line, column = view.position(start)
    last, stop = view.position(end)
    return Place(tuple(range(line, last + 1)), "part of a line", 0.9, line, column, stop)


def _is_whole(view: View, place: Place) -> bool:
    """Whether no word or number goes on beyond either end."""
    ends = ((view.lines[place.start], place.column), (view.lines[place.end - 1], place.stop))
    return not any(_is_cut(line[max(0, at - WIDE) : at + WIDE], min(at, WIDE)) for line, at in ends)


def _is_cut(text: str, at: int) -> bool:
    """Whether a place in a text is amid a word or a number."""
    return any(token.start() < at < token.end() for token in _TOKEN.finditer(text))


def _is_idle(view: View, place: Place, text: str) -> bool:
    """Whether code was found in a comment or a string, and not what marks it as such."""
    line = view.lines[place.start]
    if len(place.rows) > 1 or len(line) > LONGEST or not _CODE.search(text):
        return False
    spans = (found.span() for found in _COMMENT_OR_STRING.finditer(line))
    return any(start < place.column and place.stop <= end for start, end in spans)
