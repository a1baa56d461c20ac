"""A task directory read once: configuration, plan, bases and the tools that steps are bound to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

import msgspec

from codegen_tasks.attempts import Attempts, Course
from codegen_tasks.bases import Base, Output, base_of, blob_digest, check_intent
from codegen_tasks.check import Sandboxes
from codegen_tasks.config import NAMES, Config, parse_config
from codegen_tasks.context import Repository, Templates
from codegen_tasks.directory import place_of_store
from codegen_tasks.errors import BadConfig, BadPlan
from codegen_tasks.files import Snapshot, content_digest
from codegen_tasks.generate import Asking
from codegen_tasks.pipeline.choices import Choices
from codegen_tasks.pipeline.memory import remembered
from codegen_tasks.pipeline.outcomes import Outcomes
from codegen_tasks.pipeline.places import Places
from codegen_tasks.plan import Tree, find_plan, parse_plan
from codegen_tasks.records import LINK, Blob, Intent, ModelSpec, Plan, Record, Section, Unit, decode, digest, encode
from codegen_tasks.store import Store
from codegen_tasks.worktree import Worktree, find_root

SAMPLE_TEMPERATURE = 0.7


class Question(Record, frozen=True):
    """All of a unit's primary inputs that are known before anything runs, base contents and attempts apart."""

    unit: Unit
    sections: tuple[Section, ...]
    context: tuple[str, ...]
    digests: tuple[str, ...]
    templates: str
    chain: tuple[ModelSpec, ...]


class Ref(Record, frozen=True):
    """A Base by digests, as steps are hashed with it."""

    path: str
    now: str | None
    now_mode: int
    before: str | None
    before_mode: int


@dataclass(frozen=True)
class Tools:
    """What steps are bound to and not hashed by."""

    snapshot: Snapshot
    worktree: Worktree
    store: Store
    asking: Asking
    sandbox: Sandboxes


@dataclass(frozen=True)
class Phase:
    """One reading of a task directory. Nothing in it changes while a run is under way."""

    places: Places
    config: Config
    plan: Plan
    plan_md: Path
    plan_files: Path
    templates: Templates
    tools: Tools
    code: str
    attempts: Attempts = field(default_factory=Attempts)
    questions: dict[str, Question] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    bases: dict[str, Base] = field(default_factory=dict)

    def reference(self, question: Question, read: Mapping[str, bytes]) -> dict[str, bytes]:
        """A question's `context:` files: those that are not planned as `read`, planned ones as before the plan."""
        return {path: self._before(path) if path in self.bases else read[path] for path in question.context}

    def unplanned(self, question: Question) -> dict[str, Path]:
        """Where those of a question's `context:` files lie that are not planned."""
        return {path: self.places.original(path) for path in question.context if path not in self.bases}

    def _before(self, path: str) -> bytes:
        before = self.bases[path].before
        return b"" if before is None else before.data

    @cached_property
    def deleted(self) -> frozenset[str]:
        """The planned paths that are to go."""
        return frozenset(file.path for file in self.plan.files if file.intent is Intent.DELETE)

    def course(self, unit: str) -> Course:
        """The attempts at the question that a unit is asked now."""
        return self.attempts.of(self.identities[unit])

    def sent_back(
        self, reports: Mapping[str, str], chosen: Mapping[str, int], samples: Mapping[str, int] | None = None
    ) -> "Phase":
        """The same phase with a further attempt for each unit that has a report or is a sample, and the chosen ones."""
        told = {self.identities[unit]: report for unit, report in reports.items()}
        picked = {self.identities[unit]: at for unit, at in chosen.items()}
        fresh = {self.identities[unit]: number for unit, number in (samples or {}).items()}
        return replace(self, attempts=self.attempts.sent_back(told, picked, fresh))

    @property
    def attempt(self) -> int:
        """The highest attempt of any unit."""
        return max((self.course(unit).at for unit in self.identities), default=1)

    def refs(self, paths: Sequence[str]) -> tuple[Ref, ...]:
        """The bases of these planned paths, by digest."""
        return tuple(_ref(self.bases[path]) for path in paths)

    def chain(self, unit: Unit) -> tuple[ModelSpec, ...]:
        """The provider chain, edit formats settled: `auto` is whole where all files are new, else search_replace."""
        new = all(self.bases[path].before is None for path in unit.writes)
        auto = "whole" if new else "search_replace"
        chain = sampled(self.config.roles.codegen, self.course(unit.name).now.sample)
        return tuple(msgspec.structs.replace(s, format=auto) if s.format == "auto" else s for s in chain)

    @cached_property
    def choices(self) -> Choices:
        """The ambient context of this working tree. Planned files are seen as their units see them."""
        worktree, models = self.tools.worktree, tuple(spec.model for spec in self.config.roles.codegen)
        repository = Repository(worktree.visible, self._read, self.places.state / "index", worktree.root)
        return Choices(self.tools.store, repository, models)

    @cached_property
    def outcomes(self) -> Outcomes:
        """What the replies make of this plan's files."""
        return Outcomes(self.places.state / "remarks", self.code)

    def _read(self, path: str) -> bytes | None:
        base = self.bases.get(path)
        blob = base.before if base is not None else self.tools.worktree.read(path, "ambient context")
        return None if blob is None else blob.data


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


