"""A unit's question rendered from contents of files, and whether it was ever asked. It asks nobody.

Secrets are hidden piece by piece, each under the name of where it stands: a part of the plan, or a file.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from codegen_tasks.context import NOTHING, Rendered, Shown, Tokens, build_request, counter, fit, interface, longest
from codegen_tasks.context.masking import Mask, Secret, blob_mask, detector, hide, hide_blob, make_mask
from codegen_tasks.pipeline.question import Question
from codegen_tasks.records import Blob, PlannedFile, Request, Section, Unit, digest, encode
from codegen_tasks.store import Store
from codegen_tasks.text import decode

_CHOSEN = 800  # tokens that files leave to what is chosen beside them
Contents = Mapping[str, bytes]
Generated = Mapping[str, bytes | None]  # None: not generated yet
WhyHidden = Callable[[str], str]  # why a path's name says that nobody may see its content; "" if it does not
SHARED, OWN, ENTRIES, NOTE, REPORT = "plan.md", "plan.md, for the unit", "plan.files.json", "the note", "the report"


def _nothing(_path: str) -> str:
    return ""


@dataclass(frozen=True)
class Privacy:
    """What no model may see: contents of files whose names say so, and secrets known beside what looks like one."""

    why_hidden: WhyHidden = _nothing
    known: tuple[Secret, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """What steps are hashed with: who finds secrets, and those that are known."""
        return (detector(), self.known)


@dataclass(frozen=True)
class RequestBuilder:
    """What renders a unit's question, given `ambient`. `files` are those it shows, as it shows them."""

    files: tuple[Shown, ...]
    render: Callable[..., Request]
    count: Callable[[str], int]

    def __call__(self, ambient: Rendered = NOTHING) -> Request:
        """The request."""
        return self.render(ambient=ambient)

    def tokens(self, request: Request, ambient: Rendered) -> Tokens:
        """How many tokens a request of this builder has, and its parts."""
        parts = dict.fromkeys(("current", "reference", "generated", "interface"), 0)
        for file in self.files:
            parts[file.what] += 0 if file.blob is None else self.count(decode(file.blob.data).text)
        return Tokens(
            total=sum(self.count(message.content) for message in request.messages),
            planned=parts["current"],
            context=parts["reference"],
            dependencies=parts["generated"] + parts["interface"],
            definitions=self.count(ambient.own),
            summary=self.count(ambient.shared),
        )


def request_builder(question: Question, reference: Contents, generated: Generated, privacy: Privacy) -> RequestBuilder:
    """What renders the unit's question, given `ambient`, from the contents of files."""
    known, told = privacy.known, question.course.now
    count = counter(tuple(spec.model for spec in question.models))
    files = tuple(_without_secrets(file, question.unit.files, known) for file in question.unit.files)
    render = partial(
        build_request,
        msgspec.structs.replace(question.unit, files=files),
        [_hidden(section, question.sections, known) for section in question.sections],
        templates=question.templates,
        formats=[spec.format for spec in question.chain.models],
        attempt=question.course.at,
        note=hide(NOTE, told.note, known),
        report=hide(REPORT, told.report, known),
    )
    whole = list(_shown(question, reference, generated, privacy))
    words = longest(render(list(map(_emptied, whole))), count)
    shown = fit(whole, question.words, question.tokens - words - _CHOSEN, count)
    return RequestBuilder(tuple(shown), partial(render, shown), count)


def _emptied(shown: Shown) -> Shown:
    return shown if shown.blob is None else msgspec.structs.replace(shown, blob=Blob(b"", shown.blob.mode))


def masks_of(
    question: Question, reference: Contents, generated: Generated, privacy: Privacy
) -> Iterator[tuple[str, Mask]]:
    """Where secrets of a question stand, and their masks."""
    known, told = privacy.known, question.course.now
    parts = {SHARED: _text(question.sections, False), OWN: _text(question.sections, True), NOTE: told.note}
    parts |= {ENTRIES: _entries(question.unit.files), REPORT: told.report}
    found = [(name, make_mask(name, text, known)) for name, text in parts.items() if text]
    files = _files(question, reference, generated, privacy)
    found += [(file.path, blob_mask(_source(file), file.blob, known)) for file in files if file.blob is not None]
    yield from ((name, mask) for name, mask in found if mask.secrets)


def _shown(question: Question, reference: Contents, generated: Generated, privacy: Privacy) -> Iterator[Shown]:
    for shown in _files(question, reference, generated, privacy):
        hidden = None if shown.blob is None else hide_blob(_source(shown), shown.blob, privacy.known)
        yield msgspec.structs.replace(shown, blob=hidden)


def _files(question: Question, reference: Contents, generated: Generated, privacy: Privacy) -> Iterator[Shown]:
    """The files of a question, as they are."""
    yield from (Shown("reference", path, Blob(data)) for path, data in reference.items())
    outlined = _seen_as_interface(question.unit)
    for path, data in generated.items():
        yield _generated(path, data, privacy.why_hidden(path), path in outlined)
    bases = [(path, question.before[path]) for path in question.unit.writes]
    yield from (Shown("current", path, before) for path, before in bases if before is not None)


def _source(shown: Shown) -> str:
    """The unit's own files are known by their paths alone: what edits apply to is hidden the same way."""
    return shown.path if shown.what == "current" else f"{shown.what} {shown.path}"


def _text(sections: Sequence[Section], own: bool) -> str:
    return "\n".join(section.text for section in sections if bool(section.paths) == own)


def _hidden(section: Section, sections: Sequence[Section], known: Sequence[Secret]) -> Section:
    own = bool(section.paths)
    mask = make_mask(OWN if own else SHARED, _text(sections, own), known)
    return msgspec.structs.replace(section, text=mask.hide(section.text)) if mask.secrets else section


def _entries(files: Sequence[PlannedFile]) -> str:
    return "\n".join("\n".join((f.role, f.summary, f.notes, *(text for _, text in f.extra))) for f in files)


def _without_secrets(file: PlannedFile, files: Sequence[PlannedFile], known: Sequence[Secret]) -> PlannedFile:
    mask = make_mask(ENTRIES, _entries(files), known)
    if not mask.secrets:
        return file
    extra = tuple((name, mask.hide(text)) for name, text in file.extra)
    words = {name: mask.hide(getattr(file, name)) for name in ("role", "summary", "notes")}
    return msgspec.structs.replace(file, extra=extra, **words)


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


def note_asked(question: Question, reference: Contents, generated: Generated, privacy: Privacy, store: Store) -> None:
    """Pins that the unit's question was rendered, for `was_asked` to find."""
    store.put("pin", _asked_key(question, reference, generated, privacy), b"")


def was_asked(question: Question, reference: Contents, generated: Generated, privacy: Privacy, store: Store) -> bool:
    """Whether the unit was asked the same ever before, whatever the `generated` files held then."""
    return store.get("pin", _asked_key(question, reference, generated, privacy)) is not None


def _asked_key(question: Question, reference: Contents, generated: Generated, privacy: Privacy) -> str:
    bare = request_builder(question, reference, dict.fromkeys(generated), privacy)()
    return digest(encode((bare, question.chain.key)))
