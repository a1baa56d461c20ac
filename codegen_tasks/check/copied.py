"""Runs jobs on a copy of the tree, where one tree cannot be laid over another: under bubblewrap, or in no sandbox."""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from codegen_tasks.check.sandbox import Ended, Jailer, Job, shown
from codegen_tasks.check.scratch import make_copy
from codegen_tasks.check.system import MADE, PATH, system_links
from codegen_tasks.files import write_atomic


@contextmanager
def _copied(job: Job, scratch: Path) -> Iterator[tuple[Path, Path]]:
    """A copy of the job's tree below `scratch`, and a place for temporary files with an empty home, until the end."""
    with tempfile.TemporaryDirectory(dir=scratch, ignore_cleanup_errors=True) as folder:
        tree, temporary = Path(folder, "tree"), Path(folder, "tmp")
        (temporary / "home").mkdir(parents=True)
        tree.mkdir()
        make_copy(job.root, job.files, job.changes, tree)
        yield tree, temporary


@dataclass(frozen=True)
class Bare:
    """No sandbox: a copy of the tree, limits, and the end of all that was started. For who says so."""

    jailer: Jailer
    scratch: Path
    profile: str = "none"

    def run(self, job: Job) -> Ended:
        """Runs the job on a copy below `scratch`."""
        with _copied(job, self.scratch) as (tree, temporary):
            for source, path in job.needs:
                (tree / path).parent.mkdir(parents=True, exist_ok=True)
                (tree / path).symlink_to(source)
            report = None if job.report is None else str(temporary / Path(job.report).name)
            moved = {str(job.root): str(tree)} | ({job.report: report} if job.report and report else {})
            argv = [_moved(word, moved) for word in job.argv]
            env = {name: _moved(value, moved) for name, value in job.env.items()}
            env |= {"HOME": str(temporary / "home"), "TMPDIR": str(temporary)}
            ended = self.jailer.run(
                _bare_order(job, argv, env, str(tree / job.cwd), report), job.seconds, job.limits.output
            )
            return _told_of(job.root, tree, ended)


def _moved(text: str, places: Mapping[str, str]) -> str:
    return re.sub("|".join(map(re.escape, places)), lambda found: places[found[0]], text)


def _told_of(root: Path, tree: Path, ended: Ended) -> Ended:
    """The end as if the tree lay where the real one does."""
    there, here = str(tree).encode(), str(root).encode()
    report = None if ended.report is None else ended.report.replace(there, here)
    return msgspec.structs.replace(ended, output=ended.output.replace(there, here), report=report)


def _bare_order(job: Job, argv: Sequence[str], env: Mapping[str, str], cwd: str, report: str | None) -> dict[str, Any]:
    return {
        "bare": True,
        "argv": tuple(argv),
        "cwd": cwd,
        "env": dict(env),
        "report": report,
        "network": True,
        "seconds": job.seconds,
        "memory": job.limits.memory,
        "processes": job.limits.processes,
        "disk": job.limits.disk,
    }


@dataclass(frozen=True)
class Bubblewrap:
    """Sandboxes of the program bwrap, for machines that let it make namespaces and us not. The tree is a copy."""

    jailer: Jailer
    scratch: Path
    program: str
    profile: str = "isolated"

    def run(self, job: Job) -> Ended:
        """Runs the job on a copy below `scratch`, which is all that it can write."""
        with _copied(job, self.scratch) as (tree, temporary):
            argv = [
                self.program,
                *self._options(job, tree, temporary),
                *_made_files(tree.with_name("etc")),
                "--",
                *job.argv,
            ]
            report = None if job.report is None else str(temporary / Path(job.report).name)
            order = _bare_order(job, argv, {"PATH": PATH}, "/", report) | {"makes_sandbox": True}
            ended = self.jailer.run(order, job.seconds, job.limits.output)
            if ended.code == 1 and ended.output.startswith(b"bwrap: "):
                said = ended.output.decode("utf-8", "replace").strip()
                missing = said.startswith("bwrap: execvp ")
                return msgspec.structs.replace(ended, end="missing" if missing else "no sandbox", trouble=said)
            return ended

    @staticmethod
    def _options(job: Job, tree: Path, temporary: Path) -> list[str]:
        options = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--hostname", "check"]
        options += ["--uid", "1000", "--gid", "1000", "--proc", "/proc", "--dev", "/dev"]
        options += ["--share-net"] if job.network else []
        for path, target in system_links():
            options += ["--symlink", target, path]
        for source, path in shown(job):
            options += ["--ro-bind", source, path]
        options += ["--bind", str(temporary), "/tmp", "--tmpfs", "/run", "--bind", str(tree), str(job.root)]
        for source, path in job.needs:
            options += ["--ro-bind", source, os.path.normpath(job.root / path)]
        for name, value in job.env.items():
            options += ["--setenv", name, value]
        return [*options, "--chdir", os.path.normpath(job.root / job.cwd)]


def _made_files(folder: Path) -> list[str]:
    """bwrap's options for the files of the system that are made up."""
    options = []
    folder.mkdir()
    for path, data in MADE.items():
        file = folder / Path(path).name
        write_atomic(file, data)
        options += ["--ro-bind", str(file), path]
    return options
