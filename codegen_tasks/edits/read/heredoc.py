"""Whole files that a reply writes with a shell's here-document. It knows nothing of the files that exist.

cat > path <<'EOF'          or  cat <<'EOF' > path  or  tee path <<'EOF'
content
EOF

One below a `cd` in the same block is refused, and so is a command that changes files in another way; all others are
passed by.
"""

import posixpath
import re
from collections.abc import Sequence

from codegen_tasks.edits.operations import Broken, Operation, Write
from codegen_tasks.edits.read.fences import closes, fence_in
from codegen_tasks.edits.read.titles import clean

_WORD = re.compile(r"<<(?P<dash>-?)\s*(?P<quote>['\"\\]?)(?P<word>\w+)['\"]?")
_COMMAND = re.compile(
    r"\s*(?:\$ )?(?:cat\s*>\s*|(?:sudo )?tee\s+)(?P<path>[^\s<>|&$~-][^\s<>|&$]*)\s*(?:>\s*/dev/null\s*)?"
)
_CD = re.compile(r"\s*(?:\$ )?(?:mkdir [^;&|]*&&\s*)?cd\s+\S")
_CHANGES = re.compile(
    r"(?:^|[;|&])\s*(?:\$ |sudo )*(?:git )?(?:(?:rm|mv|cp|touch|apply|patch) |(?:sed|perl) .*-(?:[a-zA-Z]*i|-in-place))"
    r"|(?<![\d<])>{1,2}(?!&)\s*(?!/dev/)[^\s>&]|<<"
)
_PATCHES = re.compile(r"\b(?:apply|patch|apply_?patch)\b[^<]*<<")
_SAID = re.compile(r"'[^']*'|\"[^\"]*\"|(?<!\S)#.*")
_EXPANDED = re.compile(r"[$`\\]")


def target(line: str) -> str:
    """The path of the file that a line begins to write, or ""."""
    command = _COMMAND.fullmatch(_WORD.sub("", line)) if "<<" in line and _WORD.search(line) else None
    return clean(command["path"]) if command else ""


def writes_files(lines: Sequence[str], at: int, titles: Sequence[str]) -> bool:
    """Whether commands in the fence at a line write files: any, or if titles name the block, the one they name."""
    fence = fence_in(lines[at])
    end = next((i for i in range(at + 1, len(lines)) if fence and closes(lines[i], fence)), len(lines))
    paths = {path for line in lines[at + 1 : end] if (path := target(line))}
    return bool(paths & set(titles) if titles else paths)


def parse(lines: Sequence[str], at: int, _floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The file that a command at a line writes, and the line after it."""
    path, word = target(lines[at]), _WORD.search(lines[at])
    if not path or word is None:
        return None
    tabs = "\t" if word["dash"] else "\0"  # what a shell takes from the beginning of each line
    stop = next((i for i in range(at + 1, len(lines)) if lines[i].lstrip(tabs) == word["word"]), len(lines))
    rows, end = [line.lstrip(tabs) for line in lines[at + 1 : stop]], min(stop + 1, len(lines))
    if not word["quote"] and any(map(_EXPANDED.search, rows)):
        reason = f"a shell would change what it writes to {path}: send that in a block of its own"
        return (Broken(reason, stop < len(lines), at),), end
    start = next((i for i in range(at, -1, -1) if fence_in(lines[i])), 0)
    if any(map(_CD.match, lines[start:at])):
        return (Broken(f"it writes {path} below `cd`: name the path from the top of the repository", True, at),), end
    return (Write((posixpath.normpath(path),), "".join(f"{row}\n" for row in rows), stop < len(lines), 1, at=at),), end


def parse_command(lines: Sequence[str], at: int, _floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The refusal of a command at a line of a script that changes files as nobody does here, and the line after it."""
    told = _SAID.sub("''", lines[at])
    if not _CHANGES.search(told) or _PATCHES.search(told):
        return None
    reason = f"nobody runs the command `{lines[at].strip()}`: send the files it changes as a whole"
    return (Broken(reason, True, at),), at + 1
