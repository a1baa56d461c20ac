"""What each stage does with the bytes it is given. It is bound to a Phase, of which it uses only what is hashed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from codegen_tasks.attempts import Course
from codegen_tasks.bases import Output, mode_of
from codegen_tasks.check import Checks, Verdict, told
from codegen_tasks.config import ContextSettings, DiffSettings
from codegen_tasks.context import Ambient, Fact, read_package, render, write_package
from codegen_tasks.errors import BadPlan, EmptyDiff, MissingOutputs
from codegen_tasks.pipeline.origins import keep_or_replace, make_origin, remember
from codegen_tasks.pipeline.phase import Phase, Question, Ref
from codegen_tasks.pipeline.questions import note_asked, request_builder
from codegen_tasks.records import (
    Blob,
    Diagnostic,
    FileChange,
    ModelSpec,
    PlannedFile,
    Unit,
    decode,
    digest,
    encode,
)
from codegen_tasks.signals import BaseFacts, CheckFacts, DiffFacts, Manifest, Ready, TestFacts

if TYPE_CHECKING:  # a run with nothing to do shall not pay for these: they are imported where a result is missing
    from codegen_tasks.generate import Judge

__all__ = ["context", "diff", "generate", "materialize", "ready", "summary"]

Blobs = Mapping[Path, bytes]


def context(
    blobs: Blobs,
    question: Question,
    course: Course,
    refs: Sequence[Ref],
    sources: Mapping[str, Path],
    needed: Mapping[str, Path],
    settings: ContextSettings,
    live: Ambient | None,
    untrue: Collection[Fact],
    *,
    phase: Phase,
) -> bytes:
    """The unit's context package. `live` is its ambient context where that is an input like any other; else it is
    the one chosen before, unless that showed what is `untrue` now."""
    for ref in refs:
        if ref.before is not None and ref.path in question.unit.writes:
            phase.tools.worktree.check_sendable(ref.path, "plan.files.json")
    reference = phase.reference(question, {path: blobs[file] for path, file in sources.items()})
    generated = {path: blobs[file] for path, file in needed.items()}
    build = request_builder(question, reference, generated, course, phase)
    if generated:
        note_asked(question, reference, generated, course, phase)
    ambient = live or phase.choices.settle(build(), question.unit, question.sections, settings, untrue)
    return write_package(build(ambient=render(ambient)), ambient.facts)


def summary(
    blobs: Blobs,
    question: Question,
    course: Course,
    _refs: Sequence[Ref],
    sources: Mapping[str, Path],
    settings: ContextSettings,
    live: Ambient | None,
    *,
    phase: Phase,
) -> bytes:
    """The repo summary as the first unit of the plan was shown it, for people to read."""
    bare = request_builder(question, {path: blobs[file] for path, file in sources.items()}, {}, course, phase)()
    shown = live or phase.choices.kept(bare, settings)
    return b"" if shown is None else shown.summary.encode()


def generate(
    blobs: Blobs,
    request: Path,
    _chain: Sequence[ModelSpec],
    _refs: Sequence[Ref],
    _repairs: int,
    *,
    phase: Phase,
    unit: Unit,
) -> bytes:
    """The unit's accepted replies."""
    from codegen_tasks.generate import answer

    judge = edits_of(unit, phase)
    return encode(answer(read_package(blobs[request]), judge, phase.chain(unit), phase.tools.asking))


def edits_of(unit: Unit, phase: Phase) -> "Judge":
    """What decides whether replies are the unit's answer."""
    from codegen_tasks.generate import judge_edits

    before = {path: phase.bases[path].before for path in unit.paths}
    return judge_edits(lambda texts: phase.outcomes.of(texts, before, unit.writes), unit.writes)


def materialize(
    blobs: Blobs,
    file: PlannedFile,
    reply: Path | None,
    writes: Sequence[str],
    refs: Sequence[Ref],
    *,
    phase: Phase,
    unit: Unit,
) -> bytes:
    """The bytes of one planned file: what the replies make of it, or what a person made of that."""
    data, origin = generated_content(file, blobs[reply] if reply else None, writes, refs, phase, unit)
    kept = keep_or_replace(data, origin, phase)
    remember(origin, phase.bases[file.path].before, phase)
    return kept


def generated_content(
    file: PlannedFile, reply: bytes | None, writes: Sequence[str], refs: Sequence[Ref], phase: Phase, unit: Unit
) -> tuple[bytes, Output]:
    """A planned file as the unit's reply makes it, or as it was adopted, and where that comes from."""
    if reply is None:
        data, source = _adopted(file, phase), str(file.adopt)
    else:
        data, source = _generated(reply, file.path, writes, refs, phase), digest(reply)
    return data, make_origin(file.path, data, source, unit.name, phase)


