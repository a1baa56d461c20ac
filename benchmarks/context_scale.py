"""CPU time and memory of choosing context: in a repository made for it, or one that is there.

    python benchmarks/context_scale.py FOLDER [--files 100000] [--planned PATH...]

Where FOLDER is not there, a git repository of so many Python files is made in it. Printed are CPU seconds of a process
that finds no index and of one that does: listing the repository, opening the index, choosing for each planned file.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from codegen_tasks.context import Budget, Repository, choose, render
from codegen_tasks.files import Snapshot
from codegen_tasks.records import PlannedFile, Section, Unit
from codegen_tasks.worktree import Worktree

WORDS = "order price stock user mail tax cart total parse render fetch build queue token cache route model view".split()
BUDGET = Budget(14_000, 2000, ("anthropic/claude-sonnet-4-5",))


def make(root: Path, files: int) -> None:
    """Files of four definitions that import and call each other."""
    chance = random.Random(1)
    name = lambda: f"{chance.choice(WORDS)}_{chance.choice(WORDS)}_{chance.randrange(files // 4 + 1)}"  # noqa: E731
    for i in range(files):
        at = root / place(i)
        at.parent.mkdir(parents=True, exist_ok=True)
        other = chance.randrange(files)
        head = f"from {place(other)[:-3].replace('/', '.')} import Part{other}\n\n\nclass Part{i}:\n"
        body = f"    def {name()}(self, value):\n        return Part{other}(value)\n"
        at.write_text(head + body + "".join(f"\n\ndef {name()}(value):\n    return {name()}(value)\n" for _ in "123"))
    for words in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *words], cwd=root, check=True)


def place(i: int) -> str:
    return f"pkg{i // 2000}/mod{i // 100}/file{i}.py"


def cpu() -> float:
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def measure(root: Path, planned: list[str], state: Path) -> None:
    """One process: a line of the table."""
    laps = [cpu()]
    worktree = Worktree(root, Snapshot())

    def read(path: str) -> bytes | None:
        blob = worktree.read(path, "the working tree")
        return None if blob is None else blob.data

    tree = Repository(worktree.visible, read, state, root)
    for step in (worktree.visible, lambda: tree.index):
        step()
        laps.append(cpu())
    for path in planned:
        plan = (Section("plan", f"Change {path} so that an empty order is refused.", 1),)
        render(choose(Unit(path, (PlannedFile(path),)), plan, tree, BUDGET))
        laps.append(cpu())
    taken = "".join(f"{after - before:9.3f}" for before, after in pairwise(laps))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{laps[0]:9.3f}{taken}{cpu():9.3f}{memory:7d} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--planned", nargs="+", default=[place(70), place(40), "pkg0/mod1/new.py"])
    parser.add_argument("--state", type=Path)
    args = parser.parse_args()
    if args.state:
        measure(args.folder.resolve(), args.planned, args.state)
        return
    if not args.folder.exists():
        make(args.folder, args.files)
    with tempfile.TemporaryDirectory() as state:
        units = "".join(f"{f'unit {n}':>9}" for n, _ in enumerate(args.planned, 1))
        print(f"{'':9}{'import':>9}{'list':>9}{'index':>9}{units}{'all':>9}{'memory':>10}")
        for name in ("cold", "warm", "warm"):
            print(f"{name:9}", end="", flush=True)
            again = [sys.executable, __file__, str(args.folder), "--state", state, "--planned", *args.planned]
            subprocess.run(again, check=True, env={**os.environ, "XDG_CACHE_HOME": state})


if __name__ == "__main__":
    main()
