"""Real commits as replies: each in every format, distorted as models distort, and it must come out as it was.

    python benchmarks/edit_history.py REPOSITORY [...] [--commits N] [--seed N] [--show KIND]

What a commit did to a file is known, so an accepted reply is right or WRONG to the byte; a refusal is only a miss.
Kinds marked `!` invent what the file holds, or make it stand there twice: accepting is WRONG unless it comes out right.
"""

import argparse
import json
import random
import re
import textwrap
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pygit2
from edit_engine import apply

Rows = list[tuple[str, str]]  # " ", "-" or "+", and the line
Distortion = Callable[["Change"], str | tuple[str, str, str] | None]


@dataclass(frozen=True)
class Change:
    """What one commit did to one file. `hunks` have three lines of context; `heads` are their headers."""

    path: str
    before: str
    after: str
    hunks: tuple[Rows, ...]
    heads: tuple[str, ...]
    dice: random.Random


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", type=Path, nargs="+")
    parser.add_argument("--commits", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", default="", help="print what went wrong in this kind")
    given = parser.parse_args()
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for repository in given.repositories:
        for change in changes(repository, given.commits, given.seed):
            for kind, distort in KINDS.items():
                reply = distort(change)
                if reply is not None:
                    outcome = judge(change, reply, kind, given.show)
                    table[kind][outcome] += 1
    report(table)


def judge(change: Change, reply: str | tuple[str, str, str], kind: str, show: str) -> str:
    """How a reply to `change` ends; a kind that also changes the file brings reply, before and after."""
    text, before, after = reply if isinstance(reply, tuple) else (reply, change.before, change.after)
    try:
        got = apply(text, {change.path: before}).get(change.path, before)
    except Exception as error:
        outcome, said = "refused", str(error)
    else:
        outcome, said = ("right" if _unblank(got) == _unblank(after) else "WRONG"), str(got)
    if show == kind and outcome != "right":
        print("=" * 30, change.path, outcome, text, "-" * 30, said if outcome == "refused" else "", sep="\n")
        if outcome == "WRONG":
            print("\n".join(_unified(after, said)))
    return outcome


def _unblank(text: str | None) -> str | None:
    """Lines of nothing but blanks as empty ones: where new lines move, these do not. A byte order mark stays anyway."""
    return None if text is None else re.sub(r"(?m)^[ \t]+$", "", text.removeprefix("\ufeff"))


def _unified(want: str, got: str) -> Iterator[str]:
    import difflib

    return difflib.unified_diff(want.split("\n"), got.split("\n"), "want", "got", lineterm="", n=2)


def report(table: dict[str, Counter[str]]) -> None:
    print(f"{'kind':34s}{'replies':>8s}{'right':>8s}{'refused':>9s}{'WRONG':>7s}")
    for kind, counts in table.items():
        right, refused, wrong = counts["right"], counts["refused"], counts["WRONG"]
        print(f"{kind:34s}{counts.total():8d}{right:8d}{refused:9d}{wrong:7d}")
    whole = sum(table.values(), Counter())
    print(f"{'all':34s}{whole.total():8d}{whole['right']:8d}{whole['refused']:9d}{whole['WRONG']:7d}")


def changes(repository: Path, commits: int, seed: int) -> Iterator[Change]:
    """Text files that some random commits changed, of up to 100 kB and 12 hunks, with LF and a final newline."""
    found, dice = pygit2.Repository(str(repository)), random.Random(seed)
    everything = [c.id for c in found.walk(found.head.target) if len(c.parents) == 1]
    for commit in (found[i] for i in dice.sample(everything, min(commits, len(everything)))):
        try:
            diff = list(found.diff(commit.parents[0], commit, context_lines=3))
        except (KeyError, pygit2.GitError):  # a partial clone
            continue
        for patch in diff[:5]:
            delta = patch.delta
            if delta.status_char() != "M" or delta.is_binary or not 1 <= len(patch.hunks) <= 12:
                continue
            old, new = found.get(delta.old_file.id), found.get(delta.new_file.id)
            if isinstance(old, pygit2.Blob) and isinstance(new, pygit2.Blob) and _plain(old.data) and _plain(new.data):
                hunks = tuple([(row.origin, row.content.rstrip("\n")) for row in h.lines] for h in patch.hunks)
                heads = tuple(h.header.rstrip("\n") for h in patch.hunks)
                yield Change(delta.new_file.path, old.data.decode(), new.data.decode(), hunks, heads, dice)


def _plain(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return 0 < len(data) <= 100_000 and data.endswith(b"\n") and b"\r" not in data and b"\0" not in data


# ---- the formats


def _diff(change: Change, rows: Callable[[Rows], Rows] | None = None, head: Callable[[str], str] | None = None) -> str:
    hunks = [rows(hunk) if rows else hunk for hunk in change.hunks]
    heads = [head(text) if head else text for text in change.heads]
    parts = [f"{text}\n" + "".join(f"{m}{line}\n" for m, line in rows) for text, rows in zip(heads, hunks, strict=True)]
    return f"```diff\n--- a/{change.path}\n+++ b/{change.path}\n{''.join(parts)}```\n"


def _sides(hunk: Rows) -> tuple[list[str], list[str]]:
    return [line for mark, line in hunk if mark != "+"], [line for mark, line in hunk if mark != "-"]


def _blocks(change: Change, alter: Callable[[list[str], list[str]], tuple[list[str], list[str]] | None]) -> str | None:
    blocks = []
    for hunk in change.hunks:
        altered = alter(*_sides(hunk))
        if altered is None:
            return None
        parts = ["<<<<<<< SEARCH", *altered[0], "=======", *altered[1], ">>>>>>> REPLACE"]
        blocks.append(f"{change.path}\n```\n" + "\n".join(parts) + "\n```\n")
    return "\n".join(blocks)


def _v4a(change: Change, anchors: bool) -> str:
    rows = []
    for hunk, head in zip(change.hunks, change.heads, strict=True):
        heading = head.split("@@", 2)[2].strip()
        rows += [f"@@ {heading}" if anchors and heading else "@@", *(mark + line for mark, line in hunk)]
    return "\n".join(["*** Begin Patch", f"*** Update File: {change.path}", *rows, "*** End Patch", ""])


# ---- the distortions


def _renumbered(change: Change) -> str:
    def head(text: str) -> str:
        at = [str(max(1, int(n) + change.dice.randint(-3, 3))) for n in re.findall(r"\d+", text.split("@@")[1])]
        at += ["1"] * (4 - len(at))
        return f"@@ -{at[0]},{at[1]} +{at[2]},{at[3]} @@{text.split('@@', 2)[2]}"

    return _diff(change, head=head)


def _altered(
    alter: Callable[[Rows, random.Random], Rows], write: Callable[[Change], str | None]
) -> Callable[[Change], str | None]:
    """All rows of the hunks altered, where that makes a difference in what is quoted: new lines alone are meant so."""

    def distort(change: Change) -> str | None:
        altered = (alter(hunk, change.dice) for hunk in change.hunks)
        hunks = tuple(b if _sides(b)[0] != _sides(a)[0] else a for a, b in zip(change.hunks, altered, strict=True))
        return None if hunks == change.hunks else write(replace(change, hunks=hunks))

    return distort


def _tabs_as_spaces(rows: Rows, _dice: random.Random) -> Rows:
    """Tabs as models often write them: four spaces. Not where new lines have as many of their own."""
    if any(mark == "+" and "    " in line[: len(line) - len(line.lstrip())] for mark, line in rows):
        return rows
    return [(mark, _spaces(line)) for mark, line in rows]


def _dedented_rows(rows: Rows, _dice: random.Random) -> Rows:
    shift = min(_indents([line for _, line in rows]), default=0)
    return [(mark, line[shift:]) for mark, line in rows]


def _indented_rows(rows: Rows, _dice: random.Random) -> Rows:
    return [(mark, f"    {line}" if line.strip() else line) for mark, line in rows]


def _stripped(rows: Rows, _dice: random.Random) -> Rows:
    """Quoted lines without the blanks at their ends, unless it is these that go."""
    fresh = {line for mark, line in rows if mark == "+"}
    if any(line.rstrip() in fresh for mark, line in rows if mark == "-"):
        return rows
    return [(mark, line if mark == "+" else line.rstrip()) for mark, line in rows]


def _closed_up(rows: Rows, _dice: random.Random) -> Rows:
    """Without the blank lines that stay, but for the first and the last."""
    return [*rows[:1], *((mark, line) for mark, line in rows[1:-1] if mark != " " or line.strip()), *rows[-1:]]


def _merged(rows: Rows, _dice: random.Random) -> Rows:
    """Without the second of two blank lines that stay."""
    pairs = zip([("", "x"), *rows], rows, strict=False)
    return [row for above, row in pairs if not (above[0] == row[0] == " " and not above[1].strip() + row[1].strip())]


def _bare_ends(rows: Rows, _dice: random.Random) -> Rows:
    """Without the blank lines that stay at the ends."""
    return _unheaded(_unheaded(rows)[::-1])[::-1]


def _unheaded(rows: Rows) -> Rows:
    first = next((i for i, (mark, line) in enumerate(rows) if mark != " " or line.strip()), 0)
    return rows[first:]


def _one_out(rows: Rows, dice: random.Random) -> Rows:
    """Without one of the lines that stay, away from what changes: there it would say where new lines belong."""
    calm = [mark == " " and bool(line.strip()) for mark, line in rows]
    inner = [i for i in range(1, len(rows) - 1) if all(calm[i - 1 : i + 2])]
    at = dice.choice(inner) if inner else -1
    return [row for i, row in enumerate(rows) if i != at]


def _curly(rows: Rows, _dice: random.Random) -> Rows:
    """Quotes as a word processor writes them."""
    if not all(line.isascii() for _, line in rows):
        return rows
    return [(m, re.sub(r"'", "\u2019", re.sub(r'"([^"]*)"', "\u201c\\1\u201d", line))) for m, line in rows]


def _one_shifted(rows: Rows, dice: random.Random) -> Rows:
    """One line that stays is indented otherwise than all the others, of which enough are left to tell."""
    staying = [i for i, (mark, line) in enumerate(rows) if mark == " " and line.strip()]
    if sum(mark != "+" and line.startswith((" ", "\t")) for mark, line in rows) < 4 or not staying:
        return rows
    at, other = dice.choice(staying), " " * dice.choice([0, 1, 2, 4, 8])
    return [(mark, other + line.lstrip() if i == at else line) for i, (mark, line) in enumerate(rows)]


def _quoted_out(rows: Rows, _dice: random.Random) -> Rows:
    """All but the new lines four spaces further out."""
    return [(mark, line.removeprefix("    ") if mark != "+" else line) for mark, line in rows]


def _quoted_in(rows: Rows, _dice: random.Random) -> Rows:
    """All but the new lines four spaces further in."""
    return [(mark, f"    {line}" if mark != "+" and line.strip() else line) for mark, line in rows]


def _spaces(line: str) -> str:
    """A line with four spaces for each tab before it."""
    body = line.lstrip("\t")
    return "    " * (len(line) - len(body)) + body


def _shuffled(change: Change) -> str | None:
    """The blocks in another order."""
    if len(change.hunks) < 2:
        return None
    order = change.dice.sample(range(len(change.hunks)), len(change.hunks))
    hunks, heads = tuple(change.hunks[i] for i in order), tuple(change.heads[i] for i in order)
    return _blocks(replace(change, hunks=hunks, heads=heads), lambda old, new: (old, new))


def _calls(change: Change) -> str:
    """The strings of a tool call."""
    sides = [_sides(hunk) for hunk in change.hunks]
    edits = [{"path": change.path, "old_string": "\n".join(a), "new_string": "\n".join(b)} for a, b in sides]
    return json.dumps({"edits": edits})


def _inner(change: Change) -> str | None:
    """Where one line becomes another: only the words that differ, and one on either side."""
    blocks = []
    for hunk in change.hunks:
        (old, new) = ([line for mark, line in hunk if mark == sign] for sign in "-+")
        marks = "".join(mark for mark, _ in hunk)
        if len(old) != 1 or len(new) != 1 or "-+" not in marks:
            return None
        a, b = (re.findall(r"\w+|\s+|[^\w\s]", line[0]) for line in (old, new))
        head = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
        tail = next((i for i, (x, y) in enumerate(zip(a[::-1], b[::-1], strict=False)) if x != y), 0)
        start, tail = max(0, head - 2), max(0, min(tail, len(a) - head, len(b) - head) - 2)
        parts = ["".join(side[start : len(side) - tail]) for side in (a, b)]
        if not parts[0].strip() or parts[0] == parts[1]:
            return None
        blocks.append(f"{change.path}\n<<<<<<< SEARCH\n{parts[0]}\n=======\n{parts[1]}\n>>>>>>> REPLACE\n")
    return "\n".join(blocks)


def _indents(lines: list[str]) -> list[int]:
    return [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]


def _dedented(old: list[str], new: list[str]) -> tuple[list[str], list[str]] | None:
    shift = min(_indents(old + new), default=0)
    if not shift or any("\t" in line for line in old):
        return None
    return [line[shift:] for line in old], [line[shift:] for line in new]


def _first_bare(old: list[str], new: list[str]) -> tuple[list[str], list[str]] | None:
    same = old and new and old[0] == new[0] and old[0].startswith("  ")
    return ([old[0].lstrip(), *old[1:]], [new[0].lstrip(), *new[1:]]) if same else None


def _bare_change(old: list[str], new: list[str]) -> tuple[list[str], list[str]] | None:
    """The block without its context."""
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return (old, new) if old and any(line.strip() for line in old) else None


def _untrimmed(old: list[str], new: list[str]) -> tuple[list[str], list[str]] | None:
    """SEARCH with blanks at the ends of lines that the file has not."""
    return ([line + "  " for line in old], new) if all(line == line.rstrip() for line in old + new) else None


def _unlike(quoted: Callable[[Rows, random.Random], Rows], new: Callable[[Rows, random.Random], Rows]) -> Distortion:
    """Blocks whose SEARCH and REPLACE come from rows that are altered each in its own way."""

    def distort(change: Change) -> str | None:
        dice = change.dice
        sides = [(_sides(quoted(hunk, dice))[0], _sides(new(hunk, dice))[1]) for hunk in change.hunks]
        if sides == [*map(_sides, change.hunks)] or any(a == b or not "".join(a).strip() for a, b in sides):
            return None
        following = iter(sides)
        return _blocks(change, lambda _old, _new: next(following))

    return distort


def _as_is(rows: Rows, _dice: random.Random) -> Rows:
    return rows


def _compact(rows: Rows, _dice: random.Random) -> Rows:
    """Without any blank line."""
    return [row for row in rows if row[1].strip()]


def _framed(rows: Rows, _dice: random.Random) -> Rows:
    """With a blank line before the first and behind the last, as a matter of layout."""
    return [(" ", ""), *rows, (" ", "")]


def _renamed(line: str) -> str | None:
    """The line with another word in it."""
    words = list(re.finditer(r"[A-Za-z_]{4,}", line))
    if not words:
        return None
    word = words[len(words) // 2]
    return f"{line[: word.start()]}{word.group()[::-1]}x{line[word.end() :]}"


def _with_row(change: Change, mark: str) -> Change | None:
    """The change with another word in one row of this mark of its first hunk; None if it has none to change."""
    hunk = list(change.hunks[0])
    for i in sorted(range(len(hunk)), key=lambda _: change.dice.random()):
        other = _renamed(hunk[i][1]) if hunk[i][0] == mark else None
        if other is not None and other not in change.before.split("\n"):
            hunk[i] = (mark, other)
            return replace(change, hunks=(hunk, *change.hunks[1:]))
    return None


def _invented(mark: str, write: Callable[[Change], str | None]) -> Callable[[Change], str | None]:
    def distort(change: Change) -> str | None:
        altered = _with_row(change, mark)
        return None if altered is None else write(altered)

    return distort


def _moved(write: Callable[[Change], str | None]) -> Callable[[Change], tuple[str, str, str] | None]:
    """The file has lines of its own above the first hunk that the reply does not know of."""

    def distort(change: Change) -> tuple[str, str, str] | None:
        reply, head = write(change), change.heads[0]
        start = int(re.findall(r"\d+", head)[0])
        if reply is None or start < 3:
            return None
        at = change.dice.randint(1, start - 2)
        more = [f"unrelated line {i} of somebody else" for i in range(change.dice.randint(1, 60))]
        before, after = (text.split("\n") for text in (change.before, change.after))
        return reply, "\n".join(before[:at] + more + before[at:]), "\n".join(after[:at] + more + after[at:])

    return distort


def _twice(change: Change) -> tuple[str, str, str] | None:
    """The lines of the first hunk stand once more at the end of the file."""
    old, _ = _sides(change.hunks[0])
    reply = _blocks(change, lambda a, b: (a, b))
    return (reply, change.before + "\n".join(old) + "\n", "") if reply and "\ufeff" not in reply else None


def _in_list(change: Change) -> str | None:
    blocks = _blocks(change, lambda old, new: (old, new))
    path, _, body = (blocks or "").partition("\n")
    if len(change.hunks) != 1:
        return None
    return f"1. Change `{path}`:\n\n{textwrap.indent(body, '   ', lambda _: True)}"


def _whole(change: Change) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"^`+", change.after, re.M)), default=0))
    return f"Here is the new file.\n\n{change.path}\n{fence}\n{change.after}{fence}\n\nIt does what you asked.\n"


