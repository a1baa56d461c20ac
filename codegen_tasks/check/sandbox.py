"""Runs one command in a world of its own and tells how it ended. It does not know what the command is for."""

import marshal
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codegen_tasks.check.system import MADE, system_folders, system_links, tools_of
from codegen_tasks.records import Record

JAIL = Path(__file__).with_name("jail.py")
GRACE_S = 3.0  # beyond the time limit, before somebody outside of the sandbox ends it
KEPT = 4 << 20  # bytes of output, from either end


class Limits(Record, frozen=True):
    """What a command may use at once. Bytes; `output` is what it may print in all."""

    memory: int = 8 << 30
    processes: int = 2048
    output: int = 64 << 20
    disk: int = 4 << 30


@dataclass(frozen=True)
class Job:
    """A command and the tree it sees. Paths in the tree are relative to `root`, where the tree appears.

    `files` is all that is in the tree, `hide` what of `root` is not, `changes` are written over it (path, mode, content
    or None: removed). `needs` are folders that are shown for reading: where they lie, and where they appear.
    """

    root: Path
    files: tuple[str, ...]
    hide: tuple[str, ...]
    changes: tuple[tuple[str, int, bytes | None], ...]
    argv: tuple[str, ...]
    cwd: str = "."
    env: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[tuple[str, str], ...] = ()
    network: bool = False
    seconds: float = 600.0
    report: str | None = None
    limits: Limits = field(default_factory=Limits)


class Ended(Record, frozen=True):
    """How a command ended.

    `end` is exited, missing, time, output, memory, processes or no sandbox; `code` is as Python has it (below nothing:
    the signal); `trouble` says more in words, `full` that its disk was; `output` may lack its middle.
    """

    end: str
    code: int
    trouble: str
    output: bytes
    report: bytes | None
    full: bool
    seconds: float


class Jailer:
    """The program that makes sandboxes, started when the first one is wanted."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._orders: socket.socket | None = None
        self._program: subprocess.Popen[bytes] | None = None

    def run(self, order: Mapping[str, Any], seconds: float, most_output: int) -> Ended:
        """Runs what `order` says and waits for its end."""
        ours, theirs = socket.socketpair()
        read, write = os.pipe()
        try:
            self._send(order, write, theirs.fileno())
        finally:
            os.close(write)
            theirs.close()
        with ours, os.fdopen(read, "rb", buffering=0) as out:
            return _listen(ours, out.fileno(), time.monotonic() + seconds + GRACE_S, most_output)

    def close(self) -> None:
        """Ends the program, and with it whatever runs."""
        with self._guard:
            if self._program is not None and self._orders is not None:
                self._orders.close()
                self._program.wait()
                self._program = None

    def _send(self, order: Mapping[str, Any], out: int, control: int) -> None:
        what = os.memfd_create("order")
        with os.fdopen(what, "wb") as file:
            marshal.dump(dict(order), file)
            file.flush()
            with self._guard:
                socket.send_fds(self._started(), [b"!"], [what, out, control])

    def _started(self) -> socket.socket:
        if self._program is None or self._program.poll() is not None:
            ours, theirs = socket.socketpair()
            command = [sys.executable, "-I", "-S", str(JAIL), str(theirs.fileno())]
            with theirs:
                self._program = subprocess.Popen(
                    command,
                    env={},
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
            self._orders = ours
        assert self._orders is not None  # noqa: S101 (set with the program)
        return self._orders


def _listen(control: socket.socket, out: int, deadline: float, most_output: int) -> Ended:
    """Collects output until all who could write are gone, and the end that was told."""
    output, told, size, end = bytearray(), bytearray(), 0, ""
    poll = select.poll()
    for handle in (control.fileno(), out):
        poll.register(handle, select.POLLIN)
    waiting = {control.fileno(), out}
    while waiting and not end:
        for handle, _ in poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            data = os.read(handle, 1 << 16) if handle == out else _received(control)
            if not data:
                poll.unregister(handle)
                waiting.discard(handle)
            elif handle == out:
                size += len(data)
                _keep_ends(output, data)
            else:
                told += data
        end = "output" if size > most_output else "time" if time.monotonic() > deadline else ""
    if end:
        return Ended(end, 0, "", bytes(output), None, False, 0.0)
    if len(told) < 8:
        return Ended("no sandbox", 0, "the sandbox was ended from outside", bytes(output), None, False, 0.0)
    facts = marshal.loads(bytes(told[8 : 8 + struct.unpack("<Q", told[:8])[0]]))  # noqa: S302 (jail.py's words)
    return Ended(
        facts["end"], facts["code"], facts["trouble"], bytes(output), facts["report"], facts["full"], facts["seconds"]
    )


def _received(control: socket.socket) -> bytes:
    with suppress(ConnectionError):
        return control.recv(1 << 16)
    return b""


def _keep_ends(output: bytearray, data: bytes) -> None:
    output += data
    if len(output) > 2 * KEPT + (1 << 20):
        del output[KEPT:-KEPT]


@dataclass(frozen=True)
class Namespaces:
    """Sandboxes of the kernel's namespaces. With `overlay` the tree is a layer on the real one, else a copy."""

    jailer: Jailer
    overlay: bool = True

    profile: str = "isolated"

    def run(self, job: Job) -> Ended:
        """Runs the job; nothing of it is left when this returns."""
        order = {
            "root": str(job.root),
            "source": str(job.root),
            "copy": None if self.overlay else job.files,
            "hide": job.hide,
            "changes": job.changes,
            "links": system_links(),
            "shown": shown(job),
            "files": tuple(MADE.items()),
            "needs": tuple((source, os.path.normpath(job.root / path)) for source, path in job.needs),
            "argv": job.argv,
            "cwd": os.path.normpath(job.root / job.cwd),
            "env": dict(job.env),
            "network": job.network,
            "seconds": job.seconds,
            "report": job.report,
            "memory": job.limits.memory,
            "processes": job.limits.processes,
            "disk": job.limits.disk,
        }
        return self.jailer.run(order, job.seconds, job.limits.output)


def shown(job: Job) -> tuple[tuple[str, str], ...]:
    """What of the machine is shown, outermost first: the system, and the tools of the command and of `needs`."""
    programs = [job.argv[0]] if job.argv[0].startswith("/") else []
    programs += [f"{source}/bin/python" for source, _ in job.needs if Path(source, "pyvenv.cfg").is_file()]
    tools = [path for program in programs for path in tools_of(program) if not Path(path).is_relative_to(job.root)]
    return tuple((path, path) for path in dict.fromkeys((*system_folders(job.network), *tools)))
