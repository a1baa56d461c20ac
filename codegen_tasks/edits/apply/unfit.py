"""Why a block cannot be all of a file that is there: it shows an edit of it, or a listing. It places nothing."""

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from codegen_tasks.edits.syntax.languages import is_prose

MARKED = (
    "its new text holds the marks of an edit (`{}`), which the file does not have: an edit under its path is a block "
    "that begins with <<<<<<< SEARCH, or a diff; what is sent as the whole file must be plain text"
)
SIGNED = (
    "its new text shows lines of the file behind the signs of a diff (`{}`): send a fence that is called diff, with "
    "every line behind a space, - or +, or the whole file without signs"
)
NUMBERED = "its new text begins each line with its number (`{}`): send the lines alone"
PAGE = 2  # lines of a page in which marks are no example

_MARK = re.compile(r"(?:<{7} |>{7} |\*\*\* (?:Begin Patch|Update File: )|@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@).*")
_COUNTED = re.compile(r"\s*(\d+)(\s*[|\u2502:]|\t)\s?(.*)")


def unfit(path: str, old: str, content: str) -> str:
    """What is wrong with a whole file sent in place of another text, or ""."""
    there, lines = {line.rstrip() for line in old.split("\n")} - {""}, content.split("\n")
    known = {line.strip() for line in there}
    first = lines[:PAGE] if is_prose(path) else lines
    if (mark := next(filter(_MARK.fullmatch, first), "")) and not any(map(_MARK.match, known)):
        return MARKED.format(mark)
    gone = [line for line in lines if line[:1] == "-" and line[1:].rstrip() in there and line.strip() not in known]
    if gone and any(line.startswith("+") and line.strip() not in known for line in lines):
        return SIGNED.format(gone[0])
    return NUMBERED.format(next(filter(str.strip, lines))) if _is_listing(known, lines) else ""


def _is_listing(known: Collection[str], lines: Sequence[str]) -> bool:
    """Whether each line begins with its number, and a bar, or half of what stands behind is known without it."""
    filled = [line for line in lines if line.strip() and line.strip() not in known]
    rows = [found for found in map(_COUNTED.fullmatch, filled) if found]
    texts = [row[3].strip() for row in rows if row[3].strip()]
    barred = all(row[2].strip() in ("|", "\u2502") for row in rows)
    told = barred or 2 * sum(text in known for text in texts) >= len(texts)
    counted = all(int(row[1]) < int(following[1]) for row, following in pairwise(rows))
    return counted and told and 1 < len(rows) == len(filled)
