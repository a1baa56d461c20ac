"""Walks a folder where git cannot be asked: no repository, or no program git. Its rules are those of pathspec.

Read are .gitignore files from the top down, .git/info/exclude and the user's own file of ignored names.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from stat import S_ISREG

from codegen_tasks.errors import BadConfig

Rules = list[tuple[str, object]]  # folders, as a start of paths, with their GitIgnoreSpec


def walk(root: Path, top: Path | None) -> Iterator[str]:
    """The files below `root` that no rule ignores; a repository inside it is one entry that ends with `/`.

    Folders that cannot be opened are passed by. Raises BadConfig where rules cannot be read.
    """
    pending = [("", _rules_above(root, top))]
    while pending:
        folder, rules = pending.pop()
        try:
            with os.scandir(f"{root}/{folder}") as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except PermissionError:
            continue
        if any(entry.name == ".gitignore" for entry in entries):
            rules = _with(rules, root / folder / ".gitignore", str(root / folder))
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            below = entry.is_dir(follow_symlinks=False)
            if entry.name == ".git" or _is_ignored(f"{root}/{path}" + "/" * below, rules):
                continue
            if below and os.path.lexists(f"{root}/{path}/.git"):
                yield path + "/"
            elif below:
                pending.append((path, rules))
            else:
                yield path


def tracked(root: Path, top: Path) -> list[str]:
    """Paths below `root` in the index, read by libgit2. Raises BadConfig where that cannot read the repository."""
    import pygit2

    pygit2.settings.owner_validation = False  # we only read; a CI job often runs as another user than the owner
    try:
        names = [entry.path for entry in pygit2.Repository(str(top)).index]
    except (pygit2.GitError, OSError, ValueError) as e:
        raise _stop("the repository", str(e)) from e
    start = "" if root == top else f"{root.relative_to(top).as_posix()}/"
    return [name[len(start) :] for name in names if name.startswith(start)]


def _rules_above(root: Path, top: Path | None) -> Rules:
    """The user's own rules, the repository's, and those of the folders above `root`; the later ones win."""
    rules: Rules = []
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111 (HOME may be missing)
    at = top or root
    for place in (Path(home, "git", "ignore"), at / ".git" / "info" / "exclude"):
        rules = _with(rules, place, str(at))
    for folder in reversed([f for f in root.parents if top and f.is_relative_to(top)]):
        rules = _with(rules, folder / ".gitignore", str(folder))
    return rules


def _with(rules: Rules, place: Path, folder: str) -> Rules:
    from pathspec import GitIgnoreSpec

    text = _read(place)
    return [*rules, (f"{folder}/", GitIgnoreSpec.from_lines(text.splitlines()))] if text else rules


def _read(place: Path) -> str:
    """A file of rules; empty if it is missing, a link or no regular file: git does not follow those either."""
    try:
        if not S_ISREG(place.lstat().st_mode):
            return ""
        return place.read_text(encoding="utf-8", errors="surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as e:
        raise _stop(place.name, e.strerror or str(e)) from e


def _is_ignored(path: str, rules: Sequence[tuple[str, object]]) -> bool:
    """Whether the rules say so: the innermost file that knows the path wins. A folder's path ends with `/`."""
    for folder, spec in reversed(rules):
        verdict = spec.check_file(path.removeprefix(folder)).include  # type: ignore[attr-defined] # a GitIgnoreSpec
        if verdict is not None:
            return bool(verdict)
    return False


def _stop(what: str, why: str) -> BadConfig:
    return BadConfig(
        f"what is ignored cannot be told without git: {what} cannot be read: {why}",
        hint="install git, or mend that; nothing is sent on a guess",
    )
