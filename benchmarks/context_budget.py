"""How much of a budget whole questions take, by the tokenizers of three model families, at budgets drawn by chance.

    python benchmarks/context_budget.py --repos DIR --cache DIR --split dev.jsonl --count 60

DIR holds clones named `owner+name`; instances are as `context_commits.py` writes them. Each is tried with the counter
of its own family and with the estimate, at `--draws` budgets of 500 to 32,000 tokens. Printed are how many questions
were over, how many budgets were too small for the plan and our own words alone, and the largest share of the others.
"""

import argparse
import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path

from context_commits import checkout
from context_tokens import claude

from codegen_tasks.bases import Base
from codegen_tasks.config import ContextSettings
from codegen_tasks.context import Repository, longest, render
from codegen_tasks.context.budget import tokenizer
from codegen_tasks.files import Snapshot
from codegen_tasks.pipeline.choices import Choices
from codegen_tasks.pipeline.question import Question
from codegen_tasks.pipeline.questions import Privacy, request_builder
from codegen_tasks.records import Blob, ModelSpec, PlannedFile, Request, Section, Unit
from codegen_tasks.session import read_templates
from codegen_tasks.store import Store
from codegen_tasks.worktree import Worktree

MODELS = {"cl100k": "gpt-4", "o200k": "gpt-4o", "claude": "anthropic/claude-sonnet-4-5"}


def ask(instance: dict, blobs: Mapping[str, Blob], tree: Repository, model: str, tokens: int) -> Request:
    """The question of a commit's files at a budget, with all that is chosen for it."""
    unit = Unit("unit", tuple(PlannedFile(path) for path in instance["paths"]))
    sections = (Section("plan", instance["message"], 1),)
    bases = tuple(Base(path, blobs.get(path), blobs.get(path)) for path in instance["paths"])
    chain = (ModelSpec(model, format="search_replace"),)
    question = Question(unit, sections, {}, read_templates(), chain, bases, tokens=tokens)
    build = request_builder(question, {}, {}, Privacy())
    settings = ContextSettings(budget_tokens=tokens, summary_tokens=min(2000, tokens // 4))
    choices = Choices(Store(tree.cache / "store"), tree, (model,))
    return build(render(choices.now(unit, sections, settings, build())))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repos", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--split", type=Path, action="append", required=True)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--draws", type=int, default=3)
    args = parser.parse_args()
    counts: dict[str, Callable[[str], int]] = {
        "cl100k": tokenizer("cl100k_base"), "o200k": tokenizer("o200k_base"), "claude": claude(),
    }  # fmt: skip
    shares: dict[tuple[str, str], list[float]] = {}
    small = dict.fromkeys(MODELS, 0)
    instances = [json.loads(line) for split in args.split for line in split.read_text().splitlines()]
    random.Random(3).shuffle(instances)
    for instance in instances[: args.count]:
        work = checkout(args.repos, args.cache, instance["repo"].replace("/", "+"), instance["parent"])
        worktree = Worktree(work, Snapshot())
        blobs = {p: blob for p in worktree.visible() if (blob := worktree.read(p, "the working tree")) is not None}
        contents = {path: blob.data for path, blob in blobs.items()}
        tree = Repository(worktree.visible, contents.get, args.cache / "state", work)
        for family, model in MODELS.items():
            least = ask(instance, blobs, tree, model, 1)
            for tokens in random.Random(instance["commit"]).sample(range(500, 32_000), args.draws):
                request = ask(instance, blobs, tree, model, tokens)
                for judge in counts if family == "claude" else [family]:
                    if longest(least, counts[judge]) > tokens:
                        small[judge] += 1
                        continue
                    way = "estimate" if family == "claude" else "exact"
                    shares.setdefault((judge, way), []).append(longest(request, counts[judge]) / tokens)
    for (judge, way), found in sorted(shares.items()):
        over = sum(share > 1 for share in found)
        print(f"{judge:8}{way:10}{len(found):5} questions{over:5} over   largest share {max(found):.3f}")
    print(f"{sum(small.values())} budgets too small for the plan and our own words alone")


if __name__ == "__main__":
    main()
