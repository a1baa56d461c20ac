"""What failing runs say: more than forty of them, of every kind of failure, as the terminal shows them.

    python benchmarks/messages.py FOLDER [--only WORD]

Task directories are made in FOLDER; models are programs of a few lines, or ports where nobody listens. Read it as a
user would: is the cause said once, is it clear what to do, and what the next run will do?
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

DODO = "from codegen_tasks.tasks import load\n\nglobals().update(load(__file__))\n"
DOIT = str(Path(sys.executable).parent / "doit")
GOOD = ("awk", '/^## Write these files/{on=1;k=0;next} on&&/^- /{p[++k]=substr($0,3)} '
        'END{for(i=1;i<=k;i++) printf "%s\\n```\\nmade\\n```\\n\\n",p[i]}')  # fmt: skip
NOWHERE = {"model": "hosted_vllm/m", "api_base": "http://127.0.0.1:9/v1", "retries": 0}


def says(text: str) -> tuple[str, ...]:
    """A program that says this, whatever is asked."""
    return ("printf", "%s", text)


def fails(words: str, code: int = 1) -> tuple[str, ...]:
    """A program that ends badly."""
    return ("sh", "-c", f"echo '{words}' >&2; exit {code}")


class Case:
    """One failing run. `files` of the repository, `planned` and `plan`, `settings` go over the model's."""

    def __init__(
        self,
        command: tuple[str, ...] = GOOD,
        *,
        planned: Any = ("a.txt",),
        plan: str = "# Plan\n\nx\n",
        files: Mapping[str, str] | None = None,
        run: tuple[str, ...] = ("codegen",),
        before: Callable[[Path], object] | None = None,
        **settings: Any,
    ) -> None:
        self.planned, self.plan, self.run, self.before = planned, plan, run, before
        self.files = {"a.txt": "base\n", **(files or {})}
        model = {"command": list(command), "format": "whole", "retries": 0, "timeout_s": 5}
        self.settings = {"roles": {"codegen": [model]}, "generate": {"repairs": 0}, **settings}

    def make(self, folder: Path) -> Path:
        """The task directory."""
        task = folder / "repo/task"
        task.mkdir(parents=True)
        for name, text in self.files.items():
            (task.parent / name).parent.mkdir(parents=True, exist_ok=True)
            (task.parent / name).write_text(text)
        subprocess.run(["git", "init", "-q", str(task.parent)], check=True)
        subprocess.run(["git", "-C", str(task.parent), "add", "a.txt"], check=True)
        (task / "dodo.py").write_text(DODO)
        (task / "plan.md").write_text(self.plan)
        text = self.planned if isinstance(self.planned, str) else json.dumps(self.planned)
        (task / "plan.files.json").write_text(text)
        (task / "codegen.yaml").write_text(json.dumps(self.settings))
        if self.before is not None:
            self.before(task)
        return task


