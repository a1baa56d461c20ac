"""How a run of doit ends: one signal, and the exit code of the contract."""

import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from doit.exceptions import BaseFail, UnmetDependency
from doit.reporter import ConsoleReporter
from doit.task import Task

from codegen_tasks.errors import MEANINGS, CodegenError, Failure, Locked
from codegen_tasks.run import bug
from codegen_tasks.session import Session
from codegen_tasks.tasks.graph import STAGES, StepFailed


class SignalReporter(ConsoleReporter):
    """After a run exactly one signal tells how it ended; while one that changes something goes on, none does."""

    # doit makes the reporter itself and wants a class for it: `reporter` binds these
    session: Session
    dodo: Path
    after: list[str]
    running: threading.Event

    def __init__(self, outstream: Any, options: Any) -> None:
        super().__init__(outstream, options)
        self._done = 0
        self._stages: set[str] = set()

    def initialize(self, tasks: dict[str, Task], selected_tasks: list[str]) -> None:  # noqa: ARG002 (doit's)
        """Takes the lock before anything runs."""
        self._stages = {name.partition(":")[0] for name in selected_tasks} & {*STAGES, "codegen"}
        self.running.set()
        try:
            self.session.start(bool(self._stages))
        except Locked as error:
            self._end((error.failure("", ""),), publish=False)
        except CodegenError as error:
            self._end((error.failure("", ""),))
        except Exception:
            self._end((bug("", ""),))

    def write(self, text: str) -> None:
        """Writes to the terminal without tearing the lines of units that are being asked."""
        self.session.board.write(text)

    def execute_task(self, task: Task) -> None:
        """One line for each step that runs; a unit that is asked has lines of its own."""
        if task.actions and self.session.failure is None:
            self._done += 1
            if task.name.startswith("generate"):
                return
            self.write(f"{task.name.partition(':')[0]:12}{task.name.partition(':')[2]}".rstrip() + "\n")

    def skip_uptodate(self, task: Task) -> None:
        """Nothing is said of what need not run."""

    def _write_failure(self, result: Any, write_exception: bool = True) -> None:
        pass

    def complete_run(self) -> None:
        """Publishes the run's one signal; one that failed ends the process with the exit code of the contract."""
        self.session.board.close()
        ending = sys.exc_info()[1]
        if isinstance(ending, SystemExit):
            return
        if isinstance(ending, KeyboardInterrupt):
            self.session.stop()
            self._interrupt("terminated" if isinstance(ending, Terminated) else "interrupted")
        self._end_if_failed()
        if self.after:
            self._again()
        if self._stages & {"codegen", "ready"} and not self.session.run.places.ready.is_file():
            left = Failure("missing_outputs", "ready", "", "doit was told to leave out steps", "run `doit codegen`")
            self._end((left,))
        if self._stages:
            self.session.run.succeed()
        self.write(self.session.closing_line(self._done))
        self.session.run.end()

    def _end_if_failed(self) -> None:
        failures = [_failure(f["task"], f["exception"]) for f in self.failures]
        found = tuple(f for f in failures if f is not None)
        if found and self._stages and not any(failure.stage in ("manifest", "plan") for failure in found):
            failed = {f["task"].name.partition(":")[2] for f in self.failures}
            scope = self.session.judge_scope(failed)
            found += () if scope is None else (scope,)
        quiet = all(isinstance(f["exception"], StepFailed) and not f["exception"].publish for f in self.failures)
        if found or self.runtime_errors:
            strange = Failure("bug", "", "", " ".join(self.runtime_errors), "please report this")
            self._end(found or (strange,), publish=not (found and quiet))

    def _end(self, failures: tuple[Failure, ...], publish: bool = True) -> None:
        """Ends the run with the exit code of its failures."""
        code = self.session.run.fail(failures) if publish else MEANINGS[failures[0].kind].exit
        for failure in failures:
            place = ":".join(part for part in (failure.stage, failure.unit) if part)
            self.write(f"FAILED {place}: {failure.kind}: {failure.message}\n  {failure.hint}\n".replace(" :", ":"))
        self.session.run.end()
        raise SystemExit(code)

    def _interrupt(self, kind: str) -> None:
        """Calls in flight are dropped with the process; what was finished is on disk."""
        hint = "run again: finished work is kept"
        code = self.session.run.fail((Failure(kind, "", "", f"the run was {kind}", hint),))
        self.write(f"{kind}\n")
        os._exit(code)

    def _again(self) -> None:
        self.session.run.end()
        sys.stdout.flush()
        where = ["-f", str(self.dodo), "-d", str(Path.cwd()), f"task={self.session.run.places.task}"]
        os.execv(sys.executable, [sys.executable, "-m", "doit", *where, *self.after])  # noqa: S606 (our own command)


def reporter(session: Session, dodo: Path, after: list[str], running: threading.Event) -> type[ConsoleReporter]:
    """doit's reporter for one session. `running` is set when signals are ours to publish.

    Tasks named in `after` are run by a new process in this one's place."""
    bound = {"session": session, "dodo": dodo, "after": after, "running": running}
    return type("BoundReporter", (SignalReporter,), bound)


class Terminated(KeyboardInterrupt):
    """SIGTERM, which doit would not survive with its state."""


def catch_signals(running: threading.Event) -> None:
    """SIGINT and SIGTERM end a run with the contract's codes; before anything runs there is nothing to tidy up."""

    def end(number: int, _frame: FrameType | None) -> None:
        if not running.is_set():
            os._exit(128 + number)
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end)


def _failure(task: Task, fail: BaseFail) -> Failure | None:
    """doit's ways to fail as ours. A task that was not tried because another failed is no failure of its own."""
    stage, _, unit = task.name.partition(":")
    if isinstance(fail, UnmetDependency):
        return None
    if isinstance(fail, StepFailed):
        return fail.failure
    text = "".join(fail.traceback) if fail.traceback else fail.message
    return Failure("bug", stage, unit, text.strip().splitlines()[-1], f"please report this:\n{text}")
