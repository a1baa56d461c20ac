"""Names that tell of lines that are gone: they gave them to lines that stayed, or used what is still imported."""

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import takewhile

from codegen_tasks.edits.wall.definitions import defined
from codegen_tasks.edits.wall.remarks import is_comment

FAR = 200  # lines of a block that are looked at, up and down
_GIVEN = re.compile(  # total = 0, total: int = 0, let {total, mean} = both, total := 0, for row in, as file
    r"(?<![.\w])((?:[^\W\d]\w*, ){0,6}[^\W\d]\w*)(?: ?\})?(?:: [^=\n]{1,60})? :?= "
    r"|\b(?:for|as) \(?((?:[^\W\d]\w*, ){0,6}[^\W\d]\w*)"
)
_USED = re.compile(r"(?<![\w.\"'$@-])[^\W\d]\w+")
_NAME = re.compile(r"[^\W\d]\w*")
_IMPORT = re.compile(r"^(?:import|from|use)\b(?:[^\n({;]*[({][^)}]*[)}])?[^\n]*", re.MULTILINE)
_PART = re.compile(
    r"^from\s+[\w.]+\s+import\b|\bimport\b|\bfrom\s+[\"'].*|[,{}();\n]"
)  # between the things that an import names
_LAST = re.compile(r"([^\W\d]\w*)[\"']?\s*$")
_NO_NAMES = {"type", "static"}
_CALLED = re.compile(r"(?<![\w.:])[^\W\d]\w{2,}(?=\()")


def orphan(gone: Iterable[str], lines: Sequence[str], row: int) -> str:
    """A variable that only the lines which are gone set, and that the block below a row still uses; or ""."""
    names = _given(line.partition("(")[0] for line in gone)  # no parameters
    if not names or not (names := names - _visible(names, lines, row)):
        return ""
    depth = _depth(lines[row])
    for line in takewhile(lambda line: not line.strip() or _depth(line) >= depth, lines[row + 1 : row + FAR]):
        names -= _given([line])
        if not is_comment(line) and (found := names & set(_USED.findall(line))):
            return min(found)
    return ""


def _visible(names: Collection[str], lines: Sequence[str], row: int) -> set[str]:
    """Which of some names the lines above a row may set: in the same function, or anywhere outside of it."""
    head = _head(lines, row)
    if head is None:
        return set(names)
    outer = _depth(lines[head])
    seen = (line for at, line in enumerate(lines) if head <= at < row or _depth(line) <= outer)
    return {name for line in seen if not is_comment(line) for name in _USED.findall(line) if name in names}


def _head(lines: Sequence[str], row: int) -> int | None:
    """The line that begins the function or the like in which a row stands."""
    depth = _depth(lines[row])
    for at in range(row - 1, max(-1, row - FAR), -1):
        line = lines[at].lstrip()
        if line and _depth(lines[at]) < depth and line[0] not in "{)":
            depth = _depth(lines[at])
            if defined(lines[at]):
                return at
    return None


def _given(lines: Iterable[str]) -> set[str]:
    """Names of variables that lines set."""
    return {name for line in lines for names in _GIVEN.findall(line) for name in ", ".join(names).split(", ") if name}


def still_called(gone: str, after: str) -> set[str]:
    """Names of functions and the like that lines which are gone defined, and that a text still calls."""
    names = defined(gone) - defined(after)
    return names & set(_CALLED.findall(after)) if names else set()


def left_over(before: str, after: str, gone: str) -> str:
    """A name that a text still imports for lines that are gone, in a file that used all it imported; or ""."""
    names = _imported(before)
    if not names or names - _names(_IMPORT.sub("", before)):
        return ""
    return min((_imported(after) & names & _names(gone)) - _names(_IMPORT.sub("", after)), default="")


def _names(text: str) -> set[str]:
    return set(_NAME.findall(text))


def _imported(text: str) -> set[str]:
    """The names that the imports at the left margin of a text give."""
    parts = (part for statement in _IMPORT.findall(text) for part in _PART.split(statement))
    return {found[1] for part in parts if (found := _LAST.search(part))} - _NO_NAMES


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