def _adopted(file: PlannedFile, phase: Phase) -> bytes:
    wanted = str(file.adopt).removeprefix("sha256:")
    data = phase.tools.store.get("blob", wanted)
    if data is None:
        data = phase.tools.snapshot.read(phase.places.quarantine / file.path)
    if data is None or digest(data) != wanted:
        raise BadPlan(
            f"plan.files.json: {file.path!r} adopts {file.adopt}, which is neither in quarantine nor in the store",
            hint="take adopt out of the entry, and the file is asked for again",
        )
    return data


def _generated(reply: bytes, path: str, writes: Sequence[str], refs: Sequence[Ref], phase: Phase) -> bytes:
    before = {ref.path: phase.bases[ref.path].before for ref in refs}
    outcome = phase.outcomes.of_reply(reply, before, tuple(writes))
    change = next((change for change in outcome.changes if change.path == path), None)
    after = phase.bases[path].before if change is None else change.after
    if after is None:
        raise MissingOutputs(f"the reply has no content for {path}", hint="run again, or say more about it in plan.md")
    return after.data


def diff(
    blobs: Blobs, results: Mapping[str, Path], refs: Sequence[Ref], context_lines: int, prefix: str, *, phase: Phase
) -> bytes:
    """The patch from the working tree to code/files, proved by applying it. `prefix` stands before its paths."""
    from codegen_tasks.diff import PackedFragments, make_patch

    fragments = PackedFragments(phase.places.state / "fragments", phase.code)
    changes = _changes({path: blobs[file] for path, file in results.items()}, refs, prefix, phase)
    patch = make_patch(changes, context_lines, fragments)
    fragments.save()
    return patch


def _changes(results: Mapping[str, bytes], refs: Sequence[Ref], prefix: str, phase: Phase) -> list[FileChange]:
    planned = {file.path: file for file in phase.plan.files}
    changes = []
    for ref in refs:
        base, data = phase.bases[ref.path], results.get(ref.path)
        after = None if data is None else Blob(data, mode_of(planned[ref.path], base))
        changes.append(FileChange(prefix + ref.path, base.now, after))
    return changes


def ready(
    blobs: Blobs,
    inputs: Sequence[Path],
    context_paths: Sequence[str],
    refs: Sequence[Ref],
    settings: DiffSettings,
    commit: str | None,
    *,
    phase: Phase,
) -> bytes:
    """The signal of success. Raises EmptyDiff."""
    from codegen_tasks.diff import measure_patch

    manifest_file, patch_file, plan_md, plan_files = inputs
    manifest, patch = decode(blobs[manifest_file], Manifest), blobs[patch_file]
    checked = blobs.get(phase.places.checks)
    verdicts = () if checked is None else decode(checked, Checks).checks
    applied = not patch and any(phase.bases[ref.path].made for ref in refs)
    if not patch and not applied and not settings.allow_empty:
        raise EmptyDiff(
            "nothing would change: every planned file already is as the replies want it",
            hint="revise the plan, or set diff.allow_empty to true",
        )
    return encode(
        Ready(
            schema="codegen.ready/1",
            next="review",
            plan=digest(blobs[plan_md]),
            plan_files=digest(blobs[plan_files]),
            base=_base_facts(commit, context_paths, phase),
            attempt=manifest.attempt,
            applied=applied,
            allowed_empty=not patch and not applied,
            checks=tuple(map(_check_facts, verdicts)),
            files=manifest.files,
            diff=DiffFacts("code/diff.patch", digest(patch), len(patch), *measure_patch(patch)),
            usage=manifest.usage,
            diagnostics=(*manifest.diagnostics, *_check_diagnostics(verdicts)),
        )
    )


def _check_facts(verdict: Verdict) -> CheckFacts:
    tests = verdict.tests
    facts = TestFacts(tests.passed, tests.fixed, tests.failing_before, tests.flaky)
    return CheckFacts(verdict.name, verdict.verdict, facts)


def _check_diagnostics(verdicts: Sequence[Verdict]) -> Iterator[Diagnostic]:
    """What a reviewer should know of checks that let the change pass."""
    for verdict in verdicts:
        if not verdict.passes:
            yield Diagnostic("warning", "check_failed", told(verdict))
        for test, word in verdict.results.items():
            if word == "flaky":
                yield Diagnostic("warning", "flaky_test", f"{verdict.name}: {test} passes and fails on the same files")
    if any(verdict.sandbox == "none" for verdict in verdicts):
        yield Diagnostic("warning", "no_sandbox", "the checks ran without a sandbox: check.sandbox is none")


def _base_facts(commit: str | None, context_paths: Sequence[str], phase: Phase) -> BaseFacts:
    worktree = phase.tools.worktree
    bases = [(path, base.now) for path, base in phase.bases.items()]
    bases += [(path, worktree.read(path, "context")) for path in context_paths]
    return BaseFacts(commit, commit is None or worktree.is_dirty(commit, bases))
