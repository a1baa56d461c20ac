"""What a unit is asked, as named leaves: one description, used to hash the unit's steps and to explain them.

It knows the inputs that stand before anything runs. Contents generated for other units join when the question is
rendered, and with them the ambient context.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import msgspec

from codegen_tasks.attempts import Course
from codegen_tasks.bases import Base
from codegen_tasks.config import ContextSettings
from codegen_tasks.context import Fact, Templates
from codegen_tasks.records import Blob, ModelSpec, Record, Section, Unit, digest, encode

SAMPLE_TEMPERATURE = 0.7


class Leaf(Record, frozen=True):
    """One primary input: its kind in words, its name, and a digest of what it says."""

    kind: str
    name: str
    digest: str


class Chain:
    """The models of a unit, formats settled. A step is hashed with what of them shapes an answer."""

    def __init__(self, models: tuple[ModelSpec, ...]) -> None:
        self.models = models

    @cached_property
    def key(self) -> tuple[ModelSpec, ...]:
        """A longer time-out or another host makes no other question."""
        return tuple(_shape(spec) for spec in self.models)


@dataclass(frozen=True)
class Question:
    """A unit with all its primary inputs.

    `context` maps the existing files that the plan wants shown to their digests; a planned one among them has "", and
    what it held before the plan, if it was there, is in `earlier`. `tokens` is the budget of the whole question.
    """

    unit: Unit
    sections: tuple[Section, ...]
    context: Mapping[str, str]
    templates: Templates
    models: tuple[ModelSpec, ...]
    bases: tuple[Base, ...] = ()
    earlier: Mapping[str, bytes] = field(default_factory=dict)
    course: Course = field(default_factory=Course)
    tokens: int = 16000

    def completed(self, **facts: Any) -> "Question":
        """The question with `bases`, `earlier` contents or a `course`; what is known of the rest stays known."""
        made = replace(self, **facts)
        vars(made).update({name: known for name, known in vars(self).items() if name in ("inputs", "core", "words")})
        return made

    @cached_property
    def words(self) -> frozenset[str]:
        """All words the plan says of the unit."""
        said = [*(section.text for section in self.sections), *(f"{f.summary} {f.notes}" for f in self.unit.files)]
        return frozenset(re.findall(r"\w{3,}", " ".join(said)))

    @cached_property
    def inputs(self) -> tuple[Leaf, ...]:
        """The leaves, base contents and attempts apart."""
        unit = self.unit
        return (
            Leaf("unit", unit.name, ""),
            *map(_section_leaf, self.sections),
            *(_leaf("planned file", file.path, file) for file in unit.files),
            *(Leaf("context file", path, found) for path, found in self.context.items()),
            *(_leaf("template", name, text) for name, text in _texts(self.templates, self.models)),
            *(_leaf("model", f"{i}", _shape(spec)) for i, spec in enumerate(self.models, 1)),
        )

    @cached_property
    def core(self) -> str:
        """What the records of generated contents know the question by: base contents and attempts apart."""
        return digest(encode(self.inputs))

    @cached_property
    def identity(self) -> str:
        """What the attempts know the question by: attempts apart."""
        earlier = [digest(data) for data in self.earlier.values()]
        return digest(encode((self.core, [base.seen for base in self.bases], earlier)))

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """All of it, for people: what changed between two of them is why a unit is asked again."""
        told = self.course.now
        return (
            *(leaf for leaf in self.inputs if leaf.kind != "context file" or leaf.digest),
            *(Leaf("context file", path, digest(data)) for path, data in self.earlier.items()),
            *(_leaf("repository file", base.path, base.seen) for base in self.bases),
            Leaf("redo", "attempt", str(self.course.at)),
            *(_leaf("redo", name, text) for name, text in (("note", told.note), ("report", told.report)) if text),
        )

    def texts(self, reference: Mapping[str, bytes]) -> dict[str, str]:
        """What leaves say, by their digests, as far as it is text. `reference` holds the `context:` files."""
        told, unit = self.course.now, self.unit
        found = {_leaf("", "", section).digest: section.text for section in self.sections}
        found |= {_leaf("", "", file).digest: encode(file).decode() for file in unit.files}
        found |= {_leaf("", "", text).digest: text for _, text in _texts(self.templates, self.models)}
        found |= {_leaf("", "", _shape(spec)).digest: encode(_shape(spec)).decode() for spec in self.models}
        found |= {_leaf("", "", text).digest: text for text in (told.note, told.report) if text}
        contents = [(digest(data), data) for data in reference.values()]
        contents += [(_leaf("", "", base.seen).digest, base.before.data) for base in self.bases if base.before]
        return found | {name: text for name, data in contents if (text := plain_text(data)) is not None}

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What steps are hashed with."""
        return (self.identity, self.course.at, self.course.now)

    @cached_property
    def chain(self) -> Chain:
        """The provider chain, edit formats settled: `auto` is whole where all files are new, else search_replace."""
        models = sampled(self.models, self.course.now.sample)
        auto = "whole" if all(self.before[path] is None for path in self.unit.writes) else "search_replace"
        return Chain(tuple(msgspec.structs.replace(s, format=auto) if s.format == "auto" else s for s in models))

    @property
    def unplanned(self) -> list[str]:
        """The `context:` files that are not planned."""
        return [path for path, found in self.context.items() if found]

    def reference(self, read: Mapping[str, bytes]) -> dict[str, bytes]:
        """All `context:` files that are shown, by path: those that are not planned as they were `read`."""
        shown = {path: data for path, data in (*read.items(), *self.earlier.items()) if path in self.context}
        return {path: shown[path] for path in self.context if path in shown}

    @cached_property
    def before(self) -> dict[str, Blob | None]:
        """What each of the unit's files holds as the unit sees it."""
        return {base.path: base.before for base in self.bases}


