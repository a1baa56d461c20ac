"""What a run with nothing to do costs, beside a bare doit that has nothing to do either: with as many tasks, and with
one a file.

    python benchmarks/noop.py FOLDER [UNITS ...]

FOLDER is made and may be removed afterwards. CPU time (user and system) of whole processes, the least of several runs.
"""

import resource
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.peer import Peer, write_all
from tests.workshop import Workshop

TURNS = 9
BARE = """
import json
TASKS = json.load(open("tasks.json"))
def task_all():
    for i, (deps, target) in enumerate(TASKS):
        yield {"name": str(i), "file_dep": deps, "targets": [target], "actions": [(_make, [target])]}
def _make(target):
    open(target, "w").write(target)
"""


def cpu(command: list[str], folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def bare(folder: Path, tasks: int) -> Path:
    """A dodo.py with as many tasks, each with two inputs and one output."""
    import json

    folder.mkdir(parents=True)
    (folder / "dodo.py").write_text(BARE)
    for i in range(tasks + 1):
        (folder / f"in{i}").write_text(str(i))
    rows = [([f"in{i}", f"in{i + 1}"], f"out{i}") for i in range(tasks)]
    (folder / "tasks.json").write_text(json.dumps(rows))
    subprocess.run([sys.executable, "-m", "doit"], cwd=folder, check=True, capture_output=True)
    return folder


def ours(folder: Path, units: int) -> Workshop:
    """A task directory in which `units` files have been written."""
    shop = Workshop(folder, {"README.md": "a repository\n"})
    paths = [f"src/part{i % 20}/file{i}.py" for i in range(units)]
    shop.plan("# Plan\n\n" + "".join(f"## `{path}`\n\nWrite it.\n\n" for path in paths), paths)
    with Peer(write_all) as peer:
        shop.models(peer.url, more="generate: {jobs: 32}\n")
        run = shop.doit("codegen")
    assert run.returncode == 0, run.stdout + run.stderr
    return shop


def main() -> None:
    folder = Path(sys.argv[1])
    names = ("tasks", "doit, ms", "ours, ms", "ratio", "one a file, ms", "ratio")
    print(f"{'units':>6s}" + "".join(f"{name:>16s}" for name in names) + "  litellm imported")
    for units in [int(arg) for arg in sys.argv[2:]] or [10, 100]:
        shutil.rmtree(folder, ignore_errors=True)
        shop = ours(folder / "ours", units)
        tasks = 3 * units + 3
        plain, single = bare(folder / "bare", tasks), bare(folder / "single", units)
        pairs = [
            (
                cpu(Workshop.command("-f", "dodo.py"), plain),
                cpu(Workshop.command("-f", "dodo.py"), single),
                cpu(Workshop.command("codegen"), shop.task),
            )
            for _ in range(TURNS)
        ]
        least, one, most = (min(side) * 1000 for side in zip(*pairs, strict=True))
        seen = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "doit", "codegen"], cwd=shop.task, capture_output=True, text=True
        )
        imported = "| litellm\n" in seen.stderr
        print(
            f"{units:6d}{tasks:7d}{least:10.0f}{most:10.0f}{most / least:7.2f}{one:16.0f}{most / one:7.2f}  {imported}"
        )


if __name__ == "__main__":
    main()
