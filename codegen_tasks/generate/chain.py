"""The answer to a unit's question: the stored one, else the first of the chain that the judge accepts."""

from contextlib import suppress
from typing import NamedTuple

from codegen_tasks.errors import (
    BudgetExceeded,
    CodegenError,
    EditBug,
    EditFailed,
    MissingOutputs,
    ProviderError,
    ProviderRefused,
    ScopeMismatch,
)
from codegen_tasks.generate.asking import Asking, Progress
from codegen_tasks.generate.conversation import Accepted, Terms, converse
from codegen_tasks.generate.judge import Judge, Refusal, Usable
from codegen_tasks.generate.tries import Tries, keep_reply, offered_reply, stored_reply
from codegen_tasks.providers import ProviderFault
from codegen_tasks.records import Answer, ModelSpec, Reply, Request, digest, encode
from codegen_tasks.store import question_digest

ModelFailure = tuple[ModelSpec, ProviderFault | Refusal | BudgetExceeded]


class Unanswered(Exception):  # noqa: N818  a state of the store, not an error
    """The store does not hold the reply to a question of this conversation."""


def answer(request: Request, judge: Judge, chain: tuple[ModelSpec, ...], asking: Asking) -> Answer:
    """The conversation of a unit that `judge` accepts.

    A model that the budget does not allow is passed over. Raises ProviderError, ProviderRefused, EditFailed,
    MissingOutputs or BudgetExceeded with all `attempts`, and Interrupted when the run ends.
    """
    asking.show(Progress(request.unit, "waiting"))
    tries = Tries(asking)
    try:
        found, state = _stored(request, judge, chain, asking), "stored"
        if found is not None:
            given = found.answer
            for key in found.own:  # a run may have been killed before it could share them
                _share(key, asking, look=True)
        else:
            given, state = _ask_or_wait(request, judge, chain, tries)
        if state == "stored":
            asking.log_reply("stored", request.unit, given.replies[-1])
    except CodegenError as error:
        error.attempts = tuple(tries.failed)
        asking.show(Progress(request.unit, "failed", cost_usd=asking.log.tally.costs.get(request.unit, 0.0)))
        raise
    cost = asking.log.tally.costs.get(request.unit, 0.0)
    asking.show(Progress(request.unit, state, given.replies[-1].model, cost_usd=cost))
    return given


def stored_answer(request: Request, judge: Judge, chain: tuple[ModelSpec, ...], asking: Asking) -> Answer | None:
    """The answer that the store can give by itself: of the first model whose whole conversation it holds.

    What only the remote store has is kept here once the judge accepts it. Else it counts for nothing: a remote holds
    accepted conversations, or it lies, and a lie must not stand for a model's reply.
    """
    found = _stored(request, judge, chain, asking)
    return None if found is None else found.answer


class _Stored(NamedTuple):
    """An answer, and the digests of those of its questions whose replies were kept here already."""

    answer: Answer
    own: tuple[str, ...]


def _stored(request: Request, judge: Judge, chain: tuple[ModelSpec, ...], asking: Asking) -> _Stored | None:
    def settles(end: Exception, verdict: Usable) -> bool:
        return isinstance(end, Unanswered) and (asking.offline or not verdict.strays)

    terms = Terms(judge, asking.repairs, asking.repair, lambda *_: None, settles, retells=True)
    for spec in chain:
        own, offered = list[str](), dict[str, Reply]()

        def replay(
            question: Request, spec: ModelSpec = spec, own: list[str] = own, offered: dict[str, Reply] = offered
        ) -> Reply:
            key = question_digest(question, spec)
            reply = stored_reply(key, asking)
            if reply is not None:
                own.append(key)
                return reply
            reply = offered_reply(key, asking)
            if reply is None:
                raise Unanswered
            offered[key] = reply
            return reply

        with suppress(Unanswered, EditFailed, MissingOutputs):
            given = as_answer(request, converse(request.in_format(spec.format), terms, replay))
            for key, reply in offered.items():
                keep_reply(key, reply, asking)
            return _Stored(given, tuple(own))
    return None


def _share(key: str, asking: Asking, *, look: bool = False) -> None:
    """Gives the remote store the reply to a question, and what it was cut off at."""
    for kind in ("reply", "partial"):
        asking.store.share(kind, key, look=look)


