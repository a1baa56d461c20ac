"""V4A patches, the format of apply_patch. It knows nothing of the files.

*** Begin Patch
*** Update File: path        *** Add File: path        *** Delete File: path
*** Move to: new path        +line
@@ class Outer
@@     def inner():
 context
-old
+new
*** End Patch
"""

import re
from collections.abc import Sequence

from codegen_tasks.edits.operations import Broken, Delete, Edit, Hunk, Move, Operation, Write
from codegen_tasks.edits.read.rows import make_hunk
from codegen_tasks.edits.read.titles import clean

_FILE = re.compile(
    r"^ ?\*\*\* ?(?P<verb>Update|Modify|Edit|Change|Add|Create|New|Delete|Remove) File ?:\s*(?P<path>.+?)\s*$",
    re.IGNORECASE,
)
_MOVE = re.compile(r"^ ?\*\*\* ?(?:Move|Rename) to ?:\s*(?P<path>.+?)\s*$", re.IGNORECASE)
_BEGIN = re.compile(r"^ ?\*\*\* ?Begin (?:of )?Patch\b", re.IGNORECASE)
_FILE_END = re.compile(r"^[ +]?\s*\*\*\* ?End of File\s*$", re.IGNORECASE)
_END = re.compile(r"^[ +]?\s*\*\*\* ?End (?:of )?Patch\b[ *]*$", re.IGNORECASE)
_RANGE = re.compile(r"^-(?P<line>\d+)(?:,\d+)? \+\d+(?:,\d+)?(?: @@(?P<section>.*))?$")


def begins(line: str) -> bool:
    """Whether a line opens a patch, or the part for a file in one."""
    return line.startswith(("***", " ***")) and bool(_BEGIN.match(line) or _FILE.match(line))


def parse(lines: Sequence[str], at: int, _floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The operations of the patch that begins at a line, and the line after it."""
    if not begins(lines[at]):
        return None
    operations: list[Operation] = []
    at += not _FILE.match(lines[at])
    while at < len(lines):
        if _is_end(lines, at):
            return tuple(operations), at + 1
        if (found := _FILE.match(lines[at])) is None:
            if lines[at].strip():
                break
            at += 1
            continue
        parsed, at = _file(lines, at, found["verb"], clean(found["path"]))
        operations += parsed
    if at >= len(lines):
        operations.append(Broken("the patch has no *** End Patch", False, at))
    return tuple(operations), at


def _file(lines: Sequence[str], at: int, verb: str, path: str) -> tuple[list[Operation], int]:
    """The operations for one file, and the line after them."""
    if verb.title() in ("Delete", "Remove"):
        return [Delete((path,), at=at)], at + 1
    if verb.title() in ("Add", "Create", "New"):
        return _added(lines, at, path)
    start, operations = at, list[Operation]()
    at += 1
    if at < len(lines) and (found := _MOVE.match(lines[at])):
        operations.append(Move((path,), clean(found["path"]), start))
        at += 1
    hunks, at = _hunks(lines, at)
    if hunks or not operations:
        operations.append(Edit((path,), hunks, 1, at=start))
    return operations, at


def _added(lines: Sequence[str], at: int, path: str) -> tuple[list[Operation], int]:
    """A new file, and the line after it. Each of its lines begins with +, but blank ones may lack it."""
    stop = next((i for i in range(at + 1, len(lines)) if _ends(lines, i)), len(lines))
    last = max((i for i in range(at + 1, stop) if lines[i].startswith("+")), default=at)
    body = lines[at + 1 : min(last + 2, stop)]
    bare = next((i for i, line in enumerate(body, at + 2) if line.strip() and not line.startswith("+")), None)
    if bare is not None:
        return [Broken(f"in the new file {path}, line {bare} of the reply does not begin with +", True, at)], stop
    content = "\n".join(line[1:] for line in lines[at + 1 : last + 1])
    content += "\n" * (last > at and not content.endswith("\n"))
    return [Write((path,), content, True, 1, new=True, at=at)], last + 1


def _hunks(lines: Sequence[str], at: int) -> tuple[tuple[Hunk, ...], int]:
    """The hunks of an updated file: anchors (`@@ line`, stacked), then rows."""
    hunks: list[Hunk] = []
    at = next((i for i in range(at, len(lines)) if lines[i].strip()), at)
    while at < len(lines) and not _ends(lines, at, within=True):
        start, number, anchors = at, 0, list[str]()
        while at < len(lines) and lines[at].startswith("@@"):
            line = lines[at][2:].strip("\n").removeprefix(" ").removesuffix("@@").rstrip()
            if found := _RANGE.match(line):
                number, line = int(found["line"]), found["section"] or ""
            anchors.append(line)
            at += 1
        rows = list[tuple[str, str]]()
        while at < len(lines) and not lines[at].startswith("@@") and not _ends(lines, at):
            line = lines[at]
            rows.append((line[0], line[1:]) if line[:1] in ("+", "-", " ") else ("", line))
            at += 1
        at_end = at < len(lines) and _FILE_END.match(lines[at]) is not None
        at += at_end
        while rows and not rows[-1][1] and rows[-1][0] in (" ", ""):
            rows.pop()
        if rows:
            stacked = tuple(anchors) if len(anchors) > 1 else tuple(a for a in anchors if a)
            hunks.append(make_hunk(rows, number, stacked, at_end=at_end, at=start))
    return tuple(hunks), at


def _ends(lines: Sequence[str], at: int, *, within: bool = False) -> bool:
    """Whether a line ends the rows of a hunk: another mark, or the fence around the patch."""
    line = lines[at]
    return (
        line.startswith(("*** ", "```"))
        or bool(_FILE_END.match(line))
        or _is_end(lines, at)
        or (within and not line.strip())
    )


def _is_end(lines: Sequence[str], at: int) -> bool:
    """Whether a line is the last of a patch. Behind a space or a sign it is only where nothing but a fence follows."""
    if _END.match(lines[at]) is None:
        return False
    below = next((line for line in lines[at + 1 :] if line.strip()), "")
    return lines[at].startswith("***") or not below or below.startswith(("```", "~~~", "</", "EOF", "***"))
