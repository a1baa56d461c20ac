"""What a review page tells, gathered from the outputs of a task directory. It changes nothing and asks nobody."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from codegen_tasks.errors import EditFailed
from codegen_tasks.files import Snapshot
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.places import Places
from codegen_tasks.records import Answer, Unit, decode
from codegen_tasks.review import Asked, Earlier, Material
from codegen_tasks.signals import FailureReport, Manifest, Ready, Scope

T = TypeVar("T")
_MOST_OF_LOG = 20_000  # characters of a check's log, from its end
ATTEMPTS = 5  # archived ones that the page holds; older ones stay in the archive


def gather(phase: Phase) -> Material:
    """The material as code/ holds it now: an output that is missing or damaged is left out."""
    places, snapshot = phase.places, phase.tools.snapshot
    ready, failure = _read(places.ready, Ready, snapshot), _read(places.failure, FailureReport, snapshot)
    scope, manifest = _read(places.scope, Scope, snapshot), _read(places.manifest, Manifest, snapshot)
    paths = [file.path for file in phase.plan.files]
    contents = {path: data for path in paths if (data := snapshot.read(places.result(path))) is not None}
    edited = {file.path for file in manifest.files if file.hand_edited} if manifest else set()
    said, checks = list(_events(places, snapshot)), _checks(places, snapshot)
    return Material(
        title=places.task.name if places.task != places.root else places.root.name,
        patch=snapshot.read(places.patch) or b"",
        contents=contents,
        ready=ready,
        failure=failure,
        manifest=manifest,
        scope=scope,
        checks=checks,
        logs=dict(_logs(checks, places, snapshot)),
        generated=dict(_generated(phase, edited)),
        quarantine=_quarantine(scope, places, snapshot),
        units=tuple(_asked(unit, phase, said) for unit in phase.plan.units),
        earlier=tuple(_earlier(places, snapshot)),
    )


def _read(path: Any, kind: type[T], snapshot: Snapshot) -> T | None:
    data = snapshot.read(path)
    try:
        return None if data is None else decode(data, kind)
    except msgspec.MsgspecError:
        return None


def _checks(places: Places, snapshot: Snapshot) -> Mapping[str, Any] | None:
    try:
        found = json.loads(snapshot.read(places.code / "checks.json") or b"null")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _logs(checks: Mapping[str, Any] | None, places: Places, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The end of each check's log, by the check's name."""
    for check in (checks or {}).get("checks", ()):
        log = (places.task / str(check.get("log") or "")).resolve()
        if log.is_relative_to(places.state.resolve()):
            yield check["name"], (snapshot.read(log) or b"").decode("utf-8", "replace")[-_MOST_OF_LOG:]


def _events(places: Places, snapshot: Snapshot) -> Iterator[Mapping[str, Any]]:
    """The log of what was asked, oldest first; a torn line is passed over."""
    for line in (snapshot.read(places.state / "events.jsonl") or b"").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


def _asked(unit: Unit, phase: Phase, events: Sequence[Mapping[str, Any]]) -> Asked:
    answer = _read(phase.places.reply(unit.name), Answer, phase.tools.snapshot)
    own = [event for event in events if event.get("unit") == unit.name]
    last = str(own[-1].get("event", "")) if own else ""
    replies = answer.replies if answer is not None and unit.writes else ()
    costs = [reply.cost_usd for reply in replies]
    answered = "stored" if last in ("stored", "") else "asked"
    since = max((i + 1 for i, event in enumerate(own) if event.get("event") == "stored"), default=0)
    return Asked(
        unit=unit.name,
        paths=unit.paths,
        needs=unit.needs,
        sections=tuple(section.text for section in phase.questions[unit.name].sections if section.paths),
        state="planned" if not unit.writes else answered if replies else "failed",
        model=replies[-1].model if replies else "",
        attempt=answer.attempt if answer else phase.course(unit.name).at,
        tries=len(replies),
        refused=tuple(str(event.get("fault", "")) for event in own[since:] if event.get("event") == "refused"),
        input_tokens=sum(reply.input_tokens for reply in replies),
        output_tokens=sum(reply.output_tokens for reply in replies),
        cost_usd=None if None in costs else sum(cost or 0.0 for cost in costs),
    )


def _generated(phase: Phase, edited: set[str]) -> Iterator[tuple[str, bytes]]:
    """What replies alone make of the files that a person edited."""
    for unit in phase.plan.units:
        reply = phase.tools.snapshot.read(phase.places.reply(unit.name)) if edited & set(unit.writes) else None
        if reply is None:
            continue
        before = {path: phase.bases[path].before for path in unit.paths}
        try:
            outcome = phase.outcomes.of_reply(reply, before, unit.writes)
        except (EditFailed, msgspec.MsgspecError):
            continue
        yield from ((c.path, c.after.data) for c in outcome.changes if c.path in edited and c.after is not None)


def _quarantine(scope: Scope | None, places: Places, snapshot: Snapshot) -> dict[str, bytes]:
    refused = [one for one in scope.refused if one.quarantine] if scope else []
    return {one.path: snapshot.read(places.quarantine / one.path) or b"" for one in refused}


def _earlier(places: Places, snapshot: Snapshot) -> Iterator[Earlier]:
    """The latest archived attempts, the latest first."""
    numbers = (
        sorted((e for e in places.archive.iterdir() if e.name.isdigit()), reverse=True)
        if places.archive.is_dir()
        else []
    )
    for folder in numbers[:ATTEMPTS]:
        ready = _read(folder / "ready.json", Ready, snapshot)
        failure = _read(folder / "failure.json", FailureReport, snapshot)
        kind = "ready" if ready else failure.kind if failure else "edited files"
        manifest = ready or _read(folder / "manifest.json", Manifest, snapshot)
        digests = {file.path: file.sha256 or "" for file in manifest.files} if manifest else {}
        yield Earlier(folder.name, kind, snapshot.read(folder / "diff.patch") or b"", digests)