def _ask_or_wait(request: Request, judge: Judge, chain: tuple[ModelSpec, ...], tries: Tries) -> tuple[Answer, str]:
    """The answer, and whether it is done here or was stored by another who asked the same at the same time."""
    asking, first = tries.asking, question_digest(request.in_format(chain[0].format), chain[0])
    if asking.offline:
        return _ask_chain(request, judge, chain, tries), "done"

    def answered() -> Answer | None:
        return stored_answer(request, judge, chain, asking)

    with asking.leases.hold(first, answered, asking.stop) as found:
        return (found, "stored") if found is not None else (_ask_chain(request, judge, chain, tries), "done")


def _ask_chain(request: Request, judge: Judge, chain: tuple[ModelSpec, ...], tries: Tries) -> Answer:
    asking = tries.asking
    if asking.offline:
        hint = "set store.offline to false, or bring the store that holds the reply"
        raise ProviderRefused(f"{request.unit}: the store holds no answer, and store.offline forbids asking", hint=hint)
    endings: list[ModelFailure] = []
    refused: list[str] = []
    for spec in chain:
        asked: list[str] = []
        try:
            given = _ask_model(request, judge, spec, tries, asked, patient=spec is chain[-1])
        except (ProviderFault, EditFailed, MissingOutputs, BudgetExceeded) as ending:
            endings.append((spec, ending))
            if isinstance(ending, EditBug) and spec is not chain[-1]:
                asking.store.tell(f"{request.unit}: {ending.message}; please report it; the next model is asked")
            refused += asked
            continue
        for key in asked:
            _share(key, asking)
        return given
    raise _failure(request, endings, refused, asking)


def _ask_model(
    request: Request, judge: Judge, spec: ModelSpec, tries: Tries, asked: list[str], *, patient: bool
) -> Answer:
    """One model's conversation. The digests of its questions are added to `asked`."""

    def obtain(question: Request) -> Reply:
        asked.append(question_digest(question, spec))
        return tries.obtain(question, spec, patient)

    def refused(reply: Reply, refusal: Refusal | ScopeMismatch) -> None:
        tries.note_refused(request, reply, f"{refusal.kind}: {refusal.message}")

    def settles(end: Exception, _verdict: Usable) -> bool:
        return isinstance(end, ProviderFault | BudgetExceeded)

    terms = Terms(judge, tries.asking.repairs, tries.asking.repair, refused, settles)
    return as_answer(request, converse(request.in_format(spec.format), terms, obtain))


def as_answer(request: Request, given: Accepted) -> Answer:
    """The record of a conversation about `request`."""
    return Answer(request.unit, digest(encode(request)), request.attempt, *given)


def _failure(request: Request, endings: list[ModelFailure], refused: list[str], asking: Asking) -> CodegenError:
    """What the unit ends with. A fault that may pass wins: then running again helps, and no reply is paid twice.

    So does a model that was too dear: what the others said stays in the store for a larger budget.
    """
    faults = [end for _, end in endings if isinstance(end, ProviderFault)]
    edits = [end for _, end in endings if isinstance(end, Refusal)]
    dear = [end for _, end in endings if isinstance(end, BudgetExceeded)]
    said = "; ".join(f"{spec.name}: {_first_line(end)}" for spec, end in endings)
    passing = [fault for fault in faults if fault.transient]
    if passing:
        return ProviderError(f"{request.unit}: no model answered: {said}", hint=passing[-1].hint or "run again later")
    if dear:
        return BudgetExceeded(f"{request.unit}: {said}", hint=dear[-1].hint)
    if not edits:
        hint = "; ".join(dict.fromkeys(fault.hint for fault in faults if fault.hint))
        return ProviderRefused(f"{request.unit}: no model may answer: {said}", hint=hint)
    for key in refused:  # a refused reply is no answer: the next run asks anew
        asking.store.set_aside("reply", key, "refused")
        asking.store.set_aside("partial", key, "refused")
    missing = all(isinstance(end, MissingOutputs) for end in edits)
    last = next((end for end in edits if isinstance(end, EditBug)), edits[-1])
    kind = EditBug if isinstance(last, EditBug) else MissingOutputs if missing else EditFailed
    if not refused:
        return kind(last.message, hint=last.hint)
    told = asking.store.note_aside("reply", refused[-1], "refused", last.told)
    lies = f"the refused reply lies in the store as aside/{told.stem}, what the model was told beside it as {told.name}"
    return kind(f"{request.unit}: {_in_short(last.message)}", hint=f"{last.hint}\n{lies}")


def _in_short(message: str) -> str:
    """A refusal as a person wants it: what is wrong, without the lines that are quoted for the model."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return " ".join(lines[:3])


def _first_line(ending: ProviderFault | CodegenError) -> str:
    return ending.message.partition("\n")[0]