def _ref(base: Base) -> Ref:
    now, before = base.now, base.before
    return Ref(base.path, blob_digest(now), now.mode if now else 0, blob_digest(before), before.mode if before else 0)


def read_config(task: Path, snapshot: Snapshot, code: str) -> tuple[Config, Path]:
    """The configuration and the working tree it names. `code` is the digest of our own source. Raises BadConfig."""

    root = find_root(task, None)
    for folder in dict.fromkeys((task, root)):
        name, data = _settings_in(folder, task, root, snapshot)
        if data is None:
            continue
        parse = partial(parse_config, data, name)
        config = remembered(task / ".codegen" / "config", Config, (code, name, data), parse)
        return config, find_root(folder, config.repo) if folder == task or config.repo else root
    return Config(), root


def _settings_in(folder: Path, task: Path, root: Path, snapshot: Snapshot) -> tuple[str, bytes | None]:
    """Name and content of the file of settings in this folder. Raises BadConfig when there are two."""
    found = [name for name in NAMES if (folder / name).is_symlink() or snapshot.read(folder / name) is not None]
    if len(found) > 1:
        raise BadConfig(f"both {' and '.join(found)} are there", hint="keep one of them")
    name = found[0] if found else NAMES[0]
    if not _inside((folder / name).resolve(), task, root):
        raise BadConfig(f"{name} is a link to a place outside", hint="put the file itself there")
    return name, snapshot.read(folder / name)


def places_of(task: Path, config: Config, root: Path) -> Places:
    """Where things lie. Raises BadConfig where the store may not lie there."""
    return Places(task, root, place_of_store(task, root, config.store.path))


def load_phase(places: Places, config: Config, templates: Templates, tools: Tools, code: str) -> Phase:
    """Reads the plan and judges it against the working tree. Raises BadPlan and BadConfig."""
    plan_md, plan_files = find_plan(places.task)
    data = (_read(tools.snapshot, plan_md, places), _read(tools.snapshot, plan_files, places))
    whole, sections = config.generate.unit == "plan", config.context.plan == "sections"
    plan = remembered(
        places.state / "plan",
        Plan,
        (code, data, whole, sections),
        lambda: parse_plan(*data, whole_plan=whole, by_section=sections),
    )
    _check_paths(plan, places, tools.worktree)
    phase = Phase(places, config, plan, plan_md, plan_files, templates, tools, code)
    shared = digest(encode(templates))
    parts = _Sections(plan.sections)
    planned = frozenset(file.path for file in plan.files)
    for unit in plan.units:
        question = _question(phase, unit, parts.of(unit), shared, planned)
        phase.questions[unit.name], phase.keys[unit.name] = question, digest(encode(question))
        _look_at_bases(phase, unit)
    for unit in plan.units:
        question = phase.questions[unit.name] = _settled(phase, phase.questions[unit.name], planned)
        before = [
            (path, ref.before, ref.before_mode) for path, ref in zip(unit.paths, phase.refs(unit.paths), strict=True)
        ]
        phase.identities[unit.name] = content_digest(encode((question, before)))
    attempts = places.attempts(tools.store).read().attempts
    return replace(phase, attempts=attempts.settled(phase.identities))


