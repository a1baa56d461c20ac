"""Unified diffs as models write them: counts are ignored, headers may be damaged. It knows nothing of the files.

--- a/path
+++ b/path
@@ -12,3 +12,4 @@ def near():
 context
-old
+new
"""

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile

import msgspec

from codegen_tasks.edits.operations import Broken, Delete, Edit, Hunk, Move, Operation, Write
from codegen_tasks.edits.read.fences import end_of, fence_in
from codegen_tasks.edits.read.header import NEW, OLD, read_header, told_otherwise
from codegen_tasks.edits.read.rows import make_hunk
from codegen_tasks.edits.read.titles import above, in_comment

CUT = "a fence without a space before it stands among its rows: it is not certain whether the diff goes on behind it"

_HUNK = re.compile(r"^@@+(?P<rest>.*)$")
_RANGE = re.compile(r"^\s*-(?P<line>\d+)(?:,(?P<count>\d+))?(?:\s+\+\d+(?:,\d+)?)?\s*(?:@@+)?(?P<section>.*)$")
_AT_LINE = re.compile(r"^\s*(?:at\s+)?(?:lines?\s+)?(?P<line>\d+)\b[\d\s,-]*(?:@@+)?$")
_VERSION = re.compile(r"\d+\.\d+[\w.]*$")  # git's, below the line `-- ` that ends a mail
_GLUED = re.compile(r"(?P<row>.*?)\s*(?P<end></(?:patch|diff|answer|file|solution)>)\s*$")
_ENDS = re.compile(
    r"^ ?(?:</?(?:patch|diff|answer|file|solution)>|<(?:file|document|edit|change|\w+_file) (?:path|name|filename|src)="
    r"|<{7} |\*\*\* (?:End|Begin|Update|Add|Delete) )"
)


def begins(lines: Sequence[str], at: int) -> bool:
    """Whether a line is the first of a diff: git's header, an old and a new path, or a hunk's header."""
    line = lines[at]
    if line.startswith("@@"):
        return any(row[:1] in ("+", "-", "@") for row in lines[at + 1 : at + 8])
    if line.startswith("diff --git "):
        return True
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if line.startswith("rename from "):
        return following.startswith("rename to ")
    return bool(OLD.match(line) and NEW.match(following)) or bool(NEW.match(line) and following.startswith("@@"))


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The operations of the diff that begins at a line, for one file, and the line after it."""
    if (fence := fence_in(lines[at])) and fence.info.split(" ")[0] in ("diff", "patch"):
        return _without_header(lines, at, floor)
    if not lines[at].startswith(("--", "+++", "@@", "diff --git ", "rename from ")) or not begins(lines, at):
        return None
    old, new, told, begin = read_header(lines, at)
    hunks, end = _hunks(lines, begin)
    if _goes_on(lines, end):
        return (Broken(CUT, True, at),), end
    names, titles = tuple(dict.fromkeys(p for p in (new, old) if p and p != "/dev/null")), 1
    mode, untold = told_otherwise(lines, at, begin)
    if untold and told != "deleted":
        return (Broken(f"{', '.join(names[:1]) or 'a diff'}: {untold}", True, at),), max(end, begin + 1)
    if old == "/dev/null" and not hunks and begin < len(lines) and lines[begin].startswith("@@"):
        return (Broken(f"the diff promises lines of {', '.join(names)} and holds none", True, at),), max(end, begin + 1)
    if told == "copied":
        copy = ", ".join(names[:1]) or "the copy"
        return (Broken(f"a diff does not copy files: send {copy} as a whole", True, at),), end
    if not names and new == "/dev/null":
        return (Broken("a deletion names no file", True, at),), end
    if not names:
        named = above(lines, at, floor)
        names, titles = named.titles + named.mentions, len(named.titles)
    if new == "/dev/null":
        quoted = tuple(line for hunk in hunks for line in hunk.before) if hunks and told != "deleted" else None
        return (Delete(names, quoted, at),), end
    if old == "/dev/null" and all("-" not in hunk.signs for hunk in hunks):
        content = "".join(line + "\n" for hunk in hunks for line in hunk.after)
        return (Write(names, content, True, titles, new=True, mode=mode, at=at),), end
    operations: list[Operation] = [Move((old,), new, at)] if told == "renamed" and old and new else []
    if hunks or mode or not operations:
        operations.append(Edit(names, hunks, titles, mode=mode, at=at))
    return tuple(operations), end


def _without_header(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The hunk that stands in a fence without any header."""
    first = in_comment(lines[at + 1]).mentions if at + 1 < len(lines) else ()
    rows, _, end = _rows(lines, at + 1 + bool(first))
    if not any(sign in ("+", "-") for sign, _ in rows):
        close = end_of(lines, at, False)
        return (), len(lines) if close is None else close + 1
    named = above(lines, at, floor)
    closed = end < len(lines) and fence_in(lines[end]) is not None
    edit = Edit(named.titles + first + named.mentions, (make_hunk(rows, at=at),), len(named.titles), closed, at=at)
    return (edit,), end + closed


