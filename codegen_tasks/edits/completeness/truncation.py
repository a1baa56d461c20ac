"""Does a text stop too early: in a line, in a block, in a fence, before the end it had? It knows no reply."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import islice, takewhile
from typing import NamedTuple

from codegen_tasks.edits.completeness.anchors import anchors
from codegen_tasks.edits.completeness.dangling_names import left_over, still_called
from codegen_tasks.edits.completeness.definitions import defined
from codegen_tasks.edits.syntax.languages import language_of
from codegen_tasks.edits.view import depth_of

SHARE = 0.75  # of the lines after the last one that stayed: so many are gone, if the end is
FEW = 8  # lines at the end that may go, unless something still needs them
NEAR = 20  # lines before the end that may show that it is the same
LEAST = 3  # lines at the end that an edit elsewhere does not take along
PARTS = 3  # parts at the end (definitions, paragraphs) that do not go together
_MEANT = "if that is meant, quote what goes in a block that removes it"
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})(.*)$", re.MULTILINE)
_TERM = re.compile(r"[^\W\d]\w{3,}")
_WORD = re.compile(r"[^\W\d]\w{2,}")
_CLOSER = re.compile(r"\s*(?:[)\]}]|end\b|</)")
_PAGES = ("html", "body", "template", "script", "style")


def truncation(path: str, before: str | None, after: str, *, whole: bool = True) -> str | None:
    """Why `after` seems to stop in the middle of what `before` had, or in the middle of a block of text; or None.

    What an edit takes away from the end was quoted, what a `whole` text lacks there was not.
    """
    code = language_of(path) is not None or "." not in path.rpartition("/")[2]  # a makefile
    reason = None if before is None else _at_end(before, after, whole=whole, code=code)
    reason = reason or _in_text(path, before or "", after)
    return f"{path}: the text ends too early: {reason}. Send the file up to its end." if reason else None


def _at_end(before: str, after: str, *, whole: bool, code: bool) -> str | None:
    """What speaks for a text that was cut off, rather than for an end that was meant to go."""
    old, new = before.rstrip().split("\n"), after.rstrip().split("\n")
    end = _end(old, new)
    if end is None:
        return None
    missing = [line for line in old[end.at + end.inside :] if line.strip()]
    said = Counter(line.strip() for line in missing if _WORD.search(line))  # what closes something stands everywhere
    gone = said & (Counter(line.strip() for line in old) - Counter(line.strip() for line in new))
    all_gone = gone.total() > 0 and gone.total() >= SHARE * said.total()
    if end.inside:
        return _in_line(old[end.at], new, all_gone)
    if not whole or not all_gone:
        return None
    proof = _proof(before, after, end.at, code=code)
    return f"after line {len(new)}, `{new[-1].strip()[:80]}`, {proof}; {_MEANT}" if proof else None


def _proof(before: str, after: str, at: int, *, code: bool) -> str | None:
    """What shows that the lines from one on, which are all gone, were cut off: a block or a need that stays open."""
    old, new = before.rstrip().split("\n"), after.rstrip().split("\n")
    end, missing = "\n".join(old[at:]), [line for line in old[at:] if line.strip()]
    first = f"`{missing[0].strip()[:80]}`"
    if old[at - 1].strip() and (_is_in_block(missing) or _is_in_statement(new[-1], old[at:])):
        return f"inside a block, before {first}"
    if left := left_over(before, after, end):
        return f"`{left}` is still imported, which only the missing lines used"
    if needed := _needed(end, {line.strip() for line in old}, after):
        return f"the definition of `{needed}` is missing, which the text still calls"
    if code and len(missing) >= LEAST and _is_unrelated(old[:at], missing, new):
        return f"the end is missing from {first} on, with which no other change has to do"
    worded = sum(_WORD.search(line) is not None for line in missing)
    blank = after.endswith("\n\n") and not before.endswith("\n\n")
    if worded > FEW and 4 * len(missing) >= len(old) and _parts(old[at:]) >= PARTS - blank:
        return f"the last {len(missing)} lines that hold text are missing, from {first} on"
    return None


class _End(NamedTuple):
    """Where a new text ends in the old one: at which line, and whether inside it."""

    at: int
    inside: bool


def _end(old: Sequence[str], new: Sequence[str]) -> _End | None:
    """Where the last lines of the new text stand in the old one: in order, after the last line that ties the two."""
    left, right = [line.strip() for line in old], [line.strip() for line in new]
    if not right[-1] or _same_end(left, right):
        return None
    chain = anchors(left, right)
    if not chain:
        return None
    at, row = chain[-1][0] + 1, chain[-1][1] + 1
    for text in filter(None, right[row:-1]):
        at = _next(left, at)
        if at == len(left) or left[at] != text:
            return None
        at += 1
    at = _next(left, at)
    if row == len(right):
        return _End(at, False) if at < len(left) else None
    if at == len(left) or not left[at].startswith(right[-1]):
        return None
    if left[at] != right[-1]:
        return _End(at, True)
    at = _next(left, at + 1)
    return _End(at, False) if at < len(left) else None


def _same_end(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether both end with the same lines, down from one that stands nowhere else: most edits leave the end alone."""
    last = takewhile(lambda pair: pair[0] == pair[1], islice(zip(reversed(old), reversed(new), strict=False), NEAR))
    return any(len(line) > 1 and old.count(line) == 1 for line, _ in last)


