"""A task directory opened for one command: read once, with every trouble kept as a failure to report."""

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from shlex import quote
from shutil import which

from codegen_tasks.config import Config, Roles
from codegen_tasks.context import Templates, read_left_out, read_masked, read_tokens
from codegen_tasks.context.masking import secrets_of_environment
from codegen_tasks.directory import check_folders
from codegen_tasks.errors import BadConfig, BadPlan, CodegenError, Failure, ScopeMismatch
from codegen_tasks.events import EventLog
from codegen_tasks.files import Snapshot, content_digest
from codegen_tasks.generate import Asking
from codegen_tasks.generate.budget import Budget
from codegen_tasks.generate.limits import Limits
from codegen_tasks.generate.machine import check_machine
from codegen_tasks.lease import FolderLedger, Leases, Ledger
from codegen_tasks.pipeline import (
    STAGES,
    Phase,
    Places,
    SentBack,
    Step,
    Tools,
    judge_scope,
    load_phase,
    places_of,
    read_config,
    steps_for,
)
from codegen_tasks.pipeline.shards import Shard, parse_shard, share_of
from codegen_tasks.providers import end_all
from codegen_tasks.records import encode
from codegen_tasks.run import Run, bug, unwritable
from codegen_tasks.store import Remote, Store
from codegen_tasks.terminal import Board
from codegen_tasks.text import few
from codegen_tasks.worktree import Worktree

PACKAGE = Path(__file__).parent
_SOURCES = {".py", ".j2", ".json", ".toml", ".css", ".js"}  # the data that the code works with is part of it
_SHOWN = 5  # units of a section that are named
_SHARED = ("codegen", "estimate", "why")  # the commands that a share of the plan has, beside stages of each unit


