"""Unified diffs as models write them: counts are ignored, headers may be damaged. It knows nothing of the files.

diff --git a/old b/new        or only        --- a/old
rename from old                              +++ b/new
rename to new
@@ -12,3 +12,4 @@ def near():
 context
-old
+new
"""

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from codegen_tasks.edits.operations import Broken, Delete, Edit, Hunk, Move, Operation, Write
from codegen_tasks.edits.read.fences import end_of, fence_in
from codegen_tasks.edits.read.hunks import ends_hunk, make_hunk, read_hunks, read_rows
from codegen_tasks.edits.read.marks import kind_of, mark_in
from codegen_tasks.edits.read.titles import above, clean, in_comment

DIFFS = ("diff", "patch")
CUT = "a fence without a space before it stands among its rows: it is not certain whether the diff goes on behind it"
_GIT = re.compile(r"^diff --git (?:(?P<old>\S+) (?P<new>\S+)|\"?(?:a/)?(?P<both>.+) \"?(?:b/)?(?P=both))\s*$")
_TOLD = re.compile(
    r"(?:(?P<told>new|deleted) file mode|(?P<given>new mode)|old mode|index \S*)(?: (?P<mode>\d{6})\s*$)?"
    r"|(?P<moved>rename|copy) (?P<side>from|to) (?P<path>.*)|(?:dis)?similarity index|diff --git "
    r"|(?P<binary>Binary files |GIT binary patch)"
)
_STAMP = re.compile(r"\s+(?:\d{4}-\d\d-\d\d .*|\((?:old|new|original|modified|updated|before|after|current)\))$")
_UNTOLD = {
    "120000": "a symbolic link is no file that can be written",
    "160000": "a submodule is no file that can be written",
    "Binary files ": (binary := "its content is binary, and a diff of it cannot be done: send a text"),
    "GIT binary patch": binary,
}
NOWHERE = "/dev/null"


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


class Head(NamedTuple):
    """Old and new path, what becomes of the file ("": an edit; new, deleted, rename, copy), the mode it gets (0: none),
    what of the change no hunk can tell ("": all is told), and the line after the head.
    """

    old: str
    new: str
    told: str
    mode: int
    untold: str
    end: int


def read_head(lines: Sequence[str], at: int) -> Head:
    """The head at a line. A second pair of `---` and `+++` is the next file's, and so is one of another file."""
    paths, told, mode, untold, paired = {"from": "", "to": ""}, "", 0, "", False
    while at < len(lines) and not lines[at].startswith("@@"):
        mark, kind = mark_in(lines[at]), kind_of(lines[at])
        if found := _GIT.match(lines[at]):
            if any(paths.values()):
                break
            paths = {"from": _path(found["old"] or found["both"]), "to": _path(found["new"] or found["both"])}
        elif mark and kind == "old" and not paired and kind_of("".join(lines[at + 1 : at + 2])) in ("new", "hunk"):
            if told and _path(mark["old"]) not in (paths["from"], NOWHERE if told == "new" else paths["from"]):
                break
            paths["from"] = _path(mark["old"])
        elif mark and kind == "new" and not paired:
            paths["to"], paired = _path(mark["new"]), True
        elif (found := _TOLD.match(lines[at])) is None or (found["side"] == "from" and told):
            break
        else:
            paths |= {found["side"]: clean(found["path"])} if found["side"] else {}
            told = found["told"] or found["moved"] or told
            given = (found["told"] or found["given"]) and found["mode"] in ("100644", "100755")
            mode = int(found["mode"], 8) if given else mode
            untold = _UNTOLD.get(found["mode"] or found["binary"], untold)
        at += 1
    old, new = NOWHERE if told == "new" else paths["from"], NOWHERE if told == "deleted" else paths["to"]
    return Head(old, new, told, mode, untold, at)


def _path(written: str) -> str:
    """A path of a header without its time stamp or remark and the a/ or b/ in front."""
    name = clean(_STAMP.sub("", written.split("\t")[0]))
    return name[2:] if name.startswith(("a/", "b/")) else name


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
