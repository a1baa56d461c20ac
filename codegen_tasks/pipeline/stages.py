"""The graph of a plan as Steps: for each stage what it reads, takes and writes. What it does is in `runs`."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from codegen_tasks.context import Ambient, Fact, read_facts
from codegen_tasks.pipeline import publish, runs
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.step import Step
from codegen_tasks.records import LINK, Intent, PlannedFile, Unit


def steps_for(phase: Phase) -> list[Step]:
    """All steps of the phase, each after those it needs."""
    return list(_steps(phase))


def _steps(phase: Phase) -> Iterator[Step]:
    first = next((unit for unit in phase.plan.units if unit.writes), None)
    for unit in phase.plan.units:
        if unit.writes:
            yield _context(phase, unit)
            if unit is first:
                yield from _summary(phase, unit)
            yield _generate(phase, unit)
        for file in unit.files:
            if file.intent is not Intent.DELETE:
                yield _materialize(phase, unit, file)
    yield _manifest(phase)
    yield _diff(phase)
    yield _ready(phase)


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
    sources = {path: phase.places.original(path) for path in question.context}
    return Step(
        "context",
        unit.name,
        reads=(*_present(phase, unit.paths), *sources.values(), *needed.values()),
        params=(question, phase.refs(unit.paths), sources, needed, phase.config.context, *_ambient(phase, unit)),
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


def _summary(phase: Phase, unit: Unit) -> Iterator[Step]:
    """The shared repo summary, of the first unit that asks something; the first needs nothing generated."""
    if unit.needs or not phase.config.context.repo_summary:
        return
    question, settings = phase.questions[unit.name], phase.config.context
    sources = {path: phase.places.original(path) for path in question.context}
    live, _ = _ambient(phase, unit)
    yield Step(
        "summary",
        "",
        reads=(phase.places.request(unit.name), *sources.values()),
        params=(question, phase.refs(unit.paths), sources, settings, live),
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


def _manifest(phase: Phase) -> Step:
    replies = {unit.name: phase.places.reply(unit.name) for unit in phase.plan.units if unit.writes}
    paths = tuple(file.path for file in phase.plan.files)
    results = _results(phase, paths)
    return Step(
        "manifest",
        "",
        reads=(*replies.values(), *results.values()),
        params=(phase.plan.units, replies, results, phase.refs(paths), phase.attempts, phase.config.scope),
        writes=phase.places.manifest,
        run=partial(publish.manifest, phase=phase),
    )


def _diff(phase: Phase) -> Step:
    paths = tuple(file.path for file in phase.plan.files)
    results = _results(phase, paths)
    return Step(
        "diff",
        "",
        reads=(*_present(phase, paths), *results.values(), phase.places.manifest),
        params=(results, phase.refs(paths), phase.config.diff.context_lines),
        writes=phase.places.patch,
        run=partial(runs.diff, phase=phase),
    )


def _ready(phase: Phase) -> Step:
    inputs = (phase.places.manifest, phase.places.patch, phase.plan_md, phase.plan_files)
    context = sorted({path for question in phase.questions.values() for path in question.context})
    return Step(
        "ready",
        "",
        reads=(*inputs, *(phase.places.original(path) for path in context)),
        params=(inputs, context, phase.refs(tuple(phase.bases)), phase.config.diff, phase.tools.worktree.commit()),
        writes=phase.places.ready,
        run=partial(runs.ready, phase=phase),
    )
