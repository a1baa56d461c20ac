"""Unified diffs as models write them: counts are ignored, headers may be damaged. It knows nothing of the files.

--- a/path
+++ b/path
@@ -12,3 +12,4 @@ def near():
 context
-old
+new
"""

from collections.abc import Sequence
from itertools import takewhile

from codegen_tasks.edits.operations import Broken, Delete, Edit, Hunk, Move, Operation, Write
from codegen_tasks.edits.read.fences import end_of, fence_in
from codegen_tasks.edits.read.header import NOWHERE, Head, read_head
from codegen_tasks.edits.read.hunks import ends_hunk, make_hunk, read_hunks, read_rows
from codegen_tasks.edits.read.marks import kind_of
from codegen_tasks.edits.read.titles import above, in_comment

DIFFS = ("diff", "patch")
CUT = "a fence without a space before it stands among its rows: it is not certain whether the diff goes on behind it"


def begins(lines: Sequence[str], at: int) -> bool:
    """Whether a line is the first of a diff: git's header, an old and a new path, or a hunk's header."""
    kind, following = kind_of(lines[at]), lines[at + 1] if at + 1 < len(lines) else ""
    if kind == "hunk":
        return any(row[:1] in ("+", "-", "@") for row in lines[at + 1 : at + 8])
    if kind == "rename":
        return following.startswith("rename to ")
    return kind == "git" or (kind, kind_of(following)) in (("old", "new"), ("new", "hunk"))


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The operations of the diff that begins at a line, for one file, and the line after it."""
    if (fence := fence_in(lines[at])) and fence.info.split(" ")[0] in DIFFS:
        return _without_head(lines, at, floor)
    if not begins(lines, at):
        return None
    head = read_head(lines, at)
    hunks, end = read_hunks(lines, head.end)
    if _goes_on(lines, end):
        return (Broken(CUT, True, at),), end
    names = tuple(dict.fromkeys(path for path in (head.new, head.old) if path and path != NOWHERE))
    hollow = head.old == NOWHERE and not hunks and kind_of("".join(lines[head.end : head.end + 1])) == "hunk"
    if reason := _refusal(head, "".join(names[:1]), hollow):
        return (Broken(reason, True, at),), max(end, head.end + 1)
    if names:
        return _operations(head, hunks, names, 1, at), end
    named = above(lines, at, floor)
    return _operations(head, hunks, named.titles + named.mentions, len(named.titles), at), end


def _refusal(head: Head, name: str, hollow: bool) -> str:
    """Why nobody can do what a diff says, or ""."""
    if head.untold and head.told != "deleted":
        return f"{name or 'a diff'}: {head.untold}"
    if hollow:
        return f"the diff promises lines of {name} and holds none"
    if head.told == "copy":
        return f"a diff does not copy files: send {name or 'the copy'} as a whole"
    return "a deletion names no file" if not name and head.new == NOWHERE else ""


def _operations(
    head: Head, hunks: tuple[Hunk, ...], names: tuple[str, ...], titles: int, at: int
) -> tuple[Operation, ...]:
    """What a head and its hunks want of a file."""
    if head.new == NOWHERE:
        quoted = tuple(line for hunk in hunks for line in hunk.before) if hunks and head.told != "deleted" else None
        return (Delete(names, quoted, at),)
    if head.old == NOWHERE and all("-" not in hunk.signs for hunk in hunks):
        content = "".join(line + "\n" for hunk in hunks for line in hunk.after)
        return (Write(names, content, True, titles, new=True, mode=head.mode, at=at),)
    moves = (Move((head.old,), head.new, at),) if head.told == "rename" and head.old and head.new else ()
    if moves and not hunks and not head.mode:
        return moves
    return (*moves, Edit(names, hunks, titles, mode=head.mode, at=at))


def _without_head(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The hunk that stands in a fence without any header."""
    first = in_comment(lines[at + 1]).mentions if at + 1 < len(lines) else ()
    rows, _, end = read_rows(lines, at + 1 + bool(first))
    if not any(sign in ("+", "-") for sign, _ in rows):
        close = end_of(lines, at, False)
        return (), len(lines) if close is None else close + 1
    named = above(lines, at, floor)
    closed = end < len(lines) and fence_in(lines[end]) is not None
    edit = Edit(
        named.titles + first + named.mentions, (make_hunk(rows, Hunk((), (), at=at)),), len(named.titles), closed, at=at
    )
    return (edit,), end + closed


def _goes_on(lines: Sequence[str], end: int) -> bool:
    """Whether new rows stand right below the fence that ends a diff: it is none that closes or opens a block."""
    stop = next((i for i in range(end, len(lines)) if ends_hunk(lines, i)), len(lines))
    fence = fence_in(lines[stop]) if stop < len(lines) else None
    if fence is None or fence.info.split(" ")[0] in DIFFS or begins(lines, min(stop + 1, len(lines) - 1)):
        return False
    rows = takewhile(lambda line: line[:1] in ("+", "-", " "), lines[stop + 1 :])
    return any(row.startswith("+") for row in rows)
