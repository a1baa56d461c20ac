"""The only module that knows doit: a Step becomes a task, a run becomes ready.json or failure.json.

A dodo.py of two lines is enough:

    from codegen_tasks.tasks import load
    globals().update(load(__file__))
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
from doit import get_initial_workdir, get_var
from doit.dependency import FileChangedChecker
from doit.exceptions import BaseFail, TaskFailed, UnmetDependency
from doit.reporter import ConsoleReporter
from doit.task import Task

from codegen_tasks.errors import MEANINGS, BadPlan, CodegenError, Failure, Locked
from codegen_tasks.files import Snapshot, write_atomic
from codegen_tasks.pipeline import Step
from codegen_tasks.run import Run, bug, unwritable
from codegen_tasks.session import Session, open_session

STAGES = {
    "context": "the context packages: exactly what a model is asked",
    "generate": "the replies: from the store, else from the models",
    "materialize": "code/files: what the replies make of the planned files",
    "manifest": "code/manifest.json: what code/files holds",
    "diff": "code/diff.patch: from the working tree to code/files",
    "ready": "code/ready.json: the phase is ready for review",
}


class StepFailed(TaskFailed):
    """A step's failure on its way through doit."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def load(dodo: str, task: str | None = None) -> dict[str, Any]:
    """The namespace of a dodo.py: `dodo` is its __file__, `task` a default task directory relative to it."""
    here = Path(dodo).resolve()
    named = get_var("task", None)
    folder = (Path(get_initial_workdir() or ".") / named) if named else here.parent / (task or ".")
    session = open_session(folder.resolve())
    redo: list[str] = []

    def task_codegen() -> Iterator[dict[str, Any]]:
        yield from _tasks(session, redo)

    return {"DOIT_CONFIG": _doit_config(session, here, redo), "task_codegen": task_codegen}


def _doit_config(session: Session, dodo: Path, redo: list[str]) -> dict[str, Any]:
    return {
        "default_tasks": ["codegen"],
        "dep_file": os.devnull,  # the codec keeps the database: doit's own file is torn by a kill and by a full disk
        "backend": "json",
        "codec_cls": _codec(session.run.places.state / "doit.json"),
        "check_file_uptodate": _checker(session.run.snapshot),
        "reporter": _reporter(session, dodo, redo),
        "num_process": session.jobs,
        "par_type": "thread",
        "continue": True,
        "verbosity": 2,
    }


def _codec(path: Path) -> type:
    class Database:
        """doit's database in one file, replaced whole. It is a hint: torn, missing or lost, work is done again."""

        def decode(self, _text: str) -> Any:
            try:
                return msgspec.json.decode(path.read_bytes())
            except (OSError, msgspec.DecodeError):
                return {}

        def encode(self, data: Any) -> str:
            try:
                encoded = msgspec.json.encode(data)
                if not path.exists() or path.read_bytes() != encoded:
                    write_atomic(path, encoded)
            except OSError:
                pass
            return ""

    return Database


def _checker(snapshot: Snapshot) -> type[FileChangedChecker]:
    class ContentCheckerV1(FileChangedChecker):
        """A file changed if its xxh3 did. It answers with the digest of the bytes that the steps have read."""

        def check_modified(self, file_path: str, file_stat: os.stat_result, state: str) -> bool:  # noqa: ARG002 (doit's)
            return snapshot.digest(file_path) != state

        def get_state(self, dep: str, current_state: str | None) -> str | None:  # noqa: ARG002 (doit's signature)
            return snapshot.digest(dep)

    return ContentCheckerV1


def _tasks(session: Session, redo: list[str]) -> Iterator[dict[str, Any]]:
    yield from _steps(session) if session.failure is None else _failing(session.failure)
    ready = {"actions": None, "task_dep": ["ready"]}
    yield {"basename": "codegen", "doc": "the whole phase", "clean": [_Clean(session)], **ready}
    yield _redo(session, redo)


