"""The table of stages: the graph of a plan as Steps. Each module says what its steps read, take, write, and do."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.stages import context, diff, generate, manifest, materialize, provenance, ready
from codegen_tasks.pipeline.step import Step


class Stage(NamedTuple):
    """A stage: what it is for, the steps of a phase, and whether those are one a unit or a file.

    `steps` is given the steps of the stages before. What a `gate` writes must be there before the phase is ready.
    `settings` is what codegen.yaml says where a stage that may have no steps has some.
    """

    doc: str
    steps: Callable[[Phase, Sequence[Step]], Iterable[Step]]
    each: bool = False
    gate: bool = False
    settings: str = ""


def steps_for(phase: Phase) -> list[Step]:
    """All steps of the phase, stage by stage, each after those it needs."""
    steps: list[Step] = []
    for stage in STAGES.values():
        steps += stage.steps(phase, steps)
    return steps


def _check(phase: Phase, earlier: Sequence[Step]) -> Iterable[Step]:
    if not phase.config.check.commands and not phase.config.check.hidden:
        return ()
    from codegen_tasks.pipeline.stages import check  # what checks need is not cheap to import

    return check.steps(phase, earlier)


def _provenance(phase: Phase, earlier: Sequence[Step]) -> Iterable[Step]:
    return provenance.steps(phase, [step.writes for step in earlier if STAGES[step.stage].gate])


def _ready(phase: Phase, earlier: Sequence[Step]) -> Iterable[Step]:
    return ready.steps(phase, [step.writes for step in earlier if STAGES[step.stage].gate])


_CHECK = "check: {commands: [{name: tests, run: [python3, -m, pytest, -q]}]}"

STAGES = {
    "context": Stage("the context packages: exactly what a model is asked", context.steps, each=True),
    "summary": Stage("code/context/repo-summary.txt: what of the repository every model is shown", context.summary),
    "generate": Stage("the replies: from the store, else from the models", generate.steps, each=True),
    "materialize": Stage("code/files: what the replies make of the planned files", materialize.steps, each=True),
    "manifest": Stage("code/manifest.json: what code/files holds", manifest.steps),
    "diff": Stage("code/diff.patch: from the working tree to code/files", diff.steps),
    "check": Stage(
        "code/checks.json: what the commands of codegen.yaml say of the result", _check, gate=True, settings=_CHECK
    ),
    "provenance": Stage("code/provenance.json: who wrote what, as an in-toto statement", _provenance, gate=True),
    "ready": Stage("code/ready.json: the phase is ready for review", _ready),
}
