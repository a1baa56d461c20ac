"""What the commands beside here-documents do to files: delete, move, create empty ones. It knows no files.

git rm path        mv path new/path        mkdir -p folder && touch folder/path

One that writes in another way (`>>`, `sed -i`) cannot be carried out here, and is refused. All others are passed by.
"""

import posixpath
import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import pairwise

from codegen_tasks.edits.operations import Broken, Delete, Move, Operation, Stated
from codegen_tasks.edits.read.heredoc import folder_at, target
from codegen_tasks.edits.read.titles import clean

_LEAD = {"$", "sudo", "git"}
_ENDS = {"&&", "||", ";", "|", "&"}
_WRITES = {">", ">>", "&>", ">|"}
_NOWHERE = {"/dev/null", "/dev/stdout", "/dev/stderr"}
_IN_PLACE = re.compile(r"-[a-zA-Z]*i|--in-place")
_FOLDERS = re.compile(r"-[a-zA-Z]*[rR][a-zA-Z]*|--recursive")
_PATCHING = ("apply", "patch", "apply_patch", "applypatch")
_MANY = re.compile(r"[*?\[\]{}$`~]")


def parse(lines: Sequence[str], at: int, _floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """What the commands in a line of a script do to files, and the line after it; None if nothing."""
    commands = [] if target(lines[at]) else [words for words in _commands(lines[at]) if _changes_files(words)]
    folder = folder_at(lines, at) if commands else ""
    return (tuple(done for words in commands for done in _done(words, folder, at)), at + 1) if commands else None


def _commands(line: str) -> Iterator[list[str]]:
    """The commands of a line as words; none if they go on in the next line."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    try:
        tokens = list(words)
    except ValueError:
        return
    command = list[str]()
    for token in [*tokens, ";"]:
        if token not in _ENDS:
            command += [] if not command and token in _LEAD else [token]
        elif command:
            yield command
            command = []


def _done(words: Sequence[str], folder: str, at: int) -> Iterator[Operation]:
    """What one command does to files."""
    verb = words[0]
    paths = [posixpath.normpath(posixpath.join(folder, clean(word))) for word in words[1:] if not word.startswith("-")]
    if _writes_otherwise(words) or (verb == "mv" and len(paths) != 2):
        yield Broken(f"nobody runs the command `{' '.join(words)}`: send the files it changes as a whole", True, at)
    elif verb == "rm":
        yield from (Delete((path,), at=at) for path in paths)
    elif verb == "mv":
        into = words[-1].endswith("/")
        yield Move((paths[0],), posixpath.join(paths[1], posixpath.basename(paths[0])) if into else paths[1], at)
    elif verb == "touch":
        yield from (Stated((path,), True, True, at) for path in paths)


def _changes_files(words: Sequence[str]) -> bool:
    return words[0] in ("rm", "mv", "touch") or _writes_otherwise(words)


def _writes_otherwise(words: Sequence[str]) -> bool:
    """Whether a command changes files and its words do not tell all of it: by a script, in place, a whole folder."""
    if "<<" in words:
        return words[0] not in _PATCHING
    if words[0] in ("rm", "mv", "touch") and (any(map(_MANY.search, words)) or any(map(_FOLDERS.fullmatch, words))):
        return True
    if words[0] in ("sed", "perl") and any(map(_IN_PLACE.match, words)):
        return True
    redirected = any(sign in _WRITES and to not in _NOWHERE for sign, to in pairwise(words))
    return redirected or words[0] in ("cp", *_PATCHING)