def sampled(chain: tuple[ModelSpec, ...], number: int) -> tuple[ModelSpec, ...]:
    """The chain for a fresh sample: the next model first; when all had their turn, warmer, so that answers vary.

    Sample 0 is no sample.
    """
    start, turn = number % len(chain), number // len(chain)
    turned = (*chain[start:], *chain[:start])
    warm = min(SAMPLE_TEMPERATURE * turn, 1.0)
    return tuple(
        spec if spec.temperature is None else msgspec.structs.replace(spec, temperature=max(spec.temperature, warm))
        for spec in turned
    )


class Questions(dict[str, Question]):
    """The questions of a plan by unit, in dependency order."""

    @property
    def key(self) -> list[object]:
        """What steps are hashed with."""
        return [question.key for question in self.values()]

    @cached_property
    def bases(self) -> dict[str, Base]:
        """The bases of all planned files, by path."""
        return {base.path: base for question in self.values() for base in question.bases}

    @property
    def asked(self) -> list[Question]:
        """Those that a model must answer."""
        return [question for question in self.values() if question.unit.writes]

    def share(self, units: Collection[str] | None) -> list[Question]:
        """Those of some units; None: all."""
        return [question for name, question in self.items() if units is None or name in units]


class SectionsOf:
    """Which sections of the plan a unit sees, found without looking at all of them for each unit."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._shared = {i: _unplaced(section) for i, section in enumerate(sections) if not section.paths}
        self._own: dict[str, dict[int, Section]] = {}
        for i, section in enumerate(sections):
            for path in section.paths:
                self._own.setdefault(path, {})[i] = _unplaced(section)

    def __call__(self, unit: Unit) -> tuple[Section, ...]:
        """In the order of the plan."""
        found = dict(self._shared)
        for path in unit.paths:
            found |= self._own.get(path, {})
        return tuple(found[i] for i in sorted(found))


def _unplaced(section: Section) -> Section:
    """The section without its line number, which an edit above it moves."""
    return msgspec.structs.replace(section, line=0)


def leaf_of(fact: Fact) -> Leaf:
    """A definition of the repository that a unit is shown."""
    return _leaf("definition shown", f"{fact.path}: {fact.name}", fact.signature)


def settings_leaves(settings: ContextSettings) -> tuple[Leaf, ...]:
    """What decides how much of the repository a unit is shown."""
    names = ("ambient", "repo_summary", "summary_tokens", "budget_tokens", "exclude")
    return tuple(Leaf("setting", f"context.{name}", f"{getattr(settings, name)}") for name in names)


def dependency_leaf(path: str, data: bytes | None) -> Leaf:
    """The generated content of another unit that a unit is shown."""
    return Leaf("dependency", path, "" if data is None else digest(data))


def plain_text(data: bytes) -> str | None:
    """The text of a content, if it is one."""
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None


@lru_cache(maxsize=20_000)
def _section_leaf(section: Section) -> Leaf:
    """Found once for all the units that see it."""
    return _leaf("plan section", section.heading, section)


def _leaf(kind: str, name: str, value: object) -> Leaf:
    return Leaf(kind, name, digest(msgspec.json.encode(value, order="deterministic")))


@lru_cache(maxsize=8)
def _used(formats: tuple[str, ...]) -> frozenset[str]:
    """The formats that models with these settings may be asked in."""
    return frozenset(
        name for given in formats for name in (("whole", "search_replace") if given == "auto" else (given,))
    )


def _texts(templates: Templates, models: Sequence[ModelSpec]) -> list[tuple[str, str]]:
    used = sorted(_used(tuple(spec.format for spec in models)))
    return [("system", templates.system), ("unit", templates.unit), *((n, templates.formats[n]) for n in used)]


def _shape(spec: ModelSpec) -> ModelSpec:
    """What of a link shapes its answers."""
    return ModelSpec(
        model=spec.model,
        command=spec.command,
        format=spec.format,
        temperature=spec.temperature,
        max_output_tokens=spec.max_output_tokens,
        params=spec.params,
    )
