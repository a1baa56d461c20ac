"""kill -9 at every system call that changes a file: does the next command end as if nothing had happened?

    python benchmarks/kill_syscalls.py FOLDER [--commands codegen clean redo apply unapply] [--every 1]

Needs strace, which injects the signal. A small task is made in FOLDER; its model is a program. For each command the
calls of a whole run are counted; then, from the same start, the command is killed at each of them in turn, and the
next command (the same one, or `codegen` after clean and redo) must end with 0 and leave the files of a run that was
not killed, no unfinished file, and no question asked twice beyond those that were in flight.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CALLS = (
    "rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,mkdir,mkdirat,fsync,fchmod,chmod,symlink,symlinkat,"
    "ftruncate,pwrite64"
)
DODO = "from codegen_tasks.tasks import load\n\nglobals().update(load(__file__))\n"
ANSWER = r"""#!/bin/sh
asked=$(mktemp "$1/asked.XXXXXX"); cat > "$asked"; sum=$(cksum < "$asked" | cut -d' ' -f1)
awk -v s="$sum" '/^## Write these files/{on=1;delete p;k=0;next} on&&/^- /{p[++k]=substr($0,3)}
END{for(i=1;i<=k;i++) printf "%s\n```\nanswer %s\n```\n\n",p[i],s}' "$asked"
"""
BEFORE = {
    "codegen": [],
    "clean": ["codegen"],
    "redo": ["codegen"],
    "apply": ["codegen"],
    "unapply": ["codegen", "apply"],
}
THEN = {"clean": "codegen", "redo": "codegen"}
DOIT = str(Path(sys.executable).parent / "doit")
ENV = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


class Place:
    """The repository, the task directory in it, and the program's log, all below one folder that is copied back."""

    def __init__(self, folder: Path) -> None:
        self.live, self.saved = folder / "live", folder / "saved"
        shutil.rmtree(folder, ignore_errors=True)
        self.task, self.log = self.live / "repo/task", self.live / "log"
        for path in (self.task, self.log, self.live / "repo/u"):
            path.mkdir(parents=True)
        (self.live / "answer.sh").write_text(ANSWER)
        (self.live / "answer.sh").chmod(0o755)
        for name, text in {"u/a.txt": "base a\n", "u/gone.txt": "bye\n"}.items():
            (self.live / "repo" / name).write_text(text)
        subprocess.run(["git", "init", "-q", str(self.live / "repo")], check=True)
        subprocess.run(["git", "-C", str(self.live / "repo"), "add", "-A"], check=True)
        model = {"command": [str(self.live / "answer.sh"), str(self.log)], "format": "whole", "retries": 0}
        settings = {"roles": {"codegen": [model]}, "generate": {"jobs": 1}, "apply": {"enabled": True}}
        (self.task / "codegen.yaml").write_text(json.dumps(settings))
        (self.task / "dodo.py").write_text(DODO)
        (self.task / "plan.md").write_text("# Plan\n\nall\n")
        files = ["u/a.txt", "n/c.txt", {"path": "u/gone.txt", "intent": "delete"}]
        (self.task / "plan.files.json").write_text(json.dumps(files))

    def save(self) -> None:
        """Keeps what is there to start from."""
        shutil.rmtree(self.saved, ignore_errors=True)
        shutil.copytree(self.live, self.saved, symlinks=True)

    def back(self) -> None:
        """Goes back to what was kept."""
        shutil.rmtree(self.live)
        shutil.copytree(self.saved, self.live, symlinks=True)

    def doit(self, *args: str, strace: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Runs doit, under strace if that is given."""
        return subprocess.run(
            [*strace, DOIT, *args], cwd=self.task, env=ENV, capture_output=True, text=True, check=False
        )

    def asked(self) -> list[bytes]:
        """All questions so far."""
        return [path.read_bytes() for path in self.log.glob("asked.*")]

    def files(self) -> dict[str, bytes]:
        """What counts afterwards: the working tree and the outputs, archives apart."""
        found = {}
        for path in sorted((self.live / "repo").rglob("*")):
            name = path.relative_to(self.live / "repo").as_posix()
            apart = name.startswith((".git/", "task/.codegen/", "task/code/archive/"))
            if path.is_file() and not apart:
                found[name] = path.read_bytes()
        return found


def calls_of(place: Place, command: str, trace: Path) -> Iterator[tuple[str, int]]:
    """The calls of a whole run, each with its number among those of its name, for the process that makes most."""
    place.back()
    place.doit(command, strace=("strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={CALLS}"))
    counts: dict[str, dict[str, int]] = {}
    for line in trace.read_text(errors="replace").splitlines():
        if found := re.match(r"(\d+)\s+(\w+)\(", line):
            process = counts.setdefault(found[1], {})
            process[found[2]] = process.get(found[2], 0) + 1
    most: dict[str, int] = {}
    for process in counts.values():
        for name, count in process.items():
            most[name] = max(most.get(name, 0), count)
    for name, count in sorted(most.items()):
        yield from ((name, number) for number in range(1, count + 1))


def verdict(place: Place, command: str, call: str, number: int, wanted: dict[str, dict[str, bytes]], most: int) -> str:
    place.back()
    before = len(place.asked())
    inject = f"inject={call}:signal=SIGKILL:when={number}"
    killed = place.doit(
        command, strace=("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}", "-e", inject)
    )
    flying = len(place.asked()) - before
    then = place.doit(THEN.get(command, command))
    if then.returncode:
        return f"next command: exit {then.returncode}: {(then.stdout + then.stderr).strip().splitlines()[-1:]}"
    if place.files() not in wanted.values():
        return "other files than a run that was not killed"
    left = [path.name for path in place.live.rglob("*") if path.name.startswith((".tmp-", ".unfinished", ".moving"))]
    if left:
        return f"left behind: {left[:3]}"
    if len(place.asked()) - before > most + min(flying, 1):
        return "a question was asked twice"
    return "" if killed.returncode else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--commands", nargs="+", default=list(BEFORE))
    parser.add_argument("--every", type=int, default=1, help="only each n-th call")
    given = parser.parse_args()
    print(f"{'command':10}{'kills':>7}{'right':>7}")
    faults = 0
    for command in given.commands:
        place = Place(given.folder.resolve() / command)
        for name in BEFORE[command]:
            assert place.doit(name).returncode == 0
        place.save()
        wanted, most = {}, 0
        for name, steps in {
            "done": [command, THEN.get(command, command)],
            "not begun": [THEN.get(command, command)],
        }.items():
            place.back()
            before = len(place.asked())
            for step in steps:
                place.doit(step)
            wanted[name] = place.files()
            most = max(most, len(place.asked()) - before)
        kills = right = 0
        for call, number in list(calls_of(place, command, given.folder / f"{command}.trace"))[:: given.every]:
            trouble = verdict(place, command, call, number, wanted, most)
            kills += trouble != "-"
            right += not trouble
            if trouble not in ("", "-"):
                print(f"  {command} killed at {call} {number}: {trouble}")
        faults += kills - right
        print(f"{command:10}{kills:7}{right:7}", flush=True)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
