"""Which configuration, working tree and folders a task directory means. It reads no plan."""

from functools import partial
from pathlib import Path

from codegen_tasks.config import NAMES, Config, parse_config
from codegen_tasks.directory import place_of_store
from codegen_tasks.errors import BadConfig
from codegen_tasks.files import Snapshot
from codegen_tasks.pipeline.memory import remembered
from codegen_tasks.pipeline.places import Places
from codegen_tasks.worktree import find_root


def read_config(task: Path, snapshot: Snapshot, code: str) -> tuple[Config, Path]:
    """The configuration and the working tree it names. `code` is the digest of our own source. Raises BadConfig."""

    root = find_root(task, None)
    for folder in dict.fromkeys((task, root)):
        name, data = _settings_in(folder, task, root, snapshot)
        if data is None:
            continue
        parse = partial(parse_config, data, name)
        config = remembered(task / ".codegen" / "config", Config, (code, name, data), parse)
        return config, find_root(folder, config.repo) if folder == task or config.repo else root
    return Config(), root


def _settings_in(folder: Path, task: Path, root: Path, snapshot: Snapshot) -> tuple[str, bytes | None]:
    """Name and content of the file of settings in this folder. Raises BadConfig when there are two."""
    found = [name for name in NAMES if (folder / name).is_symlink() or snapshot.read(folder / name) is not None]
    if len(found) > 1:
        raise BadConfig(f"both {' and '.join(found)} are there", hint="keep one of them")
    name = found[0] if found else NAMES[0]
    if not is_inside((folder / name).resolve(), task, root):
        raise BadConfig(f"{name} is a link to a place outside", hint="put the file itself there")
    return name, snapshot.read(folder / name)


def places_of(task: Path, config: Config, root: Path) -> Places:
    """Where things lie. Raises BadConfig where the store may not lie there."""
    return Places(task, root, place_of_store(task, root, config.store.path))


def is_inside(real: Path, *folders: Path) -> bool:
    """Whether a path without links lies in one of the folders."""
    return any(real.is_relative_to(folder.resolve()) for folder in folders)
