"""The answer to a unit's question: the stored one, else the first of the chain that the edits accept."""

from collections.abc import Mapping

from codegen_tasks.errors import (
    CodegenError,
    EditFailed,
    MissingOutputs,
    ProviderError,
    ProviderRefused,
    Try,
)
from codegen_tasks.generate.asking import Asking, Progress
from codegen_tasks.generate.conversation import Refusal, Terms, converse
from codegen_tasks.generate.tries import obtain
from codegen_tasks.providers import ProviderFault
from codegen_tasks.records import Answer, Blob, ModelSpec, Reply, Request, digest, encode
from codegen_tasks.store import question_digest

Ending = tuple[ModelSpec, ProviderFault | Refusal]


class Unanswered(Exception):  # noqa: N818  a state of the store, not an error
    """The store does not hold the reply to a question of this conversation."""


def answer(request: Request, base: Mapping[str, Blob | None], chain: tuple[ModelSpec, ...], asking: Asking) -> Answer:
    """The accepted conversation of a unit. `base` holds what each path the edits may touch has now (None: absent).

    Raises ProviderError, ProviderRefused, EditFailed, MissingOutputs or BudgetExceeded with all `attempts`, and
    Interrupted when the run ends.
    """
    found = stored_answer(request, base, chain, asking)
    if found is not None:
        asking.show(Progress(request.unit, "stored", found.replies[-1].model))
        return found
    if asking.offline:
        hint = "set store.offline to false, or bring the store that holds the reply"
        raise ProviderRefused(f"{request.unit}: the store holds no answer, and store.offline forbids asking", hint=hint)
    tries: list[Try] = []
    try:
        given = _ask_chain(request, base, chain, asking, tries)
    except CodegenError as error:
        error.attempts = tuple(tries)
        asking.show(Progress(request.unit, "failed"))
        raise
    asking.show(Progress(request.unit, "done", given.replies[-1].model))
    return given


def stored_answer(
    request: Request, base: Mapping[str, Blob | None], chain: tuple[ModelSpec, ...], asking: Asking
) -> Answer | None:
    """The answer that the store can give by itself: the first model of the chain whose conversation was accepted."""
    terms = Terms(base, asking.repairs, asking.repair, _ignore)
    for spec in chain:

        def replay(question: Request, spec: ModelSpec = spec) -> Reply:
            key = question_digest(question, spec)
            reply = asking.store.get_reply(key) or asking.store.get_reply(key, "partial")
            if reply is None:
                raise Unanswered
            return reply

        try:
            return _as_answer(request, *converse(request, terms, replay))
        except (Unanswered, EditFailed, MissingOutputs):
            continue
    return None


def _ignore(_reply: Reply, _refusal: Refusal) -> None:
    pass


def _ask_chain(
    request: Request, base: Mapping[str, Blob | None], chain: tuple[ModelSpec, ...], asking: Asking, tries: list[Try]
) -> Answer:
    endings: list[Ending] = []
    refused: list[str] = []
    for spec in chain:
        asked: list[str] = []

        def ask_for(question: Request, spec: ModelSpec = spec, asked: list[str] = asked) -> Reply:
            asked.append(question_digest(question, spec))
            return obtain(question, spec, asking, tries)

        def note(reply: Reply, refusal: Refusal, spec: ModelSpec = spec) -> None:
            fault = f"{refusal.kind}: {refusal.message}"
            tries.append(Try(spec.name, fault, 0.0, reply.input_tokens, reply.output_tokens))
            asking.show(Progress(request.unit, "repairing", spec.name))

        try:
            given = _as_answer(request, *converse(request, Terms(base, asking.repairs, asking.repair, note), ask_for))
        except (ProviderFault, EditFailed, MissingOutputs) as ending:
            endings.append((spec, ending))
            refused += asked
            continue
        _share(asked, asking)
        return given
    raise _failure(request, endings, refused, asking)


def _share(asked: list[str], asking: Asking) -> None:
    for key in asked:
        asking.store.share("reply", key)
        asking.store.share("partial", key)


def _as_answer(request: Request, replies: tuple[Reply, ...], touched: tuple[str, ...]) -> Answer:
    return Answer(request.unit, digest(encode(request)), request.attempt, replies, touched)


def _failure(request: Request, endings: list[Ending], refused: list[str], asking: Asking) -> CodegenError:
    """What the unit ends with. A fault that may pass wins: then running again helps, and no reply is paid twice."""
    faults = [(spec, end) for spec, end in endings if isinstance(end, ProviderFault)]
    edits = [end for _, end in endings if not isinstance(end, ProviderFault)]
    said = "; ".join(f"{spec.name}: {_first_line(end)}" for spec, end in endings)
    passing = [fault for _, fault in faults if fault.transient]
    if passing:
        return ProviderError(f"{request.unit}: no model answered: {said}", hint=passing[-1].hint or "run again later")
    if not edits:
        return ProviderRefused(f"{request.unit}: no model may answer: {said}", hint=faults[-1][1].hint)
    for key in refused:  # a refused reply is no answer: the next run asks anew
        asking.store.set_aside("reply", key, "refused")
        asking.store.set_aside("partial", key, "refused")
    missing = all(isinstance(end, MissingOutputs) for end in edits)
    return (MissingOutputs if missing else EditFailed)(edits[-1].message, hint=edits[-1].hint)


def _first_line(ending: ProviderFault | Refusal) -> str:
    return ending.message.partition("\n")[0]
