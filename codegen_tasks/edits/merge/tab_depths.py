"""How deep spaces are in a file of tabs: what the whole file shows of its indentation. It knows no formats."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from codegen_tasks.edits.view import View, indent_of

USUAL = 0.98  # of the lines that could be meant


@lru_cache(maxsize=4)
def indents(view: View) -> Counter[str]:
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
    known = Counter[str]() if "```" in view.text else indents(view)
    tabs = sum(count for indent, count in known.items() if "\t" in indent and "  " not in indent)
    return 0 < tabs >= USUAL * sum(count for indent, count in known.items() if "\t" in indent or "  " in indent)


def is_open(view: View, width: int, lines: Iterable[tuple[str, str]]) -> bool:
    """Whether one of these new lines (as sent, as written), sent with so many spaces for a tab of the file, could as
    well be meant for another depth.

    No line of the file may be indented otherwise and look the same; if none looks so, tabs must be all it indents with.
    """
    known: dict[int, set[str]] = {}
    for indent in indents(view):
        known.setdefault(len(indent.replace("\t", " " * width)), set()).add(indent)
    mixed = any(" " * width in indent for indent in indents(view))
    for sent, written in lines:
        if written.strip() and "\t" not in indent_of(sent):
            alike = known.get(len(indent_of(sent)), set())
            if alike - {indent_of(written)} or (mixed and not alike):
                return True
    return False
