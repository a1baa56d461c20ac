"""Reads the working tree: contents, modes, links, what is tracked and what is ignored. It never writes there."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from pathlib import Path
from stat import S_ISLNK, S_ISREG

from codegen_tasks.errors import BadPlan
from codegen_tasks.files import Snapshot
from codegen_tasks.records import LINK, Blob
from codegen_tasks.worktree import git
from codegen_tasks.worktree.deciding import deciding_files
from codegen_tasks.worktree.head import find_root, find_top, follow_head, read_head
from codegen_tasks.worktree.listing import Listing
from codegen_tasks.worktree.names import is_readable, matching
from codegen_tasks.worktree.placeholders import stands_for

__all__ = ["Worktree", "find_root", "read_head"]

_SHA1 = 40  # hex digits


class Worktree:
    """The repository that is changed, as one run sees it. `own` are the task directory's files in it: never shown."""

    def __init__(self, root: Path, snapshot: Snapshot, own: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self.root = root
        self._snapshot = snapshot
        self._own_paths = tuple(own)
        self._own = frozenset(path.casefold() for path in own)
        self._own_folders = tuple(f"{path}/" for path in self._own)
        self._exclude = tuple(exclude)
        self._listing = Listing(root)
        self._globs: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}

    @cached_property
    def top(self) -> Path:
        """Where `git apply` reads a patch's paths: the top of the repository around the root, else the root itself."""
        return find_top(self.root) or self.root

    @cached_property
    def prefix(self) -> str:
        """What stands before a path of the working tree when it is told from `top`: empty, or it ends with `/`."""
        return "" if self.top == self.root else f"{self.root.relative_to(self.top).as_posix()}/"

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
        return low in self._own or low.startswith(self._own_folders)

    def expand(self, pattern: str, where: str, planned: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """The existing files that a `context:` entry means, sorted: a path, or a glob with *, ?, [] and **.

        Ignored files, secrets, links and the task directory's own files are left out of a glob, and so is what is not
        on disk. Of `planned` paths all that match are named: whether they were there before is not seen here. Raises
        BadPlan if a path names no such file, or nothing matches.
        """
        if pattern in planned or self._is_literal(pattern):
            if pattern not in planned and self._listing.disk.kind(pattern) != "file":
                hint = "name an existing file, or leave it out"
                raise BadPlan(f"{where}: {pattern!r} is not a file of the working tree", hint=hint)
            self.check_sendable(pattern, where)
            return (pattern,)
        key = (pattern, planned)
        if key not in self._globs:
            named = [path for path in matching(pattern, sorted(planned)) if not self.why_hidden(path)]
            self._globs[key] = tuple(sorted({*named, *matching(pattern, self._shown)}))
        if not self._globs[key]:
            raise BadPlan(f"{where}: {pattern!r} matches no file", hint="mend the pattern, or leave it out")
        return self._globs[key]

    def _is_literal(self, pattern: str) -> bool:
        return not any(c in pattern for c in "*?[") or self._listing.disk.kind(pattern) in ("file", "link")

    def check_sendable(self, path: str, where: str) -> None:
        """Refuses to show a model what is ignored, excluded, the task's own, or looks like a secret. Raises BadPlan."""
        if reason := self._why_not_sent(path):
            raise BadPlan(
                f"{where}: {path!r} {reason}: it is not sent to a model",
                hint="leave it out of the plan, or mend .gitignore or context.exclude",
            )

    def is_sendable(self, path: str) -> bool:
        """Whether a model may be shown a file."""
        return not self._why_not_sent(path)

    def _why_not_sent(self, path: str) -> str:
        return self.why_hidden(path) or ("is ignored" if self._listing.is_ignored(path) else "")

    def check_fetched(self, path: str, blob: Blob | None, where: str) -> None:
        """Refuses a content that only stands for a file's, such as an LFS pointer. Raises BadPlan with the remedy."""
        found = stands_for(blob.data) if blob is not None and blob.mode != LINK else None
        if found is not None:
            raise BadPlan(f"{where}: {path!r} {found[0]}", hint=found[1])

    def why_hidden(self, path: str) -> str:
        """Why a file is not shown whatever git says, in words; empty if it is."""
        from codegen_tasks.worktree.secret_names import is_secret  # its patterns: not on a run with nothing to do

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

    def entries(self) -> tuple[str, ...]:
        """All files and links that are tracked or not ignored, whatever they are called and whoever owns them."""
        return self._listing.entries

    def visible(self) -> tuple[str, ...]:
        """The files that tell a model of the repository, sorted: the tracked ones, else all that are not ignored."""
        return self._visible

    @cached_property
    def _visible(self) -> tuple[str, ...]:
        return self._less_hidden(self._listing.tracked or self._listing.paths)

    @cached_property
    def _shown(self) -> tuple[str, ...]:
        return self._less_hidden(self._listing.paths)

    def _less_hidden(self, paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(path for path in paths if is_readable(path) and not self.why_hidden(path))

    def commit(self) -> str | None:
        """The commit HEAD points to, 40 or 64 hex digits; None without a repository or a commit."""
        return read_head(self.root)

    def commit_files(self) -> list[Path]:
        """The files that say so, there or not."""
        return follow_head(self.root)[1]

    def deciding(self, patterns: Iterable[str]) -> set[Path] | None:
        """The files and folders that decide what `expand` makes of these; None where more does."""
        return deciding_files(self.root, patterns, [self.root / path for path in self._own_paths])

    @property
    def was_listed(self) -> bool:
        """Whether anybody has asked which files there are, or which are ignored. Many files decide that."""
        return self._listing.was_read

    def is_dirty(self, commit: str, bases: Iterable[tuple[str, Blob | None]]) -> bool:
        """Whether any of these contents differs from the commit's, or git cannot tell."""
        bases = list(bases)
        program = git.find_git()
        read = _read_by_libgit2 if program is None else partial(git.read_tree, program)
        found = read(self.root, commit, [path for path, _ in bases])
        return found is None or any(found.get(path) != _entry(blob, commit) for path, blob in bases)


def _entry(blob: Blob | None, commit: str) -> tuple[int, str] | None:
    """Mode and object name of a content, in a repository whose names are as long as the commit's."""
    if blob is None:
        return None
    new = hashlib.sha1 if len(commit) == _SHA1 else hashlib.sha256
    return blob.mode, new(b"blob %d\0" % len(blob.data) + blob.data).hexdigest()


def _read_by_libgit2(root: Path, commit: str, paths: Sequence[str]) -> dict[str, tuple[int, str]] | None:
    import pygit2

    top = find_top(root)
    if top is None:
        return None
    try:
        tree = pygit2.Repository(str(top))[commit].peel(pygit2.Tree)
    except (KeyError, ValueError, pygit2.GitError):
        return None
    found = {}
    for path in paths:
        at = (root / path).relative_to(top).as_posix()
        if at in tree:
            found[path] = (int(tree[at].filemode), str(tree[at].id))
    return found
