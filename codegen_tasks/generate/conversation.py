"""One model's answer: the reply, its continuations, repairs of what was refused. It asks nobody itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from codegen_tasks.errors import EditFailed, MissingOutputs
from codegen_tasks.records import Blob, Message, Reply, Request

CONTINUATIONS = 3
CONTINUE = "Your reply was cut off. Go on exactly where it stopped, in mid-line if need be. Repeat nothing."

Obtain = Callable[[Request], Reply]
Refusal = EditFailed | MissingOutputs
Base = Mapping[str, Blob | None]


@dataclass(frozen=True)
class Terms:
    """What an answer is judged by: `base` is what the edits apply to, `repair` the text sent with a refusal."""

    base: Base
    repairs: int
    repair: str
    refused: Callable[[Reply, Refusal], None]


def converse(request: Request, terms: Terms, obtain: Obtain) -> tuple[tuple[Reply, ...], tuple[str, ...]]:
    """The accepted replies and the paths they name. Raises the last refusal, and whatever `obtain` raises."""
    replies: list[Reply] = []
    question = request
    while True:
        reply = _whole_reply(question, obtain)
        replies.append(reply)
        verdict = _judge(replies, request.paths, terms.base)
        if isinstance(verdict, tuple):
            return tuple(replies), verdict
        terms.refused(reply, verdict)
        if len(replies) > terms.repairs:
            raise verdict
        question = _with(question, reply, terms.repair.replace("{{ refusal }}", verdict.message))


def _whole_reply(question: Request, obtain: Obtain) -> Reply:
    """The reply with what was cut off asked for and joined."""
    from codegen_tasks.edits import is_cut_off  # not on a run that has nothing to judge

    reply = obtain(question)
    for _ in range(CONTINUATIONS):
        if reply.finish != "length" and not is_cut_off(reply.text):
            break
        reply = _joined(reply, obtain(_with(question, reply, CONTINUE)))
    return reply


def _with(question: Request, reply: Reply, text: str) -> Request:
    """The question that follows a reply."""
    follow_up = (Message("assistant", reply.text), Message("user", text))
    return msgspec.structs.replace(question, messages=question.messages + follow_up)


def _joined(first: Reply, more: Reply) -> Reply:
    from codegen_tasks.edits import join_continuation

    costs = (first.cost_usd, more.cost_usd)
    return Reply(
        model=first.model,
        text=join_continuation(first.text, more.text),
        finish=more.finish,
        input_tokens=first.input_tokens + more.input_tokens,
        output_tokens=first.output_tokens + more.output_tokens,
        cached_tokens=first.cached_tokens + more.cached_tokens,
        cost_usd=None if None in costs else sum(cost or 0.0 for cost in costs),
        counted=first.counted or more.counted,
    )


def _judge(replies: Sequence[Reply], paths: tuple[str, ...], base: Base) -> tuple[str, ...] | Refusal:
    """The touched paths if the replies can be applied and leave no path out, else the refusal."""
    from codegen_tasks.edits import apply_replies

    if replies[-1].finish == "length":
        return EditFailed("The reply is cut off.", hint="raise max_output_tokens, or plan smaller units")
    try:
        outcome = apply_replies([reply.text for reply in replies], base, paths)
    except EditFailed as refusal:
        return refusal
    gone = {change.path for change in outcome.changes if change.after is None}
    missing = [path for path in paths if path not in outcome.touched or path in gone]
    if not missing:
        return outcome.touched
    names = "\n".join(f"- {path}" for path in missing)
    hint = "run again, or say in plan.md what belongs into these files"
    return MissingOutputs(f"These paths are still missing from the reply:\n{names}", hint=hint)
