"""One question to one model: the stored reply, else tries until a usable one is stored. It does not judge edits."""

import math
import random
import re
from collections.abc import Callable
from typing import Literal

import msgspec

from codegen_tasks.errors import BudgetExceeded, Try
from codegen_tasks.generate.asking import Asking, Progress
from codegen_tasks.generate.fresh import Fresh
from codegen_tasks.providers import ProviderFault, Watch, ask, prepare, price_of
from codegen_tasks.providers.masking import masked, quotes_key
from codegen_tasks.providers.windows import expected_input_tokens, unread
from codegen_tasks.records import ModelSpec, Reply, Request
from codegen_tasks.store import question_digest

MAX_BACKOFF_S = 20.0
MOST_TOKENS = 10**8  # more than any call has ever read or written
SHOW_EVERY_S = 0.2
SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can say it, UTF-8 cannot


class Tries:
    """The calls made for one unit: `failed` lists those that brought no accepted reply."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.failed: list[Try] = []
        self._fresh = Fresh(asking.store.root / "fresh")

    def obtain(self, request: Request, spec: ModelSpec, patient: bool) -> Reply:
        """The reply to a question: a stored one costs nothing, a new one is on disk before it is returned.

        `patient` says that there is no other model to move on to.
        Raises the last ProviderFault, BudgetExceeded, and Interrupted.
        """
        reply = stored_reply(question_digest(request, spec), self.asking) or self._noted(request, spec)
        if reply is not None:
            return reply
        return self._try_hard(request, spec, patient)

    def _noted(self, request: Request, spec: ModelSpec) -> Reply | None:
        """The answer that came just before a run was killed: it is judged now, as it would have been then."""
        key = question_digest(request, spec)
        noted = self._fresh.reply(key)
        if noted is None:
            return None
        reply = _believable(request, spec, noted)
        try:
            self._check_usable(request, spec, reply)
        except ProviderFault as fault:
            self._note_fault(request, spec, fault)
            return None
        return self._keep(key, reply)

    def _keep(self, key: str, reply: Reply) -> Reply:
        kept = keep_reply(key, reply, self.asking)
        self._fresh.forget(key)
        return kept

    def note_refused(self, request: Request, reply: Reply, fault: str) -> None:
        """A reply came, but the edits refused it."""
        tried = Try(reply.model, fault, 0.0, reply.input_tokens, reply.output_tokens)
        self.failed.append(tried)
        self.asking.log_try("refused", request.unit, tried)
        self.asking.show(Progress(request.unit, "repairing", reply.model))

    def _try_hard(self, request: Request, spec: ModelSpec, patient: bool) -> Reply:
        """Calls until a usable reply is stored, `retries` are spent, or the time for calls, pauses and turns is.

        That time begins with the first call: how long a question waits for it depends on how many there are.
        """
        clock, until = self.asking.limits.clock, math.inf
        for turn in range(spec.retries + 1):
            try:
                prepare(spec)
                return self._call(request, spec, patient, until)
            except ProviderFault as fault:
                self._note_fault(request, spec, fault)
                pause = _pause(fault, turn, self.asking.backoff_s)
                until = min(until, clock() - fault.seconds + spec.timeout_s * (spec.retries + 1))
                if not fault.transient or turn == spec.retries or clock() + pause > until:
                    raise
            except BudgetExceeded as error:
                self._note_fault(request, spec, ProviderFault(error.message, transient=False), "too_dear")
                raise
            self.asking.show(Progress(request.unit, "retrying", spec.name))
            self.asking.stop.wait(pause)
        raise AssertionError("the loop returns or raises")

    def _call(self, request: Request, spec: ModelSpec, patient: bool, until: float) -> Reply:
        asking, key = self.asking, question_digest(request, spec)
        waiting = Watch(asking.stop)
        with (
            asking.limits.call(spec, waiting, patient, until) as show_life,
            asking.budget.call(request, spec, waiting) as spend,
        ):
            began, teller = asking.clock(), _Teller(request, spec, asking, show_life)
            asking.store.prove_writable(key)
            try:
                with self._fresh.noting(key) as note:
                    reply = _believable(request, spec, ask(spec, request, Watch(asking.stop, teller, note)))
                spend(reply.cost_usd or 0.0)
                self._check_usable(request, spec, reply)
            except ProviderFault as fault:
                fault.seconds = asking.clock() - began
                if fault.reply is None and not (teller.tokens is None and fault.free):
                    fault.used = _used(request, spec, teller.tokens or 0)
                    spend(fault.used.cost_usd or 0.0)
                raise
            seconds = round(asking.clock() - began, 3)
        kept = self._keep(key, reply)
        asking.log_reply("reply", request.unit, reply, seconds)
        return kept

    def _check_usable(self, request: Request, spec: ModelSpec, reply: Reply) -> None:
        fault = _unusable(reply) or unread(request, reply) or _quoting(reply, spec)
        if fault is not None:
            text = masked(reply.text.encode(errors="backslashreplace").decode(), spec)
            kept = msgspec.structs.replace(reply, text=text)
            key = question_digest(request, spec)
            self.asking.store.set_aside_reply(key, "unusable", kept)
            self._fresh.forget(key)
            raise fault

    def _note_fault(
        self, request: Request, spec: ModelSpec, fault: ProviderFault, event: Literal["fault", "too_dear"] = "fault"
    ) -> None:
        used = fault.used or Reply(spec.name, "")
        tried = Try(spec.name, fault.message, round(fault.seconds, 3), used.input_tokens, used.output_tokens)
        self.failed.append(tried)
        self.asking.log_try(event, request.unit, tried, used.cost_usd, used.counted)


class _Teller:
    """Shows how far an answer is, a few times a second, and that the model is alive, once.

    `tokens` came so far; None: the answer has not begun.
    """

    def __init__(self, request: Request, spec: ModelSpec, asking: Asking, show_life: Callable[[], None]) -> None:
        self.unit, self.model, self.asking, self.show_life = request.unit, spec.name, asking, show_life
        self.shown = -SHOW_EVERY_S
        self.tokens: int | None = None

    def __call__(self, tokens: int) -> None:
        self.show_life()
        self.tokens = tokens
        now = self.asking.clock()
        if now - self.shown >= SHOW_EVERY_S:
            self.shown = now
            self.asking.show(Progress(self.unit, "asking", self.model, tokens))


def stored_reply(key: str, asking: Asking) -> Reply | None:
    """The reply to the question of this digest that was paid for already, whole or cut off."""
    for kind in ("reply", "partial"):
        reply = asking.store.get_reply(key, kind)
        if reply is not None and _unusable(reply) is None:
            return reply
        if reply is not None:
            asking.store.set_aside(kind, key, "unusable")
    return None


def offered_reply(key: str, asking: Asking) -> Reply | None:
    """The same as the remote store has it: not paid for by us, not kept here, and perhaps a lie."""
    found = (asking.store.offered_reply(key, kind) for kind in ("reply", "partial"))
    return next((reply for reply in found if reply is not None and _unusable(reply) is None), None)


def keep_reply(key: str, reply: Reply, asking: Asking) -> Reply:
    """Stores a reply, as `partial` if it was cut off: the start of an answer, never an answer. Raises OSError.

    Returns the one that counts from now on.
    """
    return asking.store.put_reply(key, reply, "partial" if reply.finish == "length" else "reply")


def _believable(request: Request, spec: ModelSpec, reply: Reply) -> Reply:
    """The reply, its usage counted by us if what was reported cannot be: a bill below nothing would feed the budget."""
    counts = (reply.input_tokens, reply.output_tokens, reply.cached_tokens)
    if all(0 <= count <= MOST_TOKENS for count in counts) and (reply.cost_usd or 0.0) >= 0:
        return reply
    used = _used(request, spec, len(reply.text.encode(errors="replace")) // 4)
    return msgspec.structs.replace(used, text=reply.text, finish=reply.finish)


def _used(request: Request, spec: ModelSpec, tokens: int) -> Reply:
    """What an answer that broke off, or never began, may have cost: servers bill what they read, and wrote."""
    into, price = expected_input_tokens(request), price_of(spec)
    cost = None if price is None else price.at_most(into, tokens)
    return Reply(spec.name, "", input_tokens=into, output_tokens=tokens, cost_usd=cost, counted=True)


def _unusable(reply: Reply) -> ProviderFault | None:
    """Why a reply is no answer at all, whatever was asked."""
    if reply.finish == "content_filter":
        hint = "reword the plan, or use another model"
        return ProviderFault("the reply was stopped by a content filter", transient=False, hint=hint, reply=reply)
    if SURROGATE.search(reply.text):
        return ProviderFault("the reply holds half a character, as UTF-16 writes it", transient=True, reply=reply)
    if reply.text.strip():
        return None
    if reply.finish == "length":
        hint = "raise max_output_tokens"
        return ProviderFault("all output tokens were spent before any text", transient=False, hint=hint, reply=reply)
    return ProviderFault("the reply is empty", transient=True, reply=reply)


def _quoting(reply: Reply, spec: ModelSpec) -> ProviderFault | None:
    if not quotes_key(reply.text, spec):
        return None
    hint = f"look at what stands behind api_base; the key in {spec.api_key_env} may have to be replaced"
    return ProviderFault("the reply quotes the key it was asked with", transient=False, hint=hint, reply=reply)


def _pause(fault: ProviderFault, turn: int, backoff_s: float) -> float:
    """Seconds until the next try: what the server asked for, else full jitter that doubles."""
    if fault.retry_after is not None:
        return fault.retry_after
    return random.uniform(0, min(MAX_BACKOFF_S, backoff_s * 2**turn))  # noqa: S311  no secret hangs on it
