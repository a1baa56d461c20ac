"""The only room that knows doit: a Step becomes a task, a run becomes ready.json or failure.json.

A dodo.py of two lines is enough:

    from codegen_tasks.tasks import load
    globals().update(load(__file__))
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from doit import get_initial_workdir, get_var

from codegen_tasks.pipeline import STAGES
from codegen_tasks.session import Session, open_session
from codegen_tasks.tasks.commands import Clean, apply_tasks, estimate_task, redo_task, review_task
from codegen_tasks.tasks.database import checker, codec
from codegen_tasks.tasks.ending import Ending
from codegen_tasks.tasks.graph import failing_tasks, step_tasks
from codegen_tasks.tasks.reporter import reporter

__all__ = ["load"]


def load(dodo: str, task: str | None = None) -> dict[str, Any]:
    """The namespace of a dodo.py: `dodo` is its __file__, `task` a default task directory relative to it."""
    gc.set_threshold(100_000)  # a graph stays: looking it over again and again takes a fifth of the time
    here = Path(dodo).resolve()
    named = get_var("task", None)
    folder = (Path(get_initial_workdir() or ".") / named) if named else here.parent / (task or ".")
    ending = Ending()
    ending.catch_signals()
    session = open_session(folder.resolve())
    after: list[str] = []

    def task_codegen() -> Iterator[dict[str, Any]]:
        yield from step_tasks(session) if session.failure is None else failing_tasks(session.failure)
        last = list(dict.fromkeys(step.stage for step in session.steps if not STAGES[step.stage].each)) or ["ready"]
        phase = {"actions": None, "task_dep": last, "clean": [Clean(session)]}
        yield {"basename": "codegen", "doc": "the whole phase", **phase}
        yield redo_task(session, after)
        yield estimate_task(session)
        yield review_task(session)
        yield from apply_tasks(session)

    return {"DOIT_CONFIG": _doit_config(session, here, after, ending), "task_codegen": task_codegen}


def _doit_config(session: Session, dodo: Path, after: list[str], ending: Ending) -> dict[str, Any]:
    return {
        "default_tasks": ["codegen"],
        "dep_file": os.devnull,  # the codec keeps the database: doit's own file is torn by a kill and by a full disk
        "backend": "json",
        "codec_cls": codec(session.run.places.state / "doit.json"),
        "check_file_uptodate": checker(session.run.snapshot),
        "reporter": reporter(session, dodo, after, ending),
        "num_process": session.jobs,
        "par_type": "thread",
        "continue": True,
        "verbosity": 2,
    }
