"""Stage manifest: what code/files holds and who wrote it; and with it the judgement on scope.

`make_manifest` also publishes scope.json and the quarantine, and records the origin of files that a person edited.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path

import msgspec

from codegen_tasks.bases import mode_of
from codegen_tasks.config import ScopeSettings
from codegen_tasks.context import read_left_out, read_masked
from codegen_tasks.errors import EditFailed
from codegen_tasks.pipeline.origins import Origins, make_origin
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.question import Question, Questions
from codegen_tasks.pipeline.scope import Border, OutOfScope, Verdict
from codegen_tasks.pipeline.step import SentBack, Step, results
from codegen_tasks.records import Accepted, Answer, Diagnostic, PlannedFile, decode, digest, encode
from codegen_tasks.signals import LeftOut, Manifest, ReadyFile, total_usage

Blobs = Mapping[Path, bytes]


def steps(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    """code/manifest.json."""
    replies = {question.unit.name: phase.places.reply(question.unit.name) for question in phase.questions.asked}
    files = results(phase.places, list(phase.bases), phase.deleted)
    packages = tuple(phase.places.request(name) for name in replies)
    yield Step(
        "manifest",
        "",
        reads=(*packages, *replies.values(), *files.values()),
        params=(phase.questions, phase.accepted, packages, replies, files, phase.attempt, phase.config.scope),
        writes=phase.places.manifest,
        run=partial(make_manifest, border=phase.border, origins=phase.origins),
    )


def make_manifest(
    blobs: Blobs,
    questions: Questions,
    accepted: Mapping[str, Accepted],
    packages: Sequence[Path],
    replies: Mapping[str, Path],
    files: Mapping[str, Path],
    attempt: int,
    scope: ScopeSettings,
    *,
    border: Border,
    origins: Origins,
) -> bytes:
    """The manifest. Raises ScopeMismatch when a reply writes where it may not, SentBack when other files than those
    `accepted` are let in."""
    verdicts = {name: border.judge(questions[name], blobs[reply], scope.allow) for name, reply in replies.items()}
    border.outcomes.save()
    border.publish([claim for verdict in verdicts.values() for claim in verdict.refused])
    found, notes = _let_in(verdicts)
    if found != accepted:
        raise SentBack(accepted=tuple(found.values()))
    notes += chain(_masked(map(blobs.__getitem__, packages)), *(verdict.diagnostics for verdict in verdicts.values()))
    answers = {name: (digest(blobs[reply]), decode(blobs[reply], Answer)) for name, reply in replies.items()}
    entries = [
        _entry(question, file, blobs.get(files[file.path]) if file.path in files else None, accepted, answers, origins)
        for question in questions.values()
        for file in question.unit.files
    ]
    entries.sort(key=lambda entry: entry.path.encode())
    return encode(
        Manifest(
            schema="codegen.manifest/1",
            attempt=attempt,
            files=tuple(entries),
            deletions=tuple(entry.path for entry in entries if entry.op == "delete"),
            usage=total_usage(reply for _, given in answers.values() for reply in given.replies),
            diagnostics=tuple(sorted(notes, key=lambda d: (d.path.encode(), d.code, d.message))),
            left_out=tuple(_left_out(zip(replies, packages, strict=True), blobs)),
        )
    )


def _let_in(verdicts: Mapping[str, Verdict]) -> tuple[dict[str, Accepted], list[Diagnostic]]:
    """The files beyond the plan that are let in, by path, each of the first unit that wrote it; warnings for others."""
    found, others = dict[str, Accepted](), list[Diagnostic]()
    for name, verdict in verdicts.items():
        for claim in verdict.accepted:
            first = found.setdefault(claim.path, claim)
            if first is not claim:
                message = f"unit {name} also wrote {claim.path}; unit {first.unit} wins"
                others.append(Diagnostic("warning", "other_unit", message, claim.path))
    return found, others


def _left_out(packages: Iterable[tuple[str, Path]], blobs: Blobs) -> Iterator[LeftOut]:
    for unit, package in packages:
        if found := read_left_out(blobs[package]):
            yield LeftOut(unit, found)


def _masked(packages: Iterable[bytes]) -> Iterator[Diagnostic]:
    """Where secrets were hidden from models, and how many of each kind."""
    places: dict[str, dict[str, int]] = {}
    for masked in {masked: None for package in packages for masked in read_masked(package)}:
        kinds = places.setdefault(masked.place, {})
        kinds[masked.kind] = kinds.get(masked.kind, 0) + 1
    for place, kinds in sorted(places.items()):
        told = ", ".join(f"{kind}{f' ({count})' if count > 1 else ''}" for kind, count in sorted(kinds.items()))
        yield Diagnostic("info", "secrets_masked", f"hidden from models in {place}: {told}")


def judge_scope(phase: Phase, failed: Collection[str]) -> None:
    """Publishes the scope of a run that ended before its manifest: of all units with replies but the `failed` ones.

    Raises ScopeMismatch.
    """
    refused: list[OutOfScope] = []
    for question in phase.questions.asked:
        name = question.unit.name
        data = phase.tools.snapshot.read(phase.places.reply(name))
        if name not in failed and data is not None:
            with suppress(msgspec.MsgspecError, EditFailed):  # not what a step of this run has written
                refused += phase.border.judge(question, data, phase.config.scope.allow).refused
    phase.border.publish(refused)


def _entry(
    question: Question,
    file: PlannedFile,
    data: bytes | None,
    accepted: Mapping[str, Accepted],
    answers: Mapping[str, tuple[str, Answer]],
    origins: Origins,
) -> ReadyFile:
    let_in = accepted.get(file.path)
    unit = let_in.unit if let_in else question.unit.name
    by_model = let_in is not None or file.path in question.unit.writes
    answer, given = answers.get(unit, ("", None))
    base = next(base for base in question.bases if base.path == file.path)
    source = file.adopt or answer
    known = origins.of(file.path, data)
    edited = data is not None and (known is None or known.edited or known.answer != source)
    if data is None or edited:
        origins.remember(make_origin(base, data, source, question.core, edited=edited), base.before)
    return ReadyFile(
        path=file.path,
        op="delete" if data is None else "create" if base.before is None else "update",
        sha256=None if data is None else digest(data),
        bytes=0 if data is None else len(data),
        mode=None if data is None else f"{mode_of(file, base):o}",
        unit=unit,
        model=given.replies[-1].model if given and by_model else None,
        reply=answer if given and by_model else None,
        hand_edited=edited,
    )
