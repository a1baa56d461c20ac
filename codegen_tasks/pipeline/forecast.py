"""What `doit codegen` would ask, of whom, and at what cost: the stages played through without asking or writing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from codegen_tasks.generate import stored_answer
from codegen_tasks.generate.estimate import Cost, Estimate, estimate
from codegen_tasks.pipeline.origins import origin_of
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.runs import outcome_of, pinned_summary, request_builder
from codegen_tasks.records import Answer, Record, Request, Unit


class Forecast(Record, frozen=True):
    """code/estimate.json. `asked` and `stored` count units; the costs are sums over what would be asked."""

    schema: Literal["codegen.estimate/1"]
    asked: int
    stored: int
    expected: Cost
    worst: Cost
    units: tuple[Estimate, ...]


def forecast(phase: Phase) -> Forecast:
    """The forecast of a run now. A unit that depends on one that would be asked counts as asked."""
    units = tuple(_units(phase))
    asked = [unit for unit in units if unit.model and not unit.stored]
    stored = sum(unit.stored for unit in units)
    expected, worst = _total([unit.expected for unit in asked]), _total([unit.worst for unit in asked])
    return Forecast("codegen.estimate/1", len(asked), stored, expected, worst, units)


def _units(phase: Phase) -> Iterator[Estimate]:
    """In dependency order. `contents` is what would stand in code/files; None where only an answer can tell."""
    asking = phase.tools.asking
    contents: dict[str, bytes | None] = {path: None for path in phase.bases if path not in phase.deleted}
    for unit in phase.plan.units:
        if unit.writes:
            needed = {path: contents[path] for path in unit.needs if path in contents}
            request, base = _request(unit, needed, phase), {path: phase.bases[path].before for path in unit.paths}
            given = stored_answer(request, base, phase.chain(unit), asking)
            if given is not None:
                contents |= _contents(unit, given, phase)
            yield estimate(request, base, phase.chain(unit), asking)


def _request(unit: Unit, needed: Mapping[str, bytes | None], phase: Phase) -> Request:
    question, snapshot = phase.questions[unit.name], phase.tools.snapshot
    reference = {path: snapshot.read(phase.places.original(path)) or b"" for path in question.context}
    build = request_builder(question, reference, needed, phase)
    live = phase.config.context.ambient == "live"
    pinned = None if live else pinned_summary(build(), phase.config.context, phase)
    return build(summary=phase.summary() if pinned is None else pinned)


def _contents(unit: Unit, given: Answer, phase: Phase) -> dict[str, bytes | None]:
    """What materialize would write, or leave as a person edited it."""
    changes = {change.path: change.after for change in outcome_of(given, unit.writes, unit.paths, phase).changes}
    contents: dict[str, bytes | None] = {}
    for path in unit.writes:
        there = phase.tools.snapshot.read(phase.places.result(path))
        known = None if there is None else origin_of(path, there, phase)
        after = changes.get(path, phase.bases[path].before)
        edited = there is not None and (known is None or known.edited)
        contents[path] = there if edited else None if after is None else after.data
    return contents


def _total(costs: Sequence[Cost]) -> Cost:
    priced = [cost.cost_usd for cost in costs]
    known = None if None in priced else sum(cost or 0.0 for cost in priced)
    return Cost(sum(c.input_tokens for c in costs), sum(c.output_tokens for c in costs), known)
