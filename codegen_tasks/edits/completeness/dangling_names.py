"""Names that tell of lines that are gone: they gave them to lines that stayed, or used what is still imported."""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

from codegen_tasks.edits.completeness.definitions import defined
from codegen_tasks.edits.completeness.remarks import is_comment
from codegen_tasks.edits.view import depth_of

FAR = 200  # lines of a block that are looked at, up and down
_GIVEN = re.compile(  # total = 0, total: int = 0, let {total, mean} = both, total := 0, for row in, as file
    r"(?<![.\w])((?:[^\W\d]\w*, ){0,6}[^\W\d]\w*)(?: ?\})?(?:: [^=\n]{1,60})? :?= "
    r"|\b(?:for|as) \(?((?:[^\W\d]\w*, ){0,6}[^\W\d]\w*)"
)
_USED = re.compile(r"(?<![\w.\"'$@-])[^\W\d]\w*")
_TYPE = re.compile(r"\b(?:class|struct|interface|enum|trait|impl|object|namespace|module|extension|record)\b")
_READ = re.compile(rf"{_USED.pattern}\b(?!=[^=]|:\s)")  # no argument's name, no key
_STRING = re.compile(r"\"\"\".*?(?:\"\"\"|\Z)|\"[^\"\n]*\"|'[^'\n]*'", re.DOTALL)
_NAME = re.compile(r"[^\W\d]\w*")
_IMPORT = re.compile(r"^(?:import|from|use)\b(?:[^\n({;]*[({][^)}]{0,4000}[)}])?[^\n]*", re.MULTILINE)
_PART = re.compile(
    r"^from\s+[\w.]+\s+import\b|\bimport\b|\bfrom\s+[\"'].*|[,{}();\n]"
)  # between the things that an import names
_LAST = re.compile(r"(?:^|[\s.:\\])([^\W\d]\w*)\s*$|[\"'](?:[\w.-]+/)*([^\W\d]\w*)[\"']\s*$")
_NO_NAMES = {"type", "static"}
_CALLED = re.compile(r"(?<![\w.:])[^\W\d]\w{2,}(?=\()")


class DanglingNames:
    """Which variables the lines of a text read though nothing sets them."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._outside = dict[int, frozenset[str]]()

    def below(self, row: int, gone: Iterable[str]) -> str:
        """A variable that only lines which are gone around a row set, and that the block below it reads; or ""."""
        names = _given(line.partition("(")[0] for line in gone)  # no parameters
        if not names or not (names := names - self._visible(names, row)):
            return ""
        depth, following = depth_of(self._lines[row]), self._lines[row + 1 : row + FAR]
        for line in takewhile(lambda line: not line.strip() or depth_of(line) >= depth, following):
            names -= _given([line])
            if not is_comment(line) and (found := names & set(_READ.findall(line))):
                return min(found)
        return ""

    def _visible(self, names: set[str], row: int) -> set[str]:
        """Which of some names the lines above a row may set: in the same function, or anywhere outside of it."""
        head = _head(self._lines, row)
        if head is None:
            return names
        outer = depth_of(self._lines[head])
        if outer not in self._outside:
            around = (line for line in self._lines if depth_of(line) <= outer)
            self._outside[outer] = _words(line.partition("(")[0] if defined(line) else line for line in around)
        return names & (self._outside[outer] | _words(self._lines[head:row]))


def _words(lines: Iterable[str]) -> frozenset[str]:
    """The words of code outside of strings."""
    code = "\n".join(line for line in lines if not is_comment(line))
    return frozenset(_USED.findall(_STRING.sub("", code)))


def _head(lines: Sequence[str], row: int) -> int | None:
    """The line that begins the function in which a row stands. What a type holds may come from elsewhere."""
    depth = depth_of(lines[row])
    for at in range(row - 1, max(-1, row - FAR), -1):
        line = lines[at].lstrip()
        if line and depth_of(lines[at]) < depth and line[0] not in "{)":
            depth = depth_of(lines[at])
            if defined(lines[at]):
                return None if _TYPE.search(lines[at]) else at
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
    return {found[1] or found[2] for part in parts if (found := _LAST.search(part))} - _NO_NAMES
