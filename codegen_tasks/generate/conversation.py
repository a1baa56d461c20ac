"""One model's answer: the reply, its continuations, repairs of what was refused. It asks nobody itself."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from codegen_tasks.errors import EditBug, ScopeMismatch
from codegen_tasks.generate.judge import Judge, Refusal, Usable, strayed
from codegen_tasks.records import Blob, Message, Reply, Request

CONTINUATIONS = 3
CONTINUE = "Your reply was cut off. Go on exactly where it stopped, in mid-line if need be. Repeat nothing."
_DONE = re.compile(r"\W*DONE\W*")
_DONE_IN_BLOCK = re.compile(r"^\s*(?:`{3,}|~{3,}).*\n\W*DONE\W*$", re.MULTILINE)  # no content that anybody wants

Obtain = Callable[[Request], Reply]
Base = Mapping[str, Blob | None]


class Accepted(NamedTuple):
    """The replies that count, the paths they name, and those beyond the plan that they want no more."""

    replies: tuple[Reply, ...]
    touched: tuple[str, ...]
    withdrawn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Terms:
    """What is done with a reply: `judge` accepts or refuses, `repair` is the text sent with a refusal.

    A model whose reply strays beyond the plan is told so where that would be refused, or anyway (`retells`: where it
    costs nothing). Where its answer to that cannot be had, `settles` says whether the reply counts as it is.
    """

    judge: Judge
    repairs: int
    repair: str
    refused: Callable[[Reply, Refusal | ScopeMismatch], None]
    settles: Callable[[Exception, Usable], bool]
    retells: bool = False


def converse(request: Request, terms: Terms, obtain: Obtain) -> Accepted:
    """The accepted replies: the first that can be used, or what was said once to its straying if that does not stray.
    Raises the last refusal, and whatever `obtain` raises."""
    replies: list[Reply] = []
    question, first, told = request, None, 0
    while True:
        try:
            reply = _whole_reply(question, obtain)
        except Exception as end:
            if first is not None and terms.settles(end, first[1]):
                return first[0]
            raise
        if first is not None and (_DONE.fullmatch(reply.text) or _DONE_IN_BLOCK.search(reply.text)):
            return _as_it_was(first, reply)
        replies.append(reply)
        verdict = terms.judge(replies)
        refusal: Refusal | ScopeMismatch
        if isinstance(verdict, Usable):
            given = _accepted(replies, verdict, told)
            wanted = [outside for outside in verdict.beyond if outside.path not in given.withdrawn]
            if not wanted or not (verdict.strays or terms.retells):
                return given
            if first is not None:  # it insists: a person decides
                return first[0]
            first, told = (given, verdict), len(replies)
            refusal = strayed(wanted)
        else:
            refusal = verdict
        terms.refused(reply, refusal)
        if len(replies) > terms.repairs or isinstance(refusal, EditBug):  # nobody pays for a fault of ours
            if first is not None:
                return first[0]
            raise refusal
        question = _with(question, reply, terms.repair.replace("{{ refusal }}", refusal.told))


def _accepted(replies: Sequence[Reply], verdict: Usable, told: int) -> Accepted:
    """What a model wanted beyond the plan before it was `told`, after so many replies, and never since is withdrawn."""
    withdrawn = tuple(outside.path for outside in verdict.beyond if outside.reply < told)
    return Accepted(tuple(replies), verdict.touched, withdrawn)


def _as_it_was(first: tuple[Accepted, Usable], reply: Reply) -> Accepted:
    """What was said first, without what strays if the reply says no more than that nothing must change."""
    given, verdict = first
    gone = tuple(outside.path for outside in verdict.beyond) if _DONE.fullmatch(reply.text) else given.withdrawn
    return given._replace(withdrawn=gone)


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
