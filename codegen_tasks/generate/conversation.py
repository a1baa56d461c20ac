"""One model's answer: the reply, its continuations, repairs of what was refused. It asks nobody itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from codegen_tasks.errors import EditBug
from codegen_tasks.generate.judge import Judge, Refusal
from codegen_tasks.records import Blob, Message, Reply, Request

CONTINUATIONS = 3
CONTINUE = "Your reply was cut off. Go on exactly where it stopped, in mid-line if need be. Repeat nothing."

Obtain = Callable[[Request], Reply]
Base = Mapping[str, Blob | None]


@dataclass(frozen=True)
class Terms:
    """What is done with a reply: `judge` accepts or refuses, `repair` is the text sent with a refusal."""

    judge: Judge
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
        verdict = terms.judge(replies)
        if isinstance(verdict, tuple):
            return tuple(replies), verdict
        terms.refused(reply, verdict)
        if len(replies) > terms.repairs or isinstance(verdict, EditBug):  # nobody pays for a fault of ours
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
