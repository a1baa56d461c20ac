"""The manifest, and with it the judgement on scope: what the replies wrote where they may not."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from codegen_tasks.bases import mode_of
from codegen_tasks.config import ScopeSettings
from codegen_tasks.errors import BadPlan, EditFailed, ScopeMismatch
from codegen_tasks.files import remove_tree
from codegen_tasks.pipeline.origins import make_origin, origin_of, remember
from codegen_tasks.pipeline.phase import Phase, Ref
from codegen_tasks.plan import Tree, check_collisions, check_name
from codegen_tasks.records import LINK, Answer, Blob, Diagnostic, Outside, PlannedFile, Unit, decode, digest, encode
from codegen_tasks.signals import Amendment, Manifest, ReadyFile, Refused, Scope, total_usage

Blobs = Mapping[Path, bytes]


def manifest(
    blobs: Blobs,
    units: Sequence[Unit],
    replies: Mapping[str, Path],
    results: Mapping[str, Path],
    _refs: Sequence[Ref],
    attempt: int,
    _scope: ScopeSettings,
    *,
    phase: Phase,
) -> bytes:
    """code/manifest.json. Raises ScopeMismatch when a reply writes outside its unit."""
    answers = {name: decode(blobs[file], Answer) for name, file in replies.items()}
    digests = {name: digest(blobs[file]) for name, file in replies.items()}
    diagnostics: list[Diagnostic] = []
    outside: list[tuple[Unit, Outside]] = []
    for unit in units:
        if unit.name in answers:
            found, claims = _judge(unit, blobs[replies[unit.name]], phase)
            diagnostics += found
            outside += [(unit, claim) for claim in claims]
    phase.outcomes.save()
    _publish_scope(outside, phase)
    contents = {path: blobs[file] for path, file in results.items()}
    entries = [
        _entry(unit, file, contents.get(file.path), answers.get(unit.name), digests.get(unit.name), phase)
        for unit in units
        for file in unit.files
    ]
    entries.sort(key=lambda entry: entry.path.encode())
    return encode(
        Manifest(
            schema="codegen.manifest/1",
            attempt=attempt,
            files=tuple(entries),
            deletions=tuple(entry.path for entry in entries if entry.op == "delete"),
            usage=total_usage(reply for given in answers.values() for reply in given.replies),
            diagnostics=tuple(sorted(diagnostics, key=lambda d: (d.path.encode(), d.code, d.message))),
        )
    )


def judge_scope(phase: Phase, failed: Collection[str]) -> None:
    """Publishes the scope of a run that ended before its manifest: of all units with replies but the `failed` ones.

    Raises ScopeMismatch.
    """
    outside: list[tuple[Unit, Outside]] = []
    for unit in phase.plan.units:
        data = phase.tools.snapshot.read(phase.places.reply(unit.name))
        if unit.writes and unit.name not in failed and data is not None:
            with suppress(msgspec.MsgspecError, EditFailed):  # not what a step of this run has written
                outside += [(unit, claim) for claim in _judge(unit, data, phase)[1]]
    _publish_scope(outside, phase)


def _judge(unit: Unit, reply: bytes, phase: Phase) -> tuple[list[Diagnostic], list[Outside]]:
    """A unit's diagnostics, and its claims on paths that no unit of the plan may write."""
    before = {path: phase.bases[path].before for path in unit.paths}
    remarks = phase.outcomes.remarks(reply, before, unit.writes)
    diagnostics, refused = list(remarks.diagnostics), []
    beside = {claim.path: found for claim in remarks.outside if (found := _at_hand(claim, phase))}
    claims = phase.outcomes.remarks(reply, before | beside, unit.writes).outside if beside else remarks.outside
    for claim in claims:
        if claim.path in phase.bases:
            message = f"unit {unit.name} also wrote {claim.path}; that file's own unit wins"
            diagnostics.append(Diagnostic("warning", "other_unit", message, claim.path))
        else:
            refused.append(claim)
    return diagnostics, refused


