"""Whether `doit why` says before each run what the run then asks, over random edits of a small task.

    python benchmarks/why.py FOLDER [EDITS [SEED]]

FOLDER is made and removed. A shell script plays the model, so nothing is paid. Of units whose dependencies are asked
themselves `why` says `unless`: those may be asked or not.
"""

import json
import random
import resource
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.program import Program
from tests.workshop import Workshop

UNITS = 8
COLUMNS = ("edits", "predicted", "perhaps", "asked", "wrong")
STYLES = ("", "Short.", "With tests.", "In one function.")


class _Task:
    """A plan that can be edited in many ways, and taken back."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        files = {f"src/f{i}.py": f"import lib{i % 3}\nlib{i % 3}.compute_{i % 3}(1)\n" for i in range(UNITS)}
        files |= {f"lib{i}.py": f"def compute_{i}(x):\n    return x\n" for i in range(3)} | {"ref.txt": "0\n"}
        self.shop, self.program = Workshop(folder / "repo", files), Program(folder / "program")
        self.dice = dice
        self.paths = list(files)[:UNITS]
        self.sections = {"All": "", **dict.fromkeys(self.paths, "")}
        self.notes = dict.fromkeys(self.paths, "")
        self.order = list(self.sections)
        self.settings: dict[str, Any] = {}
        self.write()

    def write(self) -> None:
        text = "# Plan\n\n" + "".join(f"## {name}\n\nDo it. {self.sections[name]}\n\n" for name in self.order)
        entries: list[dict[str, Any]] = [{"path": path, "notes": self.notes[path]} for path in self.paths]
        entries[0]["context"] = ["ref.txt"]
        entries[5]["depends_on"] = [self.paths[1]]
        entries[6]["depends_on"] = [self.paths[5]]
        self.shop.plan(text, entries)
        (self.shop.task / "codegen.yaml").write_text(self.program.settings(**self.settings))

    def section(self) -> None:
        self.sections[self.dice.choice(self.order)] = self.dice.choice(STYLES)

    def entry(self) -> None:
        self.notes[self.dice.choice(self.paths)] = self.dice.choice(STYLES)

    def reorder(self) -> None:
        self.dice.shuffle(self.order)

    def base(self) -> None:
        i = self.dice.randrange(UNITS)
        self.shop.put(self.paths[i], f"import lib{i % 3}\nlib{i % 3}.compute_{i % 3}({self.dice.randrange(3)})\n")

    def context_file(self) -> None:
        self.shop.put("ref.txt", f"{self.dice.randrange(3)}\n")

    def definition(self) -> None:
        i = self.dice.randrange(3)
        more = self.dice.choice(["", ", y", ", *, z"])
        self.shop.put(f"lib{i}.py", f"def compute_{i}(x{more}):\n    return x + {self.dice.randrange(3)}\n")

    def elsewhere(self) -> None:
        self.shop.put(f"other{self.dice.randrange(3)}.py", f"def other_{self.dice.randrange(3)}():\n    pass\n")

    def by_hand(self) -> None:
        path = self.shop.code(f"files/{self.dice.choice(self.paths)}")
        path.write_text(self.dice.choice(["# by hand\n", "# otherwise\n"]))

    def lost(self) -> None:
        path = self.dice.choice(self.paths)
        kind = self.dice.choice([f"files/{path}", f"replies/{path}.json", f"context/{path}.md", "manifest.json"])
        self.shop.code(kind).unlink(missing_ok=True)

    def setting(self) -> None:
        self.settings = self.dice.choice([{}, {"context": {"repo_summary": False}}, {"generate": {"jobs": 3}}])

    def clean(self) -> None:
        assert self.shop.doit("clean").returncode == 0

    def kinds(self) -> list[Callable[[], None]]:
        common = [self.section, self.section, self.entry, self.base, self.context_file, self.definition]
        return [*common, *common, self.reorder, self.elsewhere, self.by_hand, self.lost, self.setting, self.clean]


def predicted(task: _Task) -> tuple[set[str], set[str], float]:
    """The units that will be asked, those that may be, and the seconds of CPU that saying so took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = task.shop.doit("why", "--json")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run.returncode == 0, run.stdout + run.stderr
    states = {unit["unit"]: unit["state"] for unit in json.loads(run.stdout)["units"]}
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return *({name for name, state in states.items() if state == wanted} for wanted in ("asked", "unless")), spent


def main() -> None:
    folder, edits = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200
    shutil.rmtree(folder, ignore_errors=True)
    task = _Task(folder, random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 0))
    assert task.shop.doit("codegen").returncode == 0
    rows: dict[str, Counter[str]] = {}
    idle = []
    for _ in range(edits):
        kind = task.dice.choice(task.kinds())
        kind()
        task.write()
        sure, perhaps, spent = predicted(task)
        before = len(task.program.asked)
        run = task.shop.doit("codegen")
        assert run.returncode == 0, run.stdout + run.stderr
        texts = task.program.in_order()[before:]
        asked = {path for path in task.paths if any(text.rstrip().endswith(f"- {path}") for text in texts)}
        wrong = (sure - asked) | (asked - sure - perhaps)
        if not sure and not perhaps:
            idle.append(spent)
        counted = {
            "edits": 1,
            "predicted": len(sure),
            "perhaps": len(perhaps),
            "asked": len(asked),
            "wrong": len(wrong),
        }
        rows.setdefault(kind.__name__, Counter()).update(counted)
        if wrong:
            print(f"{kind.__name__}: said {sorted(sure)} and perhaps {sorted(perhaps)}, asked {sorted(asked)}")
    print(f"{'edit':14s}" + "".join(f"{name:>11s}" for name in COLUMNS))
    total = sum(rows.values(), Counter())
    for kind_name, row in [*sorted(rows.items()), ("all", total)]:
        print(f"{kind_name:14s}" + "".join(f"{row[name]:11d}" for name in COLUMNS))
    print(f"CPU of `doit why` where nobody would be asked: least {min(idle):.2f} s" if idle else "")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
