"""kill -9 at random moments of a clean and of a restore: is it always the whole old state or the whole new one?

    python benchmarks/archive_kill.py FOLDER [--kills 100] [--files 60] [--seed 1] [--each 10]

A small task is made in FOLDER, its model is a program. Each round takes a copy of it, kills the command, and lets the
next one, which only takes the lock, put right what was begun. Every tenth round (`--each`) ends with `doit codegen`,
which may ask nobody after a restore.
"""

import argparse
import collections
import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from codegen_tasks.archive import numbers
from codegen_tasks.runs import attempts_of
from codegen_tasks.session import Session, open_session

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.program import Program
from tests.workshop import Workshop, tree

Outputs = dict[str, bytes]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=10)
    given = parser.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    program = Program(given.folder.resolve() / "program")
    start = prepare(given.folder.resolve() / "start", program, given.files)
    print("command  left by kill -9  after the next command  right  asked  times")
    for name, act in {"clean": clean, "restore": restore}.items():
        for row, times in sorted(rounds(name, act, start, program, given).items()):
            print("{:8} {:16} {:23} {!s:6} {:5}".format(name, *row), f"{times:6}")


def prepare(root: Path, program: Program, files: int) -> Path:
    """A task with two attempts: the first is in the archive."""
    shop = Workshop(root, {"README.md": "hi\n"})
    shop.plan("# Plan\n\nDo it.\n", [f"d{i % 7}/f{i}.txt" for i in range(files)])
    (shop.task / "codegen.yaml").write_text(program.settings())
    for words in ([], ["redo", "--note", "otherwise"]):
        assert shop.doit(*words).returncode == 0
    return root


def clean(session: Session) -> None:
    session.run.clean()


def restore(session: Session) -> None:
    run, phase = session.run, session.phase
    assert phase is not None
    assert run.store is not None
    attempts = attempts_of(run.places.archive / "0001", phase, run.places.attempts(run.store).read().attempts)
    run.restore("0001", attempts)


def nothing(_session: Session) -> None:
    """Takes the lock and gives it back."""


def perform(task: Path, act: Callable[[Session], None]) -> None:
    session = open_session(task)
    session.run.start()
    act(session)
    session.run.end()


def forked(task: Path, act: Callable[[Session], None], kill_after: float | None = None) -> None:
    child = multiprocessing.get_context("fork").Process(target=perform, args=(task, act))
    child.start()
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child.pid or 0, signal.SIGKILL)
    child.join()


def rounds(
    name: str, act: Callable[[Session], None], start: Path, program: Program, given: argparse.Namespace
) -> "collections.Counter[tuple[str, str, bool, int]]":
    chance, work = random.Random(given.seed), given.folder.resolve() / "work"
    shop = fresh(start, work)
    old = outputs(shop)
    begun = time.perf_counter()
    forked(shop.task, act)
    whole = time.perf_counter() - begun
    new = outputs(shop)
    assert new != old
    found: collections.Counter[tuple[str, str, bool, int]] = collections.Counter()
    for number in range(given.kills):
        shop = fresh(start, work)
        forked(shop.task, act, chance.uniform(0.2, 1.05) * whole)
        left = state(outputs(shop), old, new)
        forked(shop.task, nothing)
        then = state(outputs(shop), old, new)
        kept = [outputs_of(folder) for folder in numbers(shop.code("archive"))]
        right = then != "half" and (then == "old" or strip(old) in kept) and not list(shop.code("archive").glob(".*"))
        asked = 0
        if number % given.each == 0:
            before = len(program.asked)
            right = right and shop.doit("codegen").returncode == 0
            asked = len(program.asked) - before if name == "restore" else 0
        found[left, then, right, asked] += 1
    return found


def fresh(start: Path, work: Path) -> Workshop:
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(start, work, symlinks=True)
    return Workshop.at(work)


def outputs(shop: Workshop) -> Outputs:
    return shop.outputs()


def outputs_of(folder: Path) -> Outputs:
    return strip(tree(folder))


def strip(found: Outputs) -> Outputs:
    return {path: data for path, data in found.items() if path != ".gitignore"}


def state(now: Outputs, old: Outputs, new: Outputs) -> str:
    return "old" if now == old else "new" if now == new else "half"


if __name__ == "__main__":
    main()