def _next(lines: Sequence[str], at: int) -> int:
    """The first line from one on that is not blank."""
    return next((i for i in range(at, len(lines)) if lines[i]), len(lines))


def _in_line(line: str, new: Sequence[str], all_gone: bool) -> str | None:
    """Whether the last line is the beginning of the line that came next: in a word, or with what followed gone."""
    last = new[-1].strip()
    in_word = last[-1].isalpha() and line.strip()[len(last)].isalpha()
    if not in_word and not all_gone:
        return None
    return f"line {len(new)}, `{last[:80]}`, is the beginning of `{line.strip()[:80]}`"


def _is_in_block(missing: Sequence[str]) -> bool:
    """Whether what is missing goes on with an indented block and leaves it."""
    depths = [depth_of(line) for line in missing]
    return len(depths) > 1 and depths[0] > min(depths)


def _is_in_statement(last: str, missing: Sequence[str]) -> bool:
    """Whether the last line is part of a statement that the next lines, up to a blank one, end with a semicolon."""
    following = list(takewhile(str.strip, missing))
    return following[-1:] != [] and following[-1].rstrip().endswith(";") and last.rstrip()[-1] not in ";{}:/*"


def _is_unrelated(kept: Sequence[str], missing: Sequence[str], new: Sequence[str]) -> bool:
    """Whether a text changed before its end as well, in lines that hold no word that is the end's own."""
    before, after = Counter(line.strip() for line in kept), Counter(line.strip() for line in new)
    came, went = after - before, before - after
    if not 0 < came.total() <= 2 * len(missing):
        return False
    end = "\n".join(missing)
    own = defined(end) | (set(_TERM.findall(end)) - set(_TERM.findall("\n".join(before & after))))
    return own.isdisjoint(_TERM.findall("\n".join((*came, *went))))


def _needed(missing: str, known: Collection[str], after: str) -> str:
    """A name that only the missing end defines and that other lines still call, unless a new line speaks of it."""
    called = still_called(missing, after)
    told = set(_WORD.findall("\n".join(line for line in after.split("\n") if line.strip() not in known)))
    return min(called - told, default="")


def _parts(missing: Sequence[str]) -> int:
    """How many things begin in the missing lines: lines of the least depth after a blank line or the end of a thing."""
    depth = min(depth_of(line) for line in missing if line.strip())
    starts = (line.lstrip("@#/*-[< ")[:1].isalnum() and line[depth : depth + 1].strip() for line in missing)
    ends = [True, *(not line.strip() or _CLOSER.match(line) is not None for line in missing)]
    return sum(bool(start) and end for start, end in zip(starts, ends, strict=False))


def _in_text(path: str, before: str, after: str) -> str | None:
    """Whether a fence of a Markdown text or an element of a page is opened and not closed, and was not before."""
    if path.lower().endswith((".md", ".markdown", ".mdx")):
        return "a code fence is never closed" if _has_open_fence(after) and not _has_open_fence(before) else None
    if language_of(path) not in {"html", "vue", "svelte"} or before.rstrip()[-NEAR:] == after.rstrip()[-NEAR:]:
        return None  # where it ends as it did, nothing was cut off
    tag = next((tag for tag in _PAGES if _unclosed(tag, after) and not _unclosed(tag, before)), None)
    return f"<{tag}> is never closed" if tag else None


def _has_open_fence(text: str) -> bool:
    """Whether a Markdown text ends inside a fence: one is closed by its like, at least as long and without a name."""
    opened = ""
    for fence, name in _FENCE.findall(text):
        if not opened and "`" not in name:
            opened = fence
        elif opened and fence.startswith(opened) and not name.strip():
            opened = ""
    return opened != ""


def _unclosed(tag: str, text: str) -> bool:
    return re.search(rf"<{tag}[\s>]", text) is not None and f"</{tag}>" not in text
