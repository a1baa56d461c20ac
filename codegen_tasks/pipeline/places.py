"""Where things lie on disk. Every path of the project is spelled here."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from codegen_tasks.attempts import AttemptRecords, identity
from codegen_tasks.store import Store

_MARKED = (".md", ".json", ".txt")  # endings of our own files: a folder that ends so gets a mark, lest they meet


@dataclass(frozen=True)
class Places:
    """The files of a task directory. `root` is the working tree, `store` where replies are kept.

    `apart` is where outputs and state lie when they shall not be the task's own.
    """

    task: Path
    root: Path
    store: Path
    apart: Path | None = None

    @cached_property
    def code(self) -> Path:
        """The folder of all outputs."""
        return (self.apart or self.task) / "code"

    @cached_property
    def state(self) -> Path:
        """Caches, lock and database."""
        return (self.apart or self.task) / ".codegen"

    @cached_property
    def files(self) -> Path:
        """The generated files."""
        return self.code / "files"

    @cached_property
    def manifest(self) -> Path:
        """What `files` holds."""
        return self.code / "manifest.json"

    @cached_property
    def patch(self) -> Path:
        """The diff."""
        return self.code / "diff.patch"

    @cached_property
    def ready(self) -> Path:
        """The signal of success."""
        return self.code / "ready.json"

    @cached_property
    def failure(self) -> Path:
        """The signal of failure."""
        return self.code / "failure.json"

    @cached_property
    def provenance(self) -> Path:
        """Who wrote what."""
        return self.code / "provenance.json"

    @cached_property
    def checks(self) -> Path:
        """The verdicts of the checks."""
        return self.code / "checks.json"

    @cached_property
    def scope(self) -> Path:
        """What was refused."""
        return self.code / "scope.json"

    @cached_property
    def sarif(self) -> Path:
        """The same for tools that read SARIF."""
        return self.code / "scope.sarif"

    @cached_property
    def quarantine(self) -> Path:
        """The refused content."""
        return self.code / "quarantine"

    @cached_property
    def estimate(self) -> Path:
        """What a run would ask."""
        return self.code / "estimate.json"

    @cached_property
    def review(self) -> Path:
        """The page for a reviewer."""
        return self.code / "review.html"

    @property
    def reports(self) -> tuple[Path, ...]:
        """What commands that only look write: made again at any time."""
        return self.estimate, self.review

    @cached_property
    def accepted(self) -> Path:
        """Which files beyond the plan were let in: a hint, found out again from the replies."""
        return self.state / "accepted"

    @cached_property
    def archive(self) -> Path:
        """Earlier attempts."""
        return self.code / "archive"

    @cached_property
    def contexts(self) -> Path:
        """The context packages."""
        return self.code / "context"

    @cached_property
    def replies(self) -> Path:
        """The accepted replies."""
        return self.code / "replies"

    @cached_property
    def summary(self) -> Path:
        """The repo summary that the last question was asked with."""
        return self.contexts / "repo-summary.txt"

    def attempts(self, store: Store) -> AttemptRecords:
        """The two records of this task's attempts."""
        return AttemptRecords(store, self.state / "attempts", self.identity)

    @cached_property
    def identity(self) -> str:
        """What tells this task from all others that share the store."""
        return identity(self.task, self.root, self.store)

    def original(self, path: str) -> Path:
        """A file of the working tree."""
        return self._below["root", path]

    def result(self, path: str) -> Path:
        """The generated file."""
        return self._below["files", path]

    def request(self, unit: str) -> Path:
        """A unit's context package."""
        return self._below["contexts", f"{_safe(unit)}.md"]

    def reply(self, unit: str) -> Path:
        """A unit's accepted replies."""
        return self._below["replies", f"{_safe(unit)}.json"]

    @cached_property
    def _below(self) -> "_Below":
        return _Below(self)

    def shown(self, path: Path) -> str:
        """A path as messages name it: relative to the task directory or the working tree."""
        for base in (self.apart or self.task, self.task, self.root):
            if path.is_relative_to(base):
                return path.relative_to(base).as_posix()
        return path.name

    def own(self) -> tuple[str, ...]:
        """The task directory's own files, relative to the working tree; none if it lies elsewhere."""
        if not self.task.is_relative_to(self.root):
            return ()
        names = (
            "plan.md",
            "plan.files.json",
            "planning/plan.md",
            "planning/plan.files.json",
            "codegen.yaml",
            "codegen.yml",
            "dodo.py",
        )
        at = self.task.relative_to(self.root)
        own = [(at / name).as_posix() for name in (*names, "code", ".codegen", "__pycache__")]
        if self.store.is_relative_to(self.root):
            own.append(self.store.relative_to(self.root).as_posix())
        return tuple(own)


class _Below(dict[tuple[str, str], Path]):
    """Paths below a folder of the places: each is asked for by every step of its unit, and made once."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self._places = places

    def __missing__(self, key: tuple[str, str]) -> Path:
        folder, path = key
        found: Path = getattr(self._places, folder) / path
        self[key] = found
        return found


@lru_cache(maxsize=20_000)
def _safe(unit: str) -> str:
    *folders, name = unit.split("/")
    return "/".join([f"{f}%" if f.endswith((*_MARKED, "%")) else f for f in folders] + [name])
