"""Refuses content that stands for other content: elisions and cut-off files. It knows no format and no reply.

Cheap by order: only lines that the file did not have are looked at, only their comments are read, and only a remark
that reads like a placeholder is held against the syntax tree and against what the file lost around it.
"""

import re
from collections import Counter
from typing import NamedTuple

from codegen_tasks.edits.languages import is_prose, language_of
from codegen_tasks.edits.phrases import Strength, judge
from codegen_tasks.edits.remarks import DOTS, Remark, is_comment, remarks_of
from codegen_tasks.edits.standing import Dots, comment_rows, is_error, is_quoted, python_dots

_SUSPECT = re.compile(r"\.\.\.|…|//|/\*|#|--|<!--|^\s*[*;%({\[<]|\{-|\(\*")
_CLOSER = re.compile(r"\s*(?:[)\]}]|end\b|</|pass\b|\.\.\.|fi\b|done\b|esac\b|:\s*$)")
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})(.*)$", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w+")
_CAUSE = "stands for text that is not there; the file would lose it"


class _Files(NamedTuple):
    """Both states of a file, as lines without outer space, with how often each occurs."""

    path: str
    after: str
    lines: tuple[str, ...]
    new: tuple[str, ...]
    old: tuple[str, ...]
    in_new: Counter[str]
    in_old: Counter[str]
    created: bool


def check(path: str, before: str | None, after: str) -> str | None:
    """Why `after` may not replace `before` (None: a new file), with the line number; or None: nothing is missing.

    Pure and cheap; what needs a parse of every file is `syntax.gate`.
    """
    if before == after:
        return None
    return elision(path, before, after) or truncation(path, before, after)


def elision(path: str, before: str | None, after: str) -> str | None:
    """Why a line of `after` is a placeholder for text it leaves out, or None."""
    known = {line.strip() for line in (before or "").split("\n")}
    lines = after.split("\n")
    fresh = [
        row
        for row, line in enumerate(lines)
        if _SUSPECT.search(line) and ((text := line.strip()) not in known or DOTS.fullmatch(text))
    ]
    if not fresh:
        return None
    files = _files_of(path, before, after, lines)
    said = _suspects(files, fresh, before or "")
    marks = {row for row, _, _ in said}
    for row, remark, strength in said:
        if _stands_for_text(files, row, remark, strength, marks):
            return f"{path}: line {row + 1}, `{lines[row].strip()[:80]}`, {_CAUSE}. Write it all out."
    return None


def _files_of(path: str, before: str | None, after: str, lines: list[str]) -> _Files:
    new = tuple(line.strip() for line in lines)
    old = tuple(line.strip() for line in (before or "").split("\n"))
    return _Files(path, after, tuple(lines), new, old, Counter(new), Counter(old), before is None)


def _suspects(files: _Files, fresh: list[int], before: str) -> list[tuple[int, Remark, Strength]]:
    """The remarks of the new lines that read like placeholders; lone dots are WEAK until their place is known."""
    said, prose = [], is_prose(files.path)
    for row in fresh:
        for remark in remarks_of(files.lines[row], prose=prose):
            if DOTS.fullmatch(remark.text.strip()):
                said.append((row, remark, Strength.WEAK))
                continue
            strength = judge(remark.text)
            if strength is Strength.NONE and before and len(remark.text) < 80:
                gone = {word for word in _WORD.findall(remark.text) if re.search(rf"\b{word}\s*[(=<]", before)}
                rest = "\n".join(line for at, line in enumerate(files.lines) if at != row) if gone else ""
                strength = judge(remark.text, frozenset(word for word in gone if word not in rest))
            if strength is not Strength.NONE:
                said.append((row, remark, strength))
    return said


def _stands_for_text(files: _Files, row: int, remark: Remark, strength: Strength, marks: set[int]) -> bool:
    """Whether a remark that reads like a placeholder is one, by where it stands and by what is gone around it."""
    lost, gained = _lost(files, row, marks)
    shrank = lost > gained or (lost >= 3 and _ends_block(files, row))
    if is_quoted(files.path, files.after, row, remark.text):
        return shrank and lost >= 5 and strength is Strength.STRONG
    if DOTS.fullmatch(remark.text.strip()):
        return _dots_are_alone(files, row, remark, marks, lost > gained)
    in_comment = not remark.bare or len(comment_rows(files.path, files.after, row)) > 0
    if remark.own and in_comment and _in_block_of_comments(files, row, marks):
        return shrank and lost >= 5 and strength is Strength.STRONG and not _continues(files, row)
    if strength is Strength.STRONG and (remark.own or shrank or DOTS.match(remark.text)):
        return True
    if files.created:
        following = "\n".join(files.new[row + 1 : row + 3]).lstrip()
        stub = re.search(r"\bhere\b", remark.text.casefold()) and following.startswith(("return", "raise", "throw"))
        return remark.own and not remark.bare and (bool(stub) or _ends_block(files, row))
    return shrank


