"""How indentation as a reply writes it becomes the file's: one frame that all known pairs prove. It knows no hunks.

quoted        file              frame
2 spaces      6 spaces          four more spaces
a tab         4 spaces          a tab is four spaces
2 and 4       4 and 8           two spaces are four
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import gcd
from typing import NamedTuple

from codegen_tasks.edits.view import View, indent_of

WIDTHS = (4, 8, 2, 3)  # spaces that may stand for a tab, the likeliest first
SURE = 3  # so many pairs outweigh one
USUAL = 0.98  # of the lines that could be meant


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
        indent = self._converted(indent)
        return self.more + indent.removeprefix(self.less) if indent.startswith(self.less) else None

    def _converted(self, indent: str) -> str:
        if not self.unit:
            return indent
        count = 0
        while indent.startswith(self.unit, count * len(self.unit)):
            count += 1
        return self.its * count + indent[count * len(self.unit) :]


class Rule(NamedTuple):
    """What the pairs say of other lines: each depth they show, the frame they prove (if any), and where one slipped."""

    depths: dict[str, set[str]]
    frame: Frame | None
    slips: frozenset[str] = frozenset()

    def of(self, indent: str) -> str:
        """The file's indentation for a new line. It goes by the lines quoted as far in, else by the frame.

        Raises DepthError where these stand at several depths, where nothing proves a frame, where the new line would
        change sides with a known one, or is further out than all that is known: a shift does not tell of that.
        """
        known = self.depths.get(indent, set())
        if len(known) > 1 or indent in self.slips or not (known or self.frame):
            raise DepthError
        file = next(iter(known)) if known else self.frame.of(indent) if self.frame else None
        if file is None or self._is_beyond(indent, file):
            raise DepthError
        for quoted, its in self.depths.items():
            if any((len(quoted) < len(indent)) != (len(other) < len(file)) for other in its if quoted != indent):
                raise DepthError
        return file

    def _is_beyond(self, indent: str, file: str) -> bool:
        units = self.frame is not None and bool(self.frame.unit) and len(self.depths) > 1
        return not units and indent != file and all(len(indent) < len(quoted) for quoted in self.depths)


def rule_of(pairs: Sequence[Pair], step: int) -> Rule:
    """The rule that the pairs make; one that alone contradicts all others counts as a slip. A reply indents by `step`
    spaces.
    """
    frame, odd = _frame(pairs, step), None
    if frame is None and len(pairs) > SURE:
        frame, odd = _without_slip(pairs, step)
    depths: dict[str, set[str]] = {}
    for pair in pairs:
        if pair is not odd:
            depths.setdefault(pair.quoted, set()).add(pair.file)
    return Rule(depths, frame, frozenset({odd.quoted} if odd else ()))


def _without_slip(pairs: Sequence[Pair], step: int) -> tuple[Frame | None, Pair | None]:
    """The frame that all pairs but one prove, and that one."""
    for odd in pairs:
        rest = [pair for pair in pairs if pair is not odd]
        if (frame := _frame(rest, step)) is not None and _outweigh(rest, odd):
            return frame, odd
    return None, None


def _outweigh(rest: Sequence[Pair], odd: Pair) -> bool:
    """Whether so many speak against one that it slipped. Lines without any indentation do so unless it may only show
    another width of it.
    """
    wide = len(odd.file) / max(1, len(odd.quoted)) in (0.5, 1, 2) or any(_retabbed([odd]))
    return sum(bool(pair.quoted) or not wide for pair in rest) >= SURE


def _frame(pairs: Sequence[Pair], step: int) -> Frame | None:
    """The frame that all pairs prove, if any: a shift, else other units."""
    bare = not any(_quoted(pairs)) and any("\t" in indent for indent in _file(pairs))
    shift = _shift(pairs, " " * step, "\t") if bare else _shift(pairs)
    if shift is not None:
        return shift
    return next(_retabbed(pairs), None) or _scaled(pairs)


def _shift(pairs: Sequence[Pair], unit: str = "", its: str = "") -> Frame | None:
    """The shift that makes the file's indentation of all quoted ones, their units converted first."""
    plain = Frame(unit, its)
    quoted, file = plain.of(pairs[0].quoted) or "", pairs[0].file
    if file.endswith(quoted):
        frame = plain._replace(more=file.removesuffix(quoted))
    elif quoted.endswith(file):
        frame = plain._replace(less=quoted.removesuffix(file))
    else:
        return None
    return frame if all(frame.of(pair.quoted) == pair.file for pair in pairs) else None


