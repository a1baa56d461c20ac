"""Is a block that no title names a file, or does the reply only speak? It judges words and content, and places nothing.

Errors, logs, listings of folders, examples of use, answers that ask: none of them is what a file is to hold.
"""

import re
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from codegen_tasks.edits.operations import Write
from codegen_tasks.edits.read.fences import SHELLS, fence_in
from codegen_tasks.edits.read.titles import in_comment, names_file
from codegen_tasks.edits.resolve.paths import resolve
from codegen_tasks.edits.syntax import parses
from codegen_tasks.edits.syntax.languages import GRAMMARS, NAMES, PROSE, language_of

ASKS = "the reply asks something"
OTHER = "the reply speaks of {}"
SPEAKS = "the words around it (`{}`) do not say that it is the file"
SHOWS = "it shows what a program prints (`{}`)"
USES = "it uses the file (`{}`)"
CALLS = "it is the call of a tool that names no file"
KIND = "nothing says that it is a file of this kind"

ALIASES = {
    "c++": "cpp", "cs": "csharp", "docker": "dockerfile", "golang": "go", "javascriptreact": "javascript",
    "js": "javascript", "jsx": "javascript", "kt": "kotlin", "py": "python", "python3": "python", "rb": "ruby",
    "rs": "rust", "sh": "bash", "shell": "bash", "ts": "typescript", "typescriptreact": "tsx", "yml": "yaml",
    "zsh": "bash", "makefile": "make", "mk": "make", "md": "markdown", "xhtml": "html", "svg": "xml",
}  # fmt: skip
_ASKS = re.compile(
    r"[?\uff1f\u061f]\s*(?:$|[\s*_)\"'`])|\b(?:let me know|tell me|please (?:confirm|provide|send|share))\b",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"\b(?:usage|examples?|for instance|e\.g|errors?|exceptions?|tracebacks?|fail\w*|crash\w*|outputs?|logs?|prints?"
    r"|runs?|running|calls?|calling|try|tried|trying|used?|uses|using|test\w*|install\w*|execut\w*|happen(?:s|ed)?"
    r"|would|could|might|should|first|before i|need to know|cannot|can't|couldn't|unable|unclear|not sure|sorry|please"
    r"|confirm|clarif\w*|which|whether|current(?:ly)?|existing|original|previous(?:ly)?|snippets?|excerpts?|sketch|draft"
    r"|ideas?|something like|similar|pseudo\w*|structure|tree|folders?|director(?:y|ies)|instead of|rather than"
    r"|suggest\w*|recommend\w*|options?|alternativ\w*|maybe|perhaps|looks? like|responses?|returns?|results?|requests?"
    r"|messages?|answers?|server|warnings?|shows?|says|gives|got|see[ns]?|wrong|problem|issue|this part|has this"
    r"|assum\w*|another)\b",
    re.IGNORECASE,
)
_PRINTED = re.compile(
    r"\s*(?:Traceback \(most recent call last\)|\w*(?:Error|Exception)(?:: |$)|at [\w.$<>]+ ?\(.*:\d+\)|Caused by: "
    r"|panic: |goroutine \d+|Exception in thread|File \"[^\"]+\", line \d+|error(?:\[\w+\])?: |warning: "
    r"|npm (?:ERR!|WARN)|make(?:\[\d+\])?: \*\*\*|FAILED |PASSED |={3,} .* ={3,}$|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d"
    r"|\[?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL)\b[\]:\s]|(?:[\u2502|] {3})*[\u251c\u2514|`][\u2500-]{2}"
    r"|(?:\$|>>>|PS[^>]*>|[\w.-]+@[\w.-]+[:~].*[$#]) \S|\S+:\d+:\d+: |HTTP/\d|(?:GET|POST) /|[\w./-]+\.\w+:\d+: )"
)
_BROKE = re.compile(
    r"\s*(?:Traceback \(most recent call last\)|panic: |Exception in thread|error\[\w+\]: |npm (?:ERR!|WARN)"
    r"|make(?:\[\d+\])?: \*\*\*|File \"[^\"]+\", line \d+|\w+(?:Error|Exception): )"
)
_SHOWN = (*PROSE, ".log", ".out", ".csv", ".tsv")  # files that may hold what programs print
_USES = (
    r"\s*(?:from|import|use|using|require\w*|source|include|#include|\.|const|let|var|load|@import|python3?|node|bash|sh"
    r"|make|go|cargo|ruby|php)\b.*"
)
_CALL = re.compile(
    r"[\[{]*\s*\"(?:contents?|old_?(?:string|str|text)|new_?(?:string|str|text)|file_?text|tool|arguments)\"",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\s\"'`<>|*?:;,(){}\[\]]+")