def _steps(session: Session) -> Iterator[dict[str, Any]]:
    for stage in ("context", "generate", "materialize"):
        yield {"basename": stage, "name": None, "doc": STAGES[stage]}
    for step in session.steps:
        key = step.key(session.code)
        task = {
            "basename": step.stage,
            "actions": [_action(session.run, step, key)],
            "file_dep": [str(path) for path in step.reads],
            "targets": [str(step.writes)],
            "uptodate": [_unchanged(session.run.snapshot, step, key)],
            "io": {"capture": False},  # doit swaps sys.stdout for the whole process: unsafe with threads
        }
        yield task | ({"name": _encoded(step.unit)} if step.unit else {"doc": STAGES[step.stage]})


def _encoded(unit: str) -> str:
    """A unit as a task name: `=` would be a variable to doit, `*` a pattern."""
    return unit.replace("%", "%25").replace("=", "%3D").replace("*", "%2A")


def _action(run: Run, step: Step, key: str) -> Callable[[], Any]:
    def action() -> Any:
        end = run.execute(step)
        return StepFailed(end) if isinstance(end, Failure) else {"key": key, "wrote": end}

    return action


def _unchanged(snapshot: Snapshot, step: Step, key: str) -> Callable[..., bool]:
    def unchanged(task: Task, values: dict[str, str]) -> bool:  # noqa: ARG001 (doit passes by these names)
        same = values.get("key") == key
        return same and (not step.derived or values.get("wrote") == snapshot.digest(step.writes))

    return unchanged


def _failing(failure: Failure) -> Iterator[dict[str, Any]]:
    """What stands for all stages when the plan or the configuration cannot be read: each of them fails so."""
    named = [arg for arg in sys.argv[1:] if ":" in arg and arg.partition(":")[0] in STAGES]
    for name in (*STAGES, *dict.fromkeys(named)):
        yield {"basename": name, "actions": [lambda: StepFailed(failure)], "doc": STAGES.get(name)}