def _retabbed(pairs: Sequence[Pair]) -> Iterator[Frame]:
    """Frames of spaces for tabs, or tabs for spaces."""
    tabs = [any("\t" in indent for indent in side) for side in (_quoted(pairs), _file(pairs))]
    if tabs[0] == tabs[1]:
        return
    for width in WIDTHS:
        unit, its = ("\t", " " * width) if tabs[0] else (" " * width, "\t")
        frame = Frame(unit, its)
        if all(frame.of(pair.quoted) == pair.file for pair in pairs):
            yield frame
    if len(set(_quoted(pairs))) > 1:
        for width in WIDTHS:
            unit, its = ("\t", " " * width) if tabs[0] else (" " * width, "\t")
            if frame_ := _shift(pairs, unit, its):
                yield frame_


def _scaled(pairs: Sequence[Pair]) -> Frame | None:
    """So many spaces for so many, which two lines at least must show beside others, or two depths."""
    deep = [pair for pair in pairs if pair.quoted]
    if len(deep) < 2 or any("\t" in pair.quoted + pair.file for pair in pairs):
        return None
    unit, its = (gcd(*map(len, side)) for side in (_quoted(pairs), _file(pairs)))
    if not its:
        return None
    frame = Frame(" " * unit, " " * its)
    return frame if all(frame.of(pair.quoted) == pair.file for pair in pairs) else None


def _quoted(pairs: Iterable[Pair]) -> list[str]:
    return [pair.quoted for pair in pairs]


def _file(pairs: Iterable[Pair]) -> list[str]:
    return [pair.file for pair in pairs]


@lru_cache(maxsize=4)
def _indents(view: View) -> Counter[str]:
    """How many lines begin with each indentation."""
    return Counter(indent_of(view.lines[row]) for row in view.filled)


@lru_cache(maxsize=4)
def unit_of(view: View) -> int:
    """How many characters a line is usually further in than the line above it; 0 if none is."""
    depths = [len(indent_of(view.lines[row])) for row in view.filled]
    steps = Counter(below - above for above, below in pairwise(depths) if below > above)
    return min(steps, key=lambda step: (-steps[step], step), default=0)


def has_tabs_alone(view: View) -> bool:
    """Whether next to no line of the file is indented by more than one space. What holds fences is several files."""
    known = Counter[str]() if "```" in view.text else _indents(view)
    tabs = sum(count for indent, count in known.items() if "\t" in indent and "  " not in indent)
    return 0 < tabs >= USUAL * sum(count for indent, count in known.items() if "\t" in indent or "  " in indent)


def is_open(view: View, width: int, lines: Iterable[tuple[str, str]]) -> bool:
    """Whether one of these new lines (as sent, as written), sent with so many spaces for a tab of the file, could as
    well be meant for another depth.

    No line of the file may be indented otherwise and look the same; if none looks so, tabs must be all it indents with.
    """
    known: dict[int, set[str]] = {}
    for indent in _indents(view):
        known.setdefault(len(indent.replace("\t", " " * width)), set()).add(indent)
    mixed = any(" " * width in indent for indent in _indents(view))
    alike = [(known.get(len(indent_of(sent)), set()), indent_of(line)) for sent, line in lines if line.strip()]
    return any(looks - {written} or (mixed and not looks) for looks, written in alike)
