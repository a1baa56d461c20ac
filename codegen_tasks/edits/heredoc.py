"""Whole files that a reply writes with a shell's here-document. It knows nothing of the files that exist.

cat > path <<'EOF'          or  cat <<'EOF' > path  or  tee path <<'EOF'
content
EOF
"""

import re
from collections.abc import Sequence

from codegen_tasks.edits.names import clean
from codegen_tasks.edits.operations import Broken, Operation, Write

_WORD = re.compile(r"<<(?P<dash>-?)\s*(?P<quote>['\"\\]?)(?P<word>\w+)['\"]?")
_COMMAND = re.compile(
    r"\s*(?:\$ )?(?:cat\s*>\s*|(?:sudo )?tee\s+)(?P<path>[^\s<>|&$~-][^\s<>|&$]*)\s*(?:>\s*/dev/null\s*)?"
)
_EXPANDED = re.compile(r"[$`\\]")


def target(line: str) -> str:
    """The path of the file that a line begins to write, or ""."""
    command = _COMMAND.fullmatch(_WORD.sub("", line)) if "<<" in line and _WORD.search(line) else None
    return clean(command["path"]) if command else ""


def parse(lines: Sequence[str], at: int, _floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The file that a command at a line writes, and the line after it."""
    path, word = target(lines[at]), _WORD.search(lines[at])
    if not path or word is None:
        return None
    stripped = "\t" if word["dash"] else ""
    stop = next((i for i in range(at + 1, len(lines)) if lines[i].lstrip(stripped or "\0") == word["word"]), len(lines))
    rows, end = [line.lstrip(stripped or "\0") for line in lines[at + 1 : stop]], min(stop + 1, len(lines))
    if not word["quote"] and any(map(_EXPANDED.search, rows)):
        reason = f"a shell would change what it writes to {path}: send that in a block of its own"
        return (Broken(reason, stop < len(lines), at),), end
    return (Write((path,), "".join(f"{row}\n" for row in rows), stop < len(lines), 1, at=at),), end
