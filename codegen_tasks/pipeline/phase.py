"""A task directory read once: its plan, the question of each unit, and the tools that steps are bound to."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from codegen_tasks.attempts import Attempts, Course
from codegen_tasks.bases import Base, Output, base_of, check_intent
from codegen_tasks.config import Config
from codegen_tasks.context import Repository, Templates
from codegen_tasks.context.masking import Secret, holds_secret
from codegen_tasks.errors import BadPlan
from codegen_tasks.files import Snapshot
from codegen_tasks.generate import Asking
from codegen_tasks.pipeline.asked import AskedLog
from codegen_tasks.pipeline.choices import Choices
from codegen_tasks.pipeline.memory import remembered
from codegen_tasks.pipeline.opening import is_inside
from codegen_tasks.pipeline.origins import Origins, stored_base
from codegen_tasks.pipeline.outcomes import Outcomes
from codegen_tasks.pipeline.places import Places
from codegen_tasks.pipeline.question import Question, Questions, SectionsOf
from codegen_tasks.pipeline.questions import Privacy
from codegen_tasks.pipeline.scope import Border, may_be_planned
from codegen_tasks.plan import Tree, find_plan, parse_plan
from codegen_tasks.records import (
    LINK,
    Accepted,
    Blob,
    Diagnostic,
    Intent,
    Plan,
    PlannedFile,
    Stray,
    Unit,
    decode,
    digest,
)
from codegen_tasks.store import Store
from codegen_tasks.worktree import Worktree

if TYPE_CHECKING:
    from codegen_tasks.check import Sandboxes


@dataclass(frozen=True)
class Tools:
    """What steps are bound to and not hashed by. Checks run in `sandbox`; None: the best that this machine can make."""

    snapshot: Snapshot
    worktree: Worktree
    store: Store
    asking: Asking
    secrets: tuple[Secret, ...] = ()
    sandbox: "Sandboxes | None" = None


@dataclass(frozen=True)
class Phase:
    """One reading of a task directory. Nothing in it changes while a run is under way."""

    places: Places
    config: Config
    plan: Plan
    plan_md: Path
    plan_files: Path
    tools: Tools
    code: str
    questions: Questions
    attempts: Attempts
    choices: Choices
    outcomes: Outcomes
    origins: Origins
    asked: AskedLog
    accepted: dict[str, Accepted]

    @cached_property
    def border(self) -> Border:
        """Judges what replies write beyond the plan."""
        tools, accepted = self.tools, frozenset(self.accepted)
        shared = (tools.store, tools.snapshot, tools.worktree, self.places)
        return Border(self.questions, accepted, self.outcomes, *shared)

    @property
    def privacy(self) -> Privacy:
        """What no model may see of this plan and its working tree."""
        return Privacy(self.tools.worktree.why_hidden, self.tools.secrets)

    @cached_property
    def unit_of(self) -> dict[str, str]:
        """Which unit writes each file."""
        own = {path: unit.name for unit in self.plan.units for path in unit.paths}
        return own | {path: found.unit for path, found in self.accepted.items()}

    @cached_property
    def deleted(self) -> frozenset[str]:
        """The planned paths that are to go."""
        return frozenset(file.path for file in self.plan.files if file.intent is Intent.DELETE)

    @property
    def bases(self) -> Mapping[str, Base]:
        """The bases of all planned files."""
        return self.questions.bases

    @cached_property
    def strays(self) -> tuple[Diagnostic, ...]:
        """The warnings of sections that seem to be about a file which is not planned."""
        found = self.plan.strays
        return tuple(_warning(s) for s in found if not (s.in_text and self.places.original(s.path).exists()))

    @property
    def identities(self) -> dict[str, str]:
        """What the attempts know each unit's question by."""
        return {name: question.identity for name, question in self.questions.items()}

    @property
    def attempt(self) -> int:
        """The highest attempt of any unit."""
        return max((question.course.at for question in self.questions.values()), default=1)

    def course(self, unit: str) -> Course:
        """The attempts at the question that a unit is asked now."""
        return self.questions[unit].course

    def sent_back(self, reports: Mapping[str, str], chosen: Mapping[str, int], samples: Mapping[str, int]) -> Attempts:
        """The attempts with a further one for each unit that has a report or is a sample, and the chosen ones."""
        told = {self.questions[unit].identity: report for unit, report in reports.items()}
        picked = {self.questions[unit].identity: at for unit, at in chosen.items()}
        fresh = {self.questions[unit].identity: number for unit, number in samples.items()}
        return self.attempts.sent_back(told, picked, fresh)


