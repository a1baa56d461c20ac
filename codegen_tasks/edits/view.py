"""The lines of a text, prepared to find other lines in it, and the places found. Knows no hunks and no formats."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

from codegen_tasks.edits.splices import lines_of
from codegen_tasks.records import Record

_PLAIN = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00a0": " ",
    "\u2007": " ", "\u202f": " ", "\u2002": " ", "\u2003": " ", "\u2009": " ", "\u3000": " ", "\u2010": "-",
    "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2026": "...", "\u200b": None,
    "\ufeff": None,
})  # fmt: skip

_SPACE = dict.fromkeys(map(ord, " \t\r\x0b\x0c\x1c\x1d\x1e\x1f"))  # all of ASCII that `split` splits at but LF
LONGEST = 2000  # characters of a line whose strings are told apart
_TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\w+|[^\w\s]")


def plain(line: str) -> str:
    """A line with plain quotes, dashes and spaces, and no space around it."""
    return line.strip() if line.isascii() else line.translate(_PLAIN).strip()


def squeezed(line: str) -> str:
    """A line with plain quotes and dashes, and without any space."""
    return "".join(plain(line).split())


def spaced(line: str) -> str:
    """A line with one space between all its words and signs; strings are one word."""
    return " ".join(_TOKEN.findall(line)) if len(line) < LONGEST else line


def indent_of(line: str) -> str:
    """The space a line begins with."""
    return line[: depth_of(line)]


def depth_of(line: str) -> int:
    """How far in a line stands, in characters."""
    return len(line) - len(line.lstrip())


class Place(Record, frozen=True):
    """The line of the text (0-based) for each quoted line, -1 where it has none; how it was found and how well.

    `start` is the first line; `column` and `stop` (else -1) bound a place that begins and ends inside a line.
    """

    rows: tuple[int, ...] | range
    rung: str
    score: float
    start: int
    column: int = -1
    stop: int = -1

    @property
    def end(self) -> int:
        """The line after the last."""
        if isinstance(self.rows, range):
            return self.rows.stop
        return max((row for row in self.rows if row >= 0), default=self.start - 1) + 1


def amid_blanks(rows: Sequence[int], quoted: Sequence[str]) -> tuple[int, ...]:
    """The rows of quoted lines that are not blank, and -1 for the blank ones between them."""
    numbers = iter(rows)
    return tuple(next(numbers) if line.strip() else -1 for line in quoted)


class Index:
    """A list of lines to find others in: what that takes is built when it is first needed."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines

    @cached_property
    def rows(self) -> Mapping[str, Sequence[int]]:
        """Where each line stands."""
        rows = defaultdict[str, list[int]](list)
        for row, line in enumerate(self.lines):
            rows[line].append(row)
        return dict(rows)

    @cached_property
    def framed(self) -> str:
        """The text with LF before the first and after the last line: whole lines are found between two LF."""
        return "\n" + "\n".join(self.lines) + "\n"

    def find(self, lines: Sequence[str]) -> list[int]:
        """Where these lines stand one after the other."""
        wanted, found, at, line, counted = "\n" + "\n".join(lines) + "\n", list[int](), -1, 0, 0
        while (at := self.framed.find(wanted, at + 1)) >= 0:
            line += self.framed.count("\n", counted, at)
            counted = at
            found.append(line)
        return found


class View:
    """A text, its lines and what they say, each built when it is first needed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = lines_of(text)

    @cached_property
    def exact(self) -> Index:
        """The lines as they are."""
        return Index(self.lines)

    @cached_property
    def stripped(self) -> list[str]:
        """The lines without the space around them."""
        return [line.strip() for line in self.lines]

    @cached_property
    def known(self) -> frozenset[str]:
        """The stripped lines that are not blank."""
        return frozenset(self.stripped) - {""}

    @cached_property
    def plain(self) -> list[str]:
        """The stripped lines with plain quotes, dashes and spaces."""
        return self.stripped if self.text.isascii() else [plain(line) for line in self.lines]

    @cached_property
    def filled(self) -> list[int]:
        """The numbers of the lines that are not blank."""
        return [i for i, line in enumerate(self.stripped) if line]

    @cached_property
    def dense(self) -> Index:
        """The lines that are not blank, without any space."""
        if self.text.isascii():
            return Index(list(filter(None, self.text.translate(_SPACE).split("\n"))))
        return Index([squeezed(self.lines[row]) for row in self.filled])

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        return self.text.count("\n", 0, offset), offset - self.text.rfind("\n", 0, offset) - 1


@lru_cache(maxsize=4)
def view_of(text: str) -> View:
    """The view of a text; the same one while the text is looked at again and again."""
    return View(text)
