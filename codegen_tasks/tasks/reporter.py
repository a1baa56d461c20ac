"""What is shown of our steps as they run, and of a user's own tasks as doit shows them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from doit.exceptions import BaseFail
from doit.reporter import ConsoleReporter
from doit.task import Task

from codegen_tasks.tasks.database import LOOKS

if TYPE_CHECKING:
    from codegen_tasks.tasks.lifecycle import Lifecycle


class StepReporter(ConsoleReporter):
    """doit makes the reporter itself and wants a class for it: `reporter` binds the lifecycle."""

    lifecycle: "Lifecycle"

    def __init__(self, outstream: Any, options: Any) -> None:
        super().__init__(outstream, options)
        self.lifecycle.session.board.show_on(outstream)

    def write(self, text: str) -> None:
        """Writes to the terminal without tearing the lines of units that are being asked."""
        if text.strip():
            self.lifecycle.session.board.write(text)

    def execute_task(self, task: Task) -> None:
        """One line for each step that runs; a unit that is asked has lines of its own."""
        if task.name in LOOKS:
            return
        if task.name not in self.lifecycle.names:
            super().execute_task(task)
        elif task.actions and not task.name.startswith("generate") and self.lifecycle.session.failure is None:
            stage, _, unit = task.name.partition(":")
            self.lifecycle.session.board.step(stage, unit)

    def skip_uptodate(self, task: Task) -> None:
        """Nothing is said of a step that need not run."""
        if task.name not in self.lifecycle.names:
            super().skip_uptodate(task)

    def add_failure(self, task: Task, fail: BaseFail) -> None:
        """A step's failure is told when the run ends."""
        if task.name not in self.lifecycle.names:
            super().add_failure(task, fail)

    def complete_run(self) -> None:
        """Takes the moving table away."""
        self.lifecycle.session.board.close()
        super().complete_run()


def reporter(lifecycle: "Callable[[], Lifecycle]") -> type[ConsoleReporter]:
    """doit's reporter for one run."""
    return type("BoundReporter", (StepReporter,), {"lifecycle": property(lambda _self: lifecycle())})
