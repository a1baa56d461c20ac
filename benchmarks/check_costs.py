"""What a check costs beside its command: `python benchmarks/check_costs.py [SDIST.tar.gz | FOLDER]…`.

Prints, each as the middle of several runs: a command without a sandbox, with one, and the difference; and for each tree
how long the first look takes, how long one that finds nothing changed, and a sandbox with the whole tree in it.
"""

import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from codegen_tasks.check import Rules, Sandboxes, cut, look_at
from codegen_tasks.check.sandbox import Job

TRUE = ("/bin/true",)
ENV = {"PATH": "/usr/bin:/bin"}


def middle(act: Callable[[], object], times: int = 15) -> float:
    took = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        took.append(time.perf_counter() - start)
    return statistics.median(took) * 1000


def make_files(root: Path, number: int) -> Path:
    for i in range(number):
        folder = root / f"d{i // 1000}" / f"e{i // 50}"
        if i % 50 == 0:
            folder.mkdir(parents=True)
        (folder / f"f{i}.py").write_text(f"x = {i}\n" * 10)
    return root


def unpack(archive: Path, root: Path) -> Path:
    with tarfile.open(archive) as file:
        file.extractall(root, filter="data")
    return root


def main(trees: list[Path], folder: Path) -> None:
    sandbox = Sandboxes("auto", folder / "scratch")
    small = folder / "small"
    small.mkdir()
    job = Job(small, (), (), (), TRUE, env=ENV)
    sandbox.run(job)
    bare, boxed = middle(lambda: subprocess.run(TRUE, check=True)), middle(lambda: sandbox.run(job))
    print(f"/bin/true: {bare:.1f} ms, in a sandbox {boxed:.1f} ms: {boxed - bare:.1f} ms more\n")
    print(f"{'tree':28} {'files':>8} {'first look':>11} {'unchanged':>10} {'scratch tree and sandbox':>25}   ms")
    for tree in trees:
        rules = Rules(lambda: (), lambda _: False, lambda _: False)
        cache = folder / f"look-{tree.name}"
        start = time.perf_counter()
        look = look_at(tree, rules, cache)
        first = (time.perf_counter() - start) * 1000
        look_at(tree, rules, cache)
        again = middle(lambda tree=tree, rules=rules, cache=cache: look_at(tree, rules, cache), 5)
        changes = [(next(iter(look.files)), 0o100644, b"changed\n")]

        def run(look=look, changes=changes, tree=tree):  # type: ignore[no-untyped-def]
            made = cut(look, ("**",), changes)
            return sandbox.run(Job(tree, made.paths, made.hidden, made.changes, TRUE, env=ENV))

        print(f"{tree.name[:28]:28} {len(look.files):8} {first:11.0f} {again:10.0f} {middle(run, 5):25.0f}", flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        at = Path(made)
        given = [Path(word).resolve() for word in sys.argv[1:]]
        trees = [unpack(path, at / path.name.removesuffix(".tar.gz")) if path.is_file() else path for path in given]
        main([*trees, make_files(at / "100,000 files", 100_000)], at)
