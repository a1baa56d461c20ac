"""How indentation as a reply writes it becomes the file's: one frame that all known pairs prove. It knows no hunks.

quoted        file              frame
2 spaces      6 spaces          four more spaces
a tab         4 spaces          a tab is four spaces
2 and 4       4 and 8           two spaces are four
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import gcd
from typing import NamedTuple

from codegen_tasks.edits.view import View, depth_of, indent_of

WIDTHS = (4, 8, 2, 3)  # spaces that may stand for a tab, the likeliest first
SURE = 3  # so many pairs outweigh one
USUAL = 0.98  # of the lines that are indented


class DepthError(Exception):
    """It is not certain how far in a new line belongs."""


class Pair(NamedTuple):
    """The indentation of a line as it is quoted and as the file has it; `row` is its number in the quote."""

    row: int
    quoted: str
    file: str


class Frame(NamedTuple):
    """`unit` of the reply is `its` of the file; then `less` is taken off the front and `more` put there."""

    unit: str = ""
    its: str = ""
    less: str = ""
    more: str = ""

    def of(self, indent: str) -> str | None:
        """The file's indentation for the reply's; None if the frame has none."""
        count = 0
        while self.unit and indent.startswith(self.unit, count * len(self.unit)):
            count += 1
        indent = self.its * count + indent[count * len(self.unit) :]
        return self.more + indent.removeprefix(self.less) if indent.startswith(self.less) else None

    def explains(self, pairs: Sequence[Pair]) -> bool:
        """Whether it makes the file's indentation of all the quoted ones."""
        return all(self.of(pair.quoted) == pair.file for pair in pairs)


class Rule(NamedTuple):
    """What the pairs say of other lines: where those of each depth are, and the frame that they prove, if any."""

    depths: dict[str, set[str]]
    frame: Frame | None

    def of(self, line: str) -> str:
        """A new line as far in as the file has it; one of nothing but blanks is empty if lines move.

        Raises DepthError where nothing tells of its depth, where lines quoted as far in stand elsewhere, and where it
        is further out than all that is quoted: a shift does not tell of that, other units do.
        """
        if not line.strip():
            return line if self.frame == Frame() else ""
        indent = indent_of(line)
        files = set(self.depths.get(indent, ()))
        if self.frame is not None and (told := self.frame.of(indent)) is not None:
            files.add(told)
        file = files.pop() if len(files) == 1 else None
        units = self.frame is not None and bool(self.frame.unit) and len(self.depths) > 1
        if file is None or (not units and file != indent and all(len(indent) < len(quoted) for quoted in self.depths)):
            raise DepthError
        return file + line.lstrip()


def rule_of(pairs: Sequence[Pair], step: int) -> Rule:
    """The rule that the pairs make, if any; a reply indents by `step` spaces."""
    depths: dict[str, set[str]] = {}
    for pair in pairs:
        depths.setdefault(pair.quoted, set()).add(pair.file)
    return Rule(depths, (_frame(pairs, step) or _without_slip(pairs, step)) if pairs else Frame())


def _without_slip(pairs: Sequence[Pair], step: int) -> Frame | None:
    """The frame that all pairs but one prove, where enough of these are indented."""
    deep = sum(bool(pair.quoted) for pair in pairs)
    parts = ([pair for pair in pairs if pair is not odd] for odd in pairs if deep - bool(odd.quoted) >= SURE)
    return next((frame for rest in parts if (frame := _frame(rest, step))), None)


def _frame(pairs: Sequence[Pair], step: int) -> Frame | None:
    """The frame that all pairs prove, if any."""
    return next((frame for frame in _frames(pairs, step) if frame.explains(pairs)), None)


def _frames(pairs: Sequence[Pair], step: int) -> Iterator[Frame]:
    """A shift, else other units: where one side alone has tabs so many spaces for a tab, else so many for so many."""
    quoted, file = {pair.quoted for pair in pairs}, {pair.file for pair in pairs}
    tabs = [any("\t" in indent for indent in side) for side in (quoted, file)]
    yield _shifted(pairs[0], Frame(" " * step, "\t") if tabs[1] and quoted == {""} else Frame())
    if tabs[0] != tabs[1]:
        units = [Frame("\t", " " * width) if tabs[0] else Frame(" " * width, "\t") for width in WIDTHS]
        yield from units
        yield from (_shifted(pairs[0], unit) for unit in units if len(quoted) > 1)
    elif sum(bool(pair.quoted) for pair in pairs) > 1 and not any(tabs) and any(file):
        yield Frame(" " * gcd(*map(len, quoted)), " " * gcd(*map(len, file)))


def _shifted(pair: Pair, unit: Frame) -> Frame:
    """The frame of these units that is shifted as a pair shows."""
    indent = unit.of(pair.quoted) or ""
    if pair.file.endswith(indent):
        return unit._replace(more=pair.file.removesuffix(indent))
    return unit._replace(less=indent.removesuffix(pair.file))


@lru_cache(maxsize=4)
def unit_of(view: View) -> int:
    """How many characters a line is usually further in than the line above it; 0 if none is."""
    depths = [depth_of(view.lines[row]) for row in view.filled]
    steps = Counter(below - above for above, below in pairwise(depths) if below > above)
    return min(steps, key=lambda step: (-steps[step], step), default=0)


@lru_cache(maxsize=4)
def has_tabs_alone(view: View) -> bool:
    """Whether next to no line of the file is indented by more than one space. What holds fences is several files."""
    indents = [indent_of(view.lines[row]) for row in view.filled]
    spaces = sum("  " in indent for indent in indents)
    tabs = sum("\t" in indent and "  " not in indent for indent in indents)
    return 0 < tabs >= USUAL * (tabs + spaces) and "```" not in view.text
