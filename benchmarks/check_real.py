"""A repository that somebody else wrote, with its own tests: `python benchmarks/check_real.py REPOSITORY [COMMIT]`.

The repository is a clone with pytest tests. The files of COMMIT (HEAD) are the planned change, its parent is the base, to
which a test that fails is added. Printed are the verdicts on the change and on mutations of it, until eight of these are
named as regressions, and whether the failing test was ever blamed.
"""

import ast
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from codegen_tasks.check import Bench, Planned, Rules, Sandboxes, Seen, Verdict, cut, judge_all, look_at, observe, told
from codegen_tasks.check.verdict import is_test
from codegen_tasks.config import CheckCommand
from codegen_tasks.store import Store

RUN = "import os, sys; os.environ['PYTEST_DISABLE_PLUGIN_AUTOLOAD'] = '1'; import pytest; sys.exit(pytest.main(sys.argv[1:]))"
COMMAND = CheckCommand(
    name="tests",
    run=(sys.executable, "-c", RUN, "-q", "-p", "no:cacheprovider", "--junitxml=$REPORT"),
    report="junit",
)
WANTED = 8
SWAPS = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.GtE: ast.Lt,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


def git(repository: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(repository), *words], check=True, capture_output=True, text=True).stdout


def mutations(text: str) -> Iterator[tuple[int, str, str]]:
    """The text with one operator exchanged, or one returned value lost: line, what was done, text."""
    lines = text.split("\n")
    for node in ast.walk(ast.parse(text)):
        new = mutated(node)
        if new is not None and node.lineno == node.end_lineno:
            line = lines[node.lineno - 1]
            before, after = line[: node.col_offset], line[node.end_col_offset :]
            swapped = [*lines[: node.lineno - 1], before + new + after, *lines[node.lineno :]]
            yield node.lineno, f"{ast.unparse(node)[:40]} -> {new[:40]}", "\n".join(swapped)


def mutated(node: ast.AST) -> str | None:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        return ast.unparse(ast.Compare(node.left, [SWAPS[type(node.ops[0])](), *node.ops[1:]], node.comparators))
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
        return f"({ast.unparse(ast.BinOp(node.left, SWAPS[type(node.op)](), node.right))})"
    if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        return "return None"
    return None


def main(repository: Path, commit: str, folder: Path) -> None:
    root = folder / "repo"
    subprocess.run(["git", "clone", "-q", str(repository), str(root)], check=True)
    commit = git(root, "rev-parse", commit).strip()
    paths = git(root, "diff", "--name-only", f"{commit}~1", commit).split()
    texts = {path: git(root, "show", f"{commit}:{path}") for path in paths}
    git(root, "checkout", "-q", f"{commit}~1")
    blamed = "test_broken_before.py::test_broken"
    (root / "tests" / "test_broken_before.py").write_text("def test_broken():\n    assert 1 == 2\n")
    bench = Bench(root, Store(folder / "store"), Sandboxes("auto", folder / "scratch"), {})
    known = set(git(root, "ls-files").split("\n")) | {"tests/test_broken_before.py"}
    look = look_at(root, Rules(lambda: known, lambda _: True, lambda _: False), folder / "look")

    def judge(files: dict[str, str]) -> tuple[Verdict, float]:
        start = time.monotonic()
        base = observe(COMMAND, cut(look, ("**",), ()), bench)
        after = observe(COMMAND, cut(look, ("**",), [(p, 0o100644, t.encode()) for p, t in files.items()]), bench)
        (verdict,) = judge_all([Seen("tests", after, base, "log")], Planned(frozenset(files), ()))
        return verdict, time.monotonic() - start

    verdict, seconds = judge(texts)
    print(
        f"{commit[:10]}: {', '.join(paths)}\nthe change: {verdict.verdict} in {seconds:.0f} s: {told(verdict)}",
        flush=True,
    )
    wrongly = [blamed in test for test in verdict.failing]
    named, tried = 0, 0
    source = next(path for path in paths if path.endswith(".py") and not is_test(path))
    changed = {
        int(h.split("+")[1].split(",")[0].split(" ")[0])
        for h in git(root, "diff", "-U0", f"{commit}~1", commit, "--", source).split("\n")
        if h.startswith("@@")
    }
    found = sorted(mutations(texts[source]), key=lambda m: min(abs(m[0] - line) for line in changed))
    for line, what, text in found:
        if named == WANTED:
            break
        tried += 1
        verdict, seconds = judge({**texts, source: text})
        named += bool(verdict.failing)
        wrongly += [blamed in test for test in verdict.failing]
        print(f"{source}:{line}: {what}\n    {verdict.verdict} in {seconds:.0f} s: {told(verdict)[:160]}", flush=True)
    print(
        f"\n{named} of {tried} mutations named as regressions; the test that failed before was blamed: {any(wrongly)}"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(sys.argv[1]).resolve(), sys.argv[2] if len(sys.argv) > 2 else "HEAD", Path(made))
