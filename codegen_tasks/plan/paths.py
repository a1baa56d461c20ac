"""The only place where paths of the plan are judged safe. It looks at names and links, never at contents."""

import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from stat import S_ISDIR, S_ISLNK

from codegen_tasks.errors import BadPlan

_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{n}{i}" for n in ("com", "lpt") for i in "123456789¹²³"
}
_UNSAYABLE = re.compile(
    r"^(?:\s|\ufeff|\d+[.)]\s|[-*+>]\s|#{1,6}\s|\w+:(?!:))|^(\*\*|__).*\1$|[<>]"
    r"|[\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_LONGEST_NAME = 249  # bytes: file systems take 255, and a reply's file ends with .json
_LONGEST_PATH = 4000  # bytes: below PATH_MAX, with room for the folder above


def check_name(path: str, where: str) -> None:
    """Refuses a path that is unsafe or not portable by its spelling alone. Raises BadPlan naming `where`."""
    if problem := _spelling(path):
        raise BadPlan(
            f"{where}: path {path!r} {problem}",
            hint="write the path relative to the working tree, with '/' between its parts, such as src/a.py",
        )


def check_sayable(path: str, where: str) -> None:
    """Refuses a name that a reply cannot say: its start would be read as the mark of a list or a label, it would be a
    tag, or it holds marks that nobody sees.

    So no model is paid for an answer that nobody could place. Raises BadPlan.
    """
    if _UNSAYABLE.search(path):
        raise BadPlan(
            f"{where}: path {path!r} would be read as a list, a label or a tag in a reply, or holds unseen marks",
            hint="rename the file, or take it out of the plan",
        )


def _spelling(path: str) -> str | None:
    if not path:
        return "is empty"
    try:
        length = len(path.encode())
    except UnicodeEncodeError:
        return "holds a lone surrogate, which no file name can"
    plain = path.isascii() and path.isprintable()
    if not plain and any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in path):
        return "holds a control character"
    if "\\" in path:
        return "holds a backslash"
    if path.startswith(("/", "~/")) or path[1:2] == ":":
        return "is absolute"
    if length > _LONGEST_PATH:
        return f"is longer than {_LONGEST_PATH} bytes"
    return next((problem for part in path.split("/") if (problem := _part(part))), None)


def _part(part: str) -> str | None:
    if part == "..":
        return "climbs out with '..'"
    if part in ("", "."):
        return "has an empty or '.' part"
    if len(part.encode()) > _LONGEST_NAME:
        return f"has a name longer than {_LONGEST_NAME} bytes"
    plain = folded(part).rstrip(". ")
    if plain in (".git", "git~1") or plain.startswith(".git:"):
        return "lies in .git"
    if plain.split(".")[0].rstrip() in _DEVICES:
        return f"has a reserved device name ({part})"
    if part[-1] in ". ":
        return "has a name that ends with a dot or a blank"
    return None


def folded(path: str) -> str:
    """What a path is to a file system that ignores case, Unicode form and invisible characters."""
    if path.isascii():
        return path.casefold()
    visible = "".join(c for c in path if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", visible).casefold())


def check_collisions(paths: Iterable[str], where: str) -> None:
    """Refuses paths that are the same file somewhere, or a file and a folder at once. Raises BadPlan."""
    seen: dict[str, str] = {}
    for path in paths:
        other = seen.setdefault(folded(path), path)
        if other is not path:
            same = "is listed twice" if other == path else f"is the same file as {other!r} where case is ignored"
            raise BadPlan(f"{where}: path {path!r} {same}", hint="keep one of the two entries")
    for key, path in seen.items():
        for end in (i for i, c in enumerate(key) if c == "/"):
            if above := seen.get(key[:end]):
                raise BadPlan(
                    f"{where}: {above!r} is a file and also a folder of {path!r}", hint="rename one of the two"
                )


class Tree:
    """Judges paths against what lies in a folder now: links, folders and names that differ only by case.

    Names are looked up once; a tree lives as long as one reading of the plan.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._kinds: dict[str, str | None] = {}
        self._names: dict[str, dict[str, str]] = {}

    def check(self, path: str, where: str, *, links: bool = True) -> None:
        """Refuses a path through a link, under a file, onto a folder or beside a twin. Raises BadPlan.

        The path itself may be a link, to be deleted, unless `links` is False.
        """
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            part, last = "/".join(parts[:depth]), depth == len(parts)
            kind = self._kind(part)
            if kind is None:
                self._check_twin(part, where, path)
                return
            if problem := self._problem(kind, part, last, links):
                raise BadPlan(f"{where}: path {path!r} {problem}", hint="plan a path of real folders and files")

    @staticmethod
    def _problem(kind: str, part: str, last: bool, links: bool) -> str | None:
        if kind == "link" and not (last and links):
            return f"passes through the symbolic link {part!r}"
        if last:
            return "is a folder" if kind == "folder" else None
        return f"lies under the file {part!r}" if kind == "file" else None

    def _kind(self, part: str) -> str | None:
        if part not in self._kinds:
            self._kinds[part] = kind_of(self.root / part)
        return self._kinds[part]

    def _check_twin(self, part: str, where: str, path: str) -> None:
        folder, _, name = part.rpartition("/")
        if folder not in self._names:
            try:
                self._names[folder] = {folded(n): n for n in os.listdir(self.root / folder)}  # noqa: PTH208 (names only)
            except OSError:
                self._names[folder] = {}
        twin = self._names[folder].get(folded(name))
        if twin and twin != name:
            raise BadPlan(
                f"{where}: path {path!r} differs from {twin!r} in the working tree only by case or Unicode form",
                hint="use the spelling that is there",
            )


def kind_of(path: Path) -> str | None:
    """What lies at a path, links not followed: "link", "folder", "file" or None."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    if S_ISLNK(mode):
        return "link"
    return "folder" if S_ISDIR(mode) else "file"
