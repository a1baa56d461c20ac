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
_PATHS = r"(?P<paths>[`*\"']*[\w.][^\s`*\"',]*[`*\"']*(?:(?:,? and |, )[`*\"']*[\w.][^\s`*\"',]*[`*\"']*)*)"
_CHANGES = r"(?:any |further |more |other |additional )*(?:changes?|modifications?|edits?|updates?)"
_NEEDED = r"(?:(?:is |are |was |were )?(?:needed|required|necessary|made) ?)"
_LEAD = r"^(?:also,? |and |finally,? |the |file |an? |new )*"
_STAYS = (
    rf"{_LEAD}{_PATHS}\s*[:\u2013\u2014-]*\s*\(?(?:unchanged|no {_CHANGES}(?: {_NEEDED})?)\)?[.!]?$",
    rf"{_LEAD}{_PATHS} (?:needs?|requires?|has|have) no {_CHANGES}\b(?P<rest>.*)$",
    rf"{_LEAD}{_PATHS} do(?:es)?(?: not|n't) (?:need|require)(?: {_CHANGES}| to be (?:changed|modified))(?P<rest>.*)$",
    rf"{_LEAD}{_PATHS} (?:is|are|remains?|stays?) (?:left )?unchanged\b(?P<rest>.*)$",
    rf"^no {_CHANGES} {_NEEDED}(?:in|to|for) {_LEAD[1:]}{_PATHS}(?P<rest>[\s.;:].*)?$",
)
_EMPTY = (
    rf"{_LEAD}{_PATHS}\s*[:\u2013\u2014-]*\s*\((?:an? |new,? )*empty(?: file)?\)[.!]?$",
    rf"{_LEAD}{_PATHS} (?:stays?|remains?|can be|should be|will be)(?: left| an)? empty(?: files?)?[.!]?$",
    rf"{_LEAD}(?:create |add )(?:also |an? |new |the )*empty (?:file )?(?:at |named |called )?{_PATHS}[.!]?$",
)
_SAID = tuple((re.compile(pattern, re.IGNORECASE), False) for pattern in _STAYS) + tuple(
    (re.compile(pattern, re.IGNORECASE), True) for pattern in _EMPTY
)
_PLAIN = (_SAID[0][0], *(pattern for pattern, empty in _SAID if empty))
_BUT = re.compile(r"\b(?:except|but|besides|beyond|apart|aside|other than|until|yet|once|unless)\b", re.IGNORECASE)
_WORDS = re.compile(r"unchanged|\b(?:no|not|n't)\b.*\b(?:chang|modif|edit|updat)|\bempty\b", re.IGNORECASE)
_ALONE = re.compile(
    rf"(?:\((?:an? |new,? )*empty(?: file)?\)|\(?(?:unchanged|no {_CHANGES}(?: {_NEEDED})?)\)?)[.!]?$", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.;!)])\s+")


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """What a line says of whole files, and the line after it. If a block below shows content, it is no empty file."""
    if len(lines[at]) > LONGEST or not _WORDS.search(lines[at]):
        return None
    above = (line for line in map(lines.__getitem__, range(at - 1, floor - 1, -1)) if line.strip())
    title = in_line(next(above, "")).titles
    text = MARKS.sub("", lines[at])
    text = f"{title[0]}: {text}" if title and _ALONE.match(text) else text
    said = [stated for sentence in _SENTENCE.split(text) for stated in _stated(sentence, at)]
    if not said or (said[0].empty and _shows_content(lines, at + 1)):
        return None
    return tuple(said), at + 1


def _shows_content(lines: Sequence[str], start: int) -> bool:
    """Whether a block with content, and without a path of its own, follows at once."""
    opening = next((i for i in range(start, min(start + 2, len(lines))) if lines[i].strip()), None)
    fence = None if opening is None else fence_in(lines[opening])
    close = None if opening is None else end_of(lines, opening, False)
    if fence is None or opening is None or in_info(fence.info).titles or begins_edit(lines, opening):
        return False
    return any(map(str.strip, lines[opening + 1 : close]))


def _stated(sentence: str, at: int) -> list[Stated]:
    """What a sentence is about, if it says no more than that it stays or is empty. It counts if a file is called so."""
    for pattern, empty in _SAID:
        found = pattern.match(sentence.strip())
        if found and not _BUT.search(found.groupdict().get("rest") or ""):
            names = [clean(word.rstrip(".")) for word in re.split(r",? and |, ", found["paths"])]
            return [Stated((name,), empty, pattern in _PLAIN, at) for name in names]
    return []