@dataclass
class Session:
    """What a command works with. With a `failure` there are no steps."""

    run: Run
    code: str
    jobs: int = 1
    phase: Phase | None = None
    failure: Failure | None = None
    steps: list[Step] = field(default_factory=list)
    unit_of: dict[str, str] = field(default_factory=dict)
    shard: Shard | None = None
    clean: set[str] = field(default_factory=set)  # the tasks that are known to be up to date, and not made
    misuse: Failure | None = None  # a `shard=` that names no share: nothing may be run, or changed
    board: Board = field(default_factory=lambda: Board(sys.stdout))
    stands: Path = field(default_factory=Path.cwd)  # where the user is: doit changes the current folder
    doit: str = "doit"  # how doit is called from there for this task directory

    @property
    def chosen(self) -> list[Step]:
        """The steps that may run: all, or those of the units in the share that was asked for."""
        share = self.share
        if share is None:
            return self.steps
        return [s for s in self.steps if STAGES[s.stage].each and self.unit_of.get(s.unit, s.unit) in share]

    @property
    def share(self) -> frozenset[str] | None:
        """The units in the share that was asked for; None: all."""
        return None if self.shard is None or self.phase is None else share_of(self.phase.plan.units, self.shard)

    def refuses(self, command: str) -> Failure | None:
        """Why a command cannot be run as it was called: before anything is changed."""
        if self.misuse is not None or self.shard is None or command in _SHARED or _of_each(command):
            return self.misuse
        hint = (
            f"with shard=K/N run {', '.join(_SHARED)} or a stage of units up to materialize; leave it out for the rest"
        )
        return Failure("bad_config", command, "", f"a share of the plan has no `doit {command}`", hint)

    def start(self, stages: bool) -> None:
        """Takes the lock; before stages, clears away what the plan no longer has. Raises Locked, BadConfig."""
        if not self.run.publishes:
            return
        self.run.start()
        left_over = self.run.left_over(self.steps)
        if left_over and self.clean:  # it came when tasks had been left out
            self.run.lock.stale = True
        if self.run.lock.stale:
            return
        if stages and self.phase is not None:
            self.run.settle(self.phase.attempts, self.phase.identities)
            self.run.prune(left_over)
            for line in self.notes:
                self.board.write(line)

    def go_back(self, backs: Sequence[SentBack]) -> list[str]:
        """Takes down what was sent back and reads the task directory's graph anew. Returns the units concerned."""
        if self.phase is None:
            return []
        units, reports = [unit.name for unit in self.phase.plan.units], dict[str, str]()
        for back in backs:
            for unit, report in back.reports.items():
                reports[unit] = "\n\n".join(filter(None, (reports.get(unit), report)))
        samples = {unit: number for back in backs for unit, number in back.samples.items() if unit not in reports}
        again = reports.keys() | samples.keys()
        chosen = {unit: at for back in backs for unit, at in back.chosen.items() if unit not in again}
        if again or chosen:
            self.run.record(self.phase.sent_back(reports, chosen, samples))
        for accepted in (back.accepted for back in backs if back.accepted is not None):
            self.run.snapshot.write(self.run.places.accepted, encode(accepted))
        self.read_plan(self.phase.config, self.phase.tools)
        return [unit for unit in units if unit in again or unit in chosen]

    def read_plan(self, config: Config, tools: Tools) -> None:
        """Makes the graph. Raises BadPlan and BadConfig."""
        self.phase = load_phase(self.run.places, config, read_templates(), tools, self.code)
        self.steps = steps_for(self.phase)
        self.unit_of = self.phase.unit_of
        self.run.log.units = sum(bool(unit.writes) for unit in self.phase.plan.units)

    def stop(self) -> None:
        """Tells everybody who waits for a model that the run ends, and ends the programs that were asked."""
        if self.phase is not None:
            self.phase.tools.asking.stop.set()
            end_all()

    def sections_table(self) -> str:
        """Which section of the plan went to which units, and the warnings of those that may be meant for another."""
        if self.phase is None:
            return ""
        units = [question.unit for question in self.phase.questions.asked]
        all_units = {unit.name: number for number, unit in enumerate(units)}
        owner = {path: unit.name for unit in units for path in unit.paths}
        rows = [("line", "section", "goes to")]
        for section in self.phase.plan.sections:
            owners = {owner[path] for path in section.paths if path in owner}
            names = sorted(owners, key=all_units.__getitem__) if section.paths else list(all_units)
            rows.append((str(section.line), section.heading or "(before the first heading)", _named(names, len(units))))
        width = min(40, max(len(heading) for _, heading, _ in rows))
        lines = [f"{line:>5}  {heading:{width}}  {names}" for line, heading, names in rows]
        lines += [f"warning: {found.path}: {found.message} ({found.code})" for found in self.phase.strays]
        return "\n".join(lines)

    def tokens_table(self) -> str:
        """What each unit's package holds, in tokens; what it had no room for; and how many secrets it hides."""
        if self.phase is None:
            return ""
        columns = ("total", "planned", "context", "dependencies", "definitions", "summary")
        rows: list[tuple[str, ...]] = [("unit", "tokens", *columns[1:], "masked", "left out")]
        for name in (question.unit.name for question in self.phase.questions.asked):
            data = self.run.snapshot.read(self.phase.places.request(name)) or b""
            tokens = read_tokens(data)
            counts = [str(getattr(tokens, column)) for column in columns]
            rows.append((name, *counts, str(len(read_masked(data))), "; ".join(read_left_out(data)) or "nothing"))
        width = min(40, max(len(name) for name, *_ in rows))
        return "\n".join(
            f"{name:{width}}"
            + "".join(f"  {n:>{len(head)}}" for n, head in zip(counts[:-1], rows[0][1:-1], strict=True))
            + f"  {counts[-1]}"
            for name, *counts in rows
        )

    @property
    def notes(self) -> list[str]:
        """What every run of stages says first."""
        embedded = self.phase is not None and self.phase.config.roles == Roles()
        return ["the model is local/smollm2, the embedded one: no key, small things only"] if embedded else []

    @property
    def programs(self) -> list[str]:
        """The programs that are looked for by name."""
        return [found for found in [which("git")] if found]

    def say(self, text: str) -> None:
        """Writes words of ours to the terminal."""
        self.board.write(self.as_called(text))

    def as_called(self, text: str) -> str:
        """Words of ours with the commands in them, in backquotes, as they are called where the user stands."""
        return text.replace("`doit ", f"`{self.doit} ")

    def apply_command(self) -> str:
        """What applies the diff from where the user stands; empty where there is nothing to apply.

        Below the top of a repository `git apply` passes by in silence what lies outside the folder it stands in.
        """
        patch = self.run.places.patch
        if self.phase is None or not self.run.snapshot.read(patch):
            return ""
        if which("git") is None:
            return f"{self.doit} apply --yes"
        top, bare = self.phase.tools.worktree.top, not self.phase.config.diff.context_lines
        start = "git" if top == self.stands else f"git -C {quote(self.shown(top))}"
        return f"{start} apply {'--unidiff-zero ' if bare else ''}{quote(os.path.relpath(patch, top))}"

    def shown(self, path: Path) -> str:
        """A path as it is named where the user stands."""
        return os.path.relpath(path, self.stands)

    def units_done(self, settled: Collection[str]) -> tuple[int, int] | None:
        """How many units have all their files, by the names of the steps that are settled, and how many there are."""
        units = self.phase.plan.units if self.phase is not None else ()
        made = {name.partition(":")[2] for name in settled if name.startswith("materialize:")}
        return (sum(made.issuperset(unit.writes) for unit in units), len(units)) if units else None

    def judge_scope(self, failed: Collection[str]) -> Failure | None:
        """What the units that did not fail want to write outside the plan, when the run ends before the manifest."""
        if self.phase is None:
            return None
        try:
            judge_scope(self.phase, failed)
        except ScopeMismatch as error:
            return error.failure("manifest", "")
        return None


