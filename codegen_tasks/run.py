"""One run on a task directory: its lock, its signals, and how the end of a step becomes a file or a failure."""

import errno
import os
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

from codegen_tasks.archive import drop_unfinished, keep, keep_edited, move, put_back
from codegen_tasks.attempts import Attempts
from codegen_tasks.bases import Output, output_key
from codegen_tasks.directory import mark_folders
from codegen_tasks.errors import MEANINGS, BadConfig, CodegenError, Failure, Interrupted, Locked
from codegen_tasks.events import EventLog
from codegen_tasks.files import TEMPORARY, Snapshot, entries, prune_empty, sweep, sweep_folder
from codegen_tasks.lock import Lock
from codegen_tasks.pipeline import Places, SentBack, Step
from codegen_tasks.records import decode, digest, encode
from codegen_tasks.signals import failure_report
from codegen_tasks.store import Store


class Run:
    """A run that may write. One per process; steps of one run come from several threads."""

    def __init__(self, places: Places, snapshot: Snapshot, store: Store | None = None) -> None:
        self.places = places
        self.snapshot = snapshot
        self.store = store
        self.log = EventLog(None)
        self.changed = False
        self.publishes = True
        self.over = False
        self.lock = Lock(places.state / "lock")
        self._guard = threading.Lock()

    def start(self) -> None:
        """Takes the lock, marks our folders as ignored, puts right what a killed run left. Raises Locked, BadConfig.

        What was read before is out of date afterwards if `lock.stale` says so.
        """
        try:
            if not self.lock.held:
                self.log.open()
            if not self.lock.take():
                raise Locked("another run works on this task directory", hint="wait until it has ended, then run again")
            mark_folders(self.places.task)
            sweep_folder(self.places.state)  # commands that only look keep what they parsed there, without a lock
            if self.lock.cut_off:
                self._put_right()
            if self.store is not None and self._finish_orders(self.store)[0]:
                self.lock.stale = True  # an earlier command met an error between the order and its end
        except OSError as e:
            raise unwritable(e, self.places) from e

    def share_rest(self) -> None:
        """Leaves in the remote store what it could not take when it was made."""
        if self.store is not None and self.lock.held:
            with suppress(OSError):  # a hint for the next run
                self.store.share_rest()

    def end(self) -> None:
        """Gives the lock back."""
        self.lock.give_back()

    def _put_right(self) -> None:
        """Ends what a killed run began, and removes what it was writing."""
        for folder in (self.places.state, self.places.code):
            sweep(folder)
        drop_unfinished(self.places.archive)
        if self.store is not None:
            if not self.store.root.is_relative_to(self.places.state):
                sweep(self.store.root, self.store.owner)
            self._finish_orders(self.store)

    def execute(self, step: Step) -> str | Failure | SentBack:
        """Runs a step and writes what it makes. Returns the digest of what was written, or how it failed.

        A step that does not accept the answers of units returns what it sent back.
        """
        began = time.monotonic()
        self.log.add("step_begin", stage=step.stage, unit=step.unit)
        end = self._execute(step)
        outcome = end.kind if isinstance(end, Failure) else "sent_back" if isinstance(end, SentBack) else "done"
        seconds = round(time.monotonic() - began, 3)
        self.log.add("step_end", stage=step.stage, unit=step.unit, outcome=outcome, seconds=seconds)
        return end

    def _execute(self, step: Step) -> str | Failure | SentBack:
        try:
            self._before_change()
            data = step.run({path: self._read(path) for path in step.reads}, *step.params)
            self._write(step, data)
            return self.snapshot.digest(step.writes) or ""
        except SentBack as back:
            return back
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

    def left_over(self, steps: Sequence[Step]) -> list[Path]:
        """What lies where steps write, and none writes any more."""
        wanted, folders = {str(step.writes) for step in steps}, (self.places.files, self.places.contexts)
        found = [name for folder in (*folders, self.places.replies) for name in sorted(entries(folder))]
        if self.snapshot.read(self.places.checks) is not None:
            found.append(str(self.places.checks))
        return [Path(name) for name in found if name not in wanted]

    def prune(self, left_over: Sequence[Path]) -> None:
        """Removes what is left over. A file in code/files that we did not generate goes to the archive."""
        for path in left_over:
            if path == self.places.checks:
                self._before_change()
            elif path.is_relative_to(self.places.files) and not path.name.startswith(TEMPORARY):
                self._keep_if_unknown(path)
                self.drop_patch()
            self.snapshot.remove(path)
            prune_empty(path.parent, self.places.code / path.relative_to(self.places.code).parts[0])

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
        """What an attempt consists of: all of code/ but the archive. Reports come first, which alone are no attempt,
        then the signals, then the diff."""
        code, reports = self.places.code, [path for path in self.places.reports if path.exists()]
        first = [path for path in (self.places.ready, self.places.failure, self.places.patch) if path.exists()]
        apart = {code / ".gitignore", self.places.archive, *reports, *first}
        rest = [path for path in sorted(code.iterdir()) if path not in apart] if code.is_dir() else []
        return [*reports, *first, *rest] if first or rest else []

    def clean(self) -> Path | None:
        """Archives the attempt and has every unit asked anew. Returns the archive; None if there was nothing."""
        return self._clear(self._stored(), "") if self.outputs() else None

    def redo(self, units: tuple[str, ...], note: str) -> Path | None:
        """Archives the attempt and has these units (none named: all) asked anew with a note. Returns the archive."""
        store = self._stored()
        if not units:
            return self._clear(store, note)
        records = self.places.attempts(store)
        kept = keep(self.places.archive, self.outputs())
        records.write(records.read().attempts.ordered(units, note))
        return kept

    def _clear(self, store: Store, note: str) -> Path | None:
        """Killed before the new attempt is on record, the old state is there; after it the next command goes on."""
        records = self.places.attempts(store)
        records.write(records.read().attempts.ordered((), note), clearing=True)
        return self._finish_orders(store)[1]

    def restore(self, number: str, attempts: Attempts) -> Path | None:
        """Archives what is there and puts an archived attempt in its place, with the `attempts` that lead to it.

        Killed before these are on record, the old state is there; after it the next command goes on. Returns the
        archive of what was there.
        """
        store = self._stored()
        self.places.attempts(store).write(attempts, clearing=True, restoring=number)
        return self._finish_orders(store)[1]

    def settle(self, attempts: Attempts, questions: Mapping[str, str]) -> None:
        """Puts the orders that `attempts` has carried out on record. Raises Locked if those are not what is there."""
        if self.store is None:
            return
        found = self.places.attempts(self.store).read().attempts
        if found.settled(questions) != attempts:
            raise Locked("another run has ended just now", hint="run again")
        if found.orders:
            self.record(attempts)

    def record(self, attempts: Attempts) -> None:
        """Keeps what the attempts have become, before anything relies on it."""
        self.places.attempts(self._stored()).write(attempts)

    def _finish_orders(self, store: Store) -> tuple[bool, Path | None]:
        """Clears and restores as the record orders. Returns whether it did, and the archive of what was there."""
        records = self.places.attempts(store)
        held, kept = records.settle(), None
        if held.clearing:
            kept = move(self.places.archive, self.outputs())
            for report in self.places.reports:
                self.snapshot.remove(report)
            records.cleared()
        if held.restoring:
            last = (self.places.patch.name, self.places.failure.name, self.places.ready.name)
            if (self.places.archive / held.restoring).is_dir():  # a person may have removed it since
                put_back(self.places.archive / held.restoring, self.places.code, last)
            records.restored()
        return bool(held.clearing or held.restoring), kept

    def _stored(self) -> Store:
        if self.store is None:
            raise BadConfig("codegen.yaml cannot be read, so the store is not known", hint="mend codegen.yaml first")
        return self.store