def _elided(old: list[str], new: list[str]) -> tuple[list[str], list[str]] | None:
    """A long block with its unchanged middle left out on both sides."""
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    tail = len(old) - head
    if head < 3:
        return None
    mark = "..."
    return ([old[0], mark, *old[head - 1 : head + tail]], [new[0], mark, *new[head - 1 :]]) if old[0].strip() else None


KINDS: dict[str, Distortion] = {
    "diff": _diff,
    "diff, numbers wrong": _renumbered,
    "diff, bare @@": lambda c: _diff(c, head=lambda _: "@@"),
    "diff, only headings": lambda c: _diff(c, head=lambda text: f"@@ {text.split('@@', 2)[2].strip()}"),
    "diff, blank rows without mark": lambda c: _diff(c, lambda rows: rows).replace("\n \n", "\n\n"),
    "diff, one line of context": lambda c: _diff(c, _narrow, lambda _: "@@ @@"),
    "diff, file moved on": _moved(lambda c: _diff(c)),
    "diff, context invented !": _invented(" ", lambda c: _diff(c)),
    "diff, removed line invented !": _invented("-", lambda c: _diff(c)),
    "patch": lambda c: _v4a(c, anchors=False),
    "patch, headings": lambda c: _v4a(c, anchors=True),
    "patch, file moved on": _moved(lambda c: _v4a(c, anchors=True)),
    "patch, removed line invented !": _invented("-", lambda c: _v4a(c, anchors=True)),
    "blocks": lambda c: _blocks(c, lambda old, new: (old, new)),
    "blocks, dedented": lambda c: _blocks(c, _dedented),
    "blocks, first line dedented": lambda c: _blocks(c, _first_bare),
    "blocks, without context": lambda c: _blocks(c, _bare_change),
    "blocks, blanks at line ends": lambda c: _blocks(c, _untrimmed),
    "blocks, one line of context": lambda c: _blocks(
        replace(c, hunks=tuple(map(_narrow, c.hunks))), lambda a, b: (a, b)
    ),
    "blocks, SEARCH lacks blank ends": _unlike(_bare_ends, _as_is),
    "blocks, REPLACE lacks blank ends": _unlike(_as_is, _bare_ends),
    "blocks, SEARCH lacks blank lines": _unlike(_compact, _as_is),
    "blocks, SEARCH merges blank lines": _unlike(_merged, _as_is),
    "blocks, SEARCH in blank lines": _unlike(_framed, _as_is),
    "blocks, both in blank lines": _unlike(_framed, _framed),
    "blocks, middle elided": lambda c: _blocks(c, _elided),
    "blocks, in a list": _in_list,
    "blocks, file moved on": _moved(lambda c: _blocks(c, lambda old, new: (old, new))),
    "blocks, context invented !": _invented(" ", lambda c: _blocks(c, lambda old, new: (old, new))),
    "blocks, removed line invented !": _invented("-", lambda c: _blocks(c, lambda old, new: (old, new))),
    "blocks, lines twice !": _twice,
    "whole": _whole,
    "tool calls": _calls,
    "blocks, words of a line": _inner,
    "blocks, in another order": _shuffled,
}
ALTERED = {
    "tabs as spaces": _tabs_as_spaces,
    "dedented": _dedented_rows,
    "indented": _indented_rows,
    "line ends stripped": _stripped,
    "blank lines left out": _closed_up,
    "blank ends left out": _bare_ends,
    "blank lines merged": _merged,
    "a line left out": _one_out,
    "curly quotes": _curly,
    "a line shifted": _one_shifted,
    "quoted lines dedented": _quoted_out,
    "quoted lines indented": _quoted_in,
}
WRITERS: dict[str, Callable[[Change], str | None]] = {
    "blocks": lambda c: _blocks(c, lambda old, new: (old, new)),
    "diff": lambda c: _diff(c),
    "patch": lambda c: _v4a(c, anchors=True),
}
KINDS |= {f"{form}, {name} ~": _altered(alter, WRITERS[form]) for name, alter in ALTERED.items() for form in WRITERS}


def _narrow(rows: Rows) -> Rows:
    """The hunk with one line of context on either side."""
    changed = [i for i, (mark, _) in enumerate(rows) if mark != " "]
    return rows[max(0, changed[0] - 1) : changed[-1] + 2]


if __name__ == "__main__":
    main()
