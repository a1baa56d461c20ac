"""Is a block of a reply the file, or commands, an excerpt, talk? It judges words and content, and places nothing.

What speaks for a block: its title, or words that announce a file and nothing else. Against it: a question, another
file, what programs print, a use from outside, another language, and that it shows or lacks too much of what is there.
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from codegen_tasks.edits.operations import Operation, Write
from codegen_tasks.edits.read.fences import MARKUP, SHELLS, fence_in
from codegen_tasks.edits.read.titles import in_comment, names_file
from codegen_tasks.edits.read.tool_calls import JSON
from codegen_tasks.edits.resolve.paths import resolve
from codegen_tasks.edits.resolve.words import LINES, SAYS, WORDS
from codegen_tasks.edits.syntax import parses
from codegen_tasks.edits.syntax.languages import NAMES, PROSE, is_prose, language_of
from codegen_tasks.edits.view import view_of

_FAILED = re.compile(LINES["failed"])
_PROMPT = re.compile(LINES["prompt"])
_PRINTED = re.compile("|".join(LINES[name] for name in ("failed", "printed", "prompt")))
_PRINTING = (*PROSE, ".log", ".out", ".csv", ".tsv")  # files that may hold what programs print
_ASKS = re.compile(r"[?\uff1f\u061f]|\b(?:let me know|tell me|please (?:confirm|provide|send|share))\b", re.IGNORECASE)
_WORD = re.compile(r"[^\s\"'`<>|*?:;,(){}\[\]]+")
_LETTERS = re.compile(r"[A-Za-z]+")
_SENTENCE = re.compile(r"[.!:]\s")
_CLAUSE = re.compile(r"\b(?:that|which|for)\b|[.!]\s")  # what a file does may be said behind its name
_LIBRARY = re.compile(r"^[A-Z]\w*\.(?:js|io|net|ai|py)$|^(?:e\.g|i\.e)$")  # Node.js


def why_not(write: Write, path: str, text: str | None, above: Sequence[str], around: Sequence[str]) -> str:
    """Why a block that no title names is not certain to be all of a file, or "".

    `above` is the paragraph above it, `around` what else the reply says.
    """
    there = view_of(text or "").known
    content = [line for line in write.content.split("\n") if line.strip()]
    title = in_comment(content[0]).mentions if content else ()
    if any(map(_ASKS.search, (*above, *around))):
        return SAYS["asks"]
    if other := _other_file([*above, *around, *title], path):
        return SAYS["other"].format(other)
    fresh = [line for line in content if line.strip() not in there]
    if shown := next(filter(_PRINTED.match, fresh), ""):
        return SAYS["shows"].format(shown.strip()[:60])
    stem = re.escape(PurePosixPath(path).name.partition(".")[0])
    uses = re.compile(rf"{LINES['uses']}\b.*(?<![\w-]){stem}(?![\w-])")
    if stem and (used := next(filter(uses.match, fresh), "")):
        return SAYS["uses"].format(used.strip()[:60])
    before, name, behind = " ".join(above).partition(PurePosixPath(path).name)
    said = f"{_SENTENCE.split(before)[-1].rpartition(' ')[0]} {_CLAUSE.split(behind)[0]}" if name else before
    words = (word for word in _WORD.findall(said) if not names_file(word))
    if spoken := next((word for word in words if not {*_LETTERS.findall(word.lower())} <= WORDS["announces"]), ""):
        return SAYS["excerpt"] if is_excerpt(write, path, text) else SAYS["speaks"].format(spoken)
    kept = len(content) - len(fresh)
    proved = bool(there) and 2 * kept >= len(content) and 2 * kept >= len(there)
    return "" if proved or ((name or write.sketch) and not write.language) or _is_kind(write, path) else SAYS["kind"]


def _is_kind(write: Write, path: str) -> bool:
    """Whether the fence calls its content what the file is, or nothing else can be meant by it."""
    file, told, language = PurePosixPath(path.lower()), write.language, language_of(path)
    if told in SHELLS:
        return language == "bash"
    if told:
        own = {language, NAMES.get(file.name), file.suffix[1:], file.name}
        return told in own or (language_of(f"a.{told}") or told) == language or (told in MARKUP and is_prose(path))
    return language in WORDS["proved"] and bool(write.content.strip()) and parses(path, write.content) is True


def is_other_kind(write: Write, path: str) -> bool:
    """Whether a file is of a kind that is known, and nothing says that a block is of that kind."""
    return language_of(path) is not None and not _is_kind(write, path)


def _other_file(lines: Sequence[str], path: str) -> str:
    """Another file that is named, by a path or by a name that files have."""
    own = "|".join(map(re.escape, (path, PurePosixPath(path).name)))
    text = re.sub(rf"(?<![\w./-])(?:{own})(?![\w/-])", "", "\n".join(lines))
    words = (word.strip(".").removeprefix("@") for word in _WORD.findall(text))
    named = (word for word in words if names_file(word) and not _LIBRARY.match(word))
    return next((word for word in named if resolve((word,), 0, (path,)) != path), "")


def printed(content: str, path: str, text: str | None) -> str:
    """The line that says that a block under the path shows what went wrong in it, or ""."""
    first = next(filter(str.strip, content.split("\n")), "")
    told = _FAILED.match(first) and first not in (text or "") and not path.lower().endswith(_PRINTING)
    return SAYS["shows"].format(first.strip()[:60]) if told else ""


def words_above(lines: Sequence[str], write: Write) -> list[str]:
    """The paragraph above a block, up to three lines of it."""
    at = write.at
    while at > 0 and not lines[at - 1].strip():
        at -= 1
    start = at
    while start > max(0, at - 3) and lines[start - 1].strip() and not fence_in(lines[start - 1]):
        start -= 1
    return list(lines[start:at])


def words_around(lines: Sequence[str], write: Write, commands: Sequence[Write]) -> list[str]:
    """The lines of a reply that stand in no block and announce no block of commands."""
    around = [*lines[: write.at], *lines[write.at + write.content.count("\n") + 2 :]]
    fences = [i for i, line in enumerate(around) if fence_in(line)]
    inside = {i for start, end in zip(fences[::2], fences[1::2], strict=False) for i in range(start, end + 1)}
    told = {line for command in commands for line in words_above(lines, command)}
    return [line for i, line in enumerate(around) if line.strip() and i not in inside and line not in told]


def is_command(write: Write, path: str) -> bool:
    """Whether a block tells what to type, or shows data, rather than what is in the file.

    JSON is no program. In a block for a shell commands are all that a file of another kind can have; for a script, or a
    file of unknown kind, what begins with a prompt or names the file in every line.
    """
    if write.language in JSON:
        return language_of(path) not in (None, "json", "jsonc", "yaml")
    lines = _filled(write.content)
    prompted = bool(lines) and _PROMPT.match(lines[0]) is not None
    if not lines or lines[0].startswith("#!") or (write.language not in SHELLS and (write.language or not prompted)):
        return False
    file = PurePosixPath(path)
    known = language_of(path) if file.suffix else None
    if is_prose(path) or known not in (None, "bash"):
        return True
    name = re.compile(rf"(?<![\w.-]){re.escape(file.name)}(?![\w-])")
    return prompted or all(name.search(line) for line in lines if not line.startswith("#"))


def may_be_file(write: Write, path: str) -> bool:
    """Whether a block may be one of files: neither commands nor what a program prints."""
    return write.language not in WORDS["outputs"] and not is_command(write, path)


def is_promise(write: Write) -> bool:
    """Whether a block stands under a plain title, or is all of the reply."""
    return write.sketch or (bool(write.titles) and not write.part)


def is_shown(write: Write, text: str | None) -> bool:
    """Whether a block that is not plainly the whole file says what the file is now, and wants nothing."""
    return text is not None and not is_promise(write) and write.content.split() == text.split()


def is_aside(write: Operation, text: str | None) -> bool:
    """Whether a block counts only where nothing else is said of the file: it shows what is there, or has no title."""
    if not isinstance(write, Write):
        return False
    same = text is not None and write.content.rstrip("\n") == text.rstrip("\n")
    return same or not write.titles or (write.part and is_stretch(write, text))


def is_stretch(write: Operation, text: str | None) -> bool:
    """Whether the lines of a block stand in the file, one below the other."""
    new, old = _filled(write.content) if isinstance(write, Write) and not write.sketch else [], _filled(text or "")
    return bool(new) and "\n".join(["", *new, ""]) in "\n".join(["", *old, ""])


def is_excerpt(write: Operation, path: str, text: str | None, *, again: bool = False) -> bool:
    """Whether a block that is not plainly the whole file lacks too much of it to be all of it: most lines, or names.

    A longer one may be all of it, unless the same reply wrote it before (`again`), or tells to add it.
    """
    if not isinstance(write, Write) or not text or write.sketch:
        return False
    old, new = _filled(text), _filled(write.content)
    if write.numbered or is_promise(write):
        return write.numbered or _is_inside(new, old, write.whole)
    if len(new) >= len(old) and not (again or write.added):
        return False
    kept = set(new)
    quoted = new[:1] != old[:1] and is_stretch(write, text)
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


def _loses_names(path: str, text: str, content: str) -> bool:
    from codegen_tasks.edits.syntax.public import public_definitions  # parses: only for what is no plain whole file

    return not public_definitions(path, text) <= public_definitions(path, content)


def _filled(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
