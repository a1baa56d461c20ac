"""What the phase publishes: manifest, ready, failure and scope, as records. It does not know when they are due."""

from collections.abc import Iterable, Sequence
from typing import Literal

from codegen_tasks.errors import MEANINGS, Failure, worst
from codegen_tasks.records import Diagnostic, Record, Reply


class Usage(Record, frozen=True):
    """Totals of the replies in use. `cost_usd` is None where a price is not known."""

    replies: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None


class ReadyFile(Record, frozen=True):
    """One planned file. `sha256`, `mode` and `reply` are None for a deleted one; `reply` is the digest of its unit's
    file in code/replies, None for a file that no model wrote."""

    path: str
    op: Literal["create", "update", "delete"]
    sha256: str | None
    bytes: int
    mode: str | None
    unit: str
    model: str | None
    reply: str | None
    hand_edited: bool


class LeftOut(Record, frozen=True):
    """What the context package of a unit had no room for, in words."""

    unit: str
    what: tuple[str, ...]


class Manifest(Record, frozen=True):
    """code/manifest.json: what code/files holds. `deletions` are planned files that are to go."""

    schema: Literal["codegen.manifest/1"]
    attempt: int
    files: tuple[ReadyFile, ...]
    deletions: tuple[str, ...]
    usage: Usage
    diagnostics: tuple[Diagnostic, ...]
    left_out: tuple[LeftOut, ...] = ()


class DiffFacts(Record, frozen=True):
    """Facts about code/diff.patch. `bytes` is its size."""

    path: str
    sha256: str
    bytes: int
    files: int
    insertions: int
    deletions: int


class BaseFacts(Record, frozen=True):
    """What the diff is against. `dirty`: a planned or context file differs from the commit, or there is none."""

    commit: str | None
    dirty: bool


class TestFacts(Record, frozen=True):
    """How many tests of a check came out so."""

    passed: int
    fixed: int
    failing_before: int
    flaky: int


class CheckFacts(Record, frozen=True):
    """One check as it ended."""

    name: str
    verdict: Literal["passed", "failed", "timed_out", "missing"]
    tests: TestFacts


class Ready(Record, frozen=True):
    """code/ready.json. `plan` and `plan_files` are the sha256 of the two files."""

    schema: Literal["codegen.ready/1"]
    next: Literal["review"]
    plan: str
    plan_files: str
    base: BaseFacts
    attempt: int
    applied: bool
    allowed_empty: bool
    checks: tuple[CheckFacts, ...]
    files: tuple[ReadyFile, ...]
    diff: DiffFacts
    usage: Usage
    diagnostics: tuple[Diagnostic, ...]


class FailureReport(Record, frozen=True):
    """code/failure.json: the kind that stands for all failures, and all of them."""

    schema: Literal["codegen.failure/1"]
    kind: str
    next: str
    retryable: bool
    failures: tuple[Failure, ...]


class Refused(Record, frozen=True):
    """Content that a reply wanted to write outside its unit's plan. `sha256` is None for a deletion or a fragment.

    `nearest` is the planned path that is most like it, if one is; `needed_by` are the unit's own files that import or
    name it.
    """

    path: str
    unit: str
    reason: str
    sha256: str | None
    quarantine: str | None
    operation: Literal["create", "update", "delete"] = "create"
    model: str = ""
    nearest: str | None = None
    needed_by: tuple[str, ...] = ()


class Amendment(Record, frozen=True, omit_defaults=True):
    """An entry ready to be merged into plan.files.json. Without `adopt` the file is to go."""

    path: str
    intent: str
    adopt: str | None = None


class Scope(Record, frozen=True):
    """code/scope.json: what was refused, and the plan entries that would accept it."""

    schema: Literal["codegen.scope/1"]
    refused: tuple[Refused, ...]
    amendment: tuple[Amendment, ...]


def failure_report(failures: Sequence[Failure]) -> FailureReport:
    """The report on one or more failures, in a stable order."""
    ordered = tuple(sorted(failures, key=lambda f: (MEANINGS[f.kind].exit, f.stage, f.unit)))
    kind = worst(ordered)
    meaning = MEANINGS[kind]
    return FailureReport("codegen.failure/1", kind, meaning.next, meaning.retryable, ordered)


def total_usage(replies: Iterable[Reply]) -> Usage:
    """What the replies in use cost. An unknown price makes the sum unknown."""
    used = tuple(replies)
    costs = [reply.cost_usd for reply in used]
    cost = None if any(c is None for c in costs) else round(sum(c for c in costs if c is not None), 6)
    return Usage(len(used), sum(r.input_tokens for r in used), sum(r.output_tokens for r in used), cost)
