"""The only code that writes files: whole or not at all. It does not know what the bytes mean."""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import xxhash

TEMPORARY = ".tmp-"  # how the names of files begin that are not finished yet


def write_atomic(path: Path, data: bytes, mode: int = 0o644, *, durable: bool = False, owner: str = "") -> None:
    """Replaces `path` by `data`, making its folders. A reader sees the old bytes or the new ones, never a mixture.

    `durable` waits until the disk has the bytes and the name (fsync): for what cost money. `owner` stands in the name
    of the temporary file, so that `sweep` finds it after a kill. Raises OSError, also where a link is in the way.
    """
    temporary = _write_beside(path, data, mode, durable, owner)
    try:
        temporary.replace(path)
    except BaseException:
        _discard(temporary)
        raise
    if durable:
        sync_directory(path.parent)


def write_new(path: Path, data: bytes, *, durable: bool = False, owner: str = "") -> bool:
    """Writes `path` unless it is there: of several writers at once the first wins. True: we were it. Raises OSError."""
    if path.exists():
        return False
    temporary = _write_beside(path, data, 0o644, durable, owner)
    try:
        won = _link(temporary, path)
    finally:
        _discard(temporary)
    if durable:
        sync_directory(path.parent)
    return won


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, never through a link. Raises OSError: ELOOP names the link."""
    if os.path.realpath(folder) != str(folder):  # two thousand times in a large run: cheaper than asking each folder
        link = next((part for part in (*reversed(folder.parents), folder) if part.is_symlink()), folder)
        raise OSError(errno.ELOOP, "it is a symbolic link", str(link))
    folder.mkdir(parents=True, exist_ok=True)


def _write_beside(path: Path, data: bytes, mode: int, durable: bool, owner: str) -> Path:
    """A new file beside `path` that holds all of `data`; nothing is left of it if that fails."""
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=f"{TEMPORARY}{owner}", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
            if durable:
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        _discard(Path(name))
        raise
    return Path(name)


def _discard(temporary: Path) -> None:
    with suppress(OSError):
        temporary.unlink()


def _link(temporary: Path, path: Path) -> bool:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links: the rename is atomic, only "first" is not
        temporary.replace(path)
    return True


def link_over(source: Path, path: Path) -> None:
    """Makes `path` another name of the file `source`, which has the same content, where the file system can do that."""
    temporary = path.with_name(f"{TEMPORARY}{path.name}"[:200])
    with suppress(OSError):
        temporary.unlink(missing_ok=True)
        temporary.hardlink_to(source)
        temporary.replace(path)


def append_line(path: Path, line: bytes) -> None:
    """Adds one line to a log in one write, so that lines of several threads and runs never mix. Raises OSError."""
    make_folder(path.parent)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    try:
        if os.write(handle, line + b"\n") <= len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(handle)


def mend_log(path: Path, most: int) -> bytes:
    """The whole lines of a log. One that was cut off at the end is taken away; a log of more than `most` bytes is put
    aside, as NAME.old.EXTENSION, in place of the one before. Raises OSError."""
    data = read_own(path) or b""
    whole = data.rfind(b"\n") + 1
    if whole > most:
        path.replace(path.with_suffix(f".old{path.suffix}"))
    elif whole < len(data):
        os.truncate(path, whole)
    return data[:whole]


def sync_directory(path: Path) -> None:
    """Makes renames inside `path` survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Removes a file; a missing one is fine."""
    path.unlink(missing_ok=True)


def prune_empty(folder: Path, root: Path) -> None:
    """Removes `folder` and its parents below `root` as long as they are empty."""
    while folder != root and root in folder.parents:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def entries(folder: Path) -> Iterator[str]:
    """All files and links below a folder, as absolute names in no order; links are not followed."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                yield from entries(Path(entry.path))
            else:
                yield entry.path


class Snapshot:
    """What a run sees of the disk: every file is read once, so all steps see, and doit records, the same bytes.

    An edit made while a run is under way is seen by the next run, which finds the recorded digest different.
    """

    def __init__(self) -> None:
        self.no_links_below: Path | None = None  # where a link, or what lies behind one, counts as missing
        self._data: dict[str, bytes | None] = {}
        self._digests: dict[str, str] = {}
        self._real: dict[str, bool] = {}

    def read(self, path: Path | str) -> bytes | None:
        """The file's bytes as first read in this run, or written since; None if there is no such file."""
        key = str(path)
        if key not in self._data:
            try:
                self._data[key] = None if self._is_linked(key) else _read(key)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                self._data[key] = None
        return self._data[key]

    def _is_linked(self, path: str) -> bool:
        if not path.startswith(f"{self.no_links_below}/"):
            return False
        folder = os.path.dirname(path)  # noqa: PTH120 (thousands of times in a run that has nothing to do)
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder) == folder
        return not self._real[folder] or os.path.islink(path)  # noqa: PTH114 (as above)

    def digest(self, path: Path | str) -> str | None:
        """xxh3 of those bytes, 32 hex digits; None if there is no such file."""
        key = str(path)
        if key not in self._digests:
            data = self.read(key)
            if data is None:
                return None
            self._digests[key] = content_digest(data)
        return self._digests[key]

    @property
    def looked(self) -> dict[str, bool]:
        """What was read or written, and whether it is there."""
        return {path: data is not None for path, data in self._data.items()}

    def write(self, path: Path, data: bytes, mode: int = 0o644) -> None:
        """Writes the file, and what was read of it before is forgotten."""
        write_atomic(path, data, mode)
        self._data[str(path)] = data
        self._digests.pop(str(path), None)

    def remove(self, path: Path) -> None:
        """Removes the file; a missing one is fine."""
        remove(path)
        self._data[str(path)] = None
        self._digests.pop(str(path), None)


def _read(path: str) -> bytes:
    """The bytes of a regular file. What else is there counts as missing: reading a pipe would wait for ever."""
    data = _read_regular(path, os.O_RDONLY)
    if data is None:
        raise FileNotFoundError(errno.ENOENT, "it is not a regular file", path)
    return data


def read_own(path: Path) -> bytes | None:
    """The bytes of a file that only we write; None if anything else is there, a link or a pipe, or nothing."""
    try:
        return _read_regular(str(path), os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise


def _read_regular(path: str, flags: int) -> bytes | None:
    try:
        handle = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket
            return None
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return None
    with open(handle, "rb", buffering=0) as file:  # noqa: PTH123 (it is open)
        return file.readall()


def content_digest(data: bytes) -> str:
    """xxh3, 32 hex digits: tells whether something changed on this machine. Nothing shared or published uses it."""
    return xxhash.xxh3_128_hexdigest(data)


def remove_tree(path: Path) -> None:
    """Removes a folder with all it holds; a missing one is fine. Links are removed, never followed."""
    if path.is_symlink() or path.is_file():
        remove(path)
    elif path.exists():
        shutil.rmtree(path)


def copy_tree(source: Path, target: Path) -> None:
    """Copies a file or a folder, links as links."""
    make_folder(target.parent)
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target, follow_symlinks=False)


def sweep(folder: Path, owner: str = "") -> None:
    """Removes the unfinished files below `folder` that a killed process left, those of `owner` if one is named."""
    for name in list(entries(folder)):
        if os.path.basename(name).startswith(f"{TEMPORARY}{owner}"):  # noqa: PTH119 (a Path for each file of a store)
            remove(Path(name))


def sweep_folder(folder: Path) -> None:
    """Removes the unfinished files right in `folder`."""
    for path in folder.glob(f"{TEMPORARY}*"):
        remove(path)
