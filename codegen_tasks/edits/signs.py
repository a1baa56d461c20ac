"""What becomes of each row of a hunk: it stays, it goes, or it comes. It finds no places and knows no format."""

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
