"""The only room that knows doit: a Step becomes a task, a run becomes ready.json or failure.json.

A dodo.py of two lines is enough:

    from codegen_tasks.tasks import load
    globals().update(load(__file__))
"""

import gc
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from doit import get_initial_workdir, get_var

from codegen_tasks.module_path import put_installed_first
from codegen_tasks.pipeline import STAGES
from codegen_tasks.run import bug
from codegen_tasks.session import Session, open_session
from codegen_tasks.tasks.archives import archive_tasks
from codegen_tasks.tasks.commands import Clean, apply_tasks, estimate_task, redo_task, review_task
from codegen_tasks.tasks.database import checker
from codegen_tasks.tasks.ending import Ending
from codegen_tasks.tasks.graph import failing_tasks, step_tasks
from codegen_tasks.tasks.lifecycle import Lifecycle
from codegen_tasks.tasks.mermaid import graph_task
from codegen_tasks.tasks.reporter import reporter
from codegen_tasks.tasks.runner import run_steps_with
from codegen_tasks.tasks.scoping import scope_task
from codegen_tasks.tasks.settings import lay_under
from codegen_tasks.tasks.verifying import verify_task
from codegen_tasks.tasks.why import why_task

__all__ = ["load"]


def load(dodo: str, task: str | None = None) -> dict[str, Any]:
    """The namespace of a dodo.py: `dodo` is its __file__, `task` a default task directory relative to it.

    Settings of the user's own, in DOIT_CONFIG, in doit.cfg or on the command line, go over ours.
    """
    gc.set_threshold(100_000)  # a graph stays: looking it over again and again takes a fifth of the time
    here = Path(dodo).resolve()
    put_installed_first(here.parent)
    named = get_var("task", None)
    folder = (Path(get_initial_workdir() or ".") / named) if named else here.parent / (task or ".")
    ending = Ending()
    ending.catch_signals()
    session = open_session(folder.resolve(), get_var("shard", None))
    session.stands = Path(get_initial_workdir() or ".").resolve()
    session.doit = _called(here, named, session.stands)
    lifecycle = Lifecycle(session, here, ending)
    run_steps_with(lifecycle)
    database = session.run.places.state / "doit.json"
    own = {"check_file_uptodate": checker(session.run.snapshot), "reporter": reporter(lifecycle)}
    lay_under({"default_tasks": ["codegen"], **own}, database)

    def task_codegen() -> Iterator[dict[str, Any]]:
        for made in _tasks(session, lifecycle):
            name = made.get("name")
            lifecycle.names.add(made["basename"] if name is None else f"{made['basename']}:{name}")
            yield made

    def task_looks() -> Iterator[dict[str, Any]]:
        yield graph_task(session)
        yield why_task(session)

    return {"task_codegen": task_codegen, "task_looks": task_looks}


def _called(dodo: Path, task: str | None, stands: Path) -> str:
    """The words before the name of a command, for a line that can be pasted where the user stands."""
    file = [] if dodo == stands / "dodo.py" else ["-f", os.path.relpath(dodo, stands)]
    return shlex.join(["doit", *file, *([f"task={task}"] if task else [])])


def _tasks(session: Session, lifecycle: Lifecycle) -> Iterator[dict[str, Any]]:
    try:
        steps = list(step_tasks(session)) if session.failure is None else []
    except Exception:
        session.failure, steps = bug("plan", ""), []
    yield from steps or failing_tasks(session.failure or bug("plan", ""))
    last = list(dict.fromkeys(step.stage for step in session.chosen if not STAGES[step.stage].each))
    last = last or ["materialize" if session.shard else "ready"]
    phase = {"actions": None, "task_dep": last, "clean": [Clean(session)]}
    yield {"basename": "codegen", "doc": "the whole phase", **phase}
    yield redo_task(session, lifecycle.after)
    yield estimate_task(session)
    yield review_task(session)
    yield from apply_tasks(session)
    yield from archive_tasks(session)
    yield verify_task(session)
    yield scope_task(session)
