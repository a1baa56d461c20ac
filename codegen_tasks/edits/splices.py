"""Lines of a text are replaced; all other lines keep their bytes. Does not know where the places come from."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from codegen_tasks.text import Text

LONG = 100_000  # pairs of lines
MARK = "\ufeff"  # a byte order mark as a character


class Splice(NamedTuple):
    """Lines `start` to `end` (0-based, half open) of a text become `lines`."""

    start: int
    end: int
    lines: Sequence[str]


def lines_of(text: str) -> list[str]:
    """The lines without their endings. A text that ends with LF has no line after it."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def spliced(text: Text, splices: Sequence[Splice]) -> Text:
    """The text with all splices done, given in order and without overlap. What ended without LF still does, unless its
    last line goes. New lines end like those they replace, the last of these, or the line before.
    """
    lines, ends = lines_of(text.text), [*text.endings]
    lost = splices and splices[-1].end == len(lines) > splices[-1].start and not splices[-1].lines
    ended = lost or not lines or text.text.endswith("\n")
    for start, end, new in reversed(splices):
        lines[start:end] = new
        if len(text.endings) > 1:
            like = ends[start:end] or ends[start - 1 : start] or ends[:1]
            ends[start:end] = [*like, *like[-1:] * len(new)][: len(new)]
    return _like(text, "\n".join(lines) + ("\n" if lines and ended else ""), ends)


def with_last_newline(text: Text, wanted: bool) -> Text:
    """The text with a newline at its end, or without one."""
    result = text.text.removesuffix("\n")
    return _like(text, result + "\n" if wanted and result else result, text.endings)


def rewritten(text: Text, content: str) -> Text:
    """The text with new content. Whether it ends with LF stays as it was; lines that stay keep their endings."""
    old, new = lines_of(text.text), lines_of(content)
    return spliced(text, [Splice(0, len(old), new)] if len(text.endings) == 1 else changes(old, new))


def changes(old: Sequence[str], new: Sequence[str]) -> list[Splice]:
    """What makes the new lines of the old."""
    codes = compared(old, new).get_opcodes()
    return [Splice(a, b, new[c:d]) for tag, a, b, c, d in codes if tag != "equal"]


def compared(old: Sequence[str], new: Sequence[str]) -> SequenceMatcher[str]:
    """Two lists of lines to compare. In long ones lines that occur often are no anchors: else it takes seconds."""
    return SequenceMatcher(None, old, new, autojunk=len(old) * len(new) > LONG)


def _like(text: Text, result: str, ends: Sequence[str]) -> Text:
    """A new content of the text, with as many endings as lines to end; what has none ends like most lines."""
    if text.bom and not text.text.startswith(MARK):
        result = result.removeprefix(MARK)  # a reply repeats it: the file has it already
    if len(text.endings) > 1:
        count, usual = result.count("\n"), max("\r\n", "\n", key=text.endings.count)
        ends = [*ends[:count], *[usual] * (count - len(ends))]
        ends = ends if len({*ends}) > 1 else ends[:1] or ["\n"]
    return Text(result, text.encoding, text.bom, tuple(ends))
