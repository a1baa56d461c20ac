"""Stage generate: a context package becomes the accepted conversation, from the store or from the models."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from codegen_tasks.bases import Base
from codegen_tasks.context import read_package
from codegen_tasks.generate import Asking, Judge, answer, judge_edits
from codegen_tasks.pipeline.asked import AskedLog, asked_key
from codegen_tasks.pipeline.outcomes import Outcomes
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.question import Chain
from codegen_tasks.pipeline.step import Step, present
from codegen_tasks.records import encode


def steps(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    """One reply for each unit that asks."""
    run = partial(make_reply, outcomes=phase.outcomes, asking=phase.tools.asking, log=phase.asked)
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
    asking: Asking,
    log: AskedLog,
) -> bytes:
    """The unit's accepted replies."""
    judge = judge_of(bases, writes, updates, outcomes)
    given = answer(read_package(blobs[request]), judge, chain.models, replace(asking, repairs=repairs))
    log.accept(given.unit, asked_key(given.request, chain))
    return encode(given)


def judge_of(bases: Sequence[Base], writes: tuple[str, ...], updates: tuple[str, ...], outcomes: Outcomes) -> Judge:
    """What decides whether replies are the unit's answer: they can be applied, and write all they must."""
    before = {base.path: base.before for base in bases}
    return judge_edits(lambda texts: outcomes.of(texts, before, writes), writes, updates)
