"""Recall of needed definitions beside aider's repo map: the same commits, the same budgets, the same scorer.

    python benchmarks/context_aider.py --scorer context_recall.py --repos DIR --split dev.jsonl --work DIR

The scorer is called as `SCORER run --split … --repos … --name … --cmd … --budgets … --results …`. aider-chat goes into
a virtual environment of its own below `--work`, unless `--python` names an interpreter that has it. Its map is asked as
its chat does: planned files are those in the chat, names and paths in the message are mentioned; tokens are cl100k, its
own model and terminal are left out. CPU and memory are of a process that makes an instance's packages for all budgets.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

AIDER = "aider-chat==0.86.1"
BUDGETS = (1000, 2000, 4000, 8000)
STEM = 5  # letters of a word that aider takes for the name of a file
WORDS = {"repo": "{repo}", "plan": "{plan}", "files": "{files}", "budgets": "{budgets}", "out": "{out}"}


class Silent:
    """What aider's map wants of a terminal and of a model."""

    def __init__(self) -> None:
        import tiktoken

        self._encoding = tiktoken.get_encoding("cl100k_base")

    def token_count(self, text: str) -> int:
        """Tokens of cl100k."""
        return len(self._encoding.encode(text, disallowed_special=()))

    def read_text(self, path: str) -> str:
        """A file's text."""
        return Path(path).read_text(encoding="utf-8", errors="replace")

    def tool_output(self, *_: object) -> None:
        """Shows nothing."""

    tool_warning = tool_error = tool_output


def print_map(repo: Path, plan: str, planned: set[str], budgets: Iterable[int], out: Path) -> None:
    """Runs where aider is: one map a budget, as `BUDGET.txt`."""
    from aider.repomap import RepoMap

    listed = subprocess.run(["git", "-C", repo, "ls-files", "-z"], capture_output=True, check=True).stdout
    paths = [path for path in os.fsdecode(listed).split("\0") if path and (repo / path).is_file()]
    words = set(re.split(r"\W+", plan))
    low = {word.lower() for word in words if len(word) >= STEM}
    spoken = {word.strip("'\"`,.:;()") for word in plan.split()}
    mentioned = {path for path in paths if {path, Path(path).name} & spoken or Path(path).stem.lower() in low}
    silent = Silent()
    for budget in budgets:
        found = RepoMap(map_tokens=budget, root=str(repo), main_model=silent, io=silent)
        chat, others = ([str(repo / p) for p in paths if (p in planned) is inside] for inside in (True, False))
        text = found.get_repo_map(chat, others, mentioned, words) or found.get_repo_map([], others) or ""
        (out / f"{budget}.txt").write_text(text, encoding="utf-8", errors="replace")


def install(work: Path) -> Path:
    """An interpreter that has aider, in a virtual environment below `work`."""
    python = work / "aider" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", work / "aider"], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", AIDER], check=True)
    return python


def show(name: str, results: Path) -> None:
    rows = json.loads(results.read_text())["rows"]
    total, novel = sum(row["n"] for row in rows), sum(sum(row["novel"]) for row in rows)
    hits = [[list(zip(row["b"][str(b)]["hits"], row["novel"], strict=True)) for row in rows] for b in BUDGETS]
    of_all = [sum(hit for row in found for hit, _ in row) / total for found in hits]
    of_novel = [sum(hit for row in found for hit, new in row if new) / max(1, novel) for found in hits]
    cpu, memory = sum(row["cpu"] for row in rows) / len(rows), max(row["rss_kb"] for row in rows) // 1024
    columns = "".join(f"{value:7.3f}" for value in of_all) + "  " + "".join(f"{value:7.3f}" for value in of_novel)
    print(f"{name:30}{columns}{cpu:17.2f}{memory:8d}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--scorer", "--repos", "--work", "--python"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--split", type=Path, action="append", default=[])
    parser.add_argument("--map", nargs=5, metavar=tuple(WORDS), help="print aider's map, where aider is")
    args = parser.parse_args()
    if args.map:
        repo, plan, files, budgets, out = args.map
        planned = {entry["path"] for entry in json.loads(Path(files).read_text())["files"]}
        print_map(Path(repo), Path(plan).read_text(), planned, map(int, budgets.split(",")), Path(out))
        return
    args.work.mkdir(parents=True, exist_ok=True)
    work, here = args.work.resolve(), Path(__file__).resolve()
    theirs = shlex.join([str(args.python or install(work)), str(here), "--map"])
    ours = shlex.join([sys.executable, str(here.with_name("context_package.py"))])
    commands = {
        "aider": f"env PYTHONHASHSEED=0 {theirs} {' '.join(WORDS.values())}",
        "ours": f"{ours} {' '.join(f'--{name} {word}' for name, word in WORDS.items())}",
    }
    heads = "".join(f"{b // 1000:6d}k" for b in BUDGETS)
    print(f"{'recall at':30}{heads}  {heads}  (novel){'CPU s':>8}{'MB':>8}", flush=True)
    for split in args.split:
        for name, command in commands.items():
            results = work / f"{split.stem}-{name}.json"
            subprocess.run(
                [sys.executable, args.scorer, "run", "--split", split, "--repos", args.repos, "--name", name, "--cmd",
                 command, "--budgets", ",".join(map(str, BUDGETS)), "--results", results],
                check=True, stdout=subprocess.DEVNULL, env={**os.environ, "CR_WORK": str(work / "work")},
            )  # fmt: skip
            show(f"{split.stem}, {name}", results)


if __name__ == "__main__":
    main()
