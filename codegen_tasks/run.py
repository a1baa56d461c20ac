"""One run on a task directory: its lock, its signals, and how the end of a step becomes a file or a failure."""

import threading
import traceback
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

from codegen_tasks.archive import drop_unfinished, keep, keep_edited
from codegen_tasks.bases import Output, output_key
from codegen_tasks.errors import MEANINGS, BadConfig, CodegenError, Failure, Interrupted, Locked
from codegen_tasks.files import (
    Snapshot,
    entries,
    lock,
    prune_empty,
    remove,
    remove_tree,
    unlock,
    write_atomic,
    write_new,
)
from codegen_tasks.pipeline import MARK, Places, Step
from codegen_tasks.records import decode, digest, encode
from codegen_tasks.signals import failure_report
from codegen_tasks.store import Store

_TEMPORARY = ".tmp-"


class Run:
    """A run that may write. One per process; steps of one run come from several threads."""

    def __init__(self, places: Places, snapshot: Snapshot, store: Store | None = None) -> None:
        self.places = places
        self.snapshot = snapshot
        self.store = store
        self.changed = False
        self.publishes = True
        self.over = False
        self._guard = threading.Lock()
        self._handle: int | None = None

    def start(self) -> None:
        """Takes the lock, marks our folders as ignored, finishes a killed `clean`. Raises Locked, BadConfig."""
        try:
            self._handle = lock(self.places.state / "lock")
            if self._handle is None:
                raise Locked("another run works on this task directory", hint="wait until it has ended, then run again")
            for folder in (self.places.code, self.places.state, self.places.task / "__pycache__"):
                if folder.name != "__pycache__" or folder.is_dir():
                    write_new(folder / ".gitignore", MARK)
            drop_unfinished(self.places.archive)
            self._finish_clearing()
        except OSError as e:
            raise unwritable(e, self.places) from e

    def end(self) -> None:
        """Gives the lock back."""
        if self._handle is not None:
            unlock(self._handle)
            self._handle = None

    def execute(self, step: Step) -> str | Failure:
        """Runs a step and writes what it makes. Returns the digest of what was written, or how it failed."""
        try:
            self._before_change()
            data = step.run({path: self._read(path) for path in step.reads}, *step.params)
            self._write(step, data)
            return self.snapshot.digest(step.writes) or ""
        except CodegenError as error:
            return error.failure(step.stage, step.unit)
        except OSError as error:
            return unwritable(error, self.places).failure(step.stage, step.unit)
        except Exception:
            return bug(step.stage, step.unit)

    def _read(self, path: Path) -> bytes:
        data = self.snapshot.read(path)
        if data is None:
            raise FileNotFoundError(2, "it went away during the run", str(path))
        return data

    def _write(self, step: Step, data: bytes) -> None:
        if step.derived or self.snapshot.read(step.writes) != data:
            if not step.derived:
                self.drop_patch()
            refuse_links(step.writes, self.places)
            with self._guard if step.writes == self.places.ready else nullcontext():
                self._check_over()
                self.snapshot.write(step.writes, data)

    def _check_over(self) -> None:
        if self.over:
            raise Interrupted("the run is over", hint="run again: finished work is kept")

    def _before_change(self) -> None:
        """An old signal is removed before anything is changed; that of a run which is over stays."""
        with self._guard:
            self._check_over()
            if not self.changed:
                self.changed = True
                self.snapshot.remove(self.places.ready)
                self.snapshot.remove(self.places.failure)

    def drop_patch(self) -> None:
        """An old diff.patch is removed before code/files changes."""
        self._before_change()
        with self._guard:
            self.snapshot.remove(self.places.patch)

    def prune(self, steps: Sequence[Step]) -> None:
        """Removes what no step writes any more. A file in code/files that we did not generate goes to the archive."""
        wanted = {str(step.writes) for step in steps}
        for folder in (self.places.files, self.places.contexts, self.places.replies):
            for path in [Path(name) for name in sorted(entries(folder)) if name not in wanted]:
                if folder == self.places.files and not path.name.startswith(_TEMPORARY):
                    self._keep_if_unknown(path)
                    self.drop_patch()
                remove(path)
                prune_empty(path.parent, folder)

    def _keep_if_unknown(self, path: Path) -> None:
        if path.is_symlink() or self.store is None:
            return
        name, data = path.relative_to(self.places.files).as_posix(), path.read_bytes()
        found = self.store.get("output", output_key(name, digest(data)))
        if found is None or decode(found, Output).edited:
            keep_edited(self.places.archive, name, data)

    def fail(self, failures: Sequence[Failure]) -> int:
        """Publishes failure.json in place of ready.json. Returns the exit code."""
        report = failure_report(failures)
        if self.publishes:
            with self._guard, suppress(OSError):  # the exit code and the terminal still tell
                self.over = True
                self.snapshot.remove(self.places.ready)
                self.snapshot.write(self.places.failure, encode(report))
        return MEANINGS[report.kind].exit

    def succeed(self) -> None:
        """The last run did not fail."""
        if self.snapshot.read(self.places.failure) is not None:
            self.snapshot.remove(self.places.failure)

    def outputs(self) -> list[Path]:
        """What an attempt consists of: all of code/ but the archive and what can be made again."""
        again = {".gitignore", self.places.archive.name, self.places.contexts.name, self.places.replies.name}
        if not self.places.code.is_dir():
            return []
        return sorted(path for path in self.places.code.iterdir() if path.name not in again)

    def clean(self) -> Path | None:
        """Archives the attempt and has every unit asked anew. Returns the archive; None if there was nothing.

        Killed half-way: before the new attempt is on record the old state is there; after it the next command goes on.
        """
        store = self._stored()
        kept = keep(self.places.archive, self.outputs())
        if kept is None and not self.places.replies.is_dir():
            return None
        records = self.places.attempts(store)
        records.write(records.read().attempts.all_again(), clearing=True)
        self._finish_clearing()
        return kept

    def redo(self, units: tuple[str, ...], note: str) -> Path | None:
        """Archives the attempt and has these units (none named: all) asked anew with a note. Returns the archive."""
        records = self.places.attempts(self._stored())
        attempts = records.read().attempts
        kept = keep(self.places.archive, self.outputs())
        if units:
            records.write(attempts.again(units, note))
        else:
            records.write(attempts.all_again(note), clearing=True)
        self._finish_clearing()
        return kept

    def _finish_clearing(self) -> None:
        if self.store is None:
            return
        records = self.places.attempts(self.store)
        if records.settle().clearing:
            self._clear()
            records.cleared()

    def _clear(self) -> None:
        """All outputs disappear in one rename; then the archive comes back. Goes on where a killed one stopped."""
        code, aside, archive = self.places.code, self.places.cleared, self.places.archive.name
        if not aside.exists():
            code.rename(aside)
        code.mkdir(exist_ok=True)
        write_atomic(code / ".gitignore", MARK)
        if (aside / archive).exists():
            (aside / archive).rename(code / archive)
        remove_tree(aside)

    def _stored(self) -> Store:
        if self.store is None:
            raise BadConfig("codegen.yaml cannot be read, so the store is not known", hint="mend codegen.yaml first")
        return self.store


def refuse_links(path: Path, places: Places) -> None:
    """Refuses to write through a link somebody put into our folders. Raises BadConfig."""
    for folder in path.parents:
        if folder == places.task:
            return
        if folder.is_symlink():
            raise BadConfig(
                f"{places.shown(folder)} is a symbolic link", hint="remove it: nothing is written through links"
            )


def unwritable(error: OSError, places: Places) -> BadConfig:
    """What the operating system refused, in words."""
    name = places.shown(Path(str(error.filename))) if error.filename else "a file"
    return BadConfig(f"{name}: {error.strerror or error}", hint="mend permissions or free disk space, then run again")


def bug(stage: str, unit: str) -> Failure:
    """An unexpected exception, as it is being handled: a fault of ours, with all that is needed to find it."""
    text = traceback.format_exc()
    return Failure("bug", stage, unit, text.strip().splitlines()[-1], f"please report this:\n{text}")