def _lost(files: _Files, row: int, marks: set[int]) -> tuple[int, int]:
    """How many lines are gone, and how many are new, between the nearest lines that both states have exactly once."""

    def anchor(rows: range, end: int) -> tuple[int, int]:
        for at in rows:
            text = files.new[at]
            if text and files.in_old[text] == 1 == files.in_new[text]:
                return at, files.old.index(text)
        return rows.stop, end

    first, old_first = anchor(range(row - 1, -1, -1), -1)
    last, old_last = anchor(range(row + 1, len(files.new)), len(files.old))
    gap = Counter(text for text in files.old[old_first + 1 : old_last] if text)
    kept = {text: files.in_new[text] for text in gap}
    lost = sum(max(0, min(count, files.in_old[text] - kept[text])) for text, count in gap.items())
    added = (files.new[at] for at in range(first + 1, last) if at not in marks)
    return lost, sum(1 for text in added if text and text not in files.in_old)


def _ends_block(files: _Files, row: int) -> bool:
    """Whether nothing follows a line in its block: the next line closes it, is a stub, or is indented less."""
    following = next((line for line in files.lines[row + 1 :] if line.strip() and not is_comment(line)), None)
    if following is None or _CLOSER.match(following):
        return True
    line = files.lines[row]
    return len(following) - len(following.lstrip()) < len(line) - len(line.lstrip())


def _in_block_of_comments(files: _Files, row: int, marks: set[int]) -> bool:
    """Whether a comment is part of a longer one that says more than placeholders do."""
    rows = set(comment_rows(files.path, files.after, row))
    for step in (-1, 1):
        at = row + step
        while 0 <= at < len(files.lines) and is_comment(files.lines[at]):
            rows.add(at)
            at += step
    return any(_WORD.search(files.lines[at]) for at in rows - marks)


def _continues(files: _Files, row: int) -> bool:
    """Whether a comment goes on with the sentence of the comment above it."""
    above = files.lines[row - 1].rstrip() if row else ""
    return is_comment(above) and not above.endswith((".", ":", "!", "?", "*/", "-->"))


def _dots_are_alone(files: _Files, row: int, remark: Remark, marks: set[int], shrank: bool) -> bool:
    """Whether `...` means nothing where it stands: no stub, no argument list, no part of a longer comment."""
    language = language_of(files.path)
    if not remark.bare or comment_rows(files.path, files.after, row):
        own = remark.own or _fills_braces(files.lines[row])
        return own and not _in_block_of_comments(files, row, marks)
    if language == "python":
        meaning = python_dots(files.path, files.after, row)
        plain = meaning is Dots.BODY and DOTS.fullmatch(files.new[row]) and "test" not in files.path
        return meaning is Dots.LOST or bool(plain) or (shrank and meaning is not Dots.MEANT)
    if language == "rust":
        return True  # the grammar takes it for a range of an old kind, the compiler does not
    return shrank or (language not in {None, "yaml", "perl"} and is_error(files.path, files.after, row))


def _fills_braces(line: str) -> bool:
    return re.search(r"[{(\[]\s*/\*[\s.…]*\*/\s*[})\]]", line) is not None


def truncation(path: str, before: str | None, after: str) -> str | None:
    """Why `after` seems to stop in the middle of what `before` had, or in the middle of a block of text; or None."""
    reason = _stops_in_line(before, after) or _stops_in_block(before, after) or _stops_in_text(path, before, after)
    return f"{path}: the text ends too early: {reason}. Send the file up to its end." if reason else None


def _stops_in_line(before: str | None, after: str) -> str | None:
    """Whether the last line is the beginning of the line that came next, and what followed is gone."""
    lines = after.rstrip().split("\n")
    last = lines[-1].rstrip()
    if before is None or not last.strip():
        return None
    old = before.rstrip().split("\n")
    previous = next((line for line in reversed(lines[:-1]) if line.strip()), None)
    for at, line in enumerate(old):
        if not line.startswith(last) or line.rstrip() == last or last in old:
            continue
        led_by = next((text for text in reversed(old[:at]) if text.strip()), None)
        following = [text for text in old[at + 1 :] if text.strip()]
        in_word = last[-1].isalpha() and line[len(last)].isalpha()
        if led_by == previous and (in_word or (following and following[-1] not in lines)):
            return f"line {len(lines)}, `{last.strip()[:80]}`, is the beginning of `{line.strip()[:80]}`"
    return None


def _stops_in_block(before: str | None, after: str) -> str | None:
    """Whether the text is just the beginning of the old one, cut inside an indented block, with more than it gone."""
    head = after.rstrip()
    if before is None or not head or not before.startswith(head + "\n"):
        return None
    following = [line for line in before[len(head) :].split("\n") if line.strip()]
    depths = [len(line) - len(line.lstrip()) for line in (head.rpartition("\n")[2], *following)]
    if len(depths) > 2 and 0 < depths[0] <= depths[1] and min(depths[2:]) < depths[0]:
        return f"it stops inside a block, before `{following[0].strip()[:80]}`"
    return None


def _stops_in_text(path: str, before: str | None, after: str) -> str | None:
    """Whether a fence of a Markdown text or an element of a page is opened and not closed, and was not before."""
    if path.lower().endswith((".md", ".markdown", ".mdx")):
        return "a code fence is never closed" if _has_open_fence(after) and not _has_open_fence(before or "") else None
    if language_of(path) not in {"html", "vue", "svelte"}:
        return None
    for tag in ("html", "body", "template", "script", "style"):
        if _unclosed(tag, after) and not _unclosed(tag, before or ""):
            return f"<{tag}> is never closed"
    return None


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
