"""A plan of many units in shares on machines that share only a store, against one run: bytes, questions, time.

    python benchmarks/shards.py FOLDER [--units 2000] [--shards 16] [--at-once 2] [--kills 0 3] [--places redis nginx]

Each share has a checkout and a task directory of its own; they meet in a redis-server, in nginx with WebDAV, or in a
folder. The model is a peer that takes --answer seconds. One row a meeting place: what was asked; what was asked again
though it had been answered, and how many answers killed processes had not read; wall and CPU seconds of all shares, and
both against --alone shares that each had such a place and the machine to themselves; what a run without a share then
asks and takes; whether its patch is that of a single run. For each number of --kills there is a pass, in which so many
shares are killed -9 at random moments and started again. FOLDER is made anew.
"""

import argparse
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from codegen_tasks.pipeline.shards import Shard, share_of
from codegen_tasks.records import PlannedFile, Unit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.kill_wave import unread
from benchmarks.remote_store import nginx, redis
from tests.peer import Peer, Question, Say, write_all
from tests.workshop import LEAN, Workshop, git

SETTINGS = """\
roles: {{codegen: [{{model: openai/m, api_base: "{url}", format: whole, timeout_s: 600}}]}}
generate: {{jobs: {jobs}}}
{store}
"""
COLUMNS = (
    "asked",
    "twice",
    "unread",
    "wall, s",
    "of ideal",
    "CPU, s",
    "of ideal",
    "then asked",
    "wall, s",
    "CPU, s",
    "same bytes",
)


class Cost(NamedTuple):
    """Seconds of one process or of several."""

    wall: float
    cpu: float


class Task:
    """The repository with its plan, cloned for each machine."""

    def __init__(self, folder: Path, given: argparse.Namespace, peer: Peer) -> None:
        self.folder, self.given, self.peer = folder, given, peer
        shop = Workshop(folder / "origin", {"README.md": "hi\n"})
        self.paths = [f"src/part{i % 20}/f{i}.py" for i in range(given.units)]
        shop.plan("# Plan\n\nAll.\n\n" + "".join(f"## `{p}`\n\nWrite {p}.\n\n" for p in self.paths), self.paths)
        git(shop.root, "add", "-A")
        git(shop.root, "commit", "-q", "-m", "plan")

    def machine(self, name: str, store: str) -> Path:
        """A checkout's task directory."""
        root = self.folder / name
        git(self.folder, "clone", "-q", str(self.folder / "origin"), str(root))
        settings = SETTINGS.format(url=self.peer.url, jobs=self.given.jobs, store=store)
        (root / "task/codegen.yaml").write_text(settings)
        return root / "task"

    def share(self, part: int) -> str:
        """The argument for the part, from 0."""
        return f"shard={part + 1}/{self.given.shards}"


def start(task: Path, *args: str) -> subprocess.Popen[bytes]:
    """doit, with its words in a file."""
    with (task.parent / "said").open("ab") as said:
        return subprocess.Popen(Workshop.command("codegen", *args), cwd=task, env=LEAN, stdout=said, stderr=said)


def finish(run: subprocess.Popen[bytes], task: Path, began: float) -> Cost:
    """What a process took that must end well."""
    _, status, usage = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode == 0, (task.parent / "said").read_text()[-2000:]
    return Cost(time.monotonic() - began, usage.ru_utime + usage.ru_stime)


def timed(task: Path, *args: str) -> Cost:
    """A whole run."""
    began = time.monotonic()
    return finish(start(task, *args), task, began)


def cut(task: Path, store: Path, share: str, seconds: float, port: int) -> tuple[float, int]:
    """A run that is killed so long after it began to ask, or that ends before.

    Returns the moment, monotonic, and how many answers of the peer at `port` it had not read.
    """
    run, end = start(task, share), None
    while run.poll() is None and (end is None or time.monotonic() < end):
        if end is None and any((store / "fresh").glob("*")):
            end = time.monotonic() + seconds
        time.sleep(0.01)
    moment, waiting = time.monotonic(), 0
    if run.poll() is None:
        run.send_signal(signal.SIGSTOP)
        waiting = unread(port, run.pid)
        run.kill()
        run.wait()
    return moment, waiting


@contextmanager
def meeting(place: str, folder: Path) -> Iterator[str]:
    """The settings of a store that is shared, or of one's own."""
    if place == "nowhere":
        yield ""
        return
    if place == "folder":
        yield f'store: {{path: "{folder}"}}'
        return
    with (nginx if place == "nginx" else redis)(shutil.which(f"{place}{'-server' * (place == 'redis')}"), folder) as (
        url,
        _,
        _,
    ):
        yield f'store: {{remote: "{url}", remote_write: true}}'


