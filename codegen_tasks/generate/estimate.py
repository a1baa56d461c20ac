"""What asking a unit would cost, expected and at worst, found out without asking anybody."""

from codegen_tasks.generate.asking import Asking
from codegen_tasks.generate.conversation import CONTINUATIONS, Base
from codegen_tasks.providers import price_of
from codegen_tasks.providers.prices import output_limit
from codegen_tasks.providers.windows import expected_input_tokens, most_input_tokens
from codegen_tasks.records import Answer, ModelSpec, Record, Request

NEW_FILE_TOKENS = 800  # a new file, as files go
REFUSAL_TOKENS = 5000  # more than a refusal or a request to go on has ever needed


class Cost(Record, frozen=True):
    """Tokens and US dollars; None: some model's price is not known."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0


class Estimate(Record, frozen=True):
    """One unit. `stored`: its answer lies in the store, so nobody is asked. `worst`: every model, all repairs.

    `unless`: files it depends on that are asked for too; if they come out as they were before, it need not be asked.
    """

    unit: str
    model: str
    stored: bool
    expected: Cost = Cost()
    worst: Cost = Cost()
    unless: tuple[str, ...] = ()


def estimate(
    request: Request,
    base: Base,
    chain: tuple[ModelSpec, ...],
    asking: Asking,
    given: Answer | None,
    awaited: tuple[str, ...] = (),
    unless: tuple[str, ...] = (),
    again: tuple[int, ...] = (),
) -> Estimate:
    """What `answer` would do with the same arguments: nothing if the store has `given` it, else ask `model` first.

    `model` is "" when the answer is missing and, offline, nobody is asked for it. `awaited` are the files that the
    request shows as they are, and which are asked for too. `again` are the questions that checks may lead to, by the
    tokens that each is longer.
    """
    if given is not None:
        return Estimate(request.unit, given.replies[-1].model, True)
    if asking.offline:
        return Estimate(request.unit, "", False)
    if asking.budget.max_cost_usd is not None:
        chain = tuple(spec for spec in chain if price_of(spec) is not None) or chain  # the others are passed over
    more = len(awaited) * (1 + CONTINUATIONS) * max(output_limit(spec) for spec in chain)
    worst = Cost()
    for spec in chain:
        for longer in (0, *again):
            worst = _sum(worst, _worst(request, spec, asking.repairs, more + longer))
    return Estimate(request.unit, chain[0].name, False, _expected(request, base, chain[0]), worst, unless)


def _expected(request: Request, base: Base, spec: ModelSpec) -> Cost:
    """The first model answers at once."""
    into = expected_input_tokens(request.in_format(spec.format))
    sizes = [len(blob.data) // 4 if blob is not None else NEW_FILE_TOKENS for blob in map(base.get, request.paths)]
    out = min(output_limit(spec), sum(sizes))
    price = price_of(spec)
    return Cost(into, out, None if price is None else price.cost(into, out))


def _worst(request: Request, spec: ModelSpec, repairs: int, more: int) -> Cost:
    """Every reply is refused and cut off as often as may be, and each question repeats all that was said before.

    Each question is tried as often as may be: a reply that is empty or breaks off is paid as well. `more` tokens may
    join the question until it is asked.
    """
    total, into = Cost(), most_input_tokens(request.in_format(spec.format)) + more
    price, tries, most = price_of(spec), 1 + spec.retries, output_limit(spec)
    for _ in range((1 + repairs) * (1 + CONTINUATIONS)):
        cost = None if price is None else price.at_most(into, most) * tries
        total = _sum(total, Cost(into * tries, most * tries, cost))
        into += most + REFUSAL_TOKENS
    return total


def _sum(one: Cost, other: Cost) -> Cost:
    costs = (one.cost_usd, other.cost_usd)
    total = None if None in costs else sum(cost or 0.0 for cost in costs)
    return Cost(one.input_tokens + other.input_tokens, one.output_tokens + other.output_tokens, total)
