"""A run of our steps from lock to signal, whatever reporter shows it. It knows doit's tasks and failures, no runner.

A user's own tasks neither take the lock nor touch the signals.
"""

import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NoReturn

from doit import get_initial_workdir
from doit.doit_cmd import DoitMain
from doit.exceptions import BaseFail, UnmetDependency
from doit.task import DelayedLoaded, Task

from codegen_tasks.errors import MEANINGS, CodegenError, Failure, Locked, worst
from codegen_tasks.github import add_job_summary
from codegen_tasks.pipeline import STAGES, SentBack
from codegen_tasks.run import bug
from codegen_tasks.session import Session
from codegen_tasks.tasks.at_once import note_unchanged
from codegen_tasks.tasks.become import run_next, start_again
from codegen_tasks.tasks.graph import StepFailed, StepSentBack
from codegen_tasks.tasks.invocation import Invocation
from codegen_tasks.tasks.words import Said, closing, told
from codegen_tasks.text import seen

_LEFT_OUT = Failure("missing_outputs", "ready", "", "doit was told to leave out steps", "run `doit codegen`")


class Lifecycle:
    """`names` are our tasks, but those that only look, filled when they are made; tasks named in `after` are run by a
    new process in the end."""

    def __init__(self, session: Session, invocation: Invocation) -> None:
        self.session = session
        self.ending = invocation.ending
        self.names: set[str] = set()
        self.after: list[str] = []
        self.begun = False
        self._context_only = False  # whether context packages are all that is wanted
        self._beside = False  # whether a user's own tasks run in the same run
        self._invocation = invocation
        self._reset(())

    def _reset(self, wanted: Collection[str]) -> None:
        self._stages = {name.partition(":")[0] for name in wanted} & {*STAGES, "codegen"}
        self._open = set(wanted)
        self._settled = set(self.session.clean)
        self.session.board.steps, self.session.board.settled = len(wanted), 0
        self._failures: list[tuple[str, BaseFail]] = []
        self.done = 0

    def wanted(self, tasks: Mapping[str, Task], selected: Sequence[str]) -> set[str]:
        """Our tasks among those that are selected or needed by them."""
        seen, pending = set[str](), list(selected)
        while pending:
            name = pending.pop()
            if name not in seen and name in tasks:
                seen.add(name)
                task = tasks[name]
                pending += [*task.task_dep, *task.setup_tasks, *task.calc_dep]
        self._beside = bool(seen - self.names)
        self._context_only = {name.partition(":")[0] for name in selected} == {"context"}
        return seen & self.names

    @staticmethod
    def may_grow(tasks: Mapping[str, Task]) -> bool:
        """Whether tasks are still to be made by what runs: they may need ours."""
        return any(task.loader not in (None, DelayedLoaded) for task in tasks.values())

    def begin(self, wanted: Collection[str]) -> None:
        """Takes the lock before anything runs. Ends the process where it cannot begin."""
        self.begun = True
        self._reset(wanted)
        self.ending.begin(self._interrupt)
        misuse = next(filter(None, (self.session.refuses(name.partition(":")[0]) for name in sorted(wanted))), None)
        if misuse is not None:
            self._fail((misuse,), publish=False)
        try:
            self.session.start(bool(self._stages))
            if self.session.run.lock.stale:
                start_again(self.session.run.lock)
        except Locked as error:
            self._fail((error.failure("", ""),), publish=False)
        except CodegenError as error:
            self._fail((error.failure("", ""),))
        except Exception:
            self._fail((bug("", ""),))

    def go_on(self, name: str) -> None:
        """A step of ours is looked at; one that was not foreseen begins the run."""
        self.ending.go_on()
        if not self.begun:
            self.begin({name})

    def settle(self, name: str, fail: BaseFail | None = None) -> None:
        """A step of ours is done or needs not be, or failed."""
        if fail is None:
            self._settled.add(name)
        else:
            self._failures.append((name, fail))
        self._open.discard(name)
        self.session.board.settled += 1

    def leave(self) -> None:
        """What is left to do is not ours: from now on it may take its time, and end as it likes."""
        if self._beside and self.begun and not self._open and not self._failures and not self.after:
            self._conclude()
            self.ending.release()

    def end(self) -> None:
        """Publishes the run's one signal; one that failed ends the process with the exit code of the contract."""
        if not self.begun:
            return
        backs = [fail.back for _, fail in self._failures if isinstance(fail, StepSentBack)]
        self._end_if_failed()
        if backs:
            self._go_back(backs)
        if self.after:
            self.ending.go_on()
            run_next(self.session.run.lock, self._invocation.dodo, self.session.run.places.task, self.after)
        self._conclude()

    def crash(self) -> NoReturn:
        """Something nobody foresaw was raised: a fault of ours, told like any failure."""
        self._fail((bug("", ""),))

    def _conclude(self) -> None:
        self.begun = False
        self.ending.take()
        wants_ready = self._stages & {"codegen", "ready"} and self.session.shard is None
        if wants_ready and ("ready" not in self._settled or not self.session.run.places.ready.is_file()):
            self._fail((_LEFT_OUT,))
        if self._stages:
            self.session.run.succeed()
        self.ending.code = 0
        if self._context_only:
            self.session.board.write(self.session.tokens_table())
            self.session.board.write(self.session.sections_table())
        outcome = "ready" if wants_ready else "done"
        words = list(closing(self.done, self.session))
        if self._stages:
            self._tell(outcome, words)
        self.session.run.log.end(outcome, always=False)
        if wants_ready and self._had_nothing_to_do():
            note_unchanged(self._invocation, self.session, [seen(said.text) for said in words])
        self.session.run.end()

    def _had_nothing_to_do(self) -> bool:
        """Whether all steps were looked at, and all were up to date."""
        all_seen = not self._open and len(self._settled) > len(self.session.steps)
        return self._invocation.alone and all_seen and not self.done and not self.session.run.changed

    def _end_if_failed(self) -> None:
        found = tuple(f for f in (_failure(name, fail) for name, fail in self._failures) if f is not None)
        if found and self._stages and not any(failure.stage in ("manifest", "plan") for failure in found):
            failed = {name.partition(":")[2] for name, _ in self._failures}
            scope = self.session.judge_scope(failed)
            found += () if scope is None else (scope,)
        quiet = all(isinstance(fail, StepFailed) and not fail.publish for _, fail in self._failures)
        if found:
            self._fail(found, publish=not quiet)

    def _fail(self, failures: tuple[Failure, ...], publish: bool = True) -> NoReturn:
        """Ends the run with the exit code of its failures."""
        self.ending.take()
        published = publish and self.session.run.publishes
        code = self.session.run.fail(failures) if publish else MEANINGS[failures[0].kind].exit
        self.ending.code = code
        kind = worst(failures)
        self._tell(kind, told(failures, self.session, self._settled, published=published))
        self.session.run.log.end(kind, always=published and self.session.run.lock.held)
        self.session.run.end()
        raise SystemExit(code)

    def _tell(self, title: str, words: Iterable[Said]) -> None:
        self.session.run.share_rest()
        self.session.board.close()
        said = list(words)
        for text, level, path in said:
            self.session.board.write(text, level, path)
        add_job_summary(f"codegen: {title}", [one.text for one in said])

    def _interrupt(self, kind: str) -> None:
        """Calls in flight are dropped with the process; what was finished is on disk. The terminal comes last: it may
        be gone, or hang."""
        self.session.stop()
        failure = Failure(kind, "", "", f"the run was {kind}", "run again: finished work is kept")
        self.session.run.fail((failure,))
        self.session.run.log.end(kind, always=self.session.run.lock.held)
        self.session.board.close()
        self.session.board.write(kind)

    def _go_back(self, backs: Sequence[SentBack]) -> NoReturn:
        """Runs doit once more on the graph of the further attempts, in this process, which keeps lock and budget."""
        self.ending.go_on()
        for name in self.session.go_back(backs):
            self.session.board.write(f"{'sent back':12}{name}")
        os.chdir(get_initial_workdir())
        raise SystemExit(DoitMain().run(sys.argv[1:]))


def _failure(name: str, fail: BaseFail) -> Failure | None:
    """doit's ways to fail as ours. A task that was not tried because another failed is no failure of its own."""
    stage, _, unit = name.partition(":")
    if isinstance(fail, UnmetDependency | StepSentBack):
        return None
    if isinstance(fail, StepFailed):
        return fail.failure
    text = "".join(fail.traceback) if fail.traceback else fail.message
    return Failure("bug", stage, unit, text.strip().splitlines()[-1], f"please report this:\n{text}")
