"""A unit's question rendered from contents of files, and what is pinned about it in the store. It asks nobody."""

from collections.abc import Callable, Mapping
from functools import partial

from codegen_tasks.attempts import Course
from codegen_tasks.context import Shown, build_request
from codegen_tasks.pipeline.phase import Phase, Question
from codegen_tasks.records import Blob, Request, digest, encode

Contents = Mapping[str, bytes]
Generated = Mapping[str, bytes | None]  # None: not generated yet


def request_builder(
    question: Question, reference: Contents, generated: Generated, course: Course, phase: Phase
) -> Callable[..., Request]:
    """What renders the unit's question, given `ambient`, from the contents of files."""
    shown = [Shown("reference", path, Blob(data)) for path, data in reference.items()]
    shown += [_generated(path, data, phase) for path, data in generated.items()]
    bases = [(path, phase.bases[path].before) for path in question.unit.writes]
    shown += [Shown("current", path, before) for path, before in bases if before is not None]
    return partial(
        build_request,
        question.unit,
        question.sections,
        shown,
        phase.templates,
        formats=[spec.format for spec in phase.chain(question.unit)],
        attempt=course.at,
        note=course.now.note,
        report=course.now.report,
    )


def _generated(path: str, data: bytes | None, phase: Phase) -> Shown:
    """What the unit sees of a file that it depends on: nothing where its name says that nobody may."""
    reason = phase.tools.worktree.why_hidden(path)
    blob = None if data is None or reason else Blob(data)
    return Shown("generated", path, blob, f"{reason}: it is not shown" if reason else "")


def note_asked(question: Question, reference: Contents, generated: Generated, course: Course, phase: Phase) -> None:
    """Pins that the unit's question was rendered, for `was_asked` to find."""
    phase.tools.store.put("pin", _asked_key(question, reference, generated, course, phase), b"")


def was_asked(question: Question, reference: Contents, generated: Generated, course: Course, phase: Phase) -> bool:
    """Whether the unit was asked the same ever before, whatever the `generated` files held then."""
    return phase.tools.store.get("pin", _asked_key(question, reference, generated, course, phase)) is not None


def _asked_key(question: Question, reference: Contents, generated: Generated, course: Course, phase: Phase) -> str:
    bare = request_builder(question, reference, dict.fromkeys(generated), course, phase)()
    return digest(encode((bare, question.chain)))
