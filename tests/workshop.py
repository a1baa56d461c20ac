"""A repository and a task directory in a temporary folder, and the real `doit` run on them."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

DODO = "from codegen_tasks.tasks import load\nglobals().update(load(__file__))\n"
LEAN = {key: os.environ[key] for key in ("PATH", "HOME", "LD_LIBRARY_PATH") if key in os.environ}


def git(folder: Path, *args: str) -> str:
    """git with nobody's configuration."""
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0"}
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *who, *args], cwd=folder, env=LEAN | alone, check=True, capture_output=True, text=True
    ).stdout


class Workshop:
    """`root` is the repository, `task` the task directory in it, named `task` unless said otherwise."""

    def __init__(self, root: Path, files: Mapping[str, str | bytes], task: str = "task", *, bare: bool = False) -> None:
        self.root = root
        self.task = root / task
        self.task.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            self.put(path, content)
        if not bare:
            git(root, "init", "-q", "-b", "main")
            git(root, "add", "-A")
            git(root, "commit", "-q", "--allow-empty", "-m", "start")
        (self.task / "dodo.py").write_text(DODO)

    @classmethod
    def at(cls, root: Path, task: str = "task") -> "Workshop":
        """What is there already."""
        shop = cls.__new__(cls)
        shop.root, shop.task = root, root / task
        return shop

    def put(self, path: str, content: str | bytes) -> None:
        """Writes a file of the repository."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def plan(self, text: str, files: Iterable[Any]) -> None:
        (self.task / "plan.md").write_text(text)
        (self.task / "plan.files.json").write_text(json.dumps(list(files)))

    def models(self, *urls: str, more: str = "", spec: str = "", name: str = "hosted_vllm/m") -> None:
        """A codegen.yaml with a chain of models behind these URLs."""
        links = "".join(
            f"    - {{model: {name}{i or ''}, api_base: '{url}', retries: 1{', ' if spec else ''}{spec}}}\n"
            for i, url in enumerate(urls)
        )
        (self.task / "codegen.yaml").write_text(f"roles:\n  codegen:\n{links}{more}")

    def doit(
        self, *args: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """The real command line, to its end."""
        return subprocess.run(
            self.command(*args), cwd=cwd or self.task, env=LEAN | dict(env or {}), capture_output=True, text=True
        )

    def start(self, *args: str) -> "subprocess.Popen[str]":
        """The same in the background."""
        return subprocess.Popen(
            self.command(*args), cwd=self.task, env=LEAN, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    @staticmethod
    def command(*args: str) -> list[str]:
        return [sys.executable, "-m", "doit", *args]

    def code(self, name: str) -> Path:
        return self.task / "code" / name

    def read(self, name: str) -> Any:
        """A JSON file of code/."""
        return json.loads(self.code(name).read_bytes())

    def files(self) -> dict[str, bytes]:
        """code/files, by path."""
        return tree(self.code("files"))

    def outputs(self) -> dict[str, bytes]:
        """All that must be the same on any machine: code/ but the archive."""
        return {path: data for path, data in tree(self.code(".")).items() if not path.startswith("archive/")}


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder, links not followed."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def fingerprint(root: Path, task: Path) -> str:
    """All that a run must not change: every file, mode and link of the working tree and of .git, but the task."""
    seen = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path == task or task in path.parents:
            continue
        status = path.lstat()
        seen.update(f"{path.relative_to(root)}\0{status.st_mode:o}\0".encode())
        if path.is_symlink():
            seen.update(os.fsencode(path.readlink()))
        elif path.is_file():
            seen.update(f"{status.st_mtime_ns}".encode() + path.read_bytes())
    return seen.hexdigest()
