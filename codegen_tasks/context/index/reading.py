"""Reads and extracts many files, on two processors where that pays. It writes nothing."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import xxhash

from codegen_tasks.context.index.extract import MAX_BYTES, extract
from codegen_tasks.records import Record

_MANY = 300  # files from which on a second process pays its start
_FRESH_NS = 2_000_000_000  # a file changed within it may change again without its time telling


class Read(Record, frozen=True, array_like=True):
    """One file as it was read. `settled`: its times will tell when it changes again."""

    path: str
    digest: bytes
    outline: bytes
    uses: str
    settled: bool


def read_all(root: Path, paths: Sequence[str]) -> list[Read]:
    """The files among `paths` that can be read, in order."""
    if len(paths) < _MANY or (os.cpu_count() or 1) < 2:
        return _read_some(root, paths)
    helper = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import main; main()", str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        close_fds=True,
    )
    theirs = msgspec.msgpack.encode(paths[1::2])
    assert helper.stdin is not None  # noqa: S101 (a pipe was asked for)
    helper.stdin.write(theirs)
    helper.stdin.close()
    ours = _read_some(root, paths[::2])
    assert helper.stdout is not None  # noqa: S101
    data = helper.stdout.read()
    if helper.wait() != 0:
        return _read_some(root, paths)
    found = {read.path: read for read in (*ours, *msgspec.msgpack.decode(data, type=list[Read]))}
    return [found[path] for path in paths if path in found]


def _read_some(root: Path, paths: Sequence[str]) -> list[Read]:
    return [read for path in paths if (read := _read(root, path)) is not None]


def _read(root: Path, path: str) -> Read | None:
    try:
        file = os.open(f"{root}/{path}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        status = os.fstat(file)
        with os.fdopen(file, "rb", closefd=False) as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError:
        return None
    finally:
        os.close(file)
    outline, uses = extract(path, data)
    changed = max(status.st_mtime_ns, status.st_ctime_ns)
    names = "\n".join(sorted(uses))
    return Read(
        path, digest_of(path, data), msgspec.msgpack.encode(outline), names, time.time_ns() - changed > _FRESH_NS
    )


def digest_of(path: str, data: bytes) -> bytes:
    """What tells one content at one path from all others; only as much of a large file as is read."""
    return xxhash.xxh3_128_digest(os.fsencode(path) + b"\0" + data[: MAX_BYTES + 1])


def main() -> None:
    """The second process: paths come in, what was read goes out."""
    paths = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[str])
    sys.stdout.buffer.write(msgspec.msgpack.encode(_read_some(Path(sys.argv[1]), paths)))