def _hunks(lines: Sequence[str], at: int) -> tuple[tuple[Hunk, ...], int]:
    """All hunks from a line on, and the line after them."""
    hunks: list[Hunk] = []
    end = at
    while at < len(lines) and (found := _HUNK.match(lines[at])):
        start = at
        number, anchors = _place(found["rest"])
        rows, end, at = _rows(lines, at + 1)
        if not rows and at < len(lines) and lines[at].startswith("@@") and not number:
            continue
        if rows:
            hunk = msgspec.structs.replace(
                make_hunk(rows, number, anchors, at=start), bare=_bare_sides(lines[start + 1 : at])
            )
            hunks.append(hunk)
    return tuple(hunks), end


def _bare_sides(rows: Sequence[str]) -> str:
    """The sides whose last line has no newline: a line that begins with a backslash says it of the row above."""
    above = {row[:1] for row, mark in pairwise(rows) if mark.startswith("\\ ")}
    return "".join(side for side in "-+" if above & {side, " "})


def _place(rest: str) -> tuple[int, tuple[str, ...]]:
    """The line number that a hunk's header claims, and its section text."""
    if found := _RANGE.match(rest):
        section = found["section"].strip()
        return int(found["line"]), (section,) if section else ()
    if found := _AT_LINE.match(rest):
        return int(found["line"]), ()
    section = rest.strip().removesuffix("@@").strip()
    return 0, (section,) if section else ()


def _rows(lines: Sequence[str], at: int) -> tuple[list[tuple[str, str]], int, int]:
    """The rows of a hunk with their signs, the line after the last, and the line that ends the hunk.

    An unprefixed line among them is context.
    """
    rows: list[tuple[str, str]] = []
    solid, end, last = 0, at, False
    while at < len(lines) and not last and not _is_end(lines, at):
        line, last = _without_tag(lines, at)
        at += 1
        if line.startswith("\\") or (last and line in ("", "+", "-")):
            continue
        if line[:1] in ("+", "-", " "):
            rows.append((line[0], line[1:]))
            solid, end = (len(rows), at) if line.strip() else (solid, end)
        else:
            rows.append(("", line))
    return rows[:solid], end, at


def _goes_on(lines: Sequence[str], end: int) -> bool:
    """Whether new rows stand right below the fence that ends a diff: it is none that closes or opens a block."""
    stop = next((i for i in range(end, len(lines)) if _is_end(lines, i)), len(lines))
    fence = fence_in(lines[stop]) if stop < len(lines) else None
    if fence is None or fence.info.split(" ")[0] in ("diff", "patch") or begins(lines, min(stop + 1, len(lines) - 1)):
        return False
    rows = takewhile(lambda line: line[:1] in ("+", "-", " "), lines[stop + 1 :])
    return any(row.startswith("+") for row in rows)


def _without_tag(lines: Sequence[str], at: int) -> tuple[str, bool]:
    """A row, and whether the tag around the diff ends behind it: one that nothing else closes, and that is no row."""
    found = _GLUED.match(lines[at]) if "</" in lines[at] else None
    if found is None or found["end"].replace("/", "") not in lines[:at] or found["end"] in lines[at + 1 :]:
        return lines[at], False
    return found["row"], True


def _is_end(lines: Sequence[str], at: int) -> bool:
    """Whether a hunk is over: another header, a closing mark, a fence."""
    line = lines[at]
    if line.startswith("rename from "):
        return begins(lines, at)
    if line.startswith(("@@", "diff --git ", "```", "~~~", "***", "<", " <")):
        return line.startswith(("@@", "diff --git ")) or bool(_ENDS.match(line)) or fence_in(line) is not None
    if line.rstrip() == "--":
        return bool(_VERSION.match(lines[at + 1] if at + 1 < len(lines) else ""))
    return line.startswith(("--", "+++")) and _heads_file(lines, at)


def _heads_file(lines: Sequence[str], at: int) -> bool:
    """Whether two lines of a hunk are the next file's header rather than a removed and an added line."""
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if not (OLD.match(lines[at]) and NEW.match(following)):
        return False
    after = lines[at + 2] if at + 2 < len(lines) else "@@"
    return after.startswith("@@") or not after.strip()
