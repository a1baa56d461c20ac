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
    "similarity index", "dissimilarity index", "rename ", "copy ", "Binary files ", "GIT binary patch",
)  # fmt: skip
_TOLD = {"new": "created", "deleted": "deleted", "rename": "renamed", "copy": "copied"}
_MODE = re.compile(r"(?:new file mode|new mode|index \S+) (?P<mode>\d{6})$")
LINKS = {"120000": "a symbolic link", "160000": "a submodule"}


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


def told_otherwise(lines: Sequence[str], at: int, end: int) -> tuple[int, str]:
    """The mode that a head gives the file (0: none), and what of the change no hunk can tell ("": all is told)."""
    modes = [found["mode"] for line in lines[at:end] if (found := _MODE.match(line.rstrip()))]
    if modes and modes[-1] in LINKS:
        return 0, f"{LINKS[modes[-1]]} is no file that can be written"
    if any(line.startswith(("Binary files ", "GIT binary patch")) for line in lines[at : end + 1]):
        return 0, "its content is binary, and a diff of it cannot be done: send a text"
    named = [line for line in lines[at:end] if not line.startswith("index ")]
    told = [found["mode"] for line in named if (found := _MODE.match(line.rstrip()))]
    return (int(told[-1], 8) if told and told[-1] in ("100644", "100755") else 0), ""


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
