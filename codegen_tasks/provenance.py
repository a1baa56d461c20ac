"""Who wrote what, as an in-toto Statement v1 with SLSA's provenance predicate. It signs nothing and knows no clock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, TypedDict

from codegen_tasks.records import Answer, digest, encode
from codegen_tasks.review.origins import HAND, hand_written, ranges
from codegen_tasks.review.patches import read_patch
from codegen_tasks.signals import CheckFacts, Manifest, Ready, ReadyFile

BUILD_TYPE = "urn:codegen-tasks:codegen:v1"
TRACE = "0.1.0"  # of Agent Trace's records: line ranges and who contributed them


class Resource(TypedDict):
    """A ResourceDescriptor: a file or a commit by its digest, or a by-product by its annotations."""

    name: str
    digest: NotRequired[dict[str, str]]
    annotations: NotRequired[dict[str, Any]]


class Definition(TypedDict):
    """What went in: the plan, the checks, and the replies in use."""

    buildType: str
    externalParameters: dict[str, Any]
    internalParameters: dict[str, Any]
    resolvedDependencies: list[Resource]


class RunDetails(TypedDict):
    """What made it, and what came out beside the subject."""

    builder: dict[str, str]
    byproducts: list[Resource]


class Predicate(TypedDict):
    """SLSA's provenance."""

    buildDefinition: Definition
    runDetails: RunDetails


class Statement(TypedDict):
    """code/provenance.json. `subject` is the diff and each file."""

    _type: Literal["https://in-toto.io/Statement/v1"]
    subject: list[Resource]
    predicateType: Literal["https://slsa.dev/provenance/v1"]
    predicate: Predicate


@dataclass(frozen=True)
class Sources:
    """What a diff was made of. `plan` and `plan_files` are their bytes, `answers` those of the units by name with the
    sha256 of their files; `contents` are the files that a person edited, `generated` the same as replies made them.
    `prefix` stands before the plan's paths in the patch."""

    patch: bytes
    manifest: Manifest
    plan: bytes
    plan_files: bytes
    commit: str | None
    answers: Mapping[str, tuple[str, Answer]]
    checks: Sequence[CheckFacts] = ()
    contents: Mapping[str, bytes] = field(default_factory=dict)
    generated: Mapping[str, bytes] = field(default_factory=dict)
    prefix: str = ""


def make_statement(sources: Sources) -> bytes:
    """code/provenance.json: the same bytes for the same sources."""
    files = [file for file in sources.manifest.files if file.sha256 is not None]
    subject = [_resource("diff.patch", digest(sources.patch))]
    subject += [_resource(f"files/{file.path}", file.sha256 or "") for file in files]
    details: RunDetails = {
        "builder": {"id": "urn:codegen-tasks"},
        "byproducts": [{"name": "trace", "annotations": _trace(sources)}],
    }
    statement: Statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject,
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"buildDefinition": _definition(sources), "runDetails": details},
    }
    return encode(statement)


def _definition(sources: Sources) -> Definition:
    plan = {"plan.md": digest(sources.plan), "plan.files.json": digest(sources.plan_files)}
    return {
        "buildType": BUILD_TYPE,
        "externalParameters": {"attempt": sources.manifest.attempt, "plan": plan},
        "internalParameters": {"checks": [{"name": check.name, "verdict": check.verdict} for check in sources.checks]},
        "resolvedDependencies": list(_dependencies(sources)),
    }


def _dependencies(sources: Sources) -> Iterator[Resource]:
    """The commit, and for each unit its question and the replies to it, with the models as they called themselves."""
    if sources.commit is not None:
        yield {"name": "base", "digest": {"gitCommit": sources.commit}}
    for unit, (reply, answer) in sorted(sources.answers.items()):
        models = list(dict.fromkeys(said.model for said in answer.replies))
        yield _resource(f"question/{unit}", answer.request)
        yield _resource(f"reply/{unit}", reply) | {"annotations": {"attempt": answer.attempt, "models": models}}


def _resource(name: str, sha256: str) -> Resource:
    return {"name": name, "digest": {"sha256": sha256}}


def _trace(sources: Sources) -> dict[str, Any]:
    """The added lines of the diff by who wrote them."""
    known = {file.path: file for file in sources.manifest.files}
    files = []
    for file in read_patch(sources.patch):
        path = file.path.removeprefix(sources.prefix)
        after = sources.contents.get(path)
        by_hand = frozenset[int]() if after is None else hand_written(sources.generated.get(path), after)
        runs = ranges(file, by_hand)
        if runs:
            files.append({"path": file.path, "conversations": list(_conversations(runs, known.get(path)))})
    return {"version": TRACE, "files": files}


def _conversations(runs: Iterable[tuple[int, int, str]], facts: ReadyFile | None) -> Iterator[dict[str, Any]]:
    """One conversation for the reply, one for the person."""
    by: dict[str, list[dict[str, int]]] = {}
    for first, last, who in runs:
        by.setdefault(who, []).append({"start_line": first, "end_line": last})
    for who, found in sorted(by.items()):
        model = facts.model if facts and who != HAND else None
        contributor = {"type": "human"} if who == HAND else {"type": "ai" if model else "unknown"}
        if model:
            contributor["model_id"] = model
        related = [{"type": "reply", "sha256": facts.reply}] if facts and model and facts.reply else []
        yield {"contributor": contributor, "ranges": found, **({"related": related} if related else {})}


def trailers(ready: Ready) -> list[str]:
    """What a commit message should carry about an applied diff."""
    models = sorted({file.model for file in ready.files if file.model})
    edited = sum(file.hand_edited for file in ready.files)
    return [
        *(f"Generated-by: {model}" for model in models),
        *([f"Edited-by-hand: {edited} of {len(ready.files)} files"] if edited else []),
        f"Codegen-Plan: sha256:{ready.plan}",
        f"Codegen-Diff: sha256:{ready.diff.sha256}",
    ]
