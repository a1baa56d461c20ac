"""Ten inputs that make diffs slow: CPU time of ours, proved, of one proof, and of git; are the bytes equal?

python -m benchmarks.diff_hard          (from the root of the repository)
"""

import random
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from codegen_tasks.diff import apply_patch, make_patch
from codegen_tasks.records import Blob, FileChange
from tests.diff_trees import FORM, HERMETIC


def inputs() -> Iterator[tuple[str, bytes, bytes]]:
    chance = random.Random(1)

    def edited(lines: list[bytes], edits: int, words: list[bytes]) -> list[bytes]:
        lines = list(lines)
        for _ in range(edits):
            lines[chance.randrange(len(lines))] = chance.choice(words)
        return lines

    few = [b"%d" % number for number in range(50)]
    repeating = chance.choices(few, k=50_000)
    yield "50k repeating lines, 2k edits", text(repeating), text(edited(repeating, 2_000, few))
    three = [chance.choices([b"a", b"b", b"c"], k=20_000) for _ in range(2)]
    yield "20k lines of 3 symbols", text(three[0]), text(three[1])
    unique = [b"line %d" % number for number in range(20_000)]
    yield "20k lines reversed", text(unique), text(unique[::-1])
    yield "20k lines shuffled", text(unique), text(chance.sample(unique, len(unique)))
    yield "one 20 MB line", b"x" * 20_000_000, b"x" * 19_999_999 + b"y"
    yield "50k equal lines, one gone", b"same\n" * 50_000, b"same\n" * 49_999
    yield "nothing in common", text(unique), text([b"other %d" % number for number in range(20_000)])
    braces = chance.choices([b"}", b"", b"{", b"  return", b"  x"], k=30_000)
    yield "30k braces and blanks, 3k edits", text(braces), text(edited(braces, 3_000, [b"}", b""]))
    yield "halves exchanged", text(unique + repeating), text(repeating + unique)
    yield "every other line gone", text(repeating), text(repeating[::2])


def text(lines: list[bytes]) -> bytes:
    return b"\n".join(lines) + b"\n"


def main() -> None:
    print(f"{'input':34}{'proved':>8}{'proof':>8}{'git':>8}   equal")
    make_patch([FileChange("f", Blob(b"a\n"), Blob(b"b\n"))])  # loads libgit2
    for name, old, new in inputs():
        start = time.process_time()
        patch = make_patch([FileChange("f", Blob(old), Blob(new))])
        made = time.process_time()
        if apply_patch(patch, {"f": Blob(old)}) != {"f": Blob(new)}:
            raise SystemExit(f"{name}: the patch does not prove")
        proved = time.process_time()
        seconds, theirs = git_diff(old, new)
        print(f"{name:34}{made - start:8.3f}{proved - made:8.3f}{seconds:8.3f}   {'yes' if theirs == patch else 'NO'}")


def git_diff(old: bytes, new: bytes) -> tuple[float, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        for side, data in (("a", old), ("b", new)):
            (Path(folder) / side).mkdir()
            (Path(folder) / side / "f").write_bytes(data)
        start = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = ["git", "diff", "--no-index", "--no-prefix", *FORM, "a/f", "b/f"]
        out = subprocess.run(command, cwd=folder, env=HERMETIC, capture_output=True, check=False).stdout
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        return end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime, out


if __name__ == "__main__":
    main()
