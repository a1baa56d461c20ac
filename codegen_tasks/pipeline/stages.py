"""The table of stages, and the graph of a plan as Steps: what each reads, takes and writes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from codegen_tasks.context import Ambient, Fact, read_facts
from codegen_tasks.pipeline import checks, publish, runs
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.step import Step
from codegen_tasks.records import LINK, Intent, PlannedFile, Unit


class Stage(NamedTuple):
    """A stage: what it is for, the steps of a phase, and whether those are one a unit or a file.

    `build` is given the steps of the stages before. What a `gate` writes must be there before the phase is ready.
    """

    doc: str
    build: Callable[[Phase, Sequence[Step]], Iterable[Step]]
    each: bool = False
    gate: bool = False


def steps_for(phase: Phase) -> list[Step]:
    """All steps of the phase, stage by stage, each after those it needs."""
    steps: list[Step] = []
    for stage in STAGES.values():
        steps += stage.build(phase, steps)
    return steps


def _asked(phase: Phase) -> Iterator[Unit]:
    return (unit for unit in phase.plan.units if unit.writes)


def _contexts(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    return (_context(phase, unit) for unit in _asked(phase))


def _generates(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    return (_generate(phase, unit) for unit in _asked(phase))


def _materializes(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    for unit in phase.plan.units:
        for file in unit.files:
            if file.intent is not Intent.DELETE:
                yield _materialize(phase, unit, file)


def _present(phase: Phase, paths: tuple[str, ...]) -> tuple[Path, ...]:
    """The working tree's files among the planned paths: those that are there, links left out."""
    return tuple(
        phase.places.original(path) for path in paths if (now := phase.bases[path].now) is not None and now.mode != LINK
    )


def _results(phase: Phase, paths: tuple[str, ...]) -> dict[str, Path]:
    return {path: phase.places.result(path) for path in paths if path not in phase.deleted}


def _context(phase: Phase, unit: Unit) -> Step:
    question = phase.questions[unit.name]
    needed = _results(phase, unit.needs)
    sources = phase.unplanned(question)
    return Step(
        "context",
        unit.name,
        reads=(*_present(phase, unit.paths), *sources.values(), *needed.values()),
        params=(
            question,
            phase.course(unit.name),
            phase.refs(unit.paths),
            sources,
            needed,
            phase.config.context,
            *_ambient(phase, unit),
        ),
        writes=phase.places.request(unit.name),
        run=partial(runs.context, phase=phase),
    )


def _ambient(phase: Phase, unit: Unit) -> tuple[Ambient | None, tuple[Fact, ...]]:
    """The ambient context if it is to be live, and what the last package showed that is true no longer."""
    question, settings = phase.questions[unit.name], phase.config.context
    if settings.ambient == "live":
        return phase.choices.now(unit, question.sections, settings), ()
    package = phase.tools.snapshot.read(phase.places.request(unit.name))
    return None, () if package is None else phase.choices.lapsed(read_facts(package))


def _summary(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    """The shared repo summary, of the first unit that asks something; the first needs nothing generated."""
    unit = next(_asked(phase), None)
    if unit is None or unit.needs or not phase.config.context.repo_summary:
        return
    question, settings = phase.questions[unit.name], phase.config.context
    sources = phase.unplanned(question)
    live, _ = _ambient(phase, unit)
    yield Step(
        "summary",
        "",
        reads=(phase.places.request(unit.name), *sources.values()),
        params=(question, phase.course(unit.name), phase.refs(unit.paths), sources, settings, live),
        writes=phase.places.summary,
        run=partial(runs.summary, phase=phase),
    )


def _generate(phase: Phase, unit: Unit) -> Step:
    request = phase.places.request(unit.name)
    shape = phase.questions[unit.name].chain
    return Step(
        "generate",
        unit.name,
        reads=(request, *_present(phase, unit.paths)),
        params=(request, shape, phase.refs(unit.paths), phase.config.generate.repairs),
        writes=phase.places.reply(unit.name),
        run=partial(runs.generate, phase=phase, unit=unit),
    )


def _materialize(phase: Phase, unit: Unit, file: PlannedFile) -> Step:
    reply = None if file.adopt else phase.places.reply(unit.name)
    return Step(
        "materialize",
        file.path,
        reads=(reply,) if reply else (),
        params=(file, reply, unit.writes, phase.refs(unit.paths)),
        writes=phase.places.result(file.path),
        run=partial(runs.materialize, phase=phase, unit=unit),
        derived=False,
    )


def _manifest(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    replies = {unit.name: phase.places.reply(unit.name) for unit in phase.plan.units if unit.writes}
    paths = tuple(file.path for file in phase.plan.files)
    results = _results(phase, paths)
    yield Step(
        "manifest",
        "",
        reads=(*replies.values(), *results.values()),
        params=(phase.plan.units, replies, results, phase.refs(paths), phase.attempt, phase.config.scope),
        writes=phase.places.manifest,
        run=partial(publish.manifest, phase=phase),
    )


def _diff(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    paths = tuple(file.path for file in phase.plan.files)
    results = _results(phase, paths)
    yield Step(
        "diff",
        "",
        reads=(*_present(phase, paths), *results.values(), phase.places.manifest),
        params=(results, phase.refs(paths), phase.config.diff.context_lines, phase.tools.worktree.prefix),
        writes=phase.places.patch,
        run=partial(runs.diff, phase=phase),
    )


def _ready(phase: Phase, earlier: Sequence[Step]) -> Iterator[Step]:
    inputs = (phase.places.manifest, phase.places.patch, phase.plan_md, phase.plan_files)
    gates = [step.writes for step in earlier if STAGES[step.stage].gate]
    context = sorted({path for question in phase.questions.values() for path in phase.unplanned(question)})
    yield Step(
        "ready",
        "",
        reads=(*inputs, *gates, *(phase.places.original(path) for path in context)),
        params=(inputs, context, phase.refs(tuple(phase.bases)), phase.config.diff, phase.tools.worktree.commit()),
        writes=phase.places.ready,
        run=partial(runs.ready, phase=phase),
    )


STAGES = {
    "context": Stage("the context packages: exactly what a model is asked", _contexts, each=True),
    "summary": Stage("code/context/repo-summary.txt: what of the repository every model is shown", _summary),
    "generate": Stage("the replies: from the store, else from the models", _generates, each=True),
    "materialize": Stage("code/files: what the replies make of the planned files", _materializes, each=True),
    "manifest": Stage("code/manifest.json: what code/files holds", _manifest),
    "diff": Stage("code/diff.patch: from the working tree to code/files", _diff),
    "check": Stage("code/checks.json: what the commands of codegen.yaml say of the result", checks.steps, gate=True),
    "ready": Stage("code/ready.json: the phase is ready for review", _ready),
}
