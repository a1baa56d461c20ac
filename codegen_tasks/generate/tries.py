"""One question to one model: the stored reply, else tries until a usable one is stored. It does not judge edits."""

import random

from codegen_tasks.errors import Try
from codegen_tasks.generate.asking import Asking, Progress
from codegen_tasks.providers import ProviderFault, Watch, ask
from codegen_tasks.records import ModelSpec, Reply, Request
from codegen_tasks.store import question_digest

MAX_BACKOFF_S = 20.0


def obtain(request: Request, spec: ModelSpec, asking: Asking, tries: list[Try]) -> Reply:
    """The reply to a question: a stored one costs nothing, a new one is on disk before it is returned.

    A reply that was cut off (finish `length`) is stored as `partial`: the start of an answer, never an answer.
    Every call that failed is added to `tries`. Raises the last ProviderFault, and Interrupted.
    """
    key = question_digest(request, spec)
    stored = asking.store.get_reply(key) or asking.store.get_reply(key, "partial")
    if stored is not None:
        return stored
    reply = _try_hard(request, spec, asking, tries)
    return asking.store.put_reply(key, reply, "partial" if reply.finish == "length" else "reply")


def _try_hard(request: Request, spec: ModelSpec, asking: Asking, tries: list[Try]) -> Reply:
    """Calls until one brings a usable reply, `retries` are spent, or the time for all of them is over."""
    end = asking.clock() + spec.timeout_s * (spec.retries + 1)
    for turn in range(spec.retries + 1):
        started = asking.clock()
        try:
            return _call(request, spec, asking)
        except ProviderFault as fault:
            tries.append(_as_try(spec, fault, asking.clock() - started))
            wait = _wait(fault, turn, asking)
            if not fault.transient or turn == spec.retries or asking.clock() + wait > end:
                raise
            _pause(wait, request, spec, asking)
    raise AssertionError("the loop returns or raises")


def _call(request: Request, spec: ModelSpec, asking: Asking) -> Reply:
    def tell(tokens: int) -> None:
        asking.show(Progress(request.unit, "asking", spec.name, tokens))

    reply = ask(spec, request, Watch(asking.stop, tell))
    fault = _unusable(reply)
    if fault is None:
        return reply
    asking.store.set_aside_reply(question_digest(request, spec), "unusable", reply)
    raise fault


def _unusable(reply: Reply) -> ProviderFault | None:
    """Why a reply is no answer at all, whatever was asked."""
    if reply.finish == "content_filter":
        hint = "reword the plan, or use another model"
        return ProviderFault("the reply was stopped by a content filter", transient=False, hint=hint, reply=reply)
    if reply.text.strip():
        return None
    if reply.finish == "length":
        hint = "raise max_output_tokens"
        return ProviderFault("all output tokens were spent before any text", transient=False, hint=hint, reply=reply)
    return ProviderFault("the reply is empty", transient=True, reply=reply)


def _as_try(spec: ModelSpec, fault: ProviderFault, seconds: float) -> Try:
    reply = fault.reply or Reply(spec.name, "")
    return Try(spec.name, fault.message, round(seconds, 3), reply.input_tokens, reply.output_tokens)


def _wait(fault: ProviderFault, turn: int, asking: Asking) -> float:
    """Seconds until the next try: what the server asked for, else full jitter that doubles."""
    if fault.retry_after is not None:
        return fault.retry_after
    return random.uniform(0, min(MAX_BACKOFF_S, asking.backoff_s * 2**turn))  # noqa: S311  no secret hangs on it


def _pause(seconds: float, request: Request, spec: ModelSpec, asking: Asking) -> None:
    asking.show(Progress(request.unit, "retrying", spec.name))
    if asking.stop.wait(seconds):
        Watch(asking.stop).check()
