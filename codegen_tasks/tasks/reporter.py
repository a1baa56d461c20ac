"""How a run of doit ends: one signal, and the exit code of the contract."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from doit.exceptions import BaseFail, UnmetDependency
from doit.reporter import ConsoleReporter
from doit.task import Task

from codegen_tasks.errors import MEANINGS, CodegenError, Failure, Locked
from codegen_tasks.run import bug
from codegen_tasks.session import Session
from codegen_tasks.tasks.graph import StepFailed


def reporter(session: Session, dodo: Path, after: list[str]) -> type[ConsoleReporter]:
    """doit's reporter for one session. Tasks named in `after` are run by a new process in this one's place."""

    class SignalReporter(ConsoleReporter):
        """After a run exactly one signal tells how it ended; while one that changes something goes on, none does."""

        def __init__(self, outstream: Any, options: Any) -> None:
            super().__init__(outstream, options)
            self._done = 0

        def initialize(self, tasks: dict[str, Task], selected_tasks: list[str]) -> None:  # noqa: ARG002 (doit's)
            signal.signal(signal.SIGTERM, _terminate)
            try:
                session.start()
            except Locked as error:
                self._end((error.failure("", ""),), publish=False)
            except CodegenError as error:
                self._end((error.failure("", ""),))
            except Exception:
                self._end((bug("", ""),))

        def write(self, text: str) -> None:
            session.board.write(text)

        def execute_task(self, task: Task) -> None:
            if task.actions:
                self._done += 1
                if task.name.startswith("generate"):
                    return
                self.write(f"{task.name.partition(':')[0]:12}{task.name.partition(':')[2]}".rstrip() + "\n")

        def skip_uptodate(self, task: Task) -> None:
            pass

        def _write_failure(self, result: Any, write_exception: bool = True) -> None:
            pass

        def complete_run(self) -> None:
            session.board.close()
            ending = sys.exc_info()[1]
            if isinstance(ending, SystemExit):
                return
            if isinstance(ending, KeyboardInterrupt):
                session.stop()
                self._interrupt("terminated" if isinstance(ending, Terminated) else "interrupted")
            failures = [_failure(f["task"], f["exception"]) for f in self.failures]
            found = tuple(f for f in failures if f is not None)
            quiet = all(isinstance(f["exception"], StepFailed) and not f["exception"].publish for f in self.failures)
            if found or self.runtime_errors:
                strange = Failure("bug", "", "", " ".join(self.runtime_errors), "please report this")
                self._end(found or (strange,), publish=not (found and quiet))
            if after:
                self._again()
            session.run.succeed()
            self.write(session.closing_line(self._done))
            session.run.end()

        def _end(self, failures: tuple[Failure, ...], publish: bool = True) -> None:
            """Ends the run with the exit code of its failures."""
            for failure in failures:
                place = ":".join(part for part in (failure.stage, failure.unit) if part)
                self.write(f"FAILED {place}: {failure.kind}: {failure.message}\n  {failure.hint}\n".replace(" :", ":"))
            code = session.run.fail(failures) if publish else MEANINGS[failures[0].kind].exit
            session.run.end()
            raise SystemExit(code)

        def _interrupt(self, kind: str) -> None:
            """Calls in flight are dropped with the process; what was finished is on disk."""
            hint = "run again: finished work is kept"
            code = session.run.fail((Failure(kind, "", "", f"the run was {kind}", hint),))
            self.write(f"{kind}\n")
            os._exit(code)

        def _again(self) -> None:
            session.run.end()
            sys.stdout.flush()
            where = ["-f", str(dodo), "-d", str(Path.cwd()), f"task={session.run.places.task}"]
            os.execv(sys.executable, [sys.executable, "-m", "doit", *where, *after])  # noqa: S606 (our own command)

    return SignalReporter


class Terminated(KeyboardInterrupt):
    """SIGTERM, which doit would not survive with its state."""


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


def _failure(task: Task, fail: BaseFail) -> Failure | None:
    """doit's ways to fail as ours. A task that was not tried because another failed is no failure of its own."""
    stage, _, unit = task.name.partition(":")
    if isinstance(fail, UnmetDependency):
        return None
    if isinstance(fail, StepFailed):
        return fail.failure
    text = "".join(fail.traceback) if fail.traceback else fail.message
    return Failure("bug", stage, unit, fail.message.strip().splitlines()[-1], f"please report this:\n{text}")
