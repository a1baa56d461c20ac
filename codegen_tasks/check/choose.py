"""Which sandbox this machine can make: namespaces of our own, bubblewrap, or none where the user says so."""

import shutil
import tempfile
import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from codegen_tasks.check.copied import Bare, Bubblewrap
from codegen_tasks.check.sandbox import Ended, Jailer, Job, Namespaces
from codegen_tasks.errors import NoSandbox

PROBE_S = 20.0


@dataclass
class Sandboxes:
    """The sandbox of a run. Nothing is tried before the first job; `scratch` is where trees are copied if need be."""

    setting: str
    scratch: Path
    jailer: Jailer = field(default_factory=Jailer)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def profile(self) -> str:
        """What a command is kept from: everything (isolated), or nothing (none)."""
        return "none" if self.setting == "none" else "isolated"

    def run(self, job: Job) -> Ended:
        """Runs the job in the best sandbox there is. Raises NoSandbox where there is none."""
        with self._guard:
            chosen = self._chosen
        return chosen.run(job)

    def probe(self) -> str:
        """Which kind there is. Raises NoSandbox."""
        try:
            return type(self._chosen).__name__.lower()
        finally:
            self.jailer.close()

    @cached_property
    def _chosen(self) -> Namespaces | Bubblewrap | Bare:
        self._sweep()
        if self.setting == "none":
            return Bare(self.jailer, self.scratch)
        refused = []
        bubblewrap = shutil.which("bwrap")
        ways = [Namespaces(self.jailer), Namespaces(self.jailer, overlay=False)]
        ways += [Bubblewrap(self.jailer, self.scratch, bubblewrap)] if bubblewrap else []  # type: ignore[list-item]
        for way in ways:
            trouble = self._try(way)
            if not trouble:
                return way
            refused.append(trouble)
        raise NoSandbox(
            f"no sandbox can be made on this machine: {'; '.join(dict.fromkeys(refused))}",
            hint="install bubblewrap (bwrap), allow unprivileged user namespaces, give the container the right to make"
            " them (--security-opt seccomp=unconfined --security-opt apparmor=unconfined), or run the checks"
            " without a sandbox: check.sandbox: none",
        )

    def _try(self, way: Namespaces | Bubblewrap | Bare) -> str:
        """Why this way does not work; empty if it does."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            root = Path(folder) / "tree"
            root.mkdir()
            (root / "seen").touch()
            job = Job(root, ("seen",), (), (("made", 0o100644, b""),), ("sh", "-c", "test -e seen -a -e made"),
                      env={"PATH": "/usr/bin:/bin"}, seconds=PROBE_S)  # fmt: skip
            ended = way.run(job)
        return "" if (ended.end, ended.code) == ("exited", 0) else ended.trouble or f"{ended.end} {ended.code}"

    def _sweep(self) -> None:
        """What a run that was killed has left goes."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True, exist_ok=True)
