"""The process becomes doit anew, with the lock in its hand. It does not know why."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from doit import get_initial_workdir

from codegen_tasks.lock import Lock


def start_again(lock: Lock) -> NoReturn:
    """Runs the same command from its start: what was read so far is out of date."""
    os.chdir(get_initial_workdir() or ".")
    _become(lock, sys.orig_argv[1:])


def run_next(lock: Lock, dodo: Path, task: Path, names: Sequence[str]) -> NoReturn:
    """Runs these tasks of the same dodo.py in this folder."""
    _become(lock, ["-m", "doit", "-f", str(dodo), "-d", str(Path.cwd()), f"task={task}", *names])


def _become(lock: Lock, words: Sequence[str]) -> NoReturn:
    """`-P`: a doit.py in the current folder is not doit."""
    lock.hand_on()
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-P", *words])  # noqa: S606 (our own command)
