"""Stage materialize: a unit's reply becomes the bytes of each planned file, or what a person made of them.

`make_file` also records what the content was made from, and archives a person's edit that it replaces.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from codegen_tasks.bases import Base, Output
from codegen_tasks.context.masking import MARK, Mask, reveal
from codegen_tasks.errors import BadPlan, MissingOutputs
from codegen_tasks.pipeline.origins import Origins, make_origin
from codegen_tasks.pipeline.outcomes import Outcomes
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.question import Question
from codegen_tasks.pipeline.questions import Privacy, masks_of
from codegen_tasks.pipeline.step import Step, results
from codegen_tasks.records import Intent, PlannedFile, digest

Adopt = Callable[[str], bytes | None]
"""The content with this sha256."""


def steps(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    """One file of code/files for each planned file that is not to go."""
    for question in phase.questions.values():
        unit = question.unit
        for file in unit.files:
            if file.intent is Intent.DELETE:
                continue
            reply = None if file.adopt else phase.places.reply(unit.name)
            adopt = adopter(phase, file.path)
            sources = {path: phase.places.original(path) for path in question.unplanned} if reply else {}
            needed = results(phase.places, unit.needs, phase.deleted) if reply else {}
            yield Step(
                "materialize",
                file.path,
                reads=(reply, *sources.values(), *needed.values()) if reply else (),
                params=(file, reply, question, sources, needed, phase.privacy),
                writes=phase.places.result(file.path),
                run=partial(make_file, outcomes=phase.outcomes, origins=phase.origins, adopt=adopt),
                derived=False,
            )


def adopter(phase: Phase, path: str) -> Adopt:
    """Finds what a planned file adopts: in the store, else in the quarantine."""

    def find(wanted: str) -> bytes | None:
        data = phase.tools.store.get("blob", wanted)
        return phase.tools.snapshot.read(phase.places.quarantine / path) if data is None else data

    return find


def make_file(
    blobs: Mapping[Path, bytes],
    file: PlannedFile,
    reply: Path | None,
    question: Question,
    sources: Mapping[str, Path],
    needed: Mapping[str, Path],
    privacy: Privacy,
    *,
    outcomes: Outcomes,
    origins: Origins,
    adopt: Adopt,
) -> bytes:
    """The bytes of one planned file, with the secrets that the model was not shown."""
    said = blobs[reply] if reply else None

    def masks() -> list[Mask]:
        reference = question.reference({path: blobs[place] for path, place in sources.items()})
        generated = {path: blobs[place] for path, place in needed.items()}
        return [mask for _, mask in masks_of(question, reference, generated, privacy)]

    data, origin = content_of(file, said, question, outcomes, adopt, masks)
    kept = origins.keep_or_replace(data, origin)
    origins.remember(origin, _base(file.path, question.bases).before)
    return kept


def content_of(
    file: PlannedFile,
    reply: bytes | None,
    question: Question,
    outcomes: Outcomes,
    adopt: Adopt,
    masks: Callable[[], Iterable[Mask]] = tuple,
) -> tuple[bytes, Output]:
    """A planned file as the unit's reply makes it, or as it was adopted, and where that comes from.

    `masks` are those of the whole question, made where a placeholder was left.
    """
    if reply is None:
        data, source = _adopted(file, adopt), str(file.adopt)
    else:
        data, source = _generated(reply, file.path, question.unit.writes, question.bases, outcomes), digest(reply)
        data = reveal(data, masks()) if MARK.encode() in data else data
    return data, make_origin(_base(file.path, question.bases), data, source, question.core)


def _base(path: str, bases: Sequence[Base]) -> Base:
    return next(base for base in bases if base.path == path)


def _adopted(file: PlannedFile, adopt: Adopt) -> bytes:
    wanted = str(file.adopt).removeprefix("sha256:")
    data = adopt(wanted)
    if data is None or digest(data) != wanted:
        raise BadPlan(
            f"plan.files.json: {file.path!r} adopts {file.adopt}, which is neither in quarantine nor in the store",
            hint="take adopt out of the entry, and the file is asked for again",
        )
    return data


def _generated(reply: bytes, path: str, writes: tuple[str, ...], bases: Sequence[Base], outcomes: Outcomes) -> bytes:
    before = {base.path: base.before for base in bases}
    changes = {change.path: change for change in outcomes.of_reply(reply, before, writes).changes}
    after = before[path] if path not in changes else changes[path].after
    if after is None:
        raise MissingOutputs(f"the reply has no content for {path}", hint="run again, or say more about it in plan.md")
    return after.data
