"""doit's runner for our steps: in threads, and a step that fails stops no other. A user's own tasks run as ever.

doit chooses its runner by three names in its module of the command `run`; these are what is put in their places.
"""

import sys
from collections.abc import Callable
from typing import Any

from doit import cmd_run
from doit.control import TaskDispatcher
from doit.exceptions import BaseFail
from doit.reporter import ZeroReporter
from doit.runner import MThreadRunner
from doit.task import Task

from codegen_tasks.tasks.lifecycle import Lifecycle
from codegen_tasks.tasks.reporter import StepReporter

_PLAIN = {name: getattr(cmd_run, name) for name in ("Runner", "MRunner", "MThreadRunner")}


def run_steps_with(lifecycle: Lifecycle) -> None:
    """From now on runs of doit that come to our steps go through `lifecycle`, whatever reporter shows them."""
    for name, plain in _PLAIN.items():
        setattr(cmd_run, name, _choice(plain, lifecycle))


def _choice(plain: Any, lifecycle: Lifecycle) -> Any:
    class Choice:
        """Which runner it is to be is known when the tasks are."""

        available = staticmethod(getattr(plain, "available", lambda: True))

        def __init__(self, *args: Any) -> None:
            self._args = args

        def run_all(self, dispatcher: TaskDispatcher) -> int:
            wanted = lifecycle.wanted(dispatcher.tasks, dispatcher.selected_tasks)
            if not wanted and not lifecycle.may_grow(dispatcher.tasks):
                lifecycle.ending.release()
                return int(plain(*self._args).run_all(dispatcher))
            head, jobs = self._args[:5], self._args[5:] or (lifecycle.session.jobs,)
            return _StepRunner(lifecycle, wanted, *head, *jobs).run_all(dispatcher)

    return Choice


class _StepRunner(MThreadRunner):
    """`-P process` means threads here: steps share what the run has read, and what it may spend."""

    def __init__(self, lifecycle: Lifecycle, wanted: set[str], *args: Any) -> None:
        self._stop_running: bool
        super().__init__(*args)
        self._lifecycle = lifecycle
        self._wanted = wanted
        self._closed = False
        if not isinstance(self.reporter, StepReporter):  # its output is the user's: ours goes beside
            quiet = type(self.reporter) is ZeroReporter
            lifecycle.session.board.show_on(None if quiet else sys.__stderr__)

    def run_all(self, task_dispatcher: TaskDispatcher) -> int:
        """Lock, steps, signal."""
        if self._wanted:
            self._guarded(lambda: self._lifecycle.begin(self._wanted))
        result: int = self._guarded(lambda: super(_StepRunner, self).run_all(task_dispatcher))
        self._guarded(self._lifecycle.end)
        return result

    def _guarded(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except SystemExit:
            self._close_reporter()
            raise
        except Exception:
            self._close_reporter()
            if not self._lifecycle.begun:
                raise
            self._lifecycle.crash()

    def _close_reporter(self) -> None:
        """doit's JSON reporter gives the terminal back only when it is told that the run is over."""
        if not self._closed:
            self._closed = True
            self.reporter.complete_run()

    def finish(self) -> int:
        """Once: after an exception doit has called it already."""
        self._closed = True
        return int(super().finish())

    def select_task(self, node: Any, tasks_dict: dict[str, Task]) -> bool:
        """Whether the task is to run."""
        ours = node.task.name in self._lifecycle.names
        if ours:
            self._lifecycle.go_on(node.task.name)
        runs = bool(super().select_task(node, tasks_dict))
        if ours and node.run_status == "up-to-date":
            self._settle(node.task)
        return runs

    def execute_task(self, task: Task) -> BaseFail | None:
        """Runs the task's actions, in a thread of its own."""
        if task.name in self._lifecycle.names:
            self._lifecycle.ending.go_on()
        return super().execute_task(task)

    def process_task_result(self, node: Any, base_fail: BaseFail | None) -> None:
        """Takes note of how a task ended."""
        super().process_task_result(node, base_fail)
        if node.task.name in self._lifecycle.names and node.run_status == "successful":
            self._lifecycle.done += bool(node.task.actions)
            self._settle(node.task)

    def _settle(self, task: Task) -> None:
        self._lifecycle.settle(task.name)
        self._lifecycle.leave()

    def _handle_task_error(self, node: Any, base_fail: BaseFail) -> None:
        stopped = self._stop_running
        super()._handle_task_error(node, base_fail)
        if node.task.name in self._lifecycle.names:
            self._lifecycle.settle(node.task.name, base_fail)
            self._stop_running = stopped