def unwritable(error: OSError, places: Places) -> BadConfig:
    """What the operating system refused, in words."""
    place = error.filename2 or error.filename  # of a rename, what it was to become
    name = places.shown(Path(os.fsdecode(place))) if place else "a file"
    hint = _HINTS.get(error.errno or 0, "mend permissions or free disk space, then run again")
    return BadConfig(f"{name}: {error.strerror or error}", hint=hint)


_HINTS = {
    errno.ELOOP: "remove the link: nothing of ours is read or written through links",
    errno.EISDIR: "move the folder away, then run again",
    errno.ENOTDIR: "move away the file that stands in a folder's place, then run again",
    errno.EEXIST: "move away what stands there, then run again",
    errno.EMFILE: "lower generate.jobs, or let a process open more files (ulimit -n)",
    errno.ENFILE: "lower generate.jobs: the machine has no more open files to give",
    errno.EAGAIN: "lower generate.jobs, or allow more processes (ulimit -u)",
    errno.ENOMEM: "lower generate.jobs, or give the machine more memory",
}


def bug(stage: str, unit: str) -> Failure:
    """An unexpected exception, as it is being handled: a fault of ours, with all that is needed to find it."""
    text = traceback.format_exc()
    return Failure("bug", stage, unit, text.strip().splitlines()[-1], f"please report this:\n{text}")
