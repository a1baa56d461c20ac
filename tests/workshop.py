"""A repository and a task directory in a temporary folder, and the real `doit` run on them, which must not touch it."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

OURS = ("code", ".codegen", "__pycache__", "plan.files.json")  # what a command writes in the task
LANDS = {"apply", "unapply"}  # the commands that may write to the working tree
DODO = "from codegen_tasks.tasks import load\nglobals().update(load(__file__))\n"
CACHE = tempfile.TemporaryDirectory(prefix="codegen-tests-")  # indexes of repositories that soon are no more
LEAN = {key: os.environ[key] for key in ("PATH", "HOME", "LD_LIBRARY_PATH") if key in os.environ} | {
    "XDG_CACHE_HOME": CACHE.name
}


def git(folder: Path, *args: str) -> str:
    """git with nobody's configuration, on one day."""
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0"}
    alone |= dict.fromkeys(
        ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "2026-01-01T00:00:00Z"
    )  # the same commit each time
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
        """The real command line, to its end; the repository is the same afterwards."""
        with self.start(*args, env=env, cwd=cwd, stderr=subprocess.PIPE) as run:
            out, err = run.communicate()
        return subprocess.CompletedProcess(run.args, run.returncode, out, err)

    def start(
        self,
        *args: str,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stderr: int = subprocess.STDOUT,
    ) -> "Watched":
        """The same in the background."""
        watched = self.root / ".git" if LANDS.intersection(args) else self.root
        return Watched(
            lambda: fingerprint(watched, self.task),
            self.command(*args),
            cwd=cwd or self.task,
            env=LEAN | dict(env or {}),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
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


class Watched(subprocess.Popen[str]):
    """A command at whose end everything must look as it did at its start."""

    def __init__(self, look: Callable[[], dict[str, str]], *args: Any, **kwargs: Any) -> None:
        self._look = look
        self._seen: dict[str, str] | None = look()
        super().__init__(*args, **kwargs)

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the end and looks again, once."""
        end = super().wait(timeout)
        seen, self._seen = self._seen, None
        assert seen is None or self._look() == seen, f"{self.args} touched the repository"
        return end


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder, links not followed."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def fingerprint(root: Path, task: Path) -> dict[str, str]:
    """All that a run must not change: every file, mode and link of the working tree and of .git, but our own."""
    seen = {}
    for folder, folders, files in os.walk(root):
        if Path(folder) == task:
            folders[:], files = (sorted(set(names).difference(OURS)) for names in (folders, files))
        for name in folders + files:
            path = Path(folder, name)
            status = path.lstat()
            data = b""
            if path.is_symlink():
                data = os.fsencode(path.readlink())
            elif path.is_file():
                data = b"%d" % status.st_mtime_ns + path.read_bytes()
            seen[str(path)] = f"{status.st_mode:o} {hashlib.sha256(data).hexdigest()}"
    return seen