def load_phase(places: Places, config: Config, templates: Templates, tools: Tools, code: str) -> Phase:
    """Reads the plan and judges it against the working tree. Raises BadPlan and BadConfig."""
    plan_md, plan_files = find_plan(places.task)
    plan = _parsed(plan_md, plan_files, places, config, tools, code)
    _check_paths(plan, places, tools.worktree)
    accepted = _accepted(plan, places, tools) if config.scope.allow else {}
    plan = msgspec.structs.replace(plan, units=(*plan.units, *map(_unit, accepted.values())))
    drafts = _drafts(plan, places, config, templates, tools)
    attempts = places.attempts(tools.store).read().attempts
    attempts = attempts.settled({name: question.identity for name, question in drafts.items()})
    questions = _with_courses(drafts, attempts)
    models = tuple(spec.model for spec in config.roles.codegen)
    choices = Choices(tools.store, _repository(questions, places, tools), models, tools.secrets)
    outcomes = Outcomes(places.state / "remarks", code, tools.secrets)
    origins = Origins(tools.store, tools.snapshot, places, tools.secrets)
    return Phase(
        places,
        config,
        plan,
        plan_md,
        plan_files,
        tools,
        code,
        questions,
        attempts,
        choices,
        outcomes,
        origins,
        AskedLog(places.state / "asked"),
        accepted,
    )


def _parsed(plan_md: Path, plan_files: Path, places: Places, config: Config, tools: Tools, code: str) -> Plan:
    """The plan, from memory if these bytes were parsed before by the same `code`."""
    data = (_read(tools.snapshot, plan_md, places), _read(tools.snapshot, plan_files, places))
    whole, sections = config.generate.unit == "plan", config.context.plan == "sections"
    return remembered(
        places.state / "plan",
        Plan,
        (code, data, whole, sections),
        lambda: parse_plan(*data, whole_plan=whole, by_section=sections),
        keep=lambda: not any(holds_secret(part.decode(errors="replace"), tools.secrets) for part in data),
    )


def _drafts(plan: Plan, places: Places, config: Config, templates: Templates, tools: Tools) -> Questions:
    """The questions of all units, each at its first attempt."""
    planned, of = frozenset(file.path for file in plan.files), SectionsOf(plan.sections)
    drafts, digests = Questions(), dict[str, str]()
    for unit in plan.units:
        context = _context_files(unit, planned, places, tools, digests)
        draft = Question(unit, of(unit), context, templates, config.roles.codegen, tokens=config.context.budget_tokens)
        drafts[unit.name] = draft.completed(bases=_bases(draft, tools))
    return Questions({name: _with_earlier(draft, drafts.bases, tools) for name, draft in drafts.items()})


def _warning(stray: Stray) -> Diagnostic:
    where = f"line {stray.line}: " + (f"the text of {stray.heading!r}" if stray.in_text else "the heading")
    near = f"; the nearest planned file is {stray.nearest}" if stray.nearest else ""
    message = f"{where} names {stray.path}, which is not planned, so the section is not for a file of that name{near}"
    return Diagnostic("warning", "unplanned_section", message, "plan.md")


def _accepted(plan: Plan, places: Places, tools: Tools) -> dict[str, Accepted]:
    """The files beyond the plan that an earlier round or run let in, as far as they still can be written."""
    try:
        found = decode(tools.snapshot.read(places.accepted) or b"[]", tuple[Accepted, ...])
    except msgspec.MsgspecError:
        return {}
    planned, units = [file.path for file in plan.files], {unit.name for unit in plan.units}
    return {
        entry.path: entry
        for entry in found
        if entry.unit in units
        and entry.path not in planned
        and (entry.sha256 is None or tools.store.get("blob", entry.sha256) is not None)
        and may_be_planned(entry.path, planned, places, tools.worktree)
    }