_MADE_OF_TWO = re.compile(r"^[A-Z]\w*\.(?:js|io|net|ai|py)$|^(?:e\.g|i\.e)$")  # Node.js
_SUFFIXES = {
    *GRAMMARS, *PROSE, ".cfg", ".conf", ".csv", ".env", ".gradle", ".ini", ".ipynb", ".lock", ".mod", ".properties",
    ".proto", ".tf",
}  # fmt: skip
_PROVED = {"python", "json", "toml", "javascript", "typescript", "tsx", "go", "java", "rust", "php", "ruby"}


def why_not(write: Write, path: str, text: str | None, lead: Sequence[str], *, named: bool) -> str:
    """Why a block that no title names is not certain to be all of a file, or "". `lead` are the words around it.

    `named` tells that they name the file.
    """
    content = [line for line in write.content.split("\n") if line.strip()]
    if any(map(_ASKS.search, lead)):
        return ASKS
    title = in_comment(content[0]).mentions if content else ()
    if other := _other_file([*lead, *title], path):
        return OTHER.format(other)
    there = {line.strip() for line in (text or "").split("\n")} - {""}
    if printed := next((line for line in content if _PRINTED.match(line) and line.strip() not in there), ""):
        return SHOWS.format(printed.strip()[:60])
    if _CALL.match("".join(content)) and not any(map(_CALL.match, there)):
        return CALLS
    if used := _use(content, path, there):
        return USES.format(used.strip()[:60])
    kept = sum(line.strip() in there for line in content)
    proved = bool(there) and 2 * kept >= len(content) and 2 * kept >= len(there)
    if not proved and not (named and not write.language) and not _is_kind(write, path):
        return KIND
    spoken = next((found.group() for found in map(_TALK.search, lead) if found), "")
    return SPEAKS.format(spoken) if spoken and not proved else ""


def printed(content: str, path: str, text: str | None) -> str:
    """The line that says that a block under the path shows what went wrong in it, or ""."""
    first = next(filter(str.strip, content.split("\n")), "")
    told = _BROKE.match(first) and first not in (text or "") and not path.lower().endswith(_SHOWN)
    return SHOWS.format(first.strip()[:60]) if told else ""


def words_around(lines: Sequence[str], write: Write, commands: Sequence[Write] = ()) -> list[str]:
    """The lines of a reply that stand in no block and announce no block of commands."""
    end = write.at + write.content.count("\n") + 2
    told = {line for command in commands for line in (*words_above(lines, command), *command.content.split("\n"))}
    around = (*lines[: write.at], *lines[end:])
    return [line for line in around if line.strip() and not fence_in(line) and line not in told]


def words_above(lines: Sequence[str], write: Write) -> list[str]:
    """The paragraph above a block, up to three lines of it."""
    at = write.at
    while at > 0 and not lines[at - 1].strip():
        at -= 1
    start = at
    while start > max(0, at - 3) and lines[start - 1].strip() and not fence_in(lines[start - 1]):
        start -= 1
    return list(lines[start:at])


def _other_file(lead: Sequence[str], path: str) -> str:
    """Another file that is named, by a path or by a name with an extension that files have."""
    words: list[str] = _WORD.findall("\n".join(lead))
    for word in (word.strip(".").removeprefix("@") for word in words):
        suffix = PurePosixPath(word.lower()).suffix
        if not names_file(word) or _MADE_OF_TWO.match(word) or (suffix and suffix not in _SUFFIXES):
            continue
        if resolve((word,), 0, (path,)) != path:
            return word
    return ""


def _use(content: Sequence[str], path: str, there: Collection[str]) -> str:
    """A line that takes the file from outside, as an example of its use does."""
    stem = re.escape(PurePosixPath(path).name.partition(".")[0])
    uses = re.compile(rf"{_USES}(?<![\w-]){stem}(?![\w-])")
    return next((line for line in content if stem and uses.match(line) and line.strip() not in there), "")


def _is_kind(write: Write, path: str) -> bool:
    """Whether the fence calls its content what the file is, or nothing else can be meant by it."""
    file = PurePosixPath(path.lower())
    own = {language_of(path), NAMES.get(file.name), file.suffix[1:], file.name, ALIASES.get(file.suffix[1:])}
    told = write.language
    if told in SHELLS:
        return "bash" in own
    if told:
        return told in own or ALIASES.get(told, told) in own
    return language_of(path) in _PROVED and bool(write.content.strip()) and parses(path, write.content) is True
