"""What a line of a reply is to the forms that say an edit: one table of their marks. Knows no grammar, no files."""

import re
from functools import lru_cache

_SEARCH = r"SEARCH|ORIGINAL"
_MARKS = {
    "fence": r"(?P<indent>[ \t]*(?:>[ \t]?)?)(?P<ticks>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$",
    "search": rf"[ \t]*(?:<{{4,10}}[ \t]*(?:(?i:{_SEARCH})\b|(?=\S+\.[A-Za-z]\w*$))|-{{3,}}[ \t]+(?:{_SEARCH})\b)"
    r"[ \t]*>*(?P<beside>.*)$",
    "divider": r"[ \t]*={5,10}$",
    "replace": r"[ \t]*(?:>{4,10}[ \t]*(?i:REPLACE|UPDATED)|\+{3,}[ \t]+(?:REPLACE|UPDATED))\b",
    "close": r"[ \t]*>{5,9}(?:[ \t\w].*)?$",
    "conflict": r"<{7} ",
    "git": r"diff --git ",
    "rename": r"rename from ",
    "old": r"-{2,3}[ >]\s*(?P<old>\S.*)$",
    "new": r"\+{3}[ >]\s*(?P<new>\S.*)$",
    "hunk": r"@@+(?P<place>.*)$",
    "begin": r" ?\*\*\* ?(?i:Begin (?:of )?Patch)\b",
    "file": r" ?\*\*\* ?(?P<verb>(?i:Update|Modify|Edit|Change|Add|Create|New|Delete|Remove)) (?i:File) ?:"
    r"\s*(?P<path>.+?)\s*$",
    "move": r" ?\*\*\* ?(?i:Move|Rename) (?i:to) ?:\s*(?P<to>.+?)\s*$",
    "bottom": r"[ +]?\s*\*\*\* ?(?i:End of File)\s*$",
    "end": r"[ +]?\s*\*\*\* ?(?i:End (?:of )?Patch)\b[ *]*$",
    "tag": r" ?<(?:/?(?:patch|diff|answer|file|solution)>"
    r"|(?:file|document|edit|change|\w+_file) (?:file)?(?:path|name|src)=)",
}
_MARK = re.compile("|".join(f"(?P<{kind}_>{form})" for kind, form in _MARKS.items()))
EDITS = {"search", "conflict", "git", "old", "begin", "file"}  # what an edit begins with
_BEGIN = frozenset("`~<>=-+@*dr")  # what a line with a mark begins with


_match = lru_cache(maxsize=1 << 12)(_MARK.match)
SHORT = 200  # characters of a line that is kept


def mark_in(line: str) -> re.Match[str] | None:
    """The mark that a line is, with its parts, or None."""
    if line.lstrip()[:1] not in _BEGIN:
        return None
    return _match(line) if len(line) < SHORT else _MARK.match(line)


def kind_of(line: str) -> str:
    """Which mark a line is; "" for a line of text."""
    found = mark_in(line)
    return found.lastgroup[:-1] if found and found.lastgroup else ""
