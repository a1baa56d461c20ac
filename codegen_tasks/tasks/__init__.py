"""The only room that knows doit: a Step becomes a task, a run becomes ready.json or failure.json.

A dodo.py of two lines is enough:

    from codegen_tasks.tasks import load
    globals().update(load(__file__))
"""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from codegen_tasks.module_path import put_installed_first
from codegen_tasks.tasks.at_once import answer_at_once
from codegen_tasks.tasks.database import checker
from codegen_tasks.tasks.invocation import read_invocation
from codegen_tasks.tasks.reporter import reporter
from codegen_tasks.tasks.settings import lay_under

__all__ = ["load"]


def load(dodo: str, task: str | None = None) -> dict[str, Any]:
    """The namespace of a dodo.py: `dodo` is its __file__, `task` a default task directory relative to it.

    Settings of the user's own, in DOIT_CONFIG, in doit.cfg or on the command line, go over ours. Nothing is read before
    doit asks for the tasks.
    """
    gc.set_threshold(100_000)  # a graph stays: looking it over again and again takes a fifth of the time
    here = Path(dodo).resolve()
    put_installed_first(here.parent)
    invocation = read_invocation(here, task)
    invocation.ending.catch_signals()
    own = {
        "check_file_uptodate": checker(lambda: invocation.lifecycle.session.run.snapshot),
        "reporter": reporter(lambda: invocation.lifecycle),
    }
    lay_under({"default_tasks": ["codegen"], **own}, invocation.state / "doit.json")

    def task_codegen() -> Iterator[dict[str, Any]]:
        from codegen_tasks.tasks.opened import all_tasks

        yield from all_tasks(invocation.lifecycle, invocation.values)

    def task_looks() -> Iterator[dict[str, Any]]:
        from codegen_tasks.tasks.opened import tasks_that_look

        yield from tasks_that_look(invocation.lifecycle)

    answer_at_once(invocation, own, {task_codegen, task_looks})
    return {"task_codegen": task_codegen, "task_looks": task_looks}
