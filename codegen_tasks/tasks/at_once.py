"""`doit codegen` where nothing has changed since a run that had nothing to do either: told without making a graph.

Only what is certain is told so: the phase alone, with our own reporter and database and no option that makes steps run.
All else goes the long way. The names that are put in the place of doit's stand here.
"""

import io
import os
import resource
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial, wraps
from hashlib import blake2b
from inspect import isfunction, ismethod
from typing import TYPE_CHECKING, Any

from doit import cmd_base, cmd_run

from codegen_tasks.lock import read_number
from codegen_tasks.tasks.database import Database
from codegen_tasks.tasks.invocation import Invocation
from codegen_tasks.unchanged import recall, remember

if TYPE_CHECKING:
    from codegen_tasks.session import Session

_load_tasks = cmd_base.NamespaceTaskLoader.load_tasks
_KEPT = "unchanged"
_APART = frozenset({"_", "COLUMNS", "LINES", "OLDPWD", "PWD", "SHLVL"})  # where a shell stands: no run looks at them
_GITHUB = ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY")  # whose log has a form of its own


def answer_at_once(invocation: Invocation, own: Mapping[str, Any], creators: Collection[Callable[..., Any]]) -> None:
    """From now on doit makes no tasks for a run with nothing to do, and for others none for what need not run.

    `own` are our settings, `creators` our tasks.
    """

    def load_tasks(loader: Any, cmd: Any, pos_args: Sequence[str]) -> Any:
        invocation.values = None
        invocation.alone = _is_alone(loader, cmd, invocation, own, creators)
        if not invocation.alone:
            return _load_tasks(loader, cmd, pos_args)
        run = cmd._execute

        @wraps(run)
        def execute(**options: Any) -> int:
            invocation.alone = _is_plain(options, own)
            said = _recalled(invocation) if invocation.alone else None
            if said is not None:
                _tell(said, options["outfile"])
                return 0
            invocation.values = partial(_remembered, cmd.dep_manager) if invocation.alone else None
            cmd.task_list = _load_tasks(loader, cmd, pos_args)
            return int(run(**options))

        cmd._execute = execute
        return []

    cmd_base.NamespaceTaskLoader.load_tasks = load_tasks


def _is_alone(
    loader: Any, cmd: Any, invocation: Invocation, own: Mapping[str, Any], creators: Collection[Callable[..., Any]]
) -> bool:
    """Whether the phase is all that is wanted, doit remembers it where we do, and the user has no tasks of his own."""
    manager = cmd.dep_manager
    return (
        type(cmd) is cmd_run.Run
        and list(cmd.sel_tasks or ()) == ["codegen"]
        and invocation.shard is None
        and isinstance(manager.backend, Database)
        and type(manager.checker) is own["check_file_uptodate"]
        and not any(name in os.environ for name in _GITHUB)
        and all(made in creators for name, made in loader.namespace.items() if _makes_tasks(name, made))
    )


def _remembered(manager: Any, name: str) -> dict[str, str] | None:
    """What doit remembers of a task; None where it was told to ignore it."""
    return None if manager.backend.get(name, "ignore:") else manager.get_values(name)


def _makes_tasks(name: str, made: Any) -> bool:
    by_name = name.startswith("task_") and (isfunction(made) or ismethod(made))
    return by_name or hasattr(made, "create_doit_tasks")


def _is_plain(options: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Whether the options make no step run, and our words go where we would write them."""
    runs = options["always"] or options["single"]
    return not runs and options["reporter"] is own["reporter"] and not isinstance(options["outfile"], str)


def _recalled(invocation: Invocation) -> list[str] | None:
    """What to tell if nothing has changed. The lock's number says that no run of ours began or ended meanwhile."""
    if "lifecycle" in vars(invocation):
        return None
    lock = invocation.state / "lock"
    with suppress(OSError):
        number = read_number(lock)
        said = recall(invocation.state / _KEPT, _around(invocation, number))
        return said if read_number(lock) == number else None
    return None


def note_unchanged(invocation: Invocation, session: "Session", said: Sequence[str]) -> None:
    """Keeps what a run that had nothing to do has looked at, and `said`. Its lock is still held."""
    from codegen_tasks.errors import CodegenError
    from codegen_tasks.pipeline.looked import looked_at
    from codegen_tasks.session import source_files

    lock = session.run.lock
    if session.phase is None or not lock.held or not session.programs:
        return
    libraries = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    looked = None
    with suppress(CodegenError, OSError):  # the run has ended well: what cannot be noted is looked at again
        looked = looked_at(session.phase, [*source_files(), *libraries, *session.programs])
    begun_ns = lock.taken_ns - (time.monotonic_ns() - invocation.clock_ns)  # by the file system's clock
    if looked is not None:
        around = _around(invocation, lock.next_number)
        told = [*session.notes, *said]
        remember(invocation.state / _KEPT, looked, around, told, min(begun_ns, invocation.began_ns))


def _around(invocation: Invocation, number: int) -> str:
    """A digest of what counts beside files: the lock's number, this Python, who runs it and where, the environment."""
    limits = [resource.getrlimit(name) for name in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC)]
    who = (os.geteuid(), os.getegid(), os.getgroups(), limits)
    python = (sys.version, sys.executable, sys.getfilesystemencoding())
    environment = sorted(item for item in os.environb.items() if os.fsdecode(item[0]) not in _APART)
    facts = (number, invocation.stands, who, python, environment)
    return blake2b(repr(facts).encode("utf-8", "surrogateescape"), digest_size=32).hexdigest()


def _tell(lines: Sequence[str], stream: Any) -> None:
    """A terminal that is gone is no failure."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    try:
        stream.write("".join(f"{line}\n" for line in lines))
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
