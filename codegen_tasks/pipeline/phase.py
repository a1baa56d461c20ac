"""A task directory read once: configuration, plan, bases and the tools that steps are bound to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import msgspec

from codegen_tasks.attempts import Attempts
from codegen_tasks.bases import Base, Output, base_of, blob_digest, check_intent
from codegen_tasks.config import NAMES, Config, parse_config
from codegen_tasks.context import Repository, Templates
from codegen_tasks.errors import BadConfig, BadPlan
from codegen_tasks.files import Snapshot
from codegen_tasks.generate import Asking
from codegen_tasks.pipeline.choices import Choices
from codegen_tasks.pipeline.memory import remembered
from codegen_tasks.pipeline.outcomes import Outcomes
from codegen_tasks.pipeline.places import Places
from codegen_tasks.plan import Tree, find_plan, parse_plan
from codegen_tasks.records import Intent, ModelSpec, Plan, Record, Section, Unit, decode, digest, encode
from codegen_tasks.store import Store
from codegen_tasks.worktree import Worktree, find_root

MARK = b"*\n"  # the .gitignore of our own folders


class Question(Record, frozen=True):
    """All of a unit's primary inputs that are known before anything runs, base contents apart."""

    unit: Unit
    sections: tuple[Section, ...]
    context: tuple[str, ...]
    digests: tuple[str, ...]
    templates: str
    chain: tuple[ModelSpec, ...]
    attempt: int
    note: str


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
    attempts: Attempts
    code: str
    questions: dict[str, Question] = field(default_factory=dict)
    bases: dict[str, Base] = field(default_factory=dict)

    @cached_property
    def deleted(self) -> frozenset[str]:
        """The planned paths that are to go."""
        return frozenset(file.path for file in self.plan.files if file.intent is Intent.DELETE)

    def refs(self, paths: Sequence[str]) -> tuple[Ref, ...]:
        """The bases of these planned paths, by digest."""
        return tuple(_ref(self.bases[path]) for path in paths)

    def chain(self, unit: Unit) -> tuple[ModelSpec, ...]:
        """The provider chain, edit formats settled: `auto` is whole where all files are new, else search_replace."""
        new = all(self.bases[path].before is None for path in unit.writes)
        auto = "whole" if new else "search_replace"
        chain = self.config.roles.codegen
        return tuple(msgspec.structs.replace(s, format=auto) if s.format == "auto" else s for s in chain)

    @cached_property
    def choices(self) -> Choices:
        """The ambient context of this working tree. Planned files are seen as their units see them."""
        repository = Repository(self.tools.worktree.visible, self._read, self.places.state / "index")
        return Choices(self.tools.store, repository)

    @cached_property
    def outcomes(self) -> Outcomes:
        """What the replies make of this plan's files."""
        return Outcomes(self.places.state / "remarks", self.code)

    def _read(self, path: str) -> bytes | None:
        base = self.bases.get(path)
        blob = base.before if base is not None else self.tools.worktree.read(path, "ambient context")
        return None if blob is None else blob.data


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
    """Where things lie. Raises BadConfig when our folders are links or the repository's own."""
    places = Places(task, root, (task / config.store.path).resolve())
    inner = (places.files, places.replies, places.contexts, places.archive, places.quarantine)
    for folder in (places.code, places.state, *inner):
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise BadConfig(
                f"{places.shown(folder)} is not a real folder", hint="move it away: outputs stay in the task directory"
            )
    if places.code.is_dir() and any(places.code.iterdir()) and not _is_ours(places):
        raise BadConfig(
            "the task directory has a folder code/ of its own",
            hint="put plan.md and plan.files.json into a folder of their own and run: doit task=FOLDER codegen",
        )
    return places


def _is_ours(places: Places) -> bool:
    """Whether code/ was made by us: our mark says so, or, where that was lost, a file in our words."""
    mark = places.code / ".gitignore"
    if mark.is_file():
        return mark.read_bytes() == MARK
    known = (places.manifest, places.ready, places.failure)
    return any(path.is_file() and b'"schema": "codegen.' in path.read_bytes()[:200] for path in known)


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
    attempts = places.attempts(tools.store).read().attempts
    phase = Phase(places, config, plan, plan_md, plan_files, templates, tools, attempts, code)
    shared = digest(encode(templates))
    parts = _Sections(plan.sections)
    for unit in plan.units:
        phase.questions[unit.name] = _question(phase, unit, parts.of(unit), shared)
        _look_at_bases(phase, unit)
    return phase


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


def _question(phase: Phase, unit: Unit, sections: tuple[Section, ...], templates: str) -> Question:
    worktree, tree = phase.tools.worktree, Tree(phase.places.root)
    patterns = [(f"plan.files.json: {file.path}.context", pattern) for file in unit.files for pattern in file.context]
    found = sorted({path for where, pattern in patterns for path in worktree.expand(pattern, where)} - set(unit.paths))
    for path in found:
        tree.check(path, "plan.files.json: context", links=False)
    chain = tuple(_shape(spec) for spec in phase.config.roles.codegen)
    attempt, note = phase.attempts.of(unit.name)
    digests = tuple(digest(phase.tools.snapshot.read(phase.places.original(path)) or b"") for path in found)
    return Question(unit, sections, tuple(found), digests, templates, chain, attempt, note)


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
    question = digest(encode(phase.questions[unit.name]))
    store = phase.tools.store

    def made(key: str) -> Output | None:
        data = store.get("output", key)
        return decode(data, Output) if data is not None else None

    for file in unit.files:
        now = phase.tools.worktree.read(file.path, "plan.files.json")
        base = base_of(file, now, question, made, lambda key: store.get("blob", key))
        check_intent(file, base.before)
        phase.bases[file.path] = base
