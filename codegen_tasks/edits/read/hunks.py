"""The hunks of diffs and of patches: headers, then rows; where rows lost their signs, all ways to read them.

It knows neither the heads of files nor files.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec.structs import replace

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.read.marks import kind_of

Rows = Sequence[tuple[str, str]]

_RANGE = re.compile(r"\s*-(?P<line>\d+)(?:,\d+)?(?:\s+\+\d+(?:,\d+)?)?\s*(?:@@+)?(?P<section>.*)$")
_LINE = re.compile(r"\s*(?:at\s+)?(?:lines?\s+)?(?P<line>\d+)\b[\d\s,-]*(?:@@+)?(?P<section>)$")
_VERSION = re.compile(r"\d+\.\d+[\w.]*$")  # git's, below the line `-- ` that ends a mail
_GLUED = re.compile(r"(?P<row>.*?)\s*(?P<end></(?:patch|diff|answer|file|solution)>)\s*$")
_ENDS = {"hunk", "git", "search", "conflict", "begin", "file", "move", "bottom", "tag"}


def read_hunks(lines: Sequence[str], at: int, *, bare: bool = False) -> tuple[tuple[Hunk, ...], int]:
    """The hunks from a line on, and the line after them; the first may be `bare`, without a header."""
    hunks, end = list[Hunk](), at
    while at < len(lines) and (bare or lines[at].startswith("@@")):
        start, number, anchors, bare = at, 0, list[str](), False
        while at < len(lines) and lines[at].startswith("@@"):
            claimed, anchor = _place(lines[at].lstrip("@"))
            number = claimed or number
            anchors.append(anchor)
            at += 1
        first = at
        rows, end, at = read_rows(lines, at)
        told = Hunk((), (), number=number, bare=_bare_sides(lines[first:at]), at=start)
        if at < len(lines) and kind_of(lines[at]) == "bottom":
            told, at, end = replace(told, at_end=True), at + 1, at + 1
        if rows:
            stacked = tuple(anchors) if len(anchors) > 1 else tuple(filter(None, anchors))
            hunks.append(make_hunk(rows, replace(told, anchors=stacked)))
    return tuple(hunks), end


def _bare_sides(rows: Sequence[str]) -> str:
    """The sides whose last line has no newline: a line that begins with a backslash says it of the row above."""
    above = {row[:1] for row, mark in pairwise(rows) if mark.startswith("\\ ")}
    return "".join(side for side in "-+" if above & {side, " "})


def _place(rest: str) -> tuple[int, str]:
    """The line number that a hunk's header claims, and the heading it stands under."""
    found = _RANGE.match(rest) or _LINE.match(rest)
    section = (found["section"] if found else rest).removeprefix(" ").rstrip().removesuffix("@@").rstrip()
    return int(found["line"]) if found else 0, section


def read_rows(lines: Sequence[str], at: int) -> tuple[list[tuple[str, str]], int, int]:
    """The rows of a hunk with their signs, the line after the last, and the line that ends the hunk.

    An unprefixed line among them is context.
    """
    rows: list[tuple[str, str]] = []
    solid, end, last = 0, at, False
    while at < len(lines) and not last and not ends_hunk(lines, at):
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


def _without_tag(lines: Sequence[str], at: int) -> tuple[str, bool]:
    """A row, and whether the tag around the diff ends behind it: one that nothing else closes, and that is no row."""
    found = _GLUED.match(lines[at]) if "</" in lines[at] else None
    if found is None or found["end"].replace("/", "") not in lines[:at] or found["end"] in lines[at + 1 :]:
        return lines[at], False
    return found["row"], True


def ends_hunk(lines: Sequence[str], at: int) -> bool:
    """Whether a hunk is over: another header, a closing mark, a fence."""
    line, kind = lines[at], kind_of(lines[at])
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if kind == "old":
        after = lines[at + 2] if at + 2 < len(lines) else "@@"
        return kind_of(following) == "new" and (after.startswith("@@") or not after.strip())
    if kind == "rename":
        return following.startswith("rename to ")
    if kind == "end":
        return ends_patch(lines, at)
    if kind == "fence":
        return line[0] in "`~"
    return kind in _ENDS or (line.rstrip() == "--" and bool(_VERSION.match(following)))


def ends_patch(lines: Sequence[str], at: int) -> bool:
    """Whether a line is the last of a patch. Behind a space or a sign it is only where nothing but a fence follows."""
    if kind_of(lines[at]) != "end":
        return False
    below = next((line for line in lines[at + 1 :] if line.strip()), "")
    return lines[at].startswith("***") or not below or below.startswith(("```", "~~~", "</", "EOF", "***"))


def make_hunk(rows: Rows, told: Hunk) -> Hunk:
    """The hunk of some rows, each a sign (" ", "-", "+", or "" where it is lost) and a line, with what else is told."""
    hunks = [
        replace(
            told,
            before=tuple(line for sign, line in way if sign != "+"),
            after=tuple(line for sign, line in way if sign != "-"),
            signs="".join(sign or " " for sign, _ in way),
        )
        for way in _readings(rows)
    ]
    return replace(hunks[0], ways=tuple(hunks[1:]))


def _readings(rows: Rows) -> Iterator[Rows]:
    """The rows as they stand; then, for lost signs, with empty lines between or beside new ones as new ones too, and
    all of these once more with the context as it is written.
    """
    between, beside = ([("+", "") if _new_beside(rows, i) >= n else row for i, row in enumerate(rows)] for n in (2, 1))
    found = [rows, between, beside]
    found += [[(sign, " " + line) if sign == " " and line else (sign, line) for sign, line in way] for way in found]
    yield from dict.fromkeys(map(tuple, found))


def _new_beside(rows: Rows, at: int) -> int:
    """How many new lines an empty line without a sign has above and below it.

    Context at both ends must tell how many empty lines are the file's.
    """
    if rows[at] != ("", "") or {rows[0][0], rows[-1][0]} & {"+", "-"}:
        return 0
    sides = (reversed(rows[:at]), rows[at:])
    return sum(next((sign == "+" for sign, line in side if sign or line), False) for side in sides)
