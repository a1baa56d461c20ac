"""Asks the program git what it tracks and what it ignores. It changes nothing and runs nothing of the repository's.

Where git cannot answer, or answers with a warning that a rule could not be read, the run stops: nothing is guessed.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from stat import S_ISFIFO

from codegen_tasks.errors import BadConfig
from codegen_tasks.worktree.head import find_top

_TIMEOUT_S = 60
_HARMLESS = "could not open directory"  # what lies in there cannot be read, so it is not sent either
_UNREAD = re.compile(r"config file '(.+)'")
_SAFE = ("-c", "core.fsmonitor=false", "-c", "safe.directory=*", "--no-optional-locks")


def find_git() -> str | None:
    """The program, by an absolute path: `.` in PATH would run a file of the repository. None: it is not installed."""
    places = (f"{folder}/git" for folder in os.get_exec_path() if folder.startswith("/"))
    return next((p for p in places if os.access(p, os.X_OK) and os.path.isfile(p)), None)  # noqa: PTH113 (never raises)


def list_files(git: str, folder: Path) -> tuple[list[str], list[str]]:
    """Paths below a folder of a repository: those in the index, and those that are not and are not ignored.

    A repository inside another is one entry of the second kind that ends with `/`. Raises BadConfig.
    """
    said = _ask(git, folder, ["ls-files", "-z", "-t", "--cached", "--others", "--exclude-standard"])
    entries = dict.fromkeys(os.fsdecode(said).split("\0")[:-1])
    tracked = dict.fromkeys(entry[2:] for entry in entries if not entry.startswith("? "))
    return list(tracked), [entry[2:] for entry in entries if entry.startswith("? ")]


def is_ignored(git: str, root: Path, path: str, repositories: Sequence[str]) -> bool:
    """Whether one of the repositories that hold a path ignores it, or the folder of the next one inside it.

    `repositories` are their folders below `root`, outermost first. Raises BadConfig.
    """
    for folder, inner in zip(repositories, [*repositories[1:], None], strict=True):
        names = [name for name in (inner, path) if name is not None]
        if any(_ignores(git, root / folder, name[len(folder) :].lstrip("/")) for name in names):
            return True
    return False


def read_tree(git: str, root: Path, commit: str, paths: Sequence[str]) -> dict[str, tuple[int, str]] | None:
    """Mode and object name of these paths in a commit, as far as they are there; None if git has no such commit."""
    found: dict[str, tuple[int, str]] = {}
    for i in range(0, max(len(paths), 1), 500):
        done = _run(git, root, ["--literal-pathspecs", "ls-tree", "-z", commit, "--", *paths[i : i + 500]])
        if done.returncode:
            return None
        for line in os.fsdecode(done.stdout).split("\0")[:-1]:
            facts, _, path = line.partition("\t")
            mode, _, name = facts.split(" ")
            found[path] = (int(mode, 8), name)
    return found


def settings_files(git: str, top: Path) -> set[Path] | None:
    """git's files of settings and of the user's rules, there or not. None where settings name further files of
    settings, or git does not tell where those of the machine lie. Raises BadConfig."""
    listed = os.fsdecode(_ask(git, top, ["config", "--list", "--show-origin", "-z"])).split("\0")[:-1]
    if any(entry.startswith(("include.", "includeif.")) for entry in listed[1::2]):
        return None
    system = _run(git, top, ["config", "--system", "--list", "--show-origin", "-z"])
    of_machine = os.fsdecode(system.stdout).split("\0")[:-1:2] or _UNREAD.findall(os.fsdecode(system.stderr))
    if not of_machine:
        return None
    excludes = os.fsdecode(_run(git, top, ["config", "--type=path", "core.excludesFile"]).stdout).splitlines()
    named = [*listed[::2], *of_machine, *excludes, ".git/config.worktree", os.environ.get("GIT_CONFIG_GLOBAL", "")]
    places = (name.removeprefix("file:") for name in named if name and not name.startswith("command line"))
    return {top / place for place in places} | set(_settings())


def _ignores(git: str, folder: Path, path: str) -> bool:
    done = _run(git, folder, ["check-ignore", "-q", "--", f"./{path}"])
    if b"is in submodule" in done.stderr:
        return False  # the rules of the submodule decide, and it is asked too
    _check(done, folder, (0, 1))
    return done.returncode == 0


def _ask(git: str, folder: Path, command: list[str]) -> bytes:
    done = _run(git, folder, command)
    _check(done, folder, (0,))
    return done.stdout


def _run(git: str, folder: Path, command: list[str]) -> "subprocess.CompletedProcess[bytes]":
    _check_rules(folder)
    try:
        return subprocess.run(
            [git, *_SAFE, *command], cwd=folder, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True,
            timeout=_TIMEOUT_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _stop("git gives no answer", folder, f"it took more than {_TIMEOUT_S} s") from None
    except OSError as e:
        raise _stop("git cannot be run", folder, e.strerror or str(e)) from e


def _environment() -> dict[str, str]:
    """The user's, less what names another repository than the one that lies here (a hook's GIT_DIR, GIT_INDEX_FILE)."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k.startswith(("GIT_CONFIG", "GIT_EXEC"))}
    alone = {"GIT_DISCOVERY_ACROSS_FILESYSTEM": "1", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
    return kept | alone | {"LC_ALL": "C", "LANGUAGE": ""}


def _check_rules(folder: Path) -> None:
    """Stops where git would wait for ever, or pass by rules in silence because it may not read them."""
    top = find_top(folder)
    above = [place for place in (folder, *folder.parents) if top and place.is_relative_to(top)]
    own = [place / ".git" / name for place in above[-1:] for name in ("HEAD", "config", "index", "info/exclude")]
    for place in (*_settings(), *own, *(level / ".gitignore" for level in above)):
        if problem := _unreadable(place):
            raise _stop("git's rules cannot be read", folder, f"{place}: {problem}")


def _unreadable(place: Path) -> str:
    try:
        pipe = S_ISFIFO(place.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as e:
        return e.strerror or str(e)
    return "it is a pipe" if pipe else "" if os.access(place, os.R_OK) else "Permission denied"


def _settings() -> Iterator[Path]:
    home, xdg = os.environ.get("HOME"), os.environ.get("XDG_CONFIG_HOME")
    if home and "GIT_CONFIG_GLOBAL" not in os.environ:
        yield Path(home, ".gitconfig")
    if xdg or home:
        config = Path(xdg) if xdg else Path(str(home), ".config")
        yield from (config / "git" / "config", config / "git" / "ignore")


def _check(done: "subprocess.CompletedProcess[bytes]", folder: Path, fine: tuple[int, ...]) -> None:
    said = [line for line in os.fsdecode(done.stderr).splitlines() if line.strip() and _HARMLESS not in line]
    warned = [line for line in said if line.startswith("warning: ")]
    if done.returncode not in fine or warned:
        told = (warned or said or [f"git ended with {done.returncode}"])[0]
        raise _stop("git cannot tell what is ignored", folder, told)


def _stop(what: str, folder: Path, why: str) -> BadConfig:
    top = find_top(folder) or folder
    for place, name in ((f"{folder}/", ""), (f"{top}/", ""), (os.environ.get("HOME") or "\0", "~")):
        why = why.replace(place, name)
    return BadConfig(
        f"{what} in {folder.name or folder}: {why}",
        hint="mend that until `git status` works there without a warning; nothing is sent on a guess",
    )
