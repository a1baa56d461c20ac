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
    """The text with all splices done, given in order and without overlap. What ended without LF still does."""
    old, new, ends = lines_of(text.text), list[str](), list[str]()
    mixed, done = len(text.endings) > 1, 0
    for start, end, lines in splices:
        new += old[done:start]
        new += lines
        if mixed:
            ends += text.endings[done:start]
            ends += _endings_for(len(lines), start, end, text.endings)
        done = end
    new += old[done:]
    ends += text.endings[done:] if mixed else ()
    bare = bool(old) and not text.text.endswith("\n") and not _lost_last_line(splices, len(old))
    result = "\n".join(new) + ("\n" if new and not bare else "")
    if text.bom and not text.text.startswith(MARK):
        result = result.removeprefix(MARK)  # a reply repeats it: the file has it already
    endings = _fit(ends, result.count("\n"), text.endings) if mixed else text.endings
    return Text(result, text.encoding, text.bom, endings)


def with_last_newline(text: Text, wanted: bool) -> Text:
    """The text with a newline at its end, or without one."""
    if text.text.endswith("\n") is wanted or not text.text:
        return text
    result = text.text + "\n" if wanted else text.text.removesuffix("\n")
    endings = _fit([*text.endings], result.count("\n"), text.endings) if len(text.endings) > 1 else text.endings
    return Text(result, text.encoding, text.bom, endings)


def rewritten(text: Text, content: str) -> Text:
    """The text with new content. Whether it ends with LF stays as it was; lines that stay keep their endings."""
    old, new = lines_of(text.text), lines_of(content)
    if len(text.endings) == 1:
        return spliced(text, [Splice(0, len(old), new)])
    codes = compared(old, new).get_opcodes()
    return spliced(text, [Splice(a, b, new[c:d]) for tag, a, b, c, d in codes if tag != "equal"])


def compared(old: Sequence[str], new: Sequence[str]) -> SequenceMatcher[str]:
    """Two lists of lines to compare. In long ones lines that occur often are no anchors: else it takes seconds."""
    return SequenceMatcher(None, old, new, autojunk=len(old) * len(new) > LONG)


def _lost_last_line(splices: Sequence[Splice], count: int) -> bool:
    """Whether the line without LF is gone and nothing came in its place: the line before keeps its LF."""
    return bool(splices) and splices[-1].end == count > splices[-1].start and not splices[-1].lines


def _endings_for(count: int, start: int, end: int, endings: tuple[str, ...]) -> list[str]:
    """Endings for new lines: those of the lines they replace, then that of the last of these or of the line before."""
    replaced = endings[start:end]
    if not replaced:
        replaced = endings[start - 1 : start] or endings[:1]
    return [replaced[min(i, len(replaced) - 1)] for i in range(count)]


def _fit(ends: list[str], count: int, endings: tuple[str, ...]) -> tuple[str, ...]:
    """As many endings as there are lines to end; what is missing ends like most lines."""
    usual = max("\r\n", "\n", key=endings.count)
    fitted = tuple(ends[:count]) + (usual,) * (count - len(ends))
    return fitted if len(set(fitted)) > 1 else (fitted[:1] or ("\n",))
