"""Runs with repairs, killed at random moments: `python benchmarks/check_kill.py [NUMBER] [FOLDER]`.

The model is a program that answers by what it is told: wrong, then half right, then right. Each run is killed once with
SIGKILL, and run again to its end. Printed are how many ended with the bytes of a run that nobody killed, and how many
questions were answered twice beyond the one in flight.
"""

import collections
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODEL = r"""
import hashlib, sys
log, question = sys.argv[1], sys.stdin.read()
report = question.partition("What was found wrong")[2]
body = "raise ValueError(x)" if not report else "return 1" if "ValueError" in report.split("Your last answer")[0] else "return x // 10"
print(f"tax.py\n```python\ndef tax(x):\n    {body}\n```")
sys.stdout.flush()
open(log, "a").write(hashlib.sha256(question.encode()).hexdigest() + "\n")
"""
RUNNER = (Path(__file__).parent.parent / "tests" / "check" / "runner.py").read_text()
FILES = {
    "runner.py": RUNNER,
    "test_tax.py": "from tax import tax\n\ndef test_ten():\n    assert tax(10) == 1\n\ndef test_zero():\n    assert tax(0) == 0\n",
    "task/dodo.py": "from codegen_tasks.tasks import load\nglobals().update(load(__file__))\n",
    "task/plan.md": "# Plan\n\n## `tax.py`\n\nA tenth.\n",
    "task/plan.files.json": '["tax.py"]',
    ".gitignore": "*.log\n",
}
DOIT = [sys.executable, "-m", "doit"]


def make(root: Path) -> Path:
    (root.parent / "model.py").write_text(MODEL)
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    config = {
        "roles": {"codegen": [{"command": [sys.executable, "-I", "-S", str(root.parent / "model.py"), str(root / "asked.log")]}]},
        "check": {"commands": [{"name": "tests", "report": "junit", "inputs": ["*.py"],
                                "run": [sys.executable, "-I", "-S", "runner.py", "$REPORT"]}]},
    }  # fmt: skip
    (root / "task" / "codegen.yaml").write_text(json.dumps(config))
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def outputs(root: Path) -> str:
    found = hashlib.sha256()
    for path in sorted((root / "task" / "code").rglob("*")):
        if path.is_file() and "archive" not in path.parts:
            found.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def twice(root: Path) -> int:
    lines = (root / "asked.log").read_text().split() if (root / "asked.log").exists() else []
    return sum(number - 1 for number in collections.Counter(lines).values())


def run(root: Path) -> int:
    return subprocess.run(DOIT, cwd=root / "task", capture_output=True).returncode


def main(number: int, folder: Path) -> None:
    whole = make(folder / "repo")
    start = time.monotonic()
    code, seconds = run(whole), time.monotonic() - start
    again = run(whole)
    wanted = (code, again, outputs(whole))
    print(
        f"not killed: exit {code}, {seconds:.1f} s, {len((whole / 'asked.log').read_text().split())} questions",
        flush=True,
    )
    rng, same, paid, left = random.Random(14), 0, 0, 0
    for i in range(number):
        root = make(folder / "repo")  # where all stand, since the model's name holds its path
        moment = rng.uniform(0.1, 1.1) * seconds
        running = subprocess.Popen(
            DOIT, cwd=root / "task", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(moment)
        before = twice(root)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        found = (run(root), run(root), outputs(root))
        same += found == (0, 0, wanted[2])
        paid += max(0, twice(root) - before - 1)
        root = root.rename(folder / f"k{i}")
        left += (root / "task" / ".codegen" / "scratch").exists() and any(
            (root / "task" / ".codegen" / "scratch").iterdir()
        )
        print(
            f"{i + 1:3}: killed after {moment:5.1f} s; {'same' if found == (0, 0, wanted[2]) else f'OTHER {found[:2]}'}",
            flush=True,
        )
    print(
        f"\n{number} killed: same bytes as if not {same}, answered twice beyond those in flight {paid}, scratch left {left}"
    )
    sys.exit(same < number or paid > 0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as made:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 50, Path(made))