class _Sections:
    """Which sections of the plan a unit sees, found without looking at all of them for each unit."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._shared = {i: _unplaced(section) for i, section in enumerate(sections) if not section.paths}
        self._own: dict[str, dict[int, Section]] = {}
        for i, section in enumerate(sections):
            for path in section.paths:
                self._own.setdefault(path, {})[i] = _unplaced(section)

    def of(self, unit: Unit) -> tuple[Section, ...]:
        """In the order of the plan."""
        found = dict(self._shared)
        for path in unit.paths:
            found |= self._own.get(path, {})
        return tuple(found[i] for i in sorted(found))


def _inside(real: Path, *folders: Path) -> bool:
    return any(real.is_relative_to(folder.resolve()) for folder in folders)


def _read(snapshot: Snapshot, path: Path, places: Places) -> bytes:
    if not _inside(path.resolve(), places.task, places.root):
        raise BadPlan(f"{path.name} is a link to a place outside", hint="put the file itself into the task directory")
    try:
        return snapshot.read(path) or b""
    except OSError as e:
        raise BadPlan(f"{path.name} cannot be read: {e.strerror}", hint="mend its permissions") from e


def _check_paths(plan: Plan, places: Places, worktree: Worktree) -> None:
    tree = Tree(places.root)
    for file in plan.files:
        tree.check(file.path, "plan.files.json")
        if worktree.is_own(file.path):
            raise BadPlan(
                f"plan.files.json: {file.path!r} is one of the task directory's own files",
                hint="plan files of the repository; a task directory apart from it leaves all names free",
            )


def _question(
    phase: Phase, unit: Unit, sections: tuple[Section, ...], templates: str, planned: frozenset[str]
) -> Question:
    """The unit's question, planned `context:` files by name only: what they held before the plan is not known yet."""
    worktree = phase.tools.worktree
    patterns = [(f"plan.files.json: {file.path}.context", pattern) for file in unit.files for pattern in file.context]
    found = {path: where for where, pattern in patterns for path in worktree.expand(pattern, where, planned)}
    context = tuple(sorted(found.keys() - set(unit.paths)))
    digests = tuple("" if path in planned else _content_digest(phase, path, found[path]) for path in context)
    chain = tuple(_shape(spec) for spec in phase.config.roles.codegen)
    return Question(unit, sections, context, digests, templates, chain)


def _content_digest(phase: Phase, path: str, where: str) -> str:
    blob = Blob(phase.tools.snapshot.read(phase.places.original(path)) or b"")
    phase.tools.worktree.check_fetched(path, blob, where)
    return digest(blob.data)


def _settled(phase: Phase, question: Question, planned: frozenset[str]) -> Question:
    """The question with planned `context:` files as they were before the plan. Raises BadPlan where one named was not
    there; a glob leaves it out."""
    if planned.isdisjoint(question.context):
        return question
    named = {path for file in question.unit.files for path in file.context}
    found: dict[str, str] = {}
    for path, content in zip(question.context, question.digests, strict=True):
        before = phase.bases[path].before if path in planned else None
        if path not in planned:
            found[path] = content
        elif before is not None and before.mode != LINK and (path in named or phase.tools.worktree.is_sendable(path)):
            found[path] = digest(before.data)
        elif path in named:
            raise BadPlan(
                f"plan.files.json: {question.unit.name}.context: {path!r} is no file before the plan is carried out",
                hint="name it in depends_on to show what the plan makes of it",
            )
    return msgspec.structs.replace(question, context=tuple(found), digests=tuple(found.values()))


def _unplaced(section: Section) -> Section:
    """The section without its line number, which an edit above it moves."""
    return msgspec.structs.replace(section, line=0)


def _shape(spec: ModelSpec) -> ModelSpec:
    """What of a link shapes its answers: a longer time-out or another host makes no other question."""
    return ModelSpec(
        model=spec.model,
        command=spec.command,
        format=spec.format,
        temperature=spec.temperature,
        max_output_tokens=spec.max_output_tokens,
        params=spec.params,
    )


def _look_at_bases(phase: Phase, unit: Unit) -> None:
    question, store, worktree = phase.keys[unit.name], phase.tools.store, phase.tools.worktree

    def made(key: str) -> Output | None:
        data = store.get("output", key)
        return decode(data, Output) if data is not None else None

    for file in unit.files:
        now = worktree.read(file.path, "plan.files.json")
        base = base_of(file, now, question, made, lambda key: store.get("blob", key))
        check_intent(file, base.before)
        if file.intent is not Intent.DELETE:
            worktree.check_fetched(file.path, base.before, "plan.files.json")
        phase.bases[file.path] = base
