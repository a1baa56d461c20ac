"""One command of doit on one task directory, which is opened when it is first needed. It reads nothing by itself."""

import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from doit import get_initial_workdir, get_var

from codegen_tasks.tasks.ending import ProcessEnd

if TYPE_CHECKING:
    from codegen_tasks.tasks.graph import Values
    from codegen_tasks.tasks.lifecycle import Lifecycle


@dataclass
class Invocation:
    """Which `dodo` file, which task `folder` (`task`: as it was named), which `shard`; where the user `stands`.

    `began_ns` is the time, `clock_ns` that of the clock which nobody sets. `alone`: it is for the whole phase, by our
    own means, and nothing of the user's runs beside it; then `values` tell what doit remembers.
    """

    dodo: Path
    folder: Path
    task: str | None
    stands: Path
    shard: str | None
    ending: ProcessEnd = field(default_factory=ProcessEnd)
    began_ns: int = field(default_factory=time.time_ns)
    clock_ns: int = field(default_factory=time.monotonic_ns)
    alone: bool = False
    values: "Values | None" = None

    @property
    def state(self) -> Path:
        """Our state of the task directory."""
        return self.folder / ".codegen"

    @cached_property
    def lifecycle(self) -> "Lifecycle":
        """The task directory, read."""
        from codegen_tasks.tasks.opened import open_lifecycle  # all that a run needs: not where there is nothing to do

        return open_lifecycle(self)


def read_invocation(dodo: Path, task: str | None) -> Invocation:
    """The command that doit was given. `task` is a default task directory relative to dodo's."""
    named, stands = get_var("task", None), Path(get_initial_workdir() or ".")
    folder = stands / named if named else dodo.parent / (task or ".")
    return Invocation(dodo, folder.resolve(), named, stands.resolve(), get_var("shard", None))
