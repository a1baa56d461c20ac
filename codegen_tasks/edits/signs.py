"""What becomes of each row of a hunk: it stays, it goes, or it comes. It finds no places and knows no format."""

import re
from collections.abc import Iterator
from functools import lru_cache

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.splices import compared


@lru_cache(maxsize=64)
def signs_of(hunk: Hunk) -> str:
    """The signs of the hunk's rows; for two sides alone, what an aligned comparison of them shows."""
    if hunk.signs:
        return hunk.signs
    before, after = hunk.before, hunk.after
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    signs = [" " * head]
    for tag, a, b, c, d in compared(old, new).get_opcodes():
        signs.append(" " * (b - a) if tag == "equal" else "-" * (b - a) + "+" * (d - c))
    return "".join(signs) + " " * tail


def runs_of(signs: str) -> Iterator[tuple[str, range, range]]:
    """The rows that stay or change together: their signs, and their numbers in the two sides."""
    row = new = 0
    for run in re.findall(r" +|[-+]+", signs):
        end, last = row + len(run) - run.count("+"), new + len(run) - run.count("-")
        yield run, range(row, end), range(new, last)
        row, new = end, last
