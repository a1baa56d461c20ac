"""How a run of doit ends: one signal, and the exit code of the contract."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from doit import get_initial_workdir
from doit.doit_cmd import DoitMain
from doit.exceptions import BaseFail, UnmetDependency
from doit.reporter import ConsoleReporter
from doit.task import Task

from codegen_tasks.errors import MEANINGS, CodegenError, Failure, Locked
from codegen_tasks.pipeline import STAGES, SentBack
from codegen_tasks.run import bug
from codegen_tasks.session import Session
from codegen_tasks.tasks.become import run_next, start_again
from codegen_tasks.tasks.ending import Ending
from codegen_tasks.tasks.graph import StepFailed, StepSentBack


class SignalReporter(ConsoleReporter):
    """After a run exactly one signal tells how it ended; while one that changes something goes on, none does."""

    # doit makes the reporter itself and wants a class for it: `reporter` binds these
    session: Session
    dodo: Path
    after: list[str]
    ending: Ending

    def __init__(self, outstream: Any, options: Any) -> None:
        super().__init__(outstream, options)
        self._done = 0
        self._stages: set[str] = set()

    def initialize(self, tasks: dict[str, Task], selected_tasks: list[str]) -> None:  # noqa: ARG002 (doit's)
        """Takes the lock before anything runs."""
        self._stages = {name.partition(":")[0] for name in selected_tasks} & {*STAGES, "codegen"}
        self.ending.begin(self._interrupt)
        try:
            self.session.start(bool(self._stages))
            if self.session.run.lock.stale:
                start_again(self.session.run.lock)
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
        self.ending.go_on()
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
        if isinstance(sys.exc_info()[1], SystemExit):
            return
        backs = [f["exception"].back for f in self.failures if isinstance(f["exception"], StepSentBack)]
        self._end_if_failed()
        if backs:
            self._go_back(backs)
        if self.after:
            self._again()
        self.ending.take()
        if self._stages & {"codegen", "ready"} and not self.session.run.places.ready.is_file():
            left = Failure("missing_outputs", "ready", "", "doit was told to leave out steps", "run `doit codegen`")
            self._end((left,))
        if self._stages:
            self.session.run.succeed()
        self.ending.code = 0
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
        self.ending.take()
        code = self.session.run.fail(failures) if publish else MEANINGS[failures[0].kind].exit
        self.ending.code = code
        for failure in failures:
            place = ":".join(part for part in (failure.stage, failure.unit) if part)
            told = f"FAILED {place}" if place else "FAILED"
            self.write(f"{told}: {failure.kind}: {failure.message}\n  {failure.hint}\n")
        self.session.run.end()
        raise SystemExit(code)

    def _interrupt(self, kind: str) -> None:
        """Calls in flight are dropped with the process; what was finished is on disk. The terminal comes last: it may
        be gone, or hang."""
        self.session.stop()
        self.session.run.fail((Failure(kind, "", "", f"the run was {kind}", "run again: finished work is kept"),))
        self.session.board.close()
        self.write(f"{kind}\n")

    def _go_back(self, backs: Sequence[SentBack]) -> NoReturn:
        """Runs doit once more on the graph of the further attempts, in this process, which keeps lock and budget."""
        self.ending.go_on()
        for name in self.session.go_back(backs):
            self.write(f"{'sent back':12}{name}\n")
        os.chdir(get_initial_workdir())
        raise SystemExit(DoitMain().run(sys.argv[1:]))

    def _again(self) -> None:
        self.ending.go_on()
        run_next(self.session.run.lock, self.dodo, self.session.run.places.task, self.after)


def reporter(session: Session, dodo: Path, after: list[str], ending: Ending) -> type[ConsoleReporter]:
    """doit's reporter for one session. From the start of a run on, `ending` publishes what signals mean.

    Tasks named in `after` are run by a new process in this one's place."""
    bound = {"session": session, "dodo": dodo, "after": after, "ending": ending}
    return type("BoundReporter", (SignalReporter,), bound)


def _failure(task: Task, fail: BaseFail) -> Failure | None:
    """doit's ways to fail as ours. A task that was not tried because another failed is no failure of its own."""
    stage, _, unit = task.name.partition(":")
    if isinstance(fail, UnmetDependency | StepSentBack):
        return None
    if isinstance(fail, StepFailed):
        return fail.failure
    text = "".join(fail.traceback) if fail.traceback else fail.message
    return Failure("bug", stage, unit, text.strip().splitlines()[-1], f"please report this:\n{text}")
