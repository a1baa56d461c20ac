"""Files a reply only speaks of, in a line of its own: this one needs no change, that one is empty. Knows no files.

path (unchanged)              path (empty)              ### path
`path` needs no changes.      Create an empty `path`.   No changes needed.
"""

import re
from collections.abc import Sequence

from codegen_tasks.edits.operations import Operation, Stated
from codegen_tasks.edits.read.fences import begins_edit, closes, fence_in
from codegen_tasks.edits.read.titles import MARKS, clean, in_info, in_line

LONGEST = 300  # characters of a line that may state something
_PATH = r"[`*\"']*[\w.][^\s`*\"',]*[`*\"']*"
_PATHS = rf"(?:also |the |and )?(?P<paths>{_PATH}(?:(?:,? and |, ){_PATH})*)"
_CHANGES = r"(?:further )?(?:changes?|modifications?)"
_STAYS = rf"\(?(?:unchanged|no {_CHANGES}(?: (?:is |are )?(?:needed|required|necessary))?)\)?[.!]?$"
_EMPTY = r"\((?:an? |new,? )*empty(?: file)?\)[.!]?$"
_BUT = r"(?!.*\b(?:except|but|besides|apart|other than|until|unless)\b)"
_NEEDS = rf"(?:needs?|requires?|do(?:es)? not (?:need|require)) (?:no|any) {_CHANGES}"
_IS = r"(?:is|are|remains?|stays?) (?:left )?unchanged"
_SAID = re.compile(
    rf"(?P<new>(?:also )?(?:create|add) (?:an? |new |the )*empty (?:file )?)?{_PATHS}"
    rf"(?:[\s:\u2013\u2014-]*(?:(?P<empty>{_EMPTY})|(?P<stays>{_STAYS}))"
    rf"| (?:{_NEEDS}|{_IS})\b{_BUT}|(?(new)[.!]?$|(?!)))",
    re.IGNORECASE,
)
_ALONE = re.compile(f"{_STAYS}|{_EMPTY}", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.;!)])\s+")


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """What a line says of whole files, and the line after it. If a block below shows content, it is no empty file."""
    if len(lines[at]) > LONGEST:
        return None
    text = MARKS.sub("", lines[at])
    if _ALONE.match(text):
        above = (lines[i] for i in range(at - 1, floor - 1, -1) if lines[i].strip())
        text = f"{''.join(in_line(next(above, '')).titles)}: {text}"
    said = tuple(stated for sentence in _SENTENCE.split(text) for stated in _stated(sentence.strip(), at))
    return None if not said or (said[0].empty and _shows_content(lines, at + 1)) else (said, at + 1)


def _shows_content(lines: Sequence[str], start: int) -> bool:
    """Whether a block that holds anything, and has no path of its own, follows at once."""
    at = next((i for i in range(start, min(start + 2, len(lines))) if lines[i].strip()), start)
    fence = fence_in("".join(lines[at : at + 1]))
    if fence is None or in_info(fence.info).titles or begins_edit(lines, at):
        return False
    return not closes("".join(lines[at + 1 : at + 2]), fence)


def _stated(sentence: str, at: int) -> list[Stated]:
    """What a sentence is about, if it says no more than that it stays or is empty. It counts if a file is called so."""
    found = _SAID.match(sentence)
    if found is None:
        return []
    names = [clean(word.rstrip(".")) for word in re.split(r",? and |, ", found["paths"])]
    empty = bool(found["new"] or found["empty"])
    return [Stated((name,), empty, empty or bool(found["stays"]), at) for name in names]
