"""Who wrote each added line: a reply, or a person on top of it. It compares contents and asks nobody."""

from codegen_tasks.diff import make_patch
from codegen_tasks.records import Blob, FileChange
from codegen_tasks.review.patches import FilePatch, read_patch

REPLY, HAND = "reply", "hand"


def hand_written(generated: bytes | None, after: bytes) -> frozenset[int]:
    """The numbers of the lines of `after` that a person wrote; none where nobody edited what was generated."""
    if generated is None or generated == after:
        return frozenset()
    patch = make_patch([FileChange("f", Blob(generated), Blob(after))], 0)
    return frozenset(
        line.new for file in read_patch(patch) for hunk in file.hunks for line in hunk.lines if line.sign == "+"
    )


def ranges(file: FilePatch, by_hand: frozenset[int]) -> list[tuple[int, int, str]]:
    """The added lines of a file as runs: first and last number, and who wrote them."""
    runs: list[tuple[int, int, str]] = []
    for line in (line for hunk in file.hunks for line in hunk.lines if line.sign == "+"):
        who = HAND if line.new in by_hand else REPLY
        if runs and runs[-1][1] == line.new - 1 and runs[-1][2] == who:
            runs[-1] = (runs[-1][0], line.new, who)
        else:
            runs.append((line.new, line.new, who))
    return runs