def _unit(entry: Accepted) -> Unit:
    """A file that was let in, as if the plan adopted it."""
    if entry.sha256 is None:
        return Unit(entry.path, (PlannedFile(entry.path, Intent.DELETE),))
    return Unit(entry.path, (PlannedFile(entry.path, adopt=f"sha256:{entry.sha256}"),))


def _with_courses(questions: Questions, attempts: Attempts) -> Questions:
    """The questions, each at the attempt that counts."""
    courses = {name: attempts.of(question.identity) for name, question in questions.items()}
    changed = {name: course for name, course in courses.items() if course != questions[name].course}
    return Questions(questions | {name: questions[name].completed(course=course) for name, course in changed.items()})


def _repository(questions: Questions, places: Places, tools: Tools) -> Repository:
    """The working tree for ambient context. Planned files are seen as their units see them."""

    def read(path: str) -> bytes | None:
        base = questions.bases.get(path)
        blob = base.before if base is not None else tools.worktree.read(path, "ambient context")
        return None if blob is None else blob.data

    return Repository(tools.worktree.visible, read, places.state / "index", tools.worktree.root)


def _read(snapshot: Snapshot, path: Path, places: Places) -> bytes:
    if not is_inside(path.resolve(), places.task, places.root):
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


def _context_files(
    unit: Unit, planned: frozenset[str], places: Places, tools: Tools, digests: dict[str, str]
) -> dict[str, str]:
    """The existing files that the plan wants shown to a unit, with their digests; "" for planned ones.

    `digests` are those of files that were looked at for other units.
    """
    patterns = [(f"plan.files.json: {file.path}.context", pattern) for file in unit.files for pattern in file.context]
    named = {path: where for where, pattern in patterns for path in tools.worktree.expand(pattern, where, planned)}
    found = dict.fromkeys(sorted(named.keys() - set(unit.paths)), "")
    for path in found.keys() - planned:
        if path not in digests:
            blob = Blob(tools.snapshot.read(places.original(path)) or b"")
            tools.worktree.check_fetched(path, blob, named[path])
            digests[path] = digest(blob.data)
        found[path] = digests[path]
    return found


def _with_earlier(draft: Question, bases: Mapping[str, Base], tools: Tools) -> Question:
    """The question with planned `context:` files as they were before the plan. Raises BadPlan where one named was not
    there; a glob leaves it out."""
    named = {path for file in draft.unit.files for path in file.context}
    earlier = {}
    for path in [path for path, found in draft.context.items() if not found]:
        before = bases[path].before
        if before is not None and before.mode != LINK and (path in named or tools.worktree.is_sendable(path)):
            earlier[path] = before.data
        elif path in named:
            raise BadPlan(
                f"plan.files.json: {draft.unit.name}.context: {path!r} is no file before the plan is carried out",
                hint="name it in depends_on to show what the plan makes of it",
            )
    return draft.completed(earlier=earlier) if earlier else draft


def _bases(draft: Question, tools: Tools) -> tuple[Base, ...]:
    """The unit's files now and as it sees them. Raises BadPlan where the plan's intent does not hold."""

    def made(key: str) -> Output | None:
        data = tools.store.get("output", key)
        return decode(data, Output) if data is not None else None

    bases = []
    for file in draft.unit.files:
        now = tools.worktree.read(file.path, "plan.files.json")
        load = partial(stored_base, path=file.path, now=now, store=tools.store, known=tools.secrets)
        bases.append(base_of(file, now, draft.core, made, load))
        check_intent(file, bases[-1].before)
        if file.intent is not Intent.DELETE:
            tools.worktree.check_fetched(file.path, bases[-1].before, "plan.files.json")
    return tuple(bases)
