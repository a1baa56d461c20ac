"""Steps as doit tasks, one each."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

from doit.exceptions import TaskFailed
from doit.task import Task

from codegen_tasks.errors import Failure
from codegen_tasks.files import Snapshot, content_digest
from codegen_tasks.pipeline import STAGES, SentBack, Step
from codegen_tasks.run import Run
from codegen_tasks.session import Session


class StepFailed(TaskFailed):
    """A step's failure on its way through doit."""

    def __init__(self, failure: Failure, *, publish: bool = True) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.publish = publish


class StepSentBack(TaskFailed):
    """A step that does not accept what units answered."""

    def __init__(self, back: SentBack) -> None:
        super().__init__(str(back))
        self.back = back


Values = Callable[[str], dict[str, str] | None]
"""What doit remembers of a task's last success; None for one that it was told to ignore."""


def step_tasks(session: Session, values: Values | None = None) -> Iterator[dict[str, Any]]:
    """One task for each step, and the stages as groups. Where `values` are given and nothing is left over, steps that
    are up to date and read nothing that may change have none; `session.clean` names them then."""
    for name, stage in STAGES.items():
        if stage.each:
            yield {"basename": name, "name": None, "doc": stage.doc}
    single: list[str] = []
    yield from _absent(session)
    asked = [(step, _Unchanged(session.run.snapshot, step, step.key(session.code))) for step in session.chosen]
    stale = None if values is None or session.run.left_over(session.steps) else _stale(asked, values)
    session.clean = set()
    for step, unchanged in asked:
        if stale is not None and step.writes not in stale:
            session.clean.add(_named(step))
            continue
        task = {
            "basename": step.stage,
            "actions": [_action(session.run, step, unchanged.key)],
            "file_dep": [str(path) for path in step.reads],
            "targets": [str(step.writes)],
            "task_dep": list(single) if step.stage == "ready" else [],  # whatever runs takes the signal away first
            "uptodate": [unchanged],
            "verbosity": 2,
            "io": {"capture": False},  # doit swaps sys.stdout for the whole process: unsafe with threads
        }
        single += [] if step.unit else [step.stage]
        yield task | ({"name": _encoded(step.unit)} if step.unit else {"doc": STAGES[step.stage].doc})


def _absent(session: Session) -> Iterator[dict[str, Any]]:
    """The stages without a step: asked for, they say why. Those that a share of the plan does not have are refused."""
    there = {step.stage for step in session.chosen}
    for name, stage in STAGES.items():
        if not stage.each and name not in there:
            says = [partial(StepFailed, _nothing_to_do(name, stage.settings), publish=False)]
            yield {"basename": name, "doc": stage.doc, "actions": None if session.shard else says}


def _nothing_to_do(name: str, settings: str) -> Failure:
    hint = f"say what it shall do in codegen.yaml: {settings}" if settings else "run `doit codegen`: it does without"
    return Failure("bad_config", name, "", f"there is nothing for the stage {name} to do", hint)


def _stale(asked: "list[tuple[Step, _Unchanged]]", values: Values) -> set[Path]:
    """What is written by steps that must run, or read what may change then; whatever runs takes the signal away."""
    readers: dict[Path, list[Path]] = {}
    pending = []
    for step, unchanged in asked:
        for path in step.reads:
            readers.setdefault(path, []).append(step.writes)
        if (known := values(_named(step))) is None or not unchanged(None, known):
            pending.append(step.writes)
    if pending:
        pending += [step.writes for step, _ in asked if step.stage == "ready"]
    stale = set[Path]()
    while pending:
        path = pending.pop()
        if path not in stale:
            stale.add(path)
            pending += readers.get(path, [])
    return stale


def _named(step: Step) -> str:
    """The name of a step's task."""
    return f"{step.stage}:{_encoded(step.unit)}" if step.unit else step.stage


def _encoded(unit: str) -> str:
    """A unit as a task name: `=` would be a variable to doit, `*` a pattern."""
    return unit.replace("%", "%25").replace("=", "%3D").replace("*", "%2A")


def decoded(name: str) -> str:
    """The path that a task name stands for."""
    return name.replace("%2A", "*").replace("%3D", "=").replace("%25", "%")


def _action(run: Run, step: Step, key: str) -> Callable[[], Any]:
    def action() -> Any:
        seen = _seen(run.snapshot, step)
        end = run.execute(step)
        if isinstance(end, SentBack):
            return StepSentBack(end)
        return StepFailed(end) if isinstance(end, Failure) else {"key": key, "wrote": end, "seen": seen}

    return action


def _seen(snapshot: Snapshot, step: Step) -> str:
    """The digest of what a step reads. doit looks at that too, but with a checker that the user may choose."""
    states = "".join(f"{path}\0{snapshot.digest(path)}" for path in step.reads)
    return content_digest(states.encode(errors="surrogateescape"))


class _Unchanged:
    """Whether a step's output is there and was made from the same inputs, for doit to ask."""

    # doit looks at the signature before each call; found out anew it costs more than the answer
    __signature__ = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in ("task", "values")])

    def __init__(self, snapshot: Snapshot, step: Step, key: str) -> None:
        self._snapshot, self._step, self.key = snapshot, step, key

    def __call__(self, _task: Task | None, values: dict[str, str]) -> bool:
        there = self._snapshot.digest(self._step.writes)
        made = values.get("key") == self.key and values.get("seen") == _seen(self._snapshot, self._step)
        return made and there is not None and values.get("wrote") == there


def failing_tasks(failure: Failure) -> Iterator[dict[str, Any]]:
    """What stands for all stages when the plan or the configuration cannot be read: each of them fails so."""
    named = [arg for arg in sys.argv[1:] if ":" in arg and arg.partition(":")[0] in STAGES]
    for name in (*STAGES, *dict.fromkeys(named)):
        yield {
            "basename": name,
            "actions": [lambda: StepFailed(failure)],
            "doc": STAGES[name].doc if name in STAGES else None,
        }
