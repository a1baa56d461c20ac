"""What `doit codegen` would ask, of whom, and at what cost: the stages played through without asking or writing."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from codegen_tasks.context import render
from codegen_tasks.generate import stored_answer
from codegen_tasks.generate.estimate import Cost, Estimate, estimate
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.question import Question
from codegen_tasks.pipeline.questions import Contents, Generated, request_builder, was_asked
from codegen_tasks.pipeline.stages.check import most_rounds
from codegen_tasks.pipeline.stages.generate import judge_in
from codegen_tasks.pipeline.stages.materialize import adopter, content_of
from codegen_tasks.providers import price_of
from codegen_tasks.providers.prices import output_limit
from codegen_tasks.providers.windows import most_input_tokens
from codegen_tasks.records import Answer, ModelSpec, Record, Request, encode


class Forecast(Record, frozen=True):
    """code/estimate.json. `asked` and `stored` count units; the costs are sums over what would be asked.

    `conditional` says how many of those asked have an `unless`. `too_dear` are units that a run would want to ask but
    not be allowed to by generate.max_cost_usd, if the others cost what is expected.
    """

    schema: Literal["codegen.estimate/1"]
    asked: int
    stored: int
    expected: Cost
    worst: Cost
    units: tuple[Estimate, ...]
    conditional: int = 0
    too_dear: tuple[str, ...] = ()


def forecast(phase: Phase, share: Collection[str] | None = None) -> Forecast:
    """The forecast of a run now, of all units or of a share, in which every unit that may be asked is."""
    calls: dict[str, float] = {}
    units = tuple(_units(phase, phase.questions.share(share), calls))
    asked = [unit for unit in units if unit.model and not unit.stored]
    stored, conditional = sum(unit.stored for unit in units), sum(bool(unit.unless) for unit in asked)
    expected, worst = _total([unit.expected for unit in asked]), _total([unit.worst for unit in asked])
    dear = tuple(_too_dear(asked, calls, phase.config.generate.max_cost_usd))
    return Forecast("codegen.estimate/1", len(asked), stored, expected, worst, units, conditional, dear)


def _too_dear(asked: Sequence[Estimate], calls: Mapping[str, float], limit: float | None) -> Iterator[str]:
    """The units whose first call would be refused, as the budget of a run does it."""
    spent = 0.0
    for unit in asked if limit is not None else ():
        if spent + calls[unit.unit] > (limit or 0.0):
            yield unit.unit
        else:
            spent += unit.expected.cost_usd or 0.0


def _units(phase: Phase, questions: Sequence[Question], calls: dict[str, float]) -> Iterator[Estimate]:
    """In dependency order; what one call may cost is added to `calls`.

    `known` is what will stand in code/files as far as no answer has to be awaited.
    """
    known: dict[str, bytes] = {}
    seen = frozenset(path for unit in phase.plan.units for path in unit.needs) - phase.deleted
    asking, store, privacy = phase.tools.asking, phase.tools.store, phase.privacy
    for question in questions:
        given = None
        if question.unit.writes:
            needs = [path for path in question.unit.needs if path not in phase.deleted]
            awaited = tuple(path for path in needs if path not in known)
            needed = {path: known[path] if path in known else now_standing(path, phase) for path in needs}
            reference = reference_of(question, phase)
            request, chain = request_of(question, reference, needed, phase), question.chain.models
            judge = judge_in(phase, question, request)
            given = None if awaited else stored_answer(request, judge, chain, asking)
            calls[question.unit.name] = _call(request, chain)
            unless = awaited if awaited and was_asked(question, reference, needed, privacy, store) else ()
            again = most_rounds(question.unit, phase.config.check)
            yield estimate(request, question.before, chain, asking, given, awaited, unless, again)
        known |= contents_of(question, given, seen, phase)


def _call(request: Request, chain: Sequence[ModelSpec]) -> float:
    """What one call to the cheapest model may cost; without a known price it may cost anything."""
    priced = [(price, output_limit(spec)) for spec in chain if (price := price_of(spec)) is not None]
    return min((price.at_most(most_input_tokens(request), most) for price, most in priced), default=math.inf)


def now_standing(path: str, phase: Phase) -> bytes | None:
    """What a file that is asked for holds until then: the best guess at its size."""
    there, base = phase.tools.snapshot.read(phase.places.result(path)), phase.bases[path].before
    return base.data if there is None and base is not None else there


def request_of(question: Question, reference: Contents, needed: Generated, phase: Phase) -> Request:
    """The unit's question as a run would ask it now."""
    build = request_builder(question, reference, needed, phase.privacy)
    settings, bare = phase.config.context, build()
    kept = None if settings.ambient == "live" else phase.choices.kept(bare, settings)
    ambient = kept or phase.choices.now(question.unit, question.sections, settings, bare)
    return build(ambient=render(ambient, phase.privacy.known))


def reference_of(question: Question, phase: Phase) -> dict[str, bytes]:
    """The `context:` files that the unit is shown."""
    snapshot, places = phase.tools.snapshot, phase.places
    return question.reference({path: snapshot.read(places.original(path)) or b"" for path in question.unplanned})


def contents_of(question: Question, given: Answer | None, seen: Collection[str], phase: Phase) -> dict[str, bytes]:
    """What will stand in code/files of the files in `seen`: adopted, or made of the stored answer."""
    contents = {}
    for file in question.unit.files:
        reply = encode(given) if given is not None and file.adopt is None else None
        if file.path in seen and (file.adopt or reply):
            data, origin = content_of(file, reply, question, phase.outcomes, adopter(phase, file.path))
            contents[file.path], _ = phase.origins.choose_content(data, origin)
    return contents


def _total(costs: Sequence[Cost]) -> Cost:
    priced = [cost.cost_usd for cost in costs]
    known = None if None in priced else sum(cost or 0.0 for cost in priced)
    return Cost(sum(c.input_tokens for c in costs), sum(c.output_tokens for c in costs), known)
