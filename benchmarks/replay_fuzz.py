"""Hostile replies laid into the store and replayed by whole runs: nothing may crash.

    python benchmarks/replay_fuzz.py FOLDER [--texts 10000] [--units 1000] [--seed 1]

The replies and files are those of edit_fuzz.py: mutated ones of the golden folders. Each run has a plan of so many
units; their context packages are made, each gets a reply in the store, `doit codegen` judges all of them. A program is
asked only to go on where a reply seems cut off. A line a run: how its units ended; then the sum. A fault of ours is
shown with its traceback.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from codegen_tasks.context import read_package
from codegen_tasks.records import Reply
from codegen_tasks.session import open_session
from codegen_tasks.store import question_digest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.edit_fuzz import mutated, seeds
from tests.program import Program
from tests.workshop import Workshop, git

Case = tuple[str, dict[str, bytes]]
FORMATS = ("auto", "whole", "search_replace", "udiff", "patch")


def case_for(number: int, corpus: list[Case], dice: random.Random) -> Case:
    """A mutated reply and its mutated files, all below a folder of their own."""
    reply, files = dice.choice(corpus)
    files = files or {"a.py": b"a = 1\nb = 2\n"}
    for path in files:
        reply = reply.replace(path, f"u{number}/{path}")
    return mutated(reply, dice), {
        f"u{number}/{path}": mutated(data.decode(), dice).encode() for path, data in files.items()
    }


def laid_out(folder: Path, cases: list[Case], program: Program, form: str) -> Workshop:
    """A task whose store has the cases' replies."""
    shop = Workshop(folder, {path: data for _, files in cases for path, data in files.items()})
    git(shop.root, "config", "core.autocrlf", "false")
    plan: list[Any] = [{"path": path, "group": f"g{n}"} for n, (_, files) in enumerate(cases) for path in files]
    shop.plan("# Plan\n\nChange them.\n", plan)
    settings = json.loads(program.settings(generate={"repairs": 0}, context={"repo_summary": False}))
    settings["roles"]["codegen"][0]["format"] = form
    (shop.task / "codegen.yaml").write_text(json.dumps(settings))
    run = shop_run(shop, "context")
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    session = open_session(shop.task)
    assert session.phase is not None, session.failure
    texts = {path: reply for reply, files in cases for path in files}
    for question in session.phase.questions.asked:
        request = read_package(session.phase.places.request(question.unit.name).read_bytes())
        (spec,) = question.chain.models
        key = question_digest(request.in_format(spec.format), spec)
        session.phase.tools.store.put_reply(key, Reply(spec.name, texts[question.unit.paths[0]]), "reply")
    return shop


def shop_run(shop: Workshop, *args: str) -> "subprocess.CompletedProcess[str]":
    """doit, whose repository nobody looks over: it is large."""
    return subprocess.run(Workshop.command(*args), cwd=shop.task, capture_output=True, text=True, check=False)


def ends(shop: Workshop, run: "subprocess.CompletedProcess[str]") -> Counter[str]:
    """How units ended, by kind of failure, and what must never be."""
    found = Counter[str]()
    failures = shop.read("failure.json")["failures"] if shop.code("failure.json").exists() else []
    found.update(failure["kind"] for failure in failures)
    found["accepted"] = sum(1 for _ in shop.code("replies").rglob("*.json"))
    found["exit 70"] = run.returncode == 70
    found["traceback"] = "Traceback" in run.stdout + run.stderr
    for failure in failures:
        if failure["kind"] == "bug":
            print(
                f"BUG {failure['stage']} {failure['unit']}: {failure['message']}\n{failure['hint'][-1500:]}", flush=True
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    for name, value in {"texts": 10000, "units": 1000, "seed": 1}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    folder = given.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    program, corpus, all_ends = Program(folder / "program"), seeds(), Counter[str]()
    for number, start in enumerate(range(0, given.texts, given.units)):
        dice = random.Random(given.seed * 1000 + number)
        cases = [case_for(n, corpus, dice) for n in range(min(given.units, given.texts - start))]
        shop = laid_out(folder / f"run{number}", cases, program, FORMATS[number % len(FORMATS)])
        run = shop_run(shop, "codegen")
        found = ends(shop, run)
        if not found["exit 70"] and not found["traceback"]:
            shutil.rmtree(shop.root)
        all_ends += found
        print(f"{len(cases)} texts, exit {run.returncode}: {dict(found)}, asked {len(program.asked)}", flush=True)
    print(f"{given.texts} texts, asked {len(program.asked)}: {dict(all_ends)}")
    sys.exit(bool(all_ends["exit 70"] or all_ends["traceback"]))


if __name__ == "__main__":
    main()
