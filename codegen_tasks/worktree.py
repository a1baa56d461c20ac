"""Reads the working tree: contents, modes, links, what is tracked and what is ignored. It never writes there."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import translate
from functools import cached_property
from pathlib import Path
from re import Pattern
from re import compile as regex
from stat import S_ISLNK, S_ISREG

from codegen_tasks.errors import BadConfig, BadPlan
from codegen_tasks.files import Snapshot
from codegen_tasks.records import LINK, Blob

_SECRETS = (
    ".env", ".env.*", ".envrc", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "id_rsa*", "id_dsa*",
    "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".pypirc", ".npmrc", ".git-credentials", ".htpasswd",
    "secrets.yaml", "secrets.yml", "secrets.json", "secrets.toml", "credentials.json",
)  # fmt: skip
_NOT_SECRETS = (".env.example", ".env.sample", ".env.template", "*.pub")


def find_root(task: Path, repo: str | None) -> Path:
    """The working tree of a task directory: `repo` of the configuration, else the git repository around it, else the
    directory itself. Raises BadConfig."""
    if repo is not None:
        root = (task / repo).resolve()
        if not root.is_dir():
            raise BadConfig(
                f"codegen.yaml: repo: there is no folder {repo!r}", hint="name an existing folder, or leave it out"
            )
        return root
    for folder in (task, *task.parents):
        if (folder / ".git").exists():
            return folder
        if all((folder / name).exists() for name in ("HEAD", "objects", "refs")):
            raise BadConfig(
                f"the task directory lies in a bare git repository ({folder.name})",
                hint="work in a clone with a working tree, or name one by repo: in codegen.yaml",
            )
    return task


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
        match = _glob(pattern)
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
        name = path.rpartition("/")[2].lower()
        if any(_match(p, name) for p in _SECRETS) and not any(_match(p, name) for p in _NOT_SECRETS):
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
        return tuple(path for path in paths if _readable(path) and not self._hidden(path))

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
                    if entry.name == ".git" or entry.is_symlink() or _ignored(path + "/" * below, rules):
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


def _ignored(path: str, rules: Sequence[tuple[str, object]]) -> bool:
    for folder, spec in reversed(rules):
        verdict = spec.check_file(path[len(folder) :].lstrip("/")).include  # type: ignore[attr-defined] # a GitIgnoreSpec
        if verdict is not None:
            return bool(verdict)
    return False


def _match(pattern: str, name: str) -> bool:
    return regex(translate(pattern)).match(name) is not None


def _readable(path: str) -> bool:
    """Whether a name is UTF-8: another one can neither be shown nor planned."""
    return not any("\ud800" <= c <= "\udfff" for c in path)


def _glob(pattern: str) -> Callable[[str], bool]:
    """What matches a glob: `*`, `?` and `[…]` within a name, `**` any folders."""
    wanted = tuple(None if part == "**" else regex(translate(part)) for part in pattern.split("/"))

    def fits(parts: tuple[str, ...], rest: tuple[Pattern[str] | None, ...]) -> bool:
        if not rest:
            return not parts
        if rest[0] is None:
            return fits(parts, rest[1:]) or (bool(parts) and fits(parts[1:], rest))
        return bool(parts) and rest[0].match(parts[0]) is not None and fits(parts[1:], rest[1:])

    return lambda path: fits(tuple(path.split("/")), wanted)


def read_head(root: Path) -> str | None:
    """HEAD's commit by git's files alone: no process, no library. A repository in another form gives None."""
    git = next((folder / ".git" for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if git is None:
        return None
    if git.is_file():
        pointer = git.read_text(errors="replace").removeprefix("gitdir:").strip()
        git = git.parent / pointer
    common = _line(git / "commondir")
    shared = git / common if common else git
    head = _line(git / "HEAD")
    if not head.startswith("ref:"):
        return head or None
    name = head.removeprefix("ref:").strip()
    return _line(git / name) or _line(shared / name) or _packed(shared / "packed-refs", name)


def _line(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _packed(path: Path, name: str) -> str | None:
    for line in _line(path).split("\n"):
        commit, _, ref = line.partition(" ")
        if ref == name:
            return commit
    return None
