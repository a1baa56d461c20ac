"""Files a reply only speaks of, in a line of its own: this one needs no change, that one is empty. Knows no files.

path (unchanged)              path (empty)              ### path
`path` needs no changes.      Create an empty `path`.   No changes needed.
"""

import re
from collections.abc import Sequence

from codegen_tasks.edits.operations import Operation, Stated
from codegen_tasks.edits.read.fences import begins_edit, end_of, fence_in
from codegen_tasks.edits.read.titles import MARKS, clean, in_info, in_line

LONGEST = 300  # characters of a line that may state something
_PATH = r"[`*\"']*[\w.][^\s`*\"',]*[`*\"']*"
_PATHS = rf"(?:also |the |and )?(?P<paths>{_PATH}(?:(?:,? and |, ){_PATH})*)"
_CHANGES = r"(?:further )?(?:changes?|modifications?)"
_STAYS = rf"\(?(?:unchanged|no {_CHANGES}(?: (?:is |are )?(?:needed|required|necessary))?)\)?[.!]?$"
_EMPTY = r"\((?:an? |new,? )*empty(?: file)?\)[.!]?$"
_BUT = r"(?!.*\b(?:except|but|besides|apart|other than|until|unless)\b)"
_SAID = tuple(
    (re.compile(pattern, re.IGNORECASE), empty, plain)
    for pattern, empty, plain in (
        (rf"{_PATHS}[\s:\u2013\u2014-]*{_STAYS}", False, True),
        (rf"{_PATHS}[\s:\u2013\u2014-]*{_EMPTY}", True, True),
        (rf"(?:also )?(?:create|add) (?:an? |new |the )*empty (?:file )?{_PATHS}[.!]?$", True, True),
        (rf"{_PATHS} (?:needs?|requires?|do(?:es)? not (?:need|require)) (?:no|any) {_CHANGES}\b{_BUT}", False, False),
        (rf"{_PATHS} (?:is|are|remains?|stays?) (?:left )?unchanged\b{_BUT}", False, False),
    )
)
_ALONE = re.compile(f"{_STAYS}|{_EMPTY}", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.;!)])\s+")


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """What a line says of whole files, and the line after it. If a block below shows content, it is no empty file."""
    if len(lines[at]) > LONGEST:
        return None
    text = MARKS.sub("", lines[at])
    if _ALONE.match(text):
        above = (line for line in map(lines.__getitem__, range(at - 1, floor - 1, -1)) if line.strip())
        text = f"{''.join(in_line(next(above, '')).titles)}: {text}"
    said = [stated for sentence in _SENTENCE.split(text) for stated in _stated(sentence.strip(), at)]
    if not said or (said[0].empty and _shows_content(lines, at + 1)):
        return None
    return tuple(said), at + 1


def _shows_content(lines: Sequence[str], start: int) -> bool:
    """Whether a block with content, and without a path of its own, follows at once."""
    opening = next((i for i in range(start, min(start + 2, len(lines))) if lines[i].strip()), None)
    fence = None if opening is None else fence_in(lines[opening])
    if fence is None or opening is None or in_info(fence.info).titles or begins_edit(lines, opening):
        return False
    return any(map(str.strip, lines[opening + 1 : end_of(lines, opening, False)]))


def _stated(sentence: str, at: int) -> list[Stated]:
    """What a sentence is about, if it says no more than that it stays or is empty. It counts if a file is called so."""
    for pattern, empty, plain in _SAID:
        if found := pattern.match(sentence):
            names = (clean(word.rstrip(".")) for word in re.split(r",? and |, ", found["paths"]))
            return [Stated((name,), empty, plain, at) for name in names]
    return []
