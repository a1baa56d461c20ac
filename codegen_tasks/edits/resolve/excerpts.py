"""Which blocks are no files though a path stands near: commands to run, excerpts of a file. It knows no plan."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from codegen_tasks.edits.operations import Operation, Write
from codegen_tasks.edits.read.fences import SHELLS
from codegen_tasks.edits.read.tool_calls import JSON
from codegen_tasks.edits.syntax.languages import is_prose, language_of

OUTPUTS = {"diff", "log", "output", "text", "txt"}
EXCERPT = (
    "this block holds only a part of the file, and nothing says where it goes: send the whole file under its path, "
    "or SEARCH/REPLACE blocks"
)
REPLACED = (
    "this block shows what the file holds already, and one below it names no file: send the new text alone, under "
    "the path"
)


_PROMPT = re.compile(r"(?:\$|PS[^>]*>|[\w.-]+@[\w.-]+[:~].*[$#]) \S")


def is_output(write: Write) -> bool:
    """Whether a block may show what a program prints, or a diff that is no more than shown."""
    return write.language in OUTPUTS


def is_command(write: Write, path: str) -> bool:
    """Whether a block tells what to type, or shows data, rather than what is in the file.

    JSON is no program. In a block for a shell commands are all that a file of another kind can have; for a script, or a
    file of unknown kind, what begins with a prompt or names the file in every line.
    """
    if write.language in JSON:
        return language_of(path) not in (None, "json", "jsonc", "yaml")
    lines = [line.strip() for line in write.content.split("\n") if line.strip()]
    prompted = bool(lines) and _PROMPT.match(lines[0]) is not None
    if not lines or lines[0].startswith("#!") or (write.language not in SHELLS and (write.language or not prompted)):
        return False
    file = PurePosixPath(path)
    known = language_of(path) if file.suffix else None
    if is_prose(path) or known not in (None, "bash"):
        return True
    name = re.compile(rf"(?<![\w.-]){re.escape(file.name)}(?![\w-])")
    return prompted or all(name.search(line) for line in lines if not line.startswith("#"))


def is_excerpt(write: Operation, path: str, text: str | None, *, again: bool = False) -> bool:
    """Whether a block that is not plainly the whole file lacks too much of it to be all of it: most lines, or names.

    A longer one may be all of it, unless the same reply wrote it before (`again`), or tells to add it.
    """
    if not isinstance(write, Write):
        return False
    if write.numbered:
        return bool(text)
    if text is None or write.sketch:
        return False
    old, new = _filled(text), _filled(write.content)
    if _is_promise(write):
        return _is_inside(new, old, write.whole)
    if len(new) >= len(old) and not (again or write.added):
        return False
    kept = set(new)
    quoted = _is_stretch(new, old) and new[:1] != old[:1]
    return quoted or 2 * sum(line in kept for line in old) < len(old) or _loses_names(path, text, write.content)


def _is_inside(new: Sequence[str], old: Sequence[str], promised: bool) -> bool:
    """Whether lines begin and end with lines from inside a file and keep less than half of it, or do one of the two and
    are less than half as many (if nobody `promised` more).

    Of 10,277 real changes 10 leave such a file (2 by the first); of 15,802 excerpts around their changes 15,783 are so.
    """
    if not new or not old:
        return False
    known = set(old)
    begins, ends = new[0] != old[0] and new[0] in known, new[-1] != old[-1] and new[-1] in known
    if 2 * len(new) < len(old) and not promised:
        return begins or ends
    return begins and new[-1] in known and 2 * sum((Counter(new) & Counter(old)).values()) < len(old)


def _is_promise(write: Write) -> bool:
    """Whether a block stands under a plain title, or is all of the reply."""
    return write.sketch or (bool(write.titles) and not write.part)


def _loses_names(path: str, text: str, content: str) -> bool:
    from codegen_tasks.edits.syntax.public import public_definitions  # parses: only for what is no plain whole file

    return not public_definitions(path, text) <= public_definitions(path, content)


def is_quoted(write: Operation, text: str | None) -> bool:
    """Whether a block shows nothing but lines that the file has."""
    if not isinstance(write, Write) or text is None:
        return False
    return {line.strip() for line in write.content.split("\n")} <= {"", *(line.strip() for line in text.split("\n"))}


def is_same(write: Operation, text: str | None) -> bool:
    """Whether a block is the whole file as it is or, where it is not plainly the whole file, a stretch of it."""
    if not isinstance(write, Write) or text is None:
        return False
    shown = not _is_promise(write) and _is_stretch(_filled(write.content), _filled(text))
    return shown or write.content.rstrip("\n") == text.rstrip("\n")


def is_replaced(write: Operation, path: str, text: str | None, loose: Sequence[Write]) -> bool:
    """Whether a block shows the file as it is, or a stretch of it, and the new text follows without a name.

    Below most of a file that is one with a line of it, or any if words tell to do something to what is shown.
    """
    if not isinstance(write, Write) or text is None or write.sketch:
        return False
    old, new = _filled(text), _filled(write.content)
    if not _is_stretch(new, old):
        return False
    words = {line for line in old if any(map(str.isalpha, line))}
    return any(
        block.at > write.at and (write.part or 2 * len(new) < len(old) or words & set(_filled(block.content)))
        for block in loose
        if not (is_output(block) or is_command(block, path))
    )


def _is_stretch(new: Sequence[str], old: Sequence[str]) -> bool:
    return bool(new) and "\n".join(["", *new, ""]) in "\n".join(["", *old, ""])


def _filled(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def is_shown(write: Write, text: str | None) -> bool:
    """Whether a block that is not plainly the whole file says what the file is now, and wants nothing."""
    return text is not None and not _is_promise(write) and write.content.split() == text.split()
