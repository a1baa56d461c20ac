"""Mutated replies against mutated files, until the time is over: what must never happen is counted and shown.

    python edit_fuzz.py SECONDS [--seed N] [--atheris]

Laws: a reply is applied or refused with EditFailed, nothing else; no case takes longer than a second of CPU; only files
that the outcome names change, and only from what they were; lines put into a file far from an exact edit change nothing
about it. With --atheris coverage guides the mutations (the package atheris must be installed).
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from codegen_tasks.edits import is_cut_off, join_continuation
from codegen_tasks.edits.apply import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

ROOT = Path(__file__).parent.parent
SLOW = 1.0
JUNK = [
    "```", "````python", "<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "@@", "@@ -1 +1 @@", "--- a/a.txt",
    "+++ b/a.txt", "*** Begin Patch", "*** End Patch", "*** Update File: a.py", "*** Add File: n.txt", "a.py",
    "### `b.py`", "+", "-", " ", "...", "# ... existing code ...", '<file path="a.py">', "</file>", "\ufeff", "\r",
    "\x00", "\u2028", "{", "}", "\\",
]  # fmt: skip


def seeds() -> list[tuple[str, dict[str, bytes]]]:
    """The replies and files of the golden folders."""
    found = []
    for reply in sorted((ROOT / "tests" / "scenarios").glob("*/*/reply*.md")):
        before = reply.parent / "before"
        files = {p.relative_to(before).as_posix(): p.read_bytes() for p in before.rglob("*") if p.is_file()}
        found.append((reply.read_bytes().decode(), files))
    return found


def mutated(text: str, dice: random.Random) -> str:
    """A text with some of its lines gone, doubled, moved, damaged or strange."""
    lines = text.split("\n")
    for _ in range(dice.choice((0, 1, 1, 2, 4, 8))):
        at = dice.randrange(len(lines) + 1)
        kind = dice.randrange(6)
        if kind == 0:
            lines.insert(at, dice.choice(JUNK))
        elif kind == 1 and lines:
            lines.insert(at, dice.choice(lines))
        elif at < len(lines) and kind == 2:
            del lines[at]
        elif at < len(lines) and kind == 3:
            lines[at] = lines[at][: dice.randrange(len(lines[at]) + 1)]
        elif at < len(lines) and kind == 4:
            lines[at] = dice.choice(("  ", "\t", "    ", "> ", "+", "-")) + lines[at]
        elif at < len(lines):
            lines[at] = lines[at].replace(" ", "\u00a0").replace("'", "\u2019")
    return "\n".join(lines)[: dice.choice((10**6, 10**6, len(text) // 2 + 1))]


def broken_law(reply: str, files: dict[str, bytes]) -> str | None:
    """What must not have happened, or None."""
    base: dict[str, Blob | None] = {path: Blob(data) for path, data in files.items()}
    copy = dict(base)
    start = time.process_time()
    try:
        outcome = apply_replies([reply], base)
        join_continuation(reply, reply[::2])
        is_cut_off(reply)
    except EditFailed as refusal:
        outcome = None
        if not refusal.message.strip():
            return "an empty refusal"
    if time.process_time() - start > SLOW:
        return f"{time.process_time() - start:.1f} s"
    if base != copy:
        return "the base was changed"
    if outcome is not None:
        if any(change.before != base.get(change.path) or change.before == change.after for change in outcome.changes):
            return "a change does not start from the base"
        if not {change.path for change in outcome.changes} <= set(outcome.touched):
            return "a file changed that is not named"
        if any(path.startswith(("/", "../")) for path in outcome.touched):
            return "a path leads out"
    return None


def far_lines_matter(dice: random.Random) -> str | None:
    """Whether lines put elsewhere change what an exact edit does."""
    count = dice.randrange(5, 40)
    lines = [f"{'    ' * dice.randrange(3)}name_{i} = {i}" for i in range(count)]
    at = dice.randrange(count - 3)
    size = dice.randrange(1, 4)
    old, new = lines[at : at + size], [*lines[at : at + size - 1], f"fresh = {dice.random()}"]
    block = "\n".join(["a.txt", "<<<<<<< SEARCH", *old, "=======", *new, ">>>>>>> REPLACE", ""])
    cut = dice.choice([i for i in range(count + 1) if not at < i < at + size])
    extra = [f"{'  ' * dice.randrange(4)}{dice.choice(('pass', 'return', '}', '', 'other()'))}" for _ in range(5)]
    wide = [*lines[:cut], *extra, *lines[cut:]]
    moved = at + (len(extra) if cut <= at else 0)
    wanted = [*wide[:moved], *new, *wide[moved + size :]]
    (change,) = apply_replies([block], {"a.txt": Blob(("\n".join(wide) + "\n").encode())}, ["a.txt"]).changes
    got = change.after.data.decode() if change.after else None
    return None if got == "\n".join(wanted) + "\n" else f"{block}\n{wide}"


def run_dice(seconds: float, seed: int) -> Counter[str]:
    """Random mutations for some seconds of wall time."""
    dice, corpus, seen = random.Random(seed), seeds(), Counter[str]()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        reply, files = dice.choice(corpus)
        reply = mutated(reply, dice)
        files = {path: mutated(data.decode(), dice).encode() for path, data in files.items()}
        try:
            law = broken_law(reply, files)
        except Exception as error:  # whatever it is, it is a finding
            law = f"{type(error).__name__}: {error}"
        seen["cases"] += 1
        if law:
            seen[law.split(":")[0]] += 1
            print(f"FOUND {law}\n--- reply\n{reply!r}\n--- files\n{files!r}\n", flush=True)
        if seen["cases"] % 20 == 0 and (finding := far_lines_matter(dice)):
            seen["far lines matter"] += 1
            print(f"FOUND far lines matter\n{finding}\n", flush=True)
    return seen


def run_atheris(seconds: float) -> None:
    """Coverage-guided mutations; the process ends when the time is over or a law is broken."""
    import atheris

    def one(data: bytes) -> None:
        reply, _, content = data.decode("utf-8", "replace").partition("\x1f")
        if law := broken_law(reply, {"a.py": content.encode(), "b/c.txt": data[::3]}):
            raise AssertionError(law)

    atheris.instrument_all()
    with tempfile.TemporaryDirectory() as corpus:
        for number, (reply, files) in enumerate(seeds()):
            data = reply.encode() + b"\x1f" + next(iter(files.values()), b"")
            Path(corpus, str(number)).write_bytes(data)
        atheris.Setup(
            [sys.argv[0], f"-max_total_time={int(seconds)}", "-max_len=4096", f"-artifact_prefix={corpus}/", corpus],
            one,
        )
        atheris.Fuzz()


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("seconds", type=float)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--atheris", action="store_true")
    given = args.parse_args()
    if given.atheris:
        run_atheris(given.seconds)
        return
    for name, count in run_dice(given.seconds, given.seed).most_common():
        print(f"{count:9d}  {name}")


if __name__ == "__main__":
    main()
