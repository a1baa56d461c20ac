"""Was a reply cut off? Knows only what opens and closes, no files."""

import re

from codegen_tasks.edits.operations import Broken, Edit, Write
from codegen_tasks.edits.read import read_reply
from codegen_tasks.edits.read.envelopes import without_thoughts

_TAG = re.compile(r"^<(patch|diff|answer|edits|files|changes)>\s*$", re.MULTILINE)
_HEADER = re.compile(r"^@@ -\d+(?:,\d+)? \+\d+(?:,(?P<new>\d+))? @@.*$", re.MULTILINE)
_CLOSED = re.compile(r"^(?:\s*(?:```|~~~)|\+?</|[ +]?\s*\*\*\* ?[Ee]nd)", re.MULTILINE)
_PATCH = re.compile(r"^\*\*\* (?:Begin Patch|(?:Update|Add|Delete) File: )", re.MULTILINE)
_EMPTY = re.compile(r"^={7}\n\s*(?:```|~~~)[\w+-]*\Z", re.MULTILINE)
_MARK = re.compile(
    r"(?:<{4,7}(?: [A-Z]*)?|>{5,6}|\*\*\*(?: [A-Z][\w :]*)?|@@ -.*|--- (?:a/.*|/dev/null)|\+\+\+ (?:b/.*)?"
    r"|diff --git .*|rename from .*)"
)


def is_cut_off(text: str) -> bool:
    """Whether the reply ends inside a fence, a tag, a block, a diff, a patch or a JSON value."""
    operations = read_reply(text)
    if any(isinstance(operation, Write | Edit | Broken) and not operation.ended for operation in operations):
        return True
    if any(f"</{tag}>" not in text for tag in _TAG.findall(text)):
        return True
    if without_thoughts(text) is None:
        return True
    return any(isinstance(operation, Edit) for operation in operations) and _is_cut_edit(text.rstrip())


def _is_cut_edit(text: str) -> bool:
    """Whether edits without an envelope stop in a mark, in a patch, or in a hunk whose header promised more."""
    last = text[text.rfind("\n") + 1 :]
    if _EMPTY.search(text):
        return True
    if _MARK.fullmatch(last) and not last.startswith("*** End"):
        return True
    if (begun := _after_last(_PATCH, text)) is not None:
        return not _CLOSED.search(begun)
    rows = _after_last(_HEADER, text)
    return rows is not None and last[:1] in ("+", "-") and not _CLOSED.search(rows) and _lacks_rows(text, rows)


def _after_last(pattern: re.Pattern[str], text: str) -> str | None:
    """What follows the last match."""
    end = max((found.end() for found in pattern.finditer(text)), default=None)
    return None if end is None else text[end:]


def _lacks_rows(text: str, rows: str) -> bool:
    """Whether the last hunk has fewer new rows than its header says.

    Headers are often wrong, but of 116 open diffs at hand 18 also ended with a change, and at least 15 were cut off.
    """
    header = _HEADER.match(text[: len(text) - len(rows)].rpartition("\n")[2])
    lines = rows.split("\n")[1:]
    return header is not None and sum(line[:1] != "-" for line in lines) < int(header["new"] or 1)
