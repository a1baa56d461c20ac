"""A unit's question rendered from contents of files, and whether it was ever asked. It asks nobody."""

from collections.abc import Callable, Mapping
from functools import partial

from codegen_tasks.context import Shown, build_request, interface
from codegen_tasks.pipeline.question import Question
from codegen_tasks.records import Blob, Request, Unit, digest, encode
from codegen_tasks.store import Store

Contents = Mapping[str, bytes]
Generated = Mapping[str, bytes | None]  # None: not generated yet
WhyHidden = Callable[[str], str]  # why a path's name says that nobody may see its content; "" if it does not


def request_builder(
    question: Question, reference: Contents, generated: Generated, why_hidden: WhyHidden
) -> Callable[..., Request]:
    """What renders the unit's question, given `ambient`, from the contents of files."""
    shown = [Shown("reference", path, Blob(data)) for path, data in reference.items()]
    outlined = _seen_as_interface(question.unit)
    shown += [_generated(path, data, why_hidden(path), path in outlined) for path, data in generated.items()]
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


def _generated(path: str, data: bytes | None, hidden: str, outlined: bool) -> Shown:
    """What the unit sees of a file that it depends on: its content, or its interface where its language is known."""
    if data is None or hidden:
        return Shown("generated", path, None, f"{hidden}: it is not shown" if hidden else "")
    definitions = interface(path, data) if outlined else None
    return Shown("generated", path, Blob(data)) if definitions is None else Shown("interface", path, Blob(definitions))


def _seen_as_interface(unit: Unit) -> frozenset[str]:
    """What every file of the unit that depends on it wants to see as definitions alone."""
    whole = {path for file in unit.files for path in file.depends_on if path not in file.interfaces}
    return frozenset(path for file in unit.files for path in file.interfaces) - whole


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
