"""Every file in code/ and .codegen damaged, one at a time: is it named, mended or kept as a hand edit, never served?

    python benchmarks/damage.py FOLDER

A small task is made in FOLDER and run twice, so that it is at its second attempt. Each file in turn is cut short,
flipped, emptied, removed, made a folder and made a link to a file outside; then `doit codegen` runs. Right are: the
outputs of before (mended), the same with one hand edit in code/files (kept), or a failure of a kind of the contract
that names the file (named). Nothing outside may change, and no question may be answered otherwise than before.
"""

import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

DODO = "from codegen_tasks.tasks import load\n\nglobals().update(load(__file__))\n"
ANSWER = r"""#!/bin/sh
asked=$(mktemp "$1/asked.XXXXXX"); cat > "$asked"; sum=$(cksum < "$asked" | cut -d' ' -f1)
awk -v s="$sum" '/^## Write these files/{on=1;delete p;k=0;next} on&&/^- /{p[++k]=substr($0,3)}
END{for(i=1;i<=k;i++) printf "%s\n```\nanswer %s\n```\n\n",p[i],s}' "$asked"
"""
DOIT = str(Path(sys.executable).parent / "doit")


def flip(path: Path, _outside: Path) -> None:
    """One bit in the middle."""
    data = bytearray(path.read_bytes())
    if data:
        data[len(data) // 2] ^= 1
    path.write_bytes(data)


def to_folder(path: Path, _outside: Path) -> None:
    """A folder of the same name."""
    path.unlink()
    path.mkdir()


def to_link(path: Path, outside: Path) -> None:
    """A link to a file elsewhere."""
    path.unlink()
    path.symlink_to(outside / "precious")


DAMAGES: dict[str, Callable[[Path, Path], object]] = {
    "cut": lambda path, _: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "flipped": flip,
    "emptied": lambda path, _: path.write_bytes(b""),
    "removed": lambda path, _: path.unlink(),
    "folder": to_folder,
    "link": to_link,
}


def make(live: Path) -> Path:
    """A task at its second attempt. Returns its directory."""
    task = live / "repo/task"
    for path in (task, live / "log", live / "outside"):
        path.mkdir(parents=True)
    (live / "outside/precious").write_text("precious\n")
    (live / "answer.sh").write_text(ANSWER)
    (live / "answer.sh").chmod(0o755)
    (live / "repo/a.txt").write_text("base a\n")
    subprocess.run(["git", "init", "-q", str(live / "repo")], check=True)
    model = {"command": [str(live / "answer.sh"), str(live / "log")], "format": "whole", "retries": 0}
    (task / "codegen.yaml").write_text(json.dumps({"roles": {"codegen": [model]}, "apply": {"enabled": True}}))
    (task / "dodo.py").write_text(DODO)
    (task / "plan.md").write_text("# Plan\n\nall\n")
    (task / "plan.files.json").write_text(json.dumps(["a.txt", "n/b.txt"]))
    for command in ("codegen", "redo"):
        assert doit(task, command).returncode == 0
    return task


def doit(task: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Runs it."""
    return subprocess.run([DOIT, *args], cwd=task, capture_output=True, text=True, check=False, env=os.environ)


def outputs(task: Path) -> dict[str, bytes]:
    """What is served: code/files, diff and ready.json."""
    names = [path for path in (task / "code/files").rglob("*") if path.is_file() and not path.is_symlink()]
    names += [task / "code" / name for name in ("diff.patch", "ready.json")]
    return {path.relative_to(task).as_posix(): path.read_bytes() for path in names if path.is_file()}


def judge(task: Path, name: str, before: dict[str, bytes], run: subprocess.CompletedProcess[str]) -> str:
    """mended, hand edit, named, or what is wrong."""
    after = outputs(task)
    if (task.parent.parent / "outside/precious").read_text() != "precious\n":
        return "WRITTEN OUTSIDE"
    if run.returncode:
        known = run.returncode in (10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 65, 78)
        said = any(part in run.stdout + run.stderr for part in (name, Path(name).name))
        return "named" if known and said else f"EXIT {run.returncode}: {run.stdout.strip().splitlines()[-1:]}"
    if after == before:
        return "mended"
    files = {path: data for path, data in after.items() if path.startswith("code/files/")}
    edited = [path for path, data in files.items() if data != before.get(path)]
    marked = [file["path"] for file in json.loads(after["code/ready.json"])["files"] if file["hand_edited"]]
    return "hand edit" if edited == [name] and [f"code/files/{path}" for path in marked] == edited else "SERVED"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    task = make(folder / "live")
    shutil.copytree(folder / "live", folder / "saved", symlinks=True)
    before = outputs(task)
    places = [path for top in ("code", ".codegen") for path in sorted((task / top).rglob("*")) if path.is_file()]
    table: dict[str, collections.Counter[str]] = {damage: collections.Counter() for damage in DAMAGES}
    faults = 0
    for name in [path.relative_to(task).as_posix() for path in places]:
        if name.startswith("code/archive/"):
            continue
        for damage, act in DAMAGES.items():
            shutil.rmtree(folder / "live")
            shutil.copytree(folder / "saved", folder / "live", symlinks=True)
            act(task / name, folder / "live/outside")
            found = judge(task, name, before, doit(task, "codegen"))
            if found in ("mended", "hand edit", "named"):
                table[damage][found] += 1
            else:
                faults += 1
                table[damage]["wrong"] += 1
                print(f"  {name} {damage}: {found}", flush=True)
    print(f"{'damage':10}{'mended':>10}{'hand edit':>10}{'named':>10}{'wrong':>10}")
    for damage, counts in table.items():
        print(f"{damage:10}" + "".join(f"{counts[key]:10}" for key in ("mended", "hand edit", "named", "wrong")))
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
