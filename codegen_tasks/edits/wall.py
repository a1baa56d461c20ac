"""Refuses content that stands for other content: elisions and cut-off files. It knows no format and no reply."""

import re

_ALONE = re.compile(r"^[ \t]*(?:\.\.\.|…)[ \t]*$", re.MULTILINE)


def check(path: str, before: str | None, after: str) -> str | None:
    """Why `after` may not replace `before` (None: a new file), with the line number; or None: nothing is missing.

    Pure and cheap: what needs a parse of the whole file is `syntax.gate`.
    """
    return elision(path, before, after) or truncation(path, before, after)


def elision(path: str, before: str | None, after: str) -> str | None:
    """Why a line of `after` is a placeholder for code it leaves out, or None."""
    known = set((before or "").split("\n"))
    for found in _ALONE.finditer(after):
        if found.group() not in known and not path.endswith((".py", ".pyi")):
            line = after.count("\n", 0, found.start()) + 1
            return f"{path}: line {line} is a placeholder: {found.group().strip()}"
    return None


def truncation(path: str, before: str | None, after: str) -> str | None:
    """Why `after` seems to stop in the middle, or None."""
    lines = after.rstrip("\n").split("\n")
    old = (before or "").split("\n")
    if len(lines) < 2 or not lines[-1] or lines[-2] not in old:
        return None
    at = old.index(lines[-2]) + 1
    if at + 1 < len(old) and old[at] != lines[-1] and old[at].startswith(lines[-1]):
        return f"{path}: line {len(lines)} stops in the middle of what was: {old[at].strip()}"
    return None
