"""Is what `doit codegen` wrote right? Applies code/diff.patch to a copy of the kitchen and runs what came of it.

    python examples/quickstart/check.py

Runs the kitchen's own tests, then the examples in the docstrings of everything that was generated.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUN_DOCTESTS = """
import doctest, importlib, sys
for name in sys.argv[1:]:
    found = doctest.testmod(importlib.import_module(name))
    print(f"{name}: {found.attempted} examples, {found.failed} wrong")
    if found.failed or not found.attempted:
        sys.exit(1)
"""


def main() -> None:
    """Exits 1 at the first thing that is not right."""
    planned = json.loads((HERE / "plan.files.json").read_text(encoding="utf-8"))["files"]
    if not (HERE / "code" / "ready.json").exists():
        sys.exit("There is no code/ready.json: run `doit codegen` first.")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "kitchen")
        shutil.copytree(HERE / "kitchen", copy, ignore=shutil.ignore_patterns("__pycache__"))
        patch = HERE / "code" / "diff.patch"
        run(copy, "git", "apply", f"-p{1 + above(patch, planned)}", str(patch))
        run(copy, sys.executable, "-m", "unittest", "-q")
        for entry in planned:
            if (copy / entry["path"]).exists() == (entry["intent"] == "delete"):
                sys.exit(f"{entry['path']}: {entry['intent']} did not happen")
        run(copy, sys.executable, "-c", RUN_DOCTESTS, "kitchen.units", "kitchen.metric", "kitchen.recipe")
        run(copy, sys.executable, "-c", "from kitchen.card import WIDTH; assert WIDTH == 60, WIDTH")
        print()
        run(copy, sys.executable, "-m", "kitchen", "recipes/banana_bread.txt")
    print("\nRight: the kitchen's tests pass, and every example in the generated code holds.")


def above(patch: Path, planned: list[dict[str, str]]) -> int:
    """How many folders of a path in the patch are above the kitchen: git reads paths from the top of the repository."""
    first = patch.read_text(encoding="utf-8").split(" b/", 1)[0].removeprefix("diff --git a/")
    return min(first.removesuffix(entry["path"]).count("/") for entry in planned if first.endswith(entry["path"]))


def run(folder: Path, *command: str) -> None:
    """Runs a command in `folder`; a failure of it is ours."""
    sys.stdout.flush()
    if subprocess.run(command, cwd=folder, check=False).returncode:
        sys.exit(f"Wrong: {' '.join(command[:3])} failed on what was generated.")


if __name__ == "__main__":
    main()