def twice(task: Task, killed: Mapping[int, float]) -> int:
    """How many questions were asked again though they were answered, before their part was `killed` if it was."""
    units = [Unit(path, (PlannedFile(path),)) for path in task.paths]
    shares = {part: share_of(units, Shard(part + 1, task.given.shards)) for part in killed}
    until = {path: moment for part, moment in killed.items() for path in shares[part]}
    asked = Counter(question.data for question in task.peer.requests)
    known = {q.data for q, when in task.peer.answered if when < until.get(q.paths[0], math.inf)}
    return sum(asked[data] > 1 for data in known)


def ideal_of(task: Task, place: str) -> Cost:
    """What all shares would take with others at once, by the speed of some that run alone, one after the other."""
    given, before = task.given, len(task.peer.requests)
    with meeting(place, task.folder / f"{place}-alone-store") as store:
        costs = [timed(task.machine(f"{place}-alone{part}", store), task.share(part)) for part in range(given.alone)]
    units = (len(task.peer.requests) - before) / given.units
    wall, cpu = (sum(side) / units for side in zip(*costs, strict=True))
    return Cost(wall / given.at_once, cpu)


def row(task: Task, place: str, ideal: Cost, expected: bytes, kills: int) -> tuple[str, ...]:
    """The figures of a meeting place."""
    given, dice, name, waiting = task.given, random.Random(1), f"{place}{kills or ''}", list[int]()
    task.peer.requests.clear()
    task.peer.answered.clear()
    with meeting(place, task.folder / f"{name}-store") as store:
        machines = [task.machine(f"{name}-{part}", store) for part in range(given.shards)]
        doomed = {part: dice.uniform(0, ideal.wall / given.shards) for part in dice.sample(range(given.shards), kills)}

        def one(part: int) -> Cost:
            if part in doomed:
                own = task.folder / f"{name}-store" if place == "folder" else machines[part] / ".codegen/store"
                doomed[part], late = cut(machines[part], own, task.share(part), doomed[part], task.peer.port)
                waiting.append(late)
            return timed(machines[part], task.share(part))

        began = time.monotonic()
        with ThreadPoolExecutor(given.at_once) as threads:
            cpu = sum(cost.cpu for cost in threads.map(one, range(given.shards)))
        wall = time.monotonic() - began
        asked, again = len(task.peer.requests), twice(task, doomed)
        last = task.machine(f"{name}-all", store)
        together = timed(last)
    same = (last / "code/diff.patch").read_bytes() == expected
    figures = (f"{wall:.1f}", f"{wall / ideal.wall:.2f}", f"{cpu:.1f}", f"{cpu / ideal.cpu:.2f}")
    then = (str(len(task.peer.requests) - asked), f"{together.wall:.1f}", f"{together.cpu:.1f}")
    return (str(asked), str(again), str(sum(waiting)), *figures, *then, "yes" if same else "NO")


def measure(task: Task) -> None:
    """The single run, then the table."""
    given = task.given
    whole = task.machine("single", "")
    single = timed(whole)
    patch, ideals = (whole / "code/diff.patch").read_bytes(), dict[str, Cost]()
    print(f"one run: {len(task.peer.requests)} asked, {single.wall:.1f} s, CPU {single.cpu:.1f} s", flush=True)
    for place in ("nowhere", *given.places):
        ideals[place] = ideal_of(task, place)
        told = f"{ideals[place].wall:.1f} s, CPU {ideals[place].cpu:.1f} s"
        print(f"ideal by {given.alone} alone, meeting {place}: {told}", flush=True)
    print(f"{'':16}" + "".join(f"{column:>12}" for column in COLUMNS))
    for kills in given.kills:
        for place in given.places:
            figures = row(task, place, ideals[place], patch, kills)
            name = f"{place}, {kills} killed" if kills else place
            print(f"{name:16}" + "".join(f"{figure:>12}" for figure in figures), flush=True)
            for old in task.folder.glob(f"{place}*"):
                shutil.rmtree(old)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    for name, value in {"units": 2000, "shards": 16, "at-once": 2, "jobs": 16, "alone": 1}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--kills", type=int, nargs="*", default=[0, 3])
    parser.add_argument("--answer", type=float, default=0.1)
    parser.add_argument("--places", nargs="*", default=["redis", "nginx", "folder"])
    given = parser.parse_args()
    folder = given.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o777)  # nginx's workers are nobody's

    def author(question: Question) -> Say:
        return Say(write_all(question).text, delay=given.answer)

    with Peer(author) as peer:
        measure(Task(folder, given, peer))


if __name__ == "__main__":
    main()
