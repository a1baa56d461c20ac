"""A unit's question rendered from contents of files, and whether it was ever asked. It asks nobody."""

from collections.abc import Callable, Mapping
from functools import partial

from codegen_tasks.context import Shown, build_request
from codegen_tasks.pipeline.question import Question
from codegen_tasks.records import Blob, Request, digest, encode
from codegen_tasks.store import Store

Contents = Mapping[str, bytes]
Generated = Mapping[str, bytes | None]  # None: not generated yet
WhyHidden = Callable[[str], str]  # why a path's name says that nobody may see its content; "" if it does not


def request_builder(
    question: Question, reference: Contents, generated: Generated, why_hidden: WhyHidden
) -> Callable[..., Request]:
    """What renders the unit's question, given `ambient`, from the contents of files."""
    shown = [Shown("reference", path, Blob(data)) for path, data in reference.items()]
    shown += [_generated(path, data, why_hidden(path)) for path, data in generated.items()]
    bases = [(path, question.before[path]) for path in question.unit.writes]
    shown += [Shown("current", path, before) for path, before in bases if before is not None]
    return partial(
        build_request,
        question.unit,
        question.sections,
        shown,
        question.templates,
        formats=[spec.format for spec in question.chain.models],
        attempt=question.course.at,
        note=question.course.now.note,
        report=question.course.now.report,
    )


def _generated(path: str, data: bytes | None, hidden: str) -> Shown:
    """What the unit sees of a file that it depends on."""
    blob = None if data is None or hidden else Blob(data)
    return Shown("generated", path, blob, f"{hidden}: it is not shown" if hidden else "")


def note_asked(
    question: Question, reference: Contents, generated: Generated, why_hidden: WhyHidden, store: Store
) -> None:
    """Pins that the unit's question was rendered, for `was_asked` to find."""
    store.put("pin", _asked_key(question, reference, generated, why_hidden), b"")


def was_asked(
    question: Question, reference: Contents, generated: Generated, why_hidden: WhyHidden, store: Store
) -> bool:
    """Whether the unit was asked the same ever before, whatever the `generated` files held then."""
    return store.get("pin", _asked_key(question, reference, generated, why_hidden)) is not None


def _asked_key(question: Question, reference: Contents, generated: Generated, why_hidden: WhyHidden) -> str:
    bare = request_builder(question, reference, dict.fromkeys(generated), why_hidden)()
    return digest(encode((bare, question.chain.key)))