class _Clean:
    """doit's `clean` of the phase. doit shows its repr, up to an address, as what it executes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __repr__(self) -> str:
        return "<archive the attempt at "

    def __call__(self, dryrun: bool) -> None:
        run = self._session.run
        names = [run.places.shown(path) for path in run.outputs() if path.exists()]
        if dryrun:
            print(f"would archive: {', '.join(names) or 'nothing'}")  # noqa: T201 (doit's clean has no reporter)
            return
        try:
            run.start()
            kept = run.clean()
            run.end()
        except CodegenError as error:
            sys.stderr.write(f"{error.message}\n  {error.hint}\n")
            raise SystemExit(MEANINGS[error.kind].exit) from None  # anything else doit would report and exit 0
        except OSError as error:
            sys.stderr.write(f"{unwritable(error, run.places).message}\n")
            raise SystemExit(MEANINGS["bad_config"].exit) from None
        sys.stdout.write(f"archived as {run.places.shown(kept)}\n" if kept else "nothing to archive\n")


def _redo(session: Session, redo: list[str]) -> dict[str, Any]:
    def start_again(paths: list[str], note: str) -> StepFailed | None:
        try:
            if "--note" in paths:  # doit reads options in front of the paths only
                at = paths.index("--note")
                paths, note = [*paths[:at], *paths[at + 2 :]], " ".join(paths[at + 1 : at + 2])
            unknown = [path for path in paths if path not in session.unit_of]
            if session.failure is None and unknown:
                raise BadPlan(f"redo: {unknown[0]!r} is not a planned file", hint="name paths of plan.files.json")
            if session.failure is not None and paths:
                return StepFailed(session.failure)
            session.run.redo(tuple(dict.fromkeys(session.unit_of[path] for path in paths)), note)
            redo.append("codegen")
        except CodegenError as error:
            return StepFailed(error.failure("redo", ""))
        except OSError as error:
            return StepFailed(unwritable(error, session.run.places).failure("redo", ""))
        return None

    return {
        "basename": "redo",
        "doc": "archive, and ask again: all, or the units of the paths named; --note TEXT goes to the model",
        "actions": [start_again],
        "params": [{"name": "note", "long": "note", "default": "", "help": "what the model should know"}],
        "pos_arg": "paths",
    }


def _reporter(session: Session, dodo: Path, redo: list[str]) -> type[ConsoleReporter]:
    class SignalReporter(ConsoleReporter):
        """After a run exactly one signal tells how it ended; while one that changes something goes on, none does."""

        def __init__(self, outstream: Any, options: Any) -> None:
            super().__init__(outstream, options)
            self._done = 0
            self._locked: Failure | None = None

        def initialize(self, tasks: dict[str, Task], selected_tasks: list[str]) -> None:  # noqa: ARG002 (doit's)
            signal.signal(signal.SIGTERM, _terminate)
            try:
                session.start()
            except Locked as error:
                self._end((error.failure("", ""),), publish=False)
            except CodegenError as error:
                self._end((error.failure("", ""),))
            except Exception:
                self._end((bug("", ""),))

        def write(self, text: str) -> None:
            session.board.write(text)

        def execute_task(self, task: Task) -> None:
            if task.actions:
                self._done += 1
                if task.name.startswith("generate"):
                    return
                self.write(f"{task.name.partition(':')[0]:12}{task.name.partition(':')[2]}".rstrip() + "\n")

        def skip_uptodate(self, task: Task) -> None:
            pass

        def _write_failure(self, result: Any, write_exception: bool = True) -> None:
            pass

        def complete_run(self) -> None:
            session.board.close()
            ending = sys.exc_info()[1]
            if isinstance(ending, SystemExit):
                return
            if isinstance(ending, KeyboardInterrupt):
                session.stop()
                self._interrupt("terminated" if isinstance(ending, Terminated) else "interrupted")
            failures = [_failure(f["task"], f["exception"]) for f in self.failures]
            found = tuple(f for f in failures if f is not None)
            if found or self.runtime_errors:
                self._end(found or (Failure("bug", "", "", " ".join(self.runtime_errors), "please report this"),))
            if redo:
                self._again()
            session.run.succeed()
            self.write(session.closing_line(self._done))
            session.run.end()

        def _end(self, failures: tuple[Failure, ...], publish: bool = True) -> None:
            """Ends the run with the exit code of its failures."""
            for failure in failures:
                place = ":".join(part for part in (failure.stage, failure.unit) if part)
                self.write(f"FAILED {place}: {failure.kind}: {failure.message}\n  {failure.hint}\n".replace(" :", ":"))
            code = session.run.fail(failures) if publish else MEANINGS[failures[0].kind].exit
            session.run.end()
            raise SystemExit(code)

        def _interrupt(self, kind: str) -> None:
            """Calls in flight are dropped with the process; what was finished is on disk."""
            hint = "run again: finished work is kept"
            code = session.run.fail((Failure(kind, "", "", f"the run was {kind}", hint),))
            self.write(f"{kind}\n")
            os._exit(code)

        def _again(self) -> None:
            session.run.end()
            sys.stdout.flush()
            where = ["-f", str(dodo), "-d", str(Path.cwd()), f"task={session.run.places.task}"]
            os.execv(sys.executable, [sys.executable, "-m", "doit", *where, *redo])  # noqa: S606 (our own command)

    return SignalReporter


class Terminated(KeyboardInterrupt):
    """SIGTERM, which doit would not survive with its state."""


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


def _failure(task: Task, fail: BaseFail) -> Failure | None:
    """doit's ways to fail as ours. A task that was not tried because another failed is no failure of its own."""
    stage, _, unit = task.name.partition(":")
    if isinstance(fail, UnmetDependency):
        return None
    if isinstance(fail, StepFailed):
        return fail.failure
    text = "".join(fail.traceback) if fail.traceback else fail.message
    return Failure("bug", stage, unit, fail.message.strip().splitlines()[-1], f"please report this:\n{text}")