def doit(task: Path, *args: str) -> "subprocess.CompletedProcess[str]":
    """Runs it, both streams as one."""
    return subprocess.run(
        [DOIT, *args],
        cwd=task,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def ready_then(change: Callable[[Path], object]) -> Callable[[Path], object]:
    """A ready diff, and then this."""

    def act(task: Path) -> None:
        doit(task, "codegen")
        change(task)

    return act


def settings(task: Path, text: str) -> None:
    """Other settings."""
    (task / "codegen.yaml").write_text(text)


MANY = [f"src/f{i}.txt" for i in range(8)]
UPDATE = [{"path": "a.txt", "intent": "update"}]
EDIT = {"roles": {"codegen": [{"command": list(says("a.txt\n<<<<<<< SEARCH\nnot there\n=======\nx\n>>>>>>> REPLACE\n")),
                               "format": "search_replace", "retries": 0}]}}  # fmt: skip

CASES: dict[str, Case] = {
    "10 a file beside the plan": Case(says("a.txt\n```\nx\n```\n\nb.txt\n```\ny\n```\n")),
    "10 a file outside": Case(says("a.txt\n```\nx\n```\n\n../b.txt\n```\ny\n```\n")),
    "10 a file in .git": Case(says("a.txt\n```\nx\n```\n\n.git/config\n```\ny\n```\n")),
    "10 six units, one stray file": Case(says("zz.txt\n```\ny\n```\n"), planned=MANY[:6]),
    "11 no file in the reply": Case(says("I would rather not.")),
    "11 one of two files": Case(
        says("a.txt\n```\nx\n```\n"), planned=["a.txt", "b.txt"], generate={"unit": "plan", "repairs": 0}
    ),
    "11 a step is ignored": Case(before=ready_then(lambda task: doit(task, "ignore", "diff"))),
    "12 a program that fails": Case(fails("out of credit")),
    "12 eight units, one cause": Case(fails("the machine is busy"), planned=MANY),
    "12 seven of eight": Case(
        (
            "sh",
            "-c",
            "asked=$(cat); case $asked in *'- src/f3.txt'*) echo busy >&2; exit 1;; esac; "
            "printf '%s\\n' \"$asked\" | awk '" + GOOD[1] + "'",
        ),
        planned=MANY,
    ),
    "12 a program that hangs": Case(
        ("sleep", "60"), roles={"codegen": [{"command": ["sleep", "60"], "timeout_s": 1, "retries": 0}]}
    ),
    "12 two models, both fail": Case(
        roles={"codegen": [{"command": ["false"], "retries": 0}, {"command": ["sh", "-c", "exit 3"], "retries": 0}]}
    ),
    "12 nobody listens": Case(roles={"codegen": [NOWHERE]}),
    "13 no such program": Case(("/no/such/program",)),
    "13 no key": Case(
        roles={
            "codegen": [
                {"model": "openai/m", "api_base": "http://127.0.0.1:9/v1", "api_key_env": "NO_SUCH_KEY", "retries": 0}
            ]
        }
    ),
    "13 an address without a host": Case(
        roles={"codegen": [{**NOWHERE, "api_base": "http://no-such-host.invalid/v1"}]}
    ),
    "13 offline, nothing stored": Case(store={"offline": True}),
    "14 no price is known": Case(roles={"codegen": [NOWHERE]}, generate={"max_cost_usd": 0.01, "repairs": 0}),
    "15 a block that is not there": Case(planned=UPDATE, **EDIT),
    "15 the same, three times": Case(
        planned=["a.txt", "b.txt", "c.txt"], files={"b.txt": "b\n", "c.txt": "c\n"}, **EDIT
    ),
    "15 an answer cut off": Case(says("a.txt\n```\nfirst line\n")),
    "15 a placeholder": Case(
        says("a.txt\n```\n# ... rest of the file unchanged ...\n```\n"), files={"a.txt": "one\ntwo\nthree\n"}
    ),
    "15 escapes for the terminal": Case(says("\x1b[31mno\x1b[0m \x1b]0;title\x07")),
    "16 the file was edited": Case(
        run=("apply", "--yes"), before=ready_then(lambda task: (task.parent / "a.txt").write_text("other\n"))
    ),
    "16 edited after apply": Case(
        run=("unapply", "--yes"),
        before=ready_then(lambda task: (doit(task, "apply", "--yes"), (task.parent / "a.txt").write_text("z\n"))),
    ),
    "17 another run": Case(
        before=lambda task: subprocess.Popen([DOIT, "codegen"], cwd=task, stdout=subprocess.DEVNULL),
        roles={"codegen": [{"command": ["sleep", "6"], "retries": 0}]},
    ),
    "18 nothing would change": Case(says("a.txt\n```\nbase\n```\n")),
    "65 no plan.md": Case(before=lambda task: (task / "plan.md").unlink()),
    "65 an empty plan.md": Case(plan=""),
    "65 broken JSON": Case(planned='["a.txt"'),
    "65 a path outside": Case(planned=["../x.txt"]),
    "65 create what is there": Case(planned=[{"path": "a.txt", "intent": "create"}]),
    "65 update what is not": Case(planned=[{"path": "b.txt", "intent": "update"}]),
    "65 two of one name": Case(planned=["a.txt", "a.txt"]),
    "65 an unknown context": Case(planned=[{"path": "a.txt", "context": ["docs/none.md"]}]),
    "65 redo of an unknown path": Case(run=("redo", "nothing.txt")),
    "78 an unknown key": Case(before=lambda task: settings(task, "role: {}\n")),
    "78 broken YAML": Case(before=lambda task: settings(task, "roles: [\n")),
    "78 both model and command": Case(roles={"codegen": [{"model": "m", "command": ["true"]}]}),
    "78 code/ is the repository's": Case(
        before=lambda task: ((task / "code").mkdir(), (task / "code/main.c").write_text("x"))
    ),
    "78 a link in our place": Case(before=lambda task: (task / ".codegen").symlink_to("/tmp")),
    "78 the store in code/": Case(store={"path": "code/store"}),
    "78 no right to write": Case(
        before=lambda task: ((task / "code/files").mkdir(parents=True), (task / "code/files/a.txt").mkdir())
    ),
    "78 apply is not enabled": Case(run=("apply",), before=ready_then(lambda _task: None)),
    "78 clean without settings": Case(run=("clean",), before=lambda task: settings(task, "nonsense: 1\n")),
    "11 apply without a diff": Case(run=("apply", "--yes")),
    "0 clean with nothing there": Case(run=("clean",)),
    "0 apply, then codegen": Case(before=ready_then(lambda task: doit(task, "apply", "--yes"))),
    "0 unapply with nothing to undo": Case(run=("unapply", "--yes")),
    "130 interrupted": Case(("sleep", "60"), run=("INT",)),
    "143 terminated": Case(("sleep", "60"), run=("TERM",)),
}


def run(case: Case, task: Path) -> tuple[int, str]:
    """The run's exit code and all that it says."""
    if case.run[0] not in ("INT", "TERM"):
        done = doit(task, *case.run)
        return done.returncode, done.stdout
    with subprocess.Popen(
        [DOIT, "codegen"], cwd=task, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        time.sleep(3)
        running.send_signal(signal.SIGINT if case.run[0] == "INT" else signal.SIGTERM)
        return running.wait(), running.stdout.read() if running.stdout else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    for number, (title, case) in enumerate(CASES.items()):
        if given.only in title:
            folder = given.folder.resolve() / f"case{number}"
            shutil.rmtree(folder, ignore_errors=True)
            task = case.make(folder)
            if "another run" in title:
                time.sleep(3)
            code, text = run(case, task)
            print(f"--- {title} (exit {code})\n{text.rstrip()}\n", flush=True)


if __name__ == "__main__":
    main()
