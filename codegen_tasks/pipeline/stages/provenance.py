"""Stage provenance: who wrote the diff, as a statement that others can check."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from codegen_tasks.pipeline.outcomes import Outcomes
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.question import Questions
from codegen_tasks.pipeline.stages.ready import check_facts
from codegen_tasks.pipeline.step import Step, results
from codegen_tasks.records import Answer, decode, digest
from codegen_tasks.signals import Manifest


def steps(phase: Phase, gates: Sequence[Path]) -> Iterator[Step]:
    """code/provenance.json, once the `gates` are there."""
    replies = {question.unit.name: phase.places.reply(question.unit.name) for question in phase.questions.asked}
    files = results(phase.places, list(phase.bases), phase.deleted)
    inputs = (phase.places.manifest, phase.places.patch, phase.plan_md, phase.plan_files)
    checks = phase.places.checks if phase.places.checks in gates else None
    yield Step(
        "provenance",
        "",
        reads=(*inputs, *gates, *replies.values(), *files.values()),
        params=(
            phase.questions,
            inputs,
            checks,
            replies,
            files,
            phase.tools.worktree.commit(),
            phase.tools.worktree.prefix,
        ),
        writes=phase.places.provenance,
        run=partial(make_provenance, outcomes=phase.outcomes),
    )


def make_provenance(
    blobs: Mapping[Path, bytes],
    questions: Questions,
    inputs: Sequence[Path],
    checks: Path | None,
    replies: Mapping[str, Path],
    files: Mapping[str, Path],
    commit: str | None,
    prefix: str,
    *,
    outcomes: Outcomes,
) -> bytes:
    """The statement."""
    from codegen_tasks.provenance import Sources, make_statement  # not on a run that has nothing to say

    manifest_file, patch, plan_md, plan_files = inputs
    manifest = decode(blobs[manifest_file], Manifest)
    edited = {file.path: blobs[files[file.path]] for file in manifest.files if file.hand_edited and file.path in files}
    return make_statement(
        Sources(
            patch=blobs[patch],
            manifest=manifest,
            plan=blobs[plan_md],
            plan_files=blobs[plan_files],
            commit=commit,
            answers={unit: (digest(blobs[reply]), decode(blobs[reply], Answer)) for unit, reply in replies.items()},
            checks=check_facts(blobs[checks]) if checks else (),
            contents=edited,
            prefix=prefix,
            generated=dict(_generated(questions, edited, blobs, replies, outcomes)),
        )
    )


def _generated(
    questions: Questions,
    edited: Mapping[str, bytes],
    blobs: Mapping[Path, bytes],
    replies: Mapping[str, Path],
    outcomes: Outcomes,
) -> Iterator[tuple[str, bytes]]:
    """What replies alone make of the files that a person edited."""
    for question in questions.asked:
        if edited.keys() & set(question.unit.writes):
            outcome = outcomes.of_reply(blobs[replies[question.unit.name]], question.before, question.unit.writes)
            yield from ((c.path, c.after.data) for c in outcome.changes if c.path in edited and c.after is not None)
