"""Stage ready: the signal of success, when everything that it waits for is there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from codegen_tasks.bases import Base
from codegen_tasks.config import DiffSettings
from codegen_tasks.errors import EmptyDiff
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.step import Step
from codegen_tasks.records import MODE, Blob, Diagnostic, decode, digest, encode
from codegen_tasks.signals import BaseFacts, CheckFacts, DiffFacts, Manifest, Ready, TestFacts

if TYPE_CHECKING:  # what checks need is not cheap to import
    from codegen_tasks.check import Verdict

IsDirty = Callable[[str, list[tuple[str, Blob | None]]], bool]
"""Whether any of these contents differs from the commit's."""


def steps(phase: Phase, gates: Sequence[Path]) -> Iterator[Step]:
    """code/ready.json, once the `gates` are there."""
    inputs = (phase.places.manifest, phase.places.patch, phase.plan_md, phase.plan_files)
    context = {path: phase.places.original(path) for q in phase.questions.values() for path in q.unplanned}
    bases = tuple(phase.bases.values())
    checks = phase.places.checks if phase.places.checks in gates else None
    commit, strays = phase.tools.worktree.commit(), phase.strays
    yield Step(
        "ready",
        "",
        reads=(*inputs, *gates, *context.values()),
        params=(inputs, checks, dict(sorted(context.items())), bases, phase.config.diff, commit, strays),
        writes=phase.places.ready,
        run=partial(make_ready, read=phase.tools.worktree.read, is_dirty=phase.tools.worktree.is_dirty),
    )


def make_ready(
    blobs: Mapping[Path, bytes],
    inputs: Sequence[Path],
    checks: Path | None,
    context: Mapping[str, Path],
    bases: Sequence[Base],
    settings: DiffSettings,
    commit: str | None,
    strays: Sequence[Diagnostic],
    *,
    read: Callable[[str, str], Blob | None],
    is_dirty: IsDirty,
) -> bytes:
    """The signal. `read` gives a context file with its mode. Raises EmptyDiff."""
    from codegen_tasks.diff import measure_patch  # not on a run that has nothing to say

    manifest_file, patch_file, plan_md, plan_files = inputs
    manifest, patch = decode(blobs[manifest_file], Manifest), blobs[patch_file]
    verdicts = _verdicts(blobs[checks]) if checks else ()
    applied = not patch and any(base.made for base in bases)
    if not (patch or applied or settings.allow_empty):
        raise _empty(manifest)
    contents = [(base.path, base.now) for base in bases] + [(path, read(path, "context")) for path in context]
    return encode(
        Ready(
            schema="codegen.ready/1",
            next="review",
            plan=digest(blobs[plan_md]),
            plan_files=digest(blobs[plan_files]),
            base=BaseFacts(commit, commit is None or is_dirty(commit, contents)),
            attempt=manifest.attempt,
            applied=applied,
            allowed_empty=not patch and not applied,
            checks=tuple(map(_check_facts, verdicts)),
            files=manifest.files,
            diff=DiffFacts("code/diff.patch", digest(patch), len(patch), *measure_patch(patch)),
            usage=manifest.usage,
            diagnostics=(*strays, *manifest.diagnostics, *_check_diagnostics(verdicts)),
        )
    )


def _empty(manifest: Manifest) -> EmptyDiff:
    modes = "".join(f"; {note.path}: {note.message}" for note in manifest.diagnostics if note.code == MODE)
    return EmptyDiff(
        f"nothing would change: every planned file already is as the replies want it{modes}",
        hint="revise the plan, or set diff.allow_empty to true",
    )


def check_facts(data: bytes) -> tuple[CheckFacts, ...]:
    """What signals tell of code/checks.json."""
    return tuple(map(_check_facts, _verdicts(data)))


def _verdicts(data: bytes) -> "tuple[Verdict, ...]":
    from codegen_tasks.check import Checks

    return decode(data, Checks).checks


def _check_facts(verdict: "Verdict") -> CheckFacts:
    tests = verdict.tests
    facts = TestFacts(tests.passed, tests.fixed, tests.failing_before, tests.flaky)
    return CheckFacts(verdict.name, verdict.verdict, facts)


def _check_diagnostics(verdicts: "Sequence[Verdict]") -> Iterator[Diagnostic]:
    """What a reviewer should know of checks that let the change pass."""
    if not verdicts:
        return
    from codegen_tasks.check import told

    for verdict in verdicts:
        if not verdict.passes:
            yield Diagnostic("warning", "check_failed", told(verdict))
        for test, word in verdict.results.items():
            if word == "flaky":
                yield Diagnostic("warning", "flaky_test", f"{verdict.name}: {test} passes and fails on the same files")
    if any(verdict.sandbox == "none" for verdict in verdicts):
        yield Diagnostic("warning", "no_sandbox", "the checks ran without a sandbox: check.sandbox is none")
