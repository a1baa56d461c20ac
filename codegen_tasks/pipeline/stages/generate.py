"""Stage generate: a context package becomes the accepted conversation, from the store or from the models."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from codegen_tasks.bases import Base
from codegen_tasks.context import read_package
from codegen_tasks.generate import Accepted, Asking, Judge, answer, as_answer, judge_edits
from codegen_tasks.pipeline.asked import AskedLog, asked_key
from codegen_tasks.pipeline.outcomes import Outcomes
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.question import Chain, Question
from codegen_tasks.pipeline.step import Step, present
from codegen_tasks.records import Outcome, Outside, Reply, Request, encode

Refuses = Callable[[bytes, Sequence[Outside]], bool]


def steps(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    """One reply for each unit that asks."""
    refuses = partial(phase.border.refuses, allow=phase.config.scope.allow)
    run = partial(make_reply, outcomes=phase.outcomes, refuses=refuses, asking=phase.tools.asking, log=phase.asked)
    for question in phase.questions.asked:
        unit = question.unit
        request = phase.places.request(unit.name)
        yield Step(
            "generate",
            unit.name,
            reads=(request, *present(phase.places, question.bases)),
            params=(request, question.chain, question.bases, unit.writes, unit.updates, phase.config.generate.repairs),
            writes=phase.places.reply(unit.name),
            run=run,
        )


def make_reply(
    blobs: Mapping[Path, bytes],
    request: Path,
    chain: Chain,
    bases: Sequence[Base],
    writes: tuple[str, ...],
    updates: tuple[str, ...],
    repairs: int,
    *,
    outcomes: Outcomes,
    refuses: Refuses,
    asking: Asking,
    log: AskedLog,
) -> bytes:
    """The unit's accepted replies."""
    asked = read_package(blobs[request])
    judge = judge_of(asked, bases, writes, updates, outcomes, refuses)
    given = answer(asked, judge, chain.models, replace(asking, repairs=repairs))
    log.accept(given.unit, asked_key(given.request, chain))
    return encode(given)


def judge_of(
    request: Request,
    bases: Sequence[Base],
    writes: tuple[str, ...],
    updates: tuple[str, ...],
    outcomes: Outcomes,
    refuses: Refuses,
) -> Judge:
    """What decides whether replies are the unit's answer: they can be applied, and write all they must.

    Whether something beyond that `refuses` to go decides only whether the model is told so.
    """
    before = {base.path: base.before for base in bases}

    def strays(replies: Sequence[Reply], outcome: Outcome) -> bool:
        return refuses(encode(as_answer(request, Accepted(tuple(replies), outcome.touched))), outcome.outside)

    return judge_edits(lambda texts: outcomes.of(texts, before, writes), writes, updates, strays)


def judge_in(phase: Phase, question: Question, request: Request) -> Judge:
    """The same for a unit of a phase."""
    refuses, unit = partial(phase.border.refuses, allow=phase.config.scope.allow), question.unit
    return judge_of(request, question.bases, unit.writes, unit.updates, phase.outcomes, refuses)
