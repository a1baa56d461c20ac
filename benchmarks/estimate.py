"""What `doit estimate` names against what `doit codegen` then asks, over plans that change from turn to turn.

    python benchmarks/estimate.py FOLDER [PLANS]

FOLDER is made anew. Between two plans sections and entries change, now and then a person edits a generated file or
code/ is lost. Three peers: one whose answers are always the same, one whose answers change with the question, and one
whose answers change with a part of it, so that earlier contents come back.
"""

import random
import re
import shutil
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.peer import Peer, Question, Rule, Say
from tests.workshop import Workshop

PATHS = [f"src/f{i}.py" for i in range(10)]
NEEDS = {6: [1, 2], 7: [2], 8: [7], 9: [0, 5]}


def edited(shop: Workshop, dice: random.Random) -> None:
    """The next plan; at times a file edited by hand, or code/ lost."""
    text = "# Plan\n\n" + "".join(f"## `{path}`\n\nWrite {dice.randrange(3)}.\n\n" for path in PATHS)
    entries: list[dict[str, object]] = [{"path": path, "notes": str(dice.randrange(2))} for path in PATHS]
    for number, needs in NEEDS.items():
        entries[number]["depends_on"] = [PATHS[need] for need in needs]
    shop.plan(text, entries)
    files = shop.code("files")
    chance = dice.random()
    if chance < 0.2 and files.is_dir():
        path = files / dice.choice(PATHS)
        path.write_bytes(path.read_bytes() + b"# by hand\n")
    elif chance > 0.9:
        shutil.rmtree(shop.code("."), ignore_errors=True)


def saying(content: str) -> Rule:
    """Peers by what their answers are made of."""

    def rule(asked: Question) -> Say:
        last = asked.texts[-1]
        shown = {"same": "", "question": last, "section": "".join(re.findall(r"Write \d", last))}[content]
        mark = sha256(shown.encode()).hexdigest()[:8]
        answer = "".join(f"{path}\n```\n# {mark} of {path}\n```\n" for path in asked.paths)
        return Say(answer, usage=(sum(map(len, asked.texts)) // 4, len(answer) // 4))

    return rule


def turn(shop: Workshop, peer: Peer, tally: Counter[str]) -> None:
    """One estimate and the run after it."""
    before = len(peer.requests)
    assert shop.doit("estimate").returncode == 0
    tally["asked by estimate"] += len(peer.requests) - before
    found = shop.read("estimate.json")
    run = shop.doit("codegen")
    assert run.returncode == 0, run.stdout
    asked = {path for question in peer.requests[before:] for path in question.paths}
    named = {unit["unit"]: unit for unit in found["units"] if not unit["stored"]}
    tally["asked"] += len(asked)
    tally["asked, not named"] += len(asked - set(named))
    for name, unit in named.items():
        tally[("if: " if unit.get("unless") else "named: ") + ("asked" if name in asked else "not asked")] += 1
    tally["above worst"] += _spent(peer, before) > (found["worst"]["input_tokens"] if asked else 0)


def _spent(peer: Peer, before: int) -> int:
    return sum(sum(map(len, question.texts)) // 4 for question in peer.requests[before:])


def main() -> None:
    """Prints the table."""
    folder, plans = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 20
    shutil.rmtree(folder, ignore_errors=True)
    columns = ("asked", "asked, not named", "named: asked", "named: not asked", "if: asked", "if: not asked")
    columns = (*columns, "above worst", "asked by estimate")
    print(f"{plans} plans of {len(PATHS)} files\n{'answers change with':20}" + "".join(f"{c:>18}" for c in columns))
    for content in ("same", "question", "section"):
        dice, tally = random.Random(4), Counter[str]()
        shop = Workshop(folder / content, {"README.md": "hi\n"})
        with Peer(saying(content)) as peer:
            shop.models(peer.url, spec="format: whole")
            for _ in range(plans):
                edited(shop, dice)
                turn(shop, peer, tally)
        print(f"{content:20}" + "".join(f"{tally[column]:>18}" for column in columns), flush=True)


if __name__ == "__main__":
    main()