def _of_each(stage: str) -> bool:
    return stage in STAGES and STAGES[stage].each


def _named(units: Sequence[str], of: int) -> str:
    """Units in a table: all of them, or the first few."""
    if len(units) == of > 1:
        return f"all {of} units"
    return few(units, _SHOWN) or "nobody: it needs no model"


def open_session(task: Path, shard: str | None = None) -> Session:
    """Reads the task directory; `shard` is K/N. Never raises: what is wrong is in `failure` or `misuse`."""
    snapshot = Snapshot()
    session = Session(Run(Places(task, task, task / ".codegen" / "store"), snapshot), _source_digest())
    try:
        session.shard = None if shard is None else parse_shard(shard)
    except BadConfig as error:
        session.misuse = error.failure("codegen", "")
    try:
        _fill(session, task, snapshot)
    except CodegenError as error:
        session.failure = error.failure("plan", "")
    except OSError as error:
        session.failure = unwritable(error, session.run.places).failure("plan", "")
    except Exception:
        session.failure = bug("plan", "")
    return session


def _fill(session: Session, task: Path, snapshot: Snapshot) -> None:
    if sys.getfilesystemencoding().lower() not in ("utf-8", "utf8"):
        raise BadConfig("the locale's encoding is not UTF-8, so paths would mean other files", hint="set PYTHONUTF8=1")
    session.run.publishes = task.is_dir()
    if not session.run.publishes:
        raise BadPlan(f"there is no folder {os.path.relpath(task)}", hint="name a folder that holds a plan.md")
    session.run.publishes = False  # until our folders are known to be ours
    check_folders(task)
    session.run.publishes = True
    config, root = read_config(task, snapshot, session.code)
    places = places_of(task, config, root)
    owner = f"{content_digest(os.fsencode(places.identity))[:12]}-"
    store = Store(places.store, _remote(config, session), tell=session.board.write, owner=owner)
    session.run.places, session.run.store = places, store
    session.run.log = EventLog(places.state / "events.jsonl", session.board.write)
    snapshot.no_links_below = places.code
    worktree = Worktree(root, snapshot, places.own(), (*config.context.exclude, *config.check.hidden))
    asking, secrets = _asking(config, store, session), secrets_of_environment(os.environ)
    tools = Tools(snapshot, worktree, store, asking, secrets)
    session.read_plan(config, tools)
    session.jobs = min(config.generate.jobs, max(1, len(session.steps)))
    check_machine(session.jobs)


def _remote(config: Config, session: Session) -> Remote | None:
    url = config.store.remote
    if url is None or config.store.offline:
        return None
    from codegen_tasks.remote import open_remote

    return open_remote(url, writable=config.store.remote_write, tell=session.board.write)


def _asking(config: Config, store: Store, session: Session) -> Asking:
    return Asking(
        store=store,
        repair=_template("repair"),
        repairs=config.generate.repairs,
        offline=config.store.offline,
        log=session.run.log,
        show=session.board.show,
        limits=Limits(config.generate.jobs),
        budget=Budget(config.generate.max_cost_usd),
        leases=Leases(_ledger(config, session.run.places.task, store)),
    )


def _ledger(config: Config, task: Path, store: Store) -> Ledger | None:
    """Where others who may ask the same can see it. The lock is enough for what shares only this task directory."""
    if config.store.offline:
        return None
    if config.store.remote is not None and config.store.remote_write:
        return store.remote
    shared = not store.root.is_relative_to(task)
    return FolderLedger(store.root / "lease", store.owner) if shared else None


def _templates_folder() -> Path:
    shipped = PACKAGE / "templates"
    return shipped if shipped.is_dir() else PACKAGE.parent / "templates"


def _template(name: str) -> str:
    return (_templates_folder() / f"{name}.j2").read_text(encoding="utf-8")


def read_templates() -> Templates:
    """The templates that ship with the package."""
    formats = sorted(path.stem for path in _templates_folder().glob("format_*.j2"))
    return Templates(
        _template("system"), _template("unit"), {name.removeprefix("format_"): _template(name) for name in formats}
    )


def _source_digest() -> str:
    """The digest of our own source: a new version does everything again, and asks nobody."""
    found = sha256()
    for path in _sources():
        found.update(path.read_bytes())
    return found.hexdigest()


def _sources() -> Iterator[Path]:
    for folder in (PACKAGE, _templates_folder()):
        yield from sorted(path for path in folder.rglob("*") if path.suffix in _SOURCES)


def source_files() -> list[Path]:
    """The files of our own source, and the folders in which they were found."""
    files = list(_sources())
    return [*files, *{file.parent for file in files}]
