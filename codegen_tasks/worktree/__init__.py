"""Reads the working tree: contents, modes, links, what is tracked and what is ignored. It never writes there."""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from stat import S_ISLNK, S_ISREG

from codegen_tasks.errors import BadPlan
from codegen_tasks.files import Snapshot
from codegen_tasks.records import LINK, Blob
from codegen_tasks.worktree.head import find_root, read_head
from codegen_tasks.worktree.names import is_ignored, is_readable, is_secret, matcher

__all__ = ["Worktree", "find_root", "read_head"]


class Worktree:
    """The repository that is changed, as one run sees it. `own` are the task directory's files in it: never shown."""

    def __init__(self, root: Path, snapshot: Snapshot, own: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self.root = root
        self._snapshot = snapshot
        self._own = tuple(own)
        self._exclude = tuple(exclude)

    def read(self, path: str, where: str) -> Blob | None:
        """A file's content and mode; a link's target; None if absent. Raises BadPlan naming `where` if unreadable."""
        file = self.root / path
        try:
            status = file.lstat()
            if S_ISLNK(status.st_mode):
                return Blob(os.fsencode(file.readlink()), LINK)
            if not S_ISREG(status.st_mode):
                raise BadPlan(f"{where}: {path!r} is not a regular file", hint="plan regular files only")
            data = self._snapshot.read(file)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as e:
            raise BadPlan(f"{where}: {path!r} cannot be read: {e.strerror}", hint="mend its permissions") from e
        return None if data is None else Blob(data, 0o100755 if status.st_mode & 0o100 else 0o100644)

    def is_own(self, path: str) -> bool:
        """Whether a path is one of the task directory's own files."""
        low = path.casefold()
        return any(low == own.casefold() or low.startswith(f"{own.casefold()}/") for own in self._own)

    def expand(self, pattern: str, where: str) -> tuple[str, ...]:
        """The existing files that a `context:` entry means, sorted: a path, or a glob with *, ?, [] and **.

        Ignored files, secrets, links and the task directory's own files are left out of a glob. Raises BadPlan if a
        path names such a file, or nothing matches.
        """
        literal = self.root / pattern
        if literal.is_file() or literal.is_symlink() or not any(c in pattern for c in "*?["):
            if literal.is_symlink() or not literal.is_file():
                hint = "name an existing file, or leave it out"
                raise BadPlan(f"{where}: {pattern!r} is not a file of the working tree", hint=hint)
            self.check_sendable(pattern, where)
            return (pattern,)
        match = matcher(pattern)
        links = {path for path, mode in self.tracked.items() if mode == LINK}
        found = tuple(path for path in self.visible() if path not in links and match(path))
        if not found:
            raise BadPlan(f"{where}: {pattern!r} matches no file", hint="mend the pattern, or leave it out")
        return found

    def check_sendable(self, path: str, where: str) -> None:
        """Refuses to show a model what is ignored, excluded, the task's own, or looks like a secret. Raises BadPlan."""
        reason = self._hidden(path)
        if not reason and path not in self.tracked and self._is_ignored(path):
            reason = "is ignored"
        if reason:
            raise BadPlan(
                f"{where}: {path!r} {reason}: it is not sent to a model",
                hint="leave it out of the plan, or mend .gitignore or context.exclude",
            )

    def _is_ignored(self, path: str) -> bool:
        found = _open(self.root)
        if found is None or found.workdir is None:
            return path not in self.visible()
        below = self.root.resolve().relative_to(Path(found.workdir).resolve())
        return bool(found.path_is_ignored((below / path).as_posix()))

    def _hidden(self, path: str) -> str:
        """Why a file is not shown, in words; empty if it is."""
        if is_secret(path):
            return "looks like a secret"
        if self.is_own(path):
            return "is the task's own"
        return "is excluded by context.exclude" if self._excluded and self._excluded.match_file(path) else ""

    @cached_property
    def _excluded(self):  # type: ignore[no-untyped-def] # pathspec is imported only where patterns exist
        if not self._exclude:
            return None
        from pathspec import GitIgnoreSpec

        return GitIgnoreSpec.from_lines(self._exclude)

    def visible(self) -> tuple[str, ...]:
        """All files a model may be shown, sorted: tracked ones in a git repository, else those not ignored."""
        return self._visible

    @cached_property
    def _visible(self) -> tuple[str, ...]:
        paths = self.tracked or sorted(self._walk())
        return tuple(path for path in paths if is_readable(path) and not self._hidden(path))

    @cached_property
    def tracked(self) -> dict[str, int]:
        """Paths below the root that git's index holds, with their modes, sorted; empty without a repository."""
        import pygit2

        repository = _open(self.root)
        if repository is None or repository.workdir is None:
            return {}
        try:
            prefix = self.root.resolve().relative_to(Path(repository.workdir).resolve()).as_posix()
            entries = [(entry.path, int(entry.mode)) for entry in repository.index]
        except (ValueError, pygit2.GitError):
            return {}
        start = "" if prefix == "." else f"{prefix}/"
        return {
            path[len(start) :]: mode for path, mode in sorted(entries) if path.startswith(start) and mode != 0o160000
        }

    def _walk(self) -> Iterator[str]:
        """Files of a folder without git, less what its .gitignore files ignore."""
        from pathspec import GitIgnoreSpec

        exclude = self._snapshot.read(self.root / ".git" / "info" / "exclude") or b""
        first = GitIgnoreSpec.from_lines(exclude.decode(errors="replace").splitlines())
        pending: list[tuple[str, list[tuple[str, GitIgnoreSpec]]]] = [("", [("", first)])]
        while pending:
            folder, rules = pending.pop()
            ignore = self._snapshot.read(self.root / folder / ".gitignore")
            if ignore:
                rules = [*rules, (folder, GitIgnoreSpec.from_lines(ignore.decode(errors="replace").splitlines()))]
            with os.scandir(self.root / folder) as entries:
                for entry in sorted(entries, key=lambda e: e.name):
                    path = f"{folder}/{entry.name}".lstrip("/")
                    below = entry.is_dir(follow_symlinks=False)
                    if entry.name == ".git" or entry.is_symlink() or is_ignored(path + "/" * below, rules):
                        continue
                    if below:
                        pending.append((path, rules))
                    else:
                        yield path

    def commit(self) -> str | None:
        """The commit HEAD points to, 40 or 64 hex digits; None without a repository or a commit."""
        return read_head(self.root)

    def is_dirty(self, commit: str, bases: Iterable[tuple[str, Blob | None]]) -> bool:
        """Whether any of these contents differs from the commit's."""
        import pygit2

        repository = _open(self.root)
        if repository is None or repository.workdir is None:
            return True
        prefix = self.root.resolve().relative_to(Path(repository.workdir).resolve()).as_posix()
        try:
            tree = repository[commit].peel(pygit2.Tree)
        except (KeyError, ValueError, pygit2.GitError):
            return True
        return any(_entry(tree, path if prefix == "." else f"{prefix}/{path}") != _id(blob) for path, blob in bases)


def _open(root: Path):  # type: ignore[no-untyped-def] # pygit2 is imported only where a missing result forces it
    import pygit2

    pygit2.settings.owner_validation = False  # we only read; a CI job often runs as another user than the owner
    found = pygit2.discover_repository(str(root))
    try:
        return pygit2.Repository(found) if found else None
    except pygit2.GitError:
        return None


def _entry(tree: object, path: str) -> tuple[str, int] | None:
    try:
        entry = tree[path]  # type: ignore[index] # a pygit2.Tree
    except KeyError:
        return None
    return str(entry.id), int(entry.filemode)


def _id(blob: Blob | None) -> tuple[str, int] | None:
    import pygit2

    return None if blob is None else (str(pygit2.hash(blob.data)), blob.mode)
