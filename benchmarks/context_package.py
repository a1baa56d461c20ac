"""Prints the definitions that a unit would be shown, for a scorer of context packages.

    python benchmarks/context_package.py --repo DIR --plan plan.md --files plan.files.json --budget 8000
    python benchmarks/context_package.py --repo DIR --plan plan.md --files plan.files.json --budgets 2000,8000 --out DIR

The planned files themselves are not printed: a scorer leaves them out. Tokens are those of cl100k.
The index is kept in the user's cache folder, as it is by a run.
"""

import argparse
import json
import sys
from pathlib import Path

from codegen_tasks.context.budget import tokenizer
from codegen_tasks.context.definitions import Entry, fill, render_entries
from codegen_tasks.context.index import index_file, open_index
from codegen_tasks.context.rank import rank
from codegen_tasks.files import Snapshot
from codegen_tasks.worktree import Worktree


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repo", type=Path, required=True)
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--files", type=Path, required=True)
    parser.add_argument("--budget", type=int, default=8000)
    parser.add_argument("--budgets", type=lambda text: [int(number) for number in text.split(",")])
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    worktree = Worktree(args.repo.resolve(), Snapshot())
    entries = json.loads(args.files.read_text())["files"]
    planned = {}
    for path in (entry if isinstance(entry, str) else entry["path"] for entry in entries):
        blob = worktree.read(path, "plan.files.json")
        planned[path] = None if blob is None else blob.data
    visible = worktree.visible()
    index = open_index(worktree.root, visible, index_file(worktree.root))
    ranked = [
        Entry(one.path, one.definition.line, one.definition.name, one.definition.signature, one.definition.parent)
        for one in rank(index, planned, args.plan.read_text())
    ]
    count = tokenizer("cl100k_base")
    for budget in args.budgets or [args.budget]:
        text = render_entries(fill(ranked, budget, count))
        if args.out:
            (args.out / f"{budget}.txt").write_text(text, encoding="utf-8")
        else:
            sys.stdout.buffer.write(text.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
