"""Which known file does a path written in a reply mean? Paths are mended only when one answer exists."""

import re
from collections.abc import Collection, Sequence

DRIVE = re.compile(r"^[A-Za-z]:(?=/)")
PLACEHOLDERS = ("path/to/", "a/", "b/", "repo/", "project/", "workspace/")

_VERSION = re.compile(r"(.+?)(?:[-._ ]?(?:v\d+|orig|original|old|new|updated|modified|before|after|bak|backup|\d+)|~)")


def resolve(names: Sequence[str], titles: int, known: Collection[str], *, proved: bool = False) -> str | None:
    """The path that the candidates mean: a known one, else the first title as it is; None: no candidate counts.

    `proved` says that what is done to the file proves the path (hunks must match, and all files are known), so more may
    be mended.
    """
    for name in names:
        if name in known:
            return name
    if (version := _version(names, known, proved)) is not None:
        return version
    for name in names:
        if (mended := _mended(name, known, proved)) is not None:
            return mended
    return names[0] if titles and names else None


def is_safe(path: str) -> bool:
    """Whether a path stays inside: relative, no `..`, no empty or control parts. The plan judges all else."""
    parts = path.split("/")
    return path.isprintable() and not {"", ".", "..", ".git"} & set(parts) and ":" not in parts[0] and "\\" not in path


def plain(name: str) -> str:
    """A path without the folder that models put before it where they know none."""
    name = DRIVE.sub("", name).removeprefix("/")
    return next((name.removeprefix(folder) for folder in PLACEHOLDERS if name.startswith(folder)), name)


def _version(names: Sequence[str], known: Collection[str], proved: bool) -> str | None:
    """The known path of which all names are versions, as a diff tells two apart. One alone may be a file of its own."""
    told = {name: _VERSION.fullmatch(DRIVE.sub("", name)) for name in names}
    paths = {found[1] if found else "" for found in told.values()}
    return next(iter(paths)) if len(paths) == 1 and paths <= set(known) and (proved or len(told) > 1) else None


def _mended(name: str, known: Collection[str], proved: bool) -> str | None:
    """The only known path that ends with `name`, or that `name` ends with when it carries a made-up folder."""
    if ".." in name.split("/"):
        return None
    name = DRIVE.sub("", name)
    longer = [path for path in known if path.endswith("/" + name)]
    if longer:
        return longer[0] if len(longer) == 1 else None
    invented = proved or name.startswith(("/", *PLACEHOLDERS))
    shorter = [path for path in known if name.endswith("/" + path)] if invented else []
    return max(shorter, key=len) if shorter else None