def _at_hand(claim: Outside, phase: Phase) -> Blob | None:
    """The file that an edit outside the plan is of, if what it makes of that can be planned."""
    if claim.applied or claim.path in phase.bases or not _may_be_planned(claim.path, phase):
        return None
    blob = phase.tools.worktree.read(claim.path, "reply")
    return None if blob is None or blob.mode == LINK else blob


def _refuse(unit: Unit, claim: Outside, phase: Phase, nested: Collection[str]) -> Refused:
    data = claim.data
    if data is None:
        return Refused(claim.path, unit.name, claim.reason, None, None)
    phase.tools.store.put("blob", digest(data), data)
    place = claim.path
    if claim.path in nested or not _may_be_planned(claim.path, phase) or (phase.places.quarantine / place).exists():
        place = f"other/{digest(f'{claim.path} {unit.name}'.encode())}"
    phase.tools.snapshot.write(phase.places.quarantine / place, data)
    return Refused(claim.path, unit.name, claim.reason, digest(data), f"code/quarantine/{place}")


def _publish_scope(outside: Sequence[tuple[Unit, Outside]], phase: Phase) -> None:
    """Writes scope.json and the quarantine if something was refused; what an earlier run refused goes."""
    phase.tools.snapshot.remove(phase.places.scope)
    remove_tree(phase.places.quarantine)
    if not outside:
        return
    ordered = sorted(outside, key=lambda pair: (pair[1].path, pair[0].name))
    nested = _nested([claim.path for _, claim in ordered])
    refused = tuple(_refuse(unit, claim, phase, nested) for unit, claim in ordered)
    amendment = tuple(_amend(refused))
    phase.tools.snapshot.write(phase.places.scope, encode(Scope("codegen.scope/1", refused, amendment)))
    names = ", ".join(dict.fromkeys(r.path for r in refused))
    raise ScopeMismatch(
        f"the replies write outside the plan: {names}",
        hint="see code/scope.json: plan these files, or say in plan.md not to write them",
    )


def _nested(paths: Sequence[str]) -> set[str]:
    """The paths that would have to be a file and a folder, or lie below one that would: none of them can be planned."""
    return {
        path
        for path in paths
        for other in paths
        if path != other and (path.startswith(f"{other}/") or other.startswith(f"{path}/"))
    }


def _may_be_planned(path: str, phase: Phase) -> bool:
    """Whether plan.files.json could name the path, beside what it names now."""
    try:
        check_name(path, "reply")
        check_collisions([*phase.bases, path], "reply")
        Tree(phase.places.root).check(path, "reply")
        phase.tools.worktree.check_sendable(path, "reply")
    except BadPlan:
        return False
    return True


def _amend(refused: Sequence[Refused]) -> Iterator[Amendment]:
    """One entry for each path, the first claim on it, where planning it is possible at all."""
    first = {entry.path: entry for entry in reversed(refused)}
    for entry in sorted(first.values(), key=lambda entry: entry.path):
        if entry.sha256 and entry.quarantine == f"code/quarantine/{entry.path}":
            yield Amendment(entry.path, "create_or_update", f"sha256:{entry.sha256}")


def _entry(
    unit: Unit, file: PlannedFile, data: bytes | None, given: Answer | None, answer: str | None, phase: Phase
) -> ReadyFile:
    base = phase.bases[file.path].before
    source = str(file.adopt) if file.adopt else answer or ""
    known = origin_of(file.path, data, phase)
    edited = data is not None and (known is None or known.edited or known.answer != source)
    if data is None or edited:
        remember(make_origin(file.path, data, source, unit.name, phase, edited=edited), base, phase)
    return ReadyFile(
        path=file.path,
        op="delete" if data is None else "create" if base is None else "update",
        sha256=None if data is None else digest(data),
        bytes=0 if data is None else len(data),
        mode=None if data is None else f"{mode_of(file, phase.bases[file.path]):o}",
        unit=unit.name,
        model=given.replies[-1].model if given and file.path in unit.writes else None,
        reply=answer if file.path in unit.writes else None,
        hand_edited=edited,
    )
