"""The head of a diff for one file: its two paths, and what git says of them. It reads no hunks and knows no files.

diff --git a/old b/new        or only        --- a/old
rename from old                              +++ b/new
rename to new
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from codegen_tasks.edits.read.marks import kind_of, mark_in
from codegen_tasks.edits.read.titles import clean

_GIT = re.compile(r"^diff --git (?:(?P<old>\S+) (?P<new>\S+)|\"?(?:a/)?(?P<both>.+) \"?(?:b/)?(?P=both))\s*$")
_TOLD = re.compile(
    r"(?:(?P<told>new|deleted) file mode|(?P<given>new mode)|old mode|index \S+)(?: (?P<mode>\d{6}))?\s*$"
    r"|(?P<moved>rename|copy) (?P<side>from|to) (?P<path>.*)|(?:dis)?similarity index|diff --git "
    r"|(?P<binary>Binary files |GIT binary patch)"
)
_STAMP = re.compile(r"\s+(?:\d{4}-\d\d-\d\d .*|\((?:old|new|original|modified|updated|before|after|current)\))$")
_UNTOLD = {
    "120000": "a symbolic link is no file that can be written",
    "160000": "a submodule is no file that can be written",
    "Binary files ": (binary := "its content is binary, and a diff of it cannot be done: send a text"),
    "GIT binary patch": binary,
}
NOWHERE = "/dev/null"


class Head(NamedTuple):
    """Old and new path, what becomes of the file ("": an edit; new, deleted, rename, copy), the mode it gets (0: none),
    what of the change no hunk can tell ("": all is told), and the line after the head.
    """

    old: str
    new: str
    told: str
    mode: int
    untold: str
    end: int


def read_head(lines: Sequence[str], at: int) -> Head:
    """The head at a line. A second pair of `---` and `+++` is the next file's, and so is one of another file."""
    paths, told, mode, untold, paired = {"from": "", "to": ""}, "", 0, "", False
    while at < len(lines) and not lines[at].startswith("@@"):
        mark, kind = mark_in(lines[at]), kind_of(lines[at])
        if found := _GIT.match(lines[at]):
            if any(paths.values()):
                break
            paths = {"from": _path(found["old"] or found["both"]), "to": _path(found["new"] or found["both"])}
        elif mark and kind == "old" and not paired and _ends_head(lines, at + 1):
            if told and _path(mark["old"]) not in (paths["from"], NOWHERE if told == "new" else paths["from"]):
                break
            paths["from"] = _path(mark["old"])
        elif mark and kind == "new" and not paired:
            paths["to"], paired = _path(mark["new"]), True
        elif (found := _TOLD.match(lines[at])) is None or (found["side"] == "from" and told):
            break
        else:
            paths |= {found["side"]: clean(found["path"])} if found["side"] else {}
            told = found["told"] or found["moved"] or told
            given = (found["told"] or found["given"]) and found["mode"] in ("100644", "100755")
            mode = int(found["mode"], 8) if given else mode
            untold = _UNTOLD.get(found["mode"] or found["binary"], untold)
        at += 1
    if at < len(lines) and lines[at].startswith("Binary files "):
        untold = _UNTOLD["Binary files "]
    old, new = NOWHERE if told == "new" else paths["from"], NOWHERE if told == "deleted" else paths["to"]
    return Head(old, new, told, mode, untold, at)


def _ends_head(lines: Sequence[str], at: int) -> bool:
    """Whether a line can follow that with the old path: the new one, or the first hunk if that is left out."""
    return at < len(lines) and kind_of(lines[at]) in ("new", "hunk")


def _path(written: str) -> str:
    """A path of a header without its time stamp or remark and the a/ or b/ in front."""
    name = clean(_STAMP.sub("", written.split("\t")[0]))
    return name[2:] if name.startswith(("a/", "b/")) else name
