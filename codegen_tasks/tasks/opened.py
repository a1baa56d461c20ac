"""A task directory opened for doit: its lifecycle, and all tasks."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from codegen_tasks.pipeline import STAGES
from codegen_tasks.run import bug
from codegen_tasks.session import Session, open_session
from codegen_tasks.tasks.archives import archive_tasks
from codegen_tasks.tasks.commands import Clean, apply_tasks, estimate_task, redo_task, review_task
from codegen_tasks.tasks.graph import Values, failing_tasks, step_tasks
from codegen_tasks.tasks.invocation import Invocation
from codegen_tasks.tasks.lifecycle import Lifecycle
from codegen_tasks.tasks.mermaid import graph_task
from codegen_tasks.tasks.runner import run_steps_with
from codegen_tasks.tasks.scoping import scope_task
from codegen_tasks.tasks.verifying import verify_task
from codegen_tasks.tasks.why import why_task


def open_lifecycle(invocation: Invocation) -> Lifecycle:
    """Reads the task directory. From now on doit runs our steps by its lifecycle."""
    session = open_session(invocation.folder, invocation.shard)
    session.stands = invocation.stands
    session.doit = _called(invocation.dodo, invocation.task, invocation.stands)
    lifecycle = Lifecycle(session, invocation)
    run_steps_with(lifecycle)
    return lifecycle


def _called(dodo: Path, task: str | None, stands: Path) -> str:
    """The words before the name of a command, for a line that can be pasted where the user stands."""
    file = [] if dodo == stands / "dodo.py" else ["-f", os.path.relpath(dodo, stands)]
    return shlex.join(["doit", *file, *([f"task={task}"] if task else [])])


def all_tasks(lifecycle: Lifecycle, values: Values | None) -> Iterator[dict[str, Any]]:
    """Every task of ours but those that only look and, where `values` are given, those that need not run."""
    for made in _tasks(lifecycle.session, lifecycle, values):
        name = made.get("name")
        lifecycle.names.add(made["basename"] if name is None else f"{made['basename']}:{name}")
        yield made


def _tasks(session: Session, lifecycle: Lifecycle, values: Values | None) -> Iterator[dict[str, Any]]:
    try:
        steps = list(step_tasks(session, values)) if session.failure is None else []
    except Exception:
        session.failure, steps = bug("plan", ""), []
    yield from steps or failing_tasks(session.failure or bug("plan", ""))
    last = list(dict.fromkeys(step.stage for step in session.chosen if not STAGES[step.stage].each))
    last = [name for name in last or ["materialize" if session.shard else "ready"] if name not in session.clean]
    phase = {"actions": None, "task_dep": last, "clean": [Clean(session)]}
    yield {"basename": "codegen", "doc": "the whole phase", **phase}
    yield redo_task(session, lifecycle.after)
    yield estimate_task(session)
    yield review_task(session)
    yield from apply_tasks(session)
    yield from archive_tasks(session)
    yield verify_task(session)
    yield scope_task(session)


def tasks_that_look(lifecycle: Lifecycle) -> Iterator[dict[str, Any]]:
    """The tasks that take no lock and leave the signals alone."""
    yield graph_task(lifecycle.session)
    yield why_task(lifecycle.session)
