"""`python -m codegen_tasks init | doctor | import`: what is done before there is a task directory to call doit in."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from codegen_tasks.errors import MEANINGS, BadPlan, CodegenError
from codegen_tasks.files import Snapshot
from codegen_tasks.start import begin, examine, plan_files, plan_text, read_source
from codegen_tasks.start.beginning import SCHEMAS
from codegen_tasks.text import seen
from codegen_tasks.worktree import Worktree, find_root

FOLDER = "codegen"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes are those of the contract; `doctor` ends with 1 where something is missing."""
    asked = _parser().parse_args(arguments)
    try:
        return int({"init": _init, "doctor": _doctor, "import": _import}[asked.command](asked))
    except CodegenError as error:
        sys.stderr.write(f"{seen(error.message)}\n  {seen(error.hint)}\n")
        return MEANINGS[error.kind].exit
    except OSError as error:
        sys.stderr.write(f"{seen(str(error))}\n")
        return MEANINGS["bad_config"].exit


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m codegen_tasks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    init = commands.add_parser("init", help="begin a task directory: dodo.py, plan.md, plan.files.json, codegen.yaml")
    init.add_argument("folder", nargs="?", default=FOLDER, help=f"the task directory (default: {FOLDER})")
    doctor = commands.add_parser("doctor", help="what this machine has of what a run needs, and what to do")
    doctor.add_argument("folder", nargs="?", default=".", help="the task directory (default: this folder)")
    doctor.add_argument("--ask", action="store_true", help="ask each model for one token")
    taken = commands.add_parser(
        "import", help="make a plan of one from spec-kit, OpenSpec, Kiro, a list, an issue, a diff"
    )
    taken.add_argument("source", help="a folder, or a file of Markdown, text or a diff")
    taken.add_argument("folder", nargs="?", default=FOLDER, help=f"the task directory (default: {FOLDER})")
    return parser


def _init(asked: argparse.Namespace) -> int:
    _begin(Path(asked.folder), {})
    return 0


def _begin(folder: Path, given: dict[str, str]) -> None:
    begun = begin(folder.absolute(), os.environ, given)
    for path in begun.written:
        print(f"wrote  {os.path.relpath(path)}")  # noqa: T201 (this is the terminal's own command)
    for path in begun.kept:
        print(f"kept   {os.path.relpath(path)}: it was there")  # noqa: T201
    for line in begun.said:
        print(f"       {line}")  # noqa: T201
    print(f"next: edit plan.md and plan.files.json, then: cd {os.path.relpath(folder)} && doit codegen")  # noqa: T201


def _doctor(asked: argparse.Namespace) -> int:
    rows = examine(Path(asked.folder).absolute(), os.environ, asked.ask)
    for row in rows:
        print(f"{row.state:8} {row.name:24} {seen(row.found)}")  # noqa: T201
        if row.remedy:
            print(f"{'':33}-> {seen(row.remedy)}")  # noqa: T201
    return int(any(row.state == "missing" for row in rows))


def _import(asked: argparse.Namespace) -> int:
    source, folder = read_source(Path(asked.source)), Path(asked.folder)
    root = find_root(folder.absolute() if folder.is_dir() else Path.cwd(), None)
    plan = plan_files(source, Worktree(root, Snapshot()).visible())
    done = f", {source.done} of its tasks are ticked off and left out" if source.done else ""
    print(f"{asked.source} is {source.kind}: {len(plan.files)} files{done}")  # noqa: T201
    for file in plan.files:
        print(f"  {file.intent:7} {seen(file.path)}")  # noqa: T201
    if plan.unplaced:
        print(f"not placed: {len(plan.unplaced)}")  # noqa: T201
    for task, why in plan.unplaced:
        print(f"  {task.where}: {seen(task.text[:100])}  ({seen(why)})")  # noqa: T201
    if not plan.files:
        why = "all its tasks are ticked off" if source.done and not source.tasks else "no task names a file"
        raise BadPlan(f"nothing to plan: {why}", hint="name files in the tasks, in backquotes, and import again")
    files = plan.json(f"{SCHEMAS}/plan.files.json.schema.json")
    _begin(folder, {"plan.md": plan_text(source, plan.files), "plan.files.json": files})
    return 0


if __name__ == "__main__":
    sys.exit(main())
