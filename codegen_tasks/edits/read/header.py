"""The head of a diff for one file: its two paths, and what git says of them. It reads no hunks and knows no files.

diff --git a/old b/new        or only        --- a/old
rename from old                              +++ b/new
rename to new
"""

import re
from collections.abc import Sequence

from codegen_tasks.edits.read.titles import clean

OLD = re.compile(r"^-{2,3}[ >]\s*(?P<path>\S.*)$")
NEW = re.compile(r"^\+{3}[ >]\s*(?P<path>\S.*)$")
_QUOTED = r"\"(?:[^\"\\]|\\.)+\""
_GIT = re.compile(
    rf"^diff --git (?:(?P<old>{_QUOTED}|\S+) (?P<new>{_QUOTED}|\S+)|(?:a/)?(?P<both>.+) (?:b/)?(?P=both))\s*$"
)
_STAMP = re.compile(r"\s+(?:\d{4}-\d\d-\d\d .*|\((?:old|new|original|modified|updated|before|after|current)\))$")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_EXTENDED = (
    "diff --git ", "index ", "new file mode", "deleted file mode", "old mode", "new mode",
    "similarity index", "dissimilarity index", "rename ", "copy ", "Binary files ",
)  # fmt: skip
_TOLD = {"new": "created", "deleted": "deleted", "rename": "renamed", "copy": "copied"}


def read_header(lines: Sequence[str], at: int) -> tuple[str, str, str, int]:
    """Old path, new path, what becomes of the file ("": an edit; created, deleted, renamed, copied), and where the
    hunks begin. A second pair of `---` and `+++` is the next file's, and so is one of another file.
    """
    old = new = told = ""
    paired = False
    while at < len(lines) and not lines[at].startswith("@@"):
        line = lines[at]
        if found := _GIT.match(line):
            if old or new:
                break
            old, new = _path(found["old"] or found["both"]), _path(found["new"] or found["both"])
        elif not paired and (before := OLD.match(line)) and _ends_head(lines, at + 1):
            if told and _path(before["path"]) not in (old, "/dev/null" if told == "created" else old):
                break
            old = _path(before["path"])
        elif not paired and (found := NEW.match(line)):
            new, paired = _path(found["path"]), True
        elif not line.startswith(_EXTENDED):
            break
        elif line.startswith(("rename from ", "copy from ")):
            if told:
                break
            old = clean(_unquoted(line.partition(" from ")[2]))
        elif line.startswith(("rename to ", "copy to ")):
            new = clean(_unquoted(line.partition(" to ")[2]))
        if line.startswith(("new file ", "deleted file ", "rename ", "copy ")):
            told = _TOLD[line.partition(" ")[0]]
        at += 1
    return "/dev/null" if told == "created" else old, "/dev/null" if told == "deleted" else new, told, at


def _ends_head(lines: Sequence[str], at: int) -> bool:
    """Whether a line can follow that with the old path: the new one, or the first hunk if that is left out."""
    return at < len(lines) and (NEW.match(lines[at]) is not None or lines[at].startswith("@@"))


def _path(written: str) -> str:
    """A path of a header without its time stamp or remark and the a/ or b/ in front."""
    name = clean(_unquoted(_STAMP.sub("", written.split("\t")[0])))
    return name[2:] if name.startswith(("a/", "b/")) else name


def _unquoted(written: str) -> str:
    """A path that git quotes since it holds quotes, or bytes beyond ASCII (as in `"\303\244.txt"`)."""
    text = written.strip()
    if len(text) < 2 or text[0] != '"' or text[-1] != '"' or "\\" not in text:
        return written
    return _ESCAPE.sub(lambda found: _byte(found[1]), text[1:-1].encode()).decode(errors="replace")


def _byte(escape: bytes) -> bytes:
    """What stands behind a backslash: a byte in three octal digits, or a character as it is."""
    return bytes([int(escape, 8) & 255]) if len(escape) == 3 else escape
