"""What a run with nothing to do costs, and one after an edit of one section, beside a bare doit with one task a file.

    python benchmarks/noop.py FOLDER [UNITS ...] [--files N] [--turns N] [--others BIN]

FOLDER is made and may be removed afterwards. `--files` are those of the repository, none of them planned but half as
many as there are units. `--others` is a folder of programs in which snakemake and dvc are looked for.
CPU time (user and system) of whole trees of processes, the least of several turns, all columns taken in turn:

- bare: doit with one task a file; `3 N` with as many tasks as our graph has.
- ours: `doit codegen`, told at once; `long`: `doit ready`, which looks at everything.
- edit: `doit codegen` after an edit of one unit's section; its answer is in the store, so no call and no import of what
  makes calls is in it. `asked` is how many requests the same edit makes where the answer is not there.
"""

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.peer import Peer, write_all
from tests.workshop import Workshop

TICK_S = 2.2  # until what was written just now counts as settled
BARE = """
import json
TASKS = json.load(open("tasks.json"))
def task_all():
    for i, (deps, target) in enumerate(TASKS):
        yield {"name": str(i), "file_dep": deps, "targets": [target], "actions": [(_make, [target])]}
def _make(target):
    open(target, "w").write(target)
"""
SNAKEFILE = """
rule all:
    input: expand("out{i}", i=range(%d))
rule one:
    input: "in{i}"
    output: "out{i}"
    shell: "cp {input} {output}"
"""


def cpu(command: list[str], folder: Path) -> float:
    """Milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def bare(folder: Path, tasks: int) -> Path:
    """A dodo.py with as many tasks, each with two inputs and one output."""
    folder.mkdir(parents=True)
    (folder / "dodo.py").write_text(BARE)
    for i in range(tasks + 1):
        (folder / f"in{i}").write_text(str(i))
    rows = [([f"in{i}", f"in{i + 1}"], f"out{i}") for i in range(tasks)]
    (folder / "tasks.json").write_text(json.dumps(rows))
    subprocess.run([sys.executable, "-m", "doit"], cwd=folder, check=True, capture_output=True)
    return folder


def plan(shop: Workshop, paths: list[str], edited: str = "") -> None:
    sections = "".join(f"## `{path}`\n\nWrite it{'' if i else edited}.\n\n" for i, path in enumerate(paths))
    shop.plan("# Plan\n\n" + sections, paths)


def ours(folder: Path, units: int, files: int) -> tuple[Workshop, list[str], int]:
    """A task directory in which `units` files were written, half of them new where there are `files` others; an edit
    of the first one's section; how many requests that made. It ends as before the edit, with both answers stored."""
    names = [f"lib{i % 97}/part{i % 1009}/file{i}.py" for i in range(files)]
    shop = Workshop(folder, {"README.md": "a repository\n"} | dict.fromkeys(names, "x = 1\n"))
    paths = names[: units // 2] if files else []
    paths += [f"src/part{i % 20}/file{i}.py" for i in range(units - len(paths))]
    plan(shop, paths)
    with Peer(write_all) as peer:
        shop.models(peer.url, more="generate: {jobs: 32}\n", spec="format: whole")
        run_well(shop)
        before = len(peer.requests)
        plan(shop, paths, " again")
        run_well(shop)
        asked = len(peer.requests) - before
    plan(shop, paths)
    run_well(shop)
    return shop, paths, asked


def run_well(shop: Workshop) -> None:
    run = subprocess.run(Workshop.command("codegen"), cwd=shop.task, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]


def columns(folder: Path, units: int, files: int) -> tuple[dict[str, Callable[[], float]], int]:
    """What is measured in each turn, by the name of its column."""
    shop, paths, asked = ours(folder / "ours", units, files)
    single, graph = bare(folder / "single", units), bare(folder / "graph", 3 * units + 3)
    turn = iter(range(1, 1000))

    def edit() -> float:
        plan(shop, paths, " again" if next(turn) % 2 else "")
        return cpu(Workshop.command("codegen"), shop.task)

    def at_once() -> float:
        run_well(shop)
        time.sleep(TICK_S)
        run_well(shop)
        return cpu(Workshop.command("codegen"), shop.task)

    return {
        "bare": lambda: cpu(Workshop.command(), single),
        "bare 3 N": lambda: cpu(Workshop.command(), graph),
        "ours": at_once,
        "long": lambda: cpu(Workshop.command("ready"), shop.task),
        "edit": edit,
    }, asked


def others(folder: Path, units: int, programs: Path) -> dict[str, Callable[[], float]]:
    """The same graph, one target for each of as many inputs, as snakemake and dvc run it when nothing is to do."""
    found: dict[str, Callable[[], float]] = {}
    for name, command in {"snakemake": ["snakemake", "-c1", "-q"], "dvc": ["dvc", "repro", "-q"]}.items():
        command[0] = str(programs / name)
        if not Path(command[0]).exists():
            continue
        place = folder / name
        place.mkdir(parents=True)
        for i in range(units):
            (place / f"in{i}").write_text(str(i))
        (place / "Snakefile").write_text(SNAKEFILE % units)
        stages = {f"s{i}": {"cmd": f"cp in{i} out{i}", "deps": [f"in{i}"], "outs": [f"out{i}"]} for i in range(units)}
        (place / "dvc.yaml").write_text(json.dumps({"stages": stages}))
        if name == "dvc":
            subprocess.run([command[0], "init", "-q", "--no-scm"], cwd=place, check=True)
        subprocess.run(command, cwd=place, check=True, capture_output=True)
        found[name] = lambda command=command, place=place: cpu(command, place)  # type: ignore[misc]
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("units", type=int, nargs="*", default=[10, 100])
    parser.add_argument("--files", type=int, default=0)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--others", type=Path)
    args = parser.parse_args()
    for units in args.units:
        shutil.rmtree(args.folder, ignore_errors=True)
        measured, asked = columns(args.folder, units, args.files)
        measured["ours"]()
        costly = ", ".join(imported(args.folder / "ours/task")) or "nothing"
        if args.others:
            measured |= others(args.folder, units, args.others)
        turns = [{name: measure() for name, measure in measured.items()} for _ in range(args.turns)]
        least = {name: min(turn[name] for turn in turns) for name in measured}
        parts = [f"{name} {ms:.0f}" for name, ms in least.items()]
        ratios = f"ours / bare {least['ours'] / least['bare']:.2f}, edit / ours {least['edit'] / least['ours']:.2f}"
        print(f"{units} units of {args.files} files, ms: {', '.join(parts)}; {ratios}; asked {asked}", flush=True)
        print(f"  imported on a run with nothing to do: {costly}", flush=True)


def imported(task: Path) -> list[str]:
    """Costly libraries that a run with nothing to do imports."""
    command = [sys.executable, "-X", "importtime", "-m", "doit", "codegen"]
    seen = subprocess.run(command, cwd=task, capture_output=True, text=True, check=False).stderr
    costly = {"litellm", "msgspec", "pygit2", "tree_sitter", "httpx", "yaml", "markdown_it", "betterleaks"}
    return sorted(costly & set(re.findall(r"\| +(\w+)$", seen, re.MULTILINE)))


if __name__ == "__main__":
    main()
