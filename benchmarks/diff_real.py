"""Our patch between two revisions of a real repository: equal to git's, at which CPU time, and what a cache saves.

    python benchmarks/diff_real.py REPOSITORY OLD NEW [--limit N] [--rounds N]

The trees are laid out in a temporary folder. `git diff --no-index` over them and our code take turns.
"""

import argparse
import itertools
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from codegen_tasks.diff import apply_patch, make_patch, measure_patch
from codegen_tasks.diff.fragment import make_fragment
from codegen_tasks.diff.packed import PackedFragments
from codegen_tasks.records import Blob, FileChange

HERMETIC = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
FORM = ["--binary", "--full-index", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--limit", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    changes = read_changes(given.repository, given.old, given.new)[: given.limit]
    kinds = [("new" if c.before is None else "gone" if c.after is None else "changed") for c in changes]
    print(f"{len(changes)} files:", {kind: kinds.count(kind) for kind in ("changed", "new", "gone")})
    compare(given.repository, given.old, given.new, changes)
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder), changes)
        measure(Path(folder), changes, given.rounds)


def read_changes(repository: Path, old: str, new: str) -> list[FileChange]:
    raw = git(repository, "diff", "--raw", "-z", "--no-renames", "--no-abbrev", old, new).split(b"\0")[:-1]
    wanted = []
    for fields, path in zip(raw[::2], raw[1::2], strict=True):
        old_mode, new_mode, old_id, new_id, _ = fields[1:].split()
        if b"160000" not in (old_mode, new_mode):
            wanted.append((path.decode("utf-8", "surrogateescape"), (old_id, old_mode), (new_id, new_mode)))
    blobs = read_blobs(repository, {oid for _, *sides in wanted for oid, mode in sides if mode != b"000000"})

    def blob(oid: bytes, mode: bytes) -> Blob | None:
        return None if mode == b"000000" else Blob(blobs[oid], int(mode, 8))

    return [FileChange(path, blob(*before), blob(*after)) for path, before, after in wanted]


def read_blobs(repository: Path, ids: set[bytes]) -> dict[bytes, bytes]:
    out = git(repository, "cat-file", "--batch", stdin=b"\n".join(sorted(ids)) + b"\n")
    blobs, position = {}, 0
    while position < len(out):
        end = out.index(b"\n", position)
        oid, _, size = out[position:end].split()
        blobs[oid] = out[end + 1 : end + 1 + int(size)]
        position = end + 2 + int(size)
    return blobs


def git(repository: Path, *words: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(
        ["git", *words], cwd=repository, env=HERMETIC, input=stdin, capture_output=True, check=True
    ).stdout


def compare(repository: Path, old: str, new: str, changes: list[FileChange]) -> None:
    theirs = parts(git(repository, "diff", *FORM, old, new))
    wrong = []
    for change in changes:
        ours = make_patch([change])
        head = ours.split(b"\n", 1)[0]
        if theirs.get(head) != ours:
            wrong.append((change.path, b"GIT binary patch" in ours))
    deltas = sum(binary for _, binary in wrong)
    print(
        f"equal to git diff: {len(changes) - len(wrong)}, binary with a delta: {deltas}, other: {len(wrong) - deltas}"
    )
    for path, binary in wrong:
        if not binary:
            print("  differs:", path)
    whole = make_patch(changes)
    print(f"patch: {len(whole)} bytes,", measure_patch(whole))


def parts(patch: bytes) -> dict[bytes, bytes]:
    """Git's patch by file; a file that became a link has two parts under one head."""
    found: dict[bytes, bytes] = {}
    for piece in patch.split(b"\ndiff --git "):
        text = piece if piece.startswith(b"diff --git ") else b"diff --git " + piece
        head = text.split(b"\n", 1)[0]
        found[head] = found.get(head, b"") + text.removesuffix(b"\n") + b"\n"
    return {head: text + (b"\n" if b"\nGIT binary patch\n" in text else b"") for head, text in found.items()}


def lay_out(folder: Path, changes: list[FileChange]) -> None:
    for side in ("a", "b"):
        (folder / side).mkdir()
        for change in changes:
            blob = change.before if side == "a" else change.after
            if blob is None:
                continue
            path = folder / side / change.path
            path.parent.mkdir(parents=True, exist_ok=True)
            if blob.mode == 0o120000:
                path.symlink_to(os.fsdecode(blob.data))
            else:
                path.write_bytes(blob.data)
                path.chmod(blob.mode & 0o777)


def measure(folder: Path, changes: list[FileChange], rounds: int) -> None:
    full, store = make_patch(changes), PackedFragments(folder / "fragments")
    real = [change for change in changes if change.before != change.after]
    make_patch(changes, fragments=store)
    store.save()
    both = [n for n, change in enumerate(changes) if change.before is not None and change.after is not None]
    middle = both[len(both) // 2]
    edits = itertools.count()
    one = list(changes)
    before = {change.path: change.before for change in changes if change.before is not None}
    after = {change.path: change.after for change in changes if change.after is not None}

    def cached(wanted: list[FileChange]) -> None:
        fragments = PackedFragments(folder / "fragments")
        make_patch(wanted, fragments=fragments)

    def all_kept() -> None:
        fragments = PackedFragments(folder / "other")
        make_patch(changes, fragments=fragments)
        fragments.save()
        (folder / "other").unlink()

    def one_changed() -> None:
        edited = Blob((changes[middle].before or Blob(b"")).data + b"one more line %d\n" % next(edits))
        one[middle] = FileChange(changes[middle].path, changes[middle].before, edited)
        fragments = PackedFragments(folder / "fragments")
        make_patch(one, fragments=fragments)
        fragments.save()

    def prove() -> None:
        if apply_patch(full, before) != after:
            raise SystemExit("the patch does not prove")

    rows: dict[str, Callable[[], object]] = {
        "git diff --no-index": lambda: run_git(folder),
        "without proof": lambda: b"".join([make_fragment(change, 3) for change in real]),
        "make_patch": lambda: make_patch(changes),
        "read both trees, make_patch": lambda: make_patch(read_back(folder, changes)),
        "make_patch, all kept": all_kept,
        "make_patch, one file changed": one_changed,
        "read, make_patch, one file changed": lambda: (read_back(folder, changes), one_changed()),
        "make_patch, nothing changed": lambda: cached(changes),
        "apply_patch to the whole tree": prove,
        "measure_patch": lambda: measure_patch(full),
    }
    times: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(rounds):
        for name, run in rows.items():
            times[name].append(cpu_seconds(run))
    base = statistics.median(times["git diff --no-index"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:36} {median:8.3f} s  {median / base:5.2f} x  (spread {min(taken):.3f} to {max(taken):.3f})")


def run_git(folder: Path) -> None:
    with tempfile.TemporaryFile() as out:
        command = ["git", "diff", "--no-index", "--no-prefix", *FORM, "a", "b"]
        subprocess.run(command, cwd=folder, env=HERMETIC, stdout=out, check=False)


def read_back(folder: Path, changes: list[FileChange]) -> list[FileChange]:
    def read(side: str, path: str, blob: Blob | None) -> Blob | None:
        if blob is None:
            return None
        place = folder / side / path
        return Blob(os.fsencode(place.readlink()) if blob.mode == 0o120000 else place.read_bytes(), blob.mode)

    return [FileChange(c.path, read("a", c.path, c.before), read("b", c.path, c.after)) for c in changes]


def cpu_seconds(run: Callable[[], object]) -> float:
    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    start = used()
    run()
    return used() - start


if __name__ == "__main__":
    main()
