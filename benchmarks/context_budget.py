"""How much of a budget the text takes that is chosen from repositories, by the tokenizers of three model families.

    python benchmarks/context_budget.py --repos DIR --cache DIR --split dev.jsonl --count 60

DIR holds clones named `owner+name`; instances are as `context_commits.py` writes them. Each is tried with the counter
of its own family and with the estimate. Printed are how many were over, and the largest share of a budget.
"""

import argparse
import json
import random
import subprocess
from pathlib import Path

from context_tokens import claude

from codegen_tasks.context import Budget, Repository, choose, render
from codegen_tasks.context.budget import tokenizer
from codegen_tasks.files import Snapshot
from codegen_tasks.records import PlannedFile, Section, Unit
from codegen_tasks.worktree import Worktree

MODELS = {"cl100k": ("gpt-4",), "o200k": ("gpt-4o",), "claude": ("anthropic/claude-sonnet-4-5",)}
BUDGETS = (2000, 8000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repos", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--split", type=Path, action="append", required=True)
    parser.add_argument("--count", type=int, default=60)
    args = parser.parse_args()
    counts = {"cl100k": tokenizer("cl100k_base"), "o200k": tokenizer("o200k_base"), "claude": claude()}
    shares: dict[tuple[str, str], list[float]] = {}
    instances = [json.loads(line) for split in args.split for line in split.read_text().splitlines()]
    random.Random(3).shuffle(instances)
    for instance in instances[: args.count]:
        name = instance["repo"].replace("/", "+")
        work = args.cache / name
        if not work.is_dir():
            subprocess.run(["git", "clone", "-q", "--shared", "--no-checkout", args.repos / name, work], check=True)
        subprocess.run(["git", "-C", work, "checkout", "-f", "-q", "--detach", instance["parent"]], check=True)
        worktree = Worktree(work, Snapshot())
        blobs = {path: worktree.read(path, "the working tree") for path in worktree.visible()}
        contents = {path: blob.data for path, blob in blobs.items() if blob is not None}
        repository = Repository(worktree.visible, contents.get, args.cache / "state", work)
        unit = Unit("unit", tuple(PlannedFile(path) for path in instance["paths"]))
        for tokens in BUDGETS:
            for family, models in MODELS.items():
                budget = Budget(tokens, tokens // 4, models)
                text = render(choose(unit, (Section("plan", instance["message"], 1),), repository, budget))
                for judge in counts if family == "claude" else [family]:
                    used = counts[judge](text.shared) + counts[judge](text.own)
                    way = "estimate" if family == "claude" else "exact"
                    shares.setdefault((judge, way), []).append(used / tokens)
    for (judge, way), found in sorted(shares.items()):
        over = sum(share > 1 for share in found)
        print(f"{judge:8}{way:10}{len(found):5} packages{over:5} over   largest share {max(found):.3f}")


if __name__ == "__main__":
    main()
