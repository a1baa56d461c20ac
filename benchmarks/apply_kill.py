"""kill -9 at random moments of an apply over many files: does it always end in the whole old or the whole new tree?

    python benchmarks/apply_kill.py FOLDER [--kills 100] [--files 200] [--seed 1]

Trees are made in FOLDER. Each round starts a real process that applies, kills it, notes what lies there, and then lets
`apply` or `unapply` end what was begun.
"""

import argparse
import collections
import multiprocessing
import os
import random
import shutil
import signal
import time
from pathlib import Path

from codegen_tasks.apply import apply_changes, unapply
from codegen_tasks.records import Blob, FileChange

LINK = 0o120000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    changes = make_changes(chance, given.files)
    whole = time_whole(given.folder / "whole", changes)
    print(f"{len(changes)} files, an apply takes {whole * 1000:.0f} ms")
    found: collections.Counter[tuple[str, str, bool]] = collections.Counter()
    for kill in range(given.kills):
        found[round_of(given.folder / f"round{kill}", changes, chance.random() * whole * 1.1, kill)] += 1
    print("left by kill -9   then      ended right  times")
    for (left, ending, right), times in sorted(found.items()):
        print(f"{left:17} {ending:9} {right!s:12} {times:5}")


def make_changes(chance: random.Random, count: int) -> list[FileChange]:
    def blob() -> Blob:
        if chance.random() < 0.05:
            return Blob(b"some/where", LINK)
        return Blob(chance.randbytes(chance.choice((0, 100, 20_000))), chance.choice((0o100644, 0o100755)))

    changes = list[FileChange]()
    while len(changes) < count:
        number, kind = len(changes), chance.random()
        before = None if kind < 0.2 else blob()
        after = None if kind > 0.9 else blob()
        if before != after:
            changes.append(FileChange(f"d{number % 7}/{'x/' * (number % 3)}f{number}", before, after))
    return changes


def time_whole(folder: Path, changes: list[FileChange]) -> float:
    lay_out(folder / "tree", changes)
    start = time.perf_counter()
    apply_changes(folder / "tree", changes, folder / "journal")
    return time.perf_counter() - start


def round_of(folder: Path, changes: list[FileChange], after: float, number: int) -> tuple[str, str, bool]:
    root, journal = folder / "tree", folder / "journal"
    lay_out(root, changes)
    start = picture(root)
    child = multiprocessing.get_context("fork").Process(target=apply_changes, args=(root, changes, journal))
    child.start()
    time.sleep(after)
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    left = state(root, changes, start)
    if number % 2:
        unapply(root, journal)
        return left, "unapply", picture(root) == start
    apply_changes(root, changes, journal)
    right = state(root, changes, start) == "new"
    unapply(root, journal)
    right = right and (picture(root) == start)
    shutil.rmtree(folder)
    return left, "apply", right


def state(root: Path, changes: list[FileChange], start: dict[str, tuple[int, bytes]]) -> str:
    now = picture(root)
    if now == start:
        return "old"
    wanted = {change.path: change.after.data for change in changes if change.after is not None}
    links = {change.path for change in changes if change.after is not None and change.after.mode == LINK}
    files = {path: data for path, (mode, data) in now.items() if not mode & 0o040000 or mode & 0o120000 == LINK}
    if files == wanted and all(now[path][0] & 0o170000 == LINK for path in links):
        return "new"
    return "half"


def lay_out(root: Path, changes: list[FileChange]) -> None:
    root.mkdir(parents=True)
    for change in changes:
        if change.before is None:
            continue
        place = root / change.path
        place.parent.mkdir(parents=True, exist_ok=True)
        if change.before.mode == LINK:
            place.symlink_to(os.fsdecode(change.before.data))
        else:
            place.write_bytes(change.before.data)
            place.chmod(change.before.mode & 0o777)


def picture(root: Path) -> dict[str, tuple[int, bytes]]:
    seen = {}
    for place in root.rglob("*"):
        mode = place.lstat().st_mode
        kind = mode & 0o170000
        data = os.fsencode(place.readlink()) if kind == LINK else place.read_bytes() if kind == 0o100000 else b""
        seen[str(place.relative_to(root))] = (mode, data)
    return seen


if __name__ == "__main__":
    main()
