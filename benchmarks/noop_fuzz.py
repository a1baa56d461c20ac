"""Whether what a run with nothing to do is told at once is what the long way says, after random edits of anything.

    python benchmarks/noop_fuzz.py FOLDER [--edits N] [--seed N]

FOLDER is made and may be removed afterwards. After each edit `doit codegen` runs; where it was told at once, what it
noted is removed and it runs again, the long way: exit code and words must be the same. Then the same is done without an
edit. Edits are of every file of the repository and of the task directory: another byte with the times put back, the
same bytes in a new file, a mode, a removal, a new file, a link, a commit, what doit remembers.
"""

import argparse
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.test_unchanged import make
from tests.workshop import LEAN, Workshop, git

APART = {"unchanged", "dodo.py", "lock"}


def files(shop: Workshop) -> list[Path]:
    """All that may be edited."""
    found = [path for path in shop.root.rglob("*") if path.is_file() and not path.is_symlink()]
    return sorted(p for p in found if p.name not in APART and not {".git", "__pycache__"} & {*p.parts})


def flip(path: Path, chance: random.Random) -> None:
    status, data = path.stat(), bytearray(path.read_bytes())
    if data:
        at = chance.randrange(len(data))
        data[at] = chance.choice([one for one in b"abcxyz0189 \n" if one != data[at]])
        path.write_bytes(bytes(data))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def renew(path: Path, _chance: random.Random) -> None:
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)


def link(path: Path, _chance: random.Random) -> None:
    path.rename(path.with_name(f"{path.name}.real"))
    path.symlink_to(f"{path.name}.real")


EDITS = {
    "flip": flip,
    "renew": renew,
    "mode": lambda path, chance: path.chmod(chance.choice([0o644, 0o755, 0o600])),
    "remove": lambda path, _: path.unlink(),
    "beside": lambda path, chance: path.with_name(f"new{chance.randrange(99)}.py").write_text("x = 1\n"),
    "link": link,
}


def edit(shop: Workshop, chance: random.Random) -> str:
    """One random edit; its name."""
    if chance.random() < 0.1:
        git(shop.root, "commit", "-q", "--allow-empty", "-m", "next")
        return "commit"
    name, path = chance.choice(list(EDITS)), chance.choice(files(shop))
    EDITS[name](path, chance)
    return f"{name} {path.relative_to(shop.root)}"


def run(shop: Workshop) -> tuple[bool, int, str]:
    """Whether it was told at once, exit code, words."""
    command = Workshop.command("codegen")
    done = subprocess.run(command, cwd=shop.task, env=LEAN, capture_output=True, text=True, check=False)
    return "codegen_tasks.session" not in done.stderr.split(), done.returncode, done.stdout


def compare(shop: Workshop) -> tuple[str, int]:
    """How the run was told, and its exit code."""
    at_once, code, words = run(shop)
    if not at_once:
        return "long", code
    (shop.task / ".codegen/unchanged").unlink()
    return ("same" if run(shop) == (False, code, words) else "OTHER"), code


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    chance, counts, shop, number = random.Random(args.seed), Counter[str](), None, 0
    for done in range(1, args.edits + 1):
        if shop is None:  # the first one, or the last edit broke it
            number += 1
            shop = make(args.folder / f"{args.seed}-{number}")
            run(shop)
        name = edit(shop, chance)
        ends = [compare(shop), compare(shop), compare(shop)]
        for end, _code in ends:
            counts[end] += 1
            if end == "OTHER":
                print(f"told at once what the long way does not say, after: {name} in {shop.root}", flush=True)
        if ends[-1][1]:
            counts["broken"] += 1
            shop = None
        if done % 20 == 0 or done == args.edits:
            print(f"{done} edits, {number} repositories: {dict(counts)}", flush=True)


if __name__ == "__main__":
    main()
