"""The messages of a Request, rendered from templates. What is the same for all units stands first."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from codegen_tasks.context.ambient import Rendered
from codegen_tasks.context.shown import Shown
from codegen_tasks.records import Alternative, Intent, Message, PlannedFile, Record, Request, Section, Unit
from codegen_tasks.text import decode

if TYPE_CHECKING:
    from jinja2 import Template

_FENCES = re.compile(r"(?:^|\r)[ \t]*(`{3,})", re.MULTILINE)  # a lone CR ends a line in Markdown
_BINARY_SAMPLE = 8000  # bytes: where git looks for a NUL
NOTHING = Rendered()


class Templates(Record, frozen=True):
    """Template texts. `formats` maps an edit format to its instructions."""

    system: str
    unit: str
    formats: Mapping[str, str]


def build_request(
    unit: Unit,
    sections: Sequence[Section],
    shown: Sequence[Shown],
    templates: Templates,
    *,
    formats: Sequence[str],
    attempt: int = 1,
    note: str = "",
    report: str = "",
    ambient: Rendered = NOTHING,
) -> Request:
    """The question of a unit. The first of `formats` is asked for; the others become alternatives of the last message.

    Sections for all go, with what all share of `ambient`, into the first message: the same bytes for all units.
    """
    shared = [section.text for section in sections if not section.paths]
    system = _template(templates.system).render(sections=shared, ambient=ambient.shared)
    own = [s.text for s in sections if set(s.paths) & set(unit.paths)]
    files = [_described(blob) for blob in shown]

    def ask(name: str) -> str:
        return _template(templates.unit).render(
            sections=own, planned=[_planned(file) for file in unit.files], files=files,
            note=note, report=report, ambient=ambient.own,
            format=_template(templates.formats[name]).render().strip(), paths=unit.writes,
        )  # fmt: skip

    names = list(dict.fromkeys(formats))
    messages = (Message("system", system), Message("user", ask(names[0])))
    others = tuple(Alternative(name, ask(name)) for name in names[1:])
    return Request(unit.name, unit.writes, messages, names[0], attempt, others)


def longest(request: Request, count: Callable[[str], int]) -> int:
    """The tokens of a request in the longest of its forms."""
    *first, last = (message.content for message in request.messages)
    return sum(map(count, first)) + max(map(count, (last, *(other.content for other in request.alternatives))))


@lru_cache(maxsize=16)
def _template(text: str) -> "Template":
    from jinja2 import Environment, StrictUndefined

    plain = Environment(  # noqa: S701 (no HTML here: a model must see the characters themselves)
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
    )
    return plain.from_string(text)


def _planned(file: PlannedFile) -> dict[str, object]:
    what = {Intent.CREATE_OR_UPDATE: "create or update"}.get(file.intent, file.intent.value)
    facts = {"Role": file.role, "Summary": file.summary, "Notes": file.notes, **dict(file.extra)}
    return {"path": file.path, "what": what, "facts": {name: text for name, text in facts.items() if text}}


def _described(shown: Shown) -> dict[str, str]:
    known = {"what": shown.what, "path": shown.path, "text": "", "fence": "", "missing": "", "part": shown.part}
    if shown.blob is None:
        return known | {"missing": shown.missing or "does not exist"}
    if b"\0" in shown.blob.data[:_BINARY_SAMPLE] and decode(shown.blob.data).encoding.startswith("latin"):
        return known | {"missing": f"is binary, {len(shown.blob.data)} bytes"}
    text = decode(shown.blob.data).text.encode(errors="replace").decode()
    longest = max((len(fence) for fence in _FENCES.findall(text)), default=2)
    end = "" if text.endswith("\n") or not text else "\n"
    return known | {"text": text + end, "fence": "`" * (longest + 1)}
