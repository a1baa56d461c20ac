"""Where the programs of a check lie, and what tells that another version lies there. It starts none of them."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from codegen_tasks.check.system import PATH
from codegen_tasks.config import CheckCommand


def program_stamps(
    command: CheckCommand, root: Path, environment: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], str, tuple[int, int] | None]]:
    """What to ask the programs in `versions`, where each lies, and size and time of its file (None: not there)."""
    for asked in command.versions:
        argv = (asked, "--version") if isinstance(asked, str) else asked
        place = Path(root, command.cwd, find_program(argv[0], command, root, environment)[0])
        stamp = None
        with suppress(OSError):
            status = place.resolve().stat()
            stamp = (status.st_size, status.st_mtime_ns)
        yield argv, str(place), stamp


def what_is_there(command: CheckCommand, root: Path, environment: Mapping[str, str]) -> tuple[bool, ...]:
    """Whether the command's program and the folders that it needs are there: without them it is not run at all."""
    program = Path(root, command.cwd, find_program(command.run[0], command, root, environment)[0])
    return (program.exists(), *((root / need).exists() for need in command.needs))


def find_program(name: str, command: CheckCommand, root: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """The program as the sandbox shall start it, and a folder to be found first: a bare name is looked for on our own
    PATH, where that does not lead into the tree but by `needs`."""
    if "/" in name:
        return name, ""
    folders = [folder for folder in environment.get("PATH", PATH).split(os.pathsep) if folder.startswith("/")]
    inside = [str(root / need) for need in command.needs]
    wanted = [
        folder
        for folder in folders
        if not Path(folder).is_relative_to(root) or any(Path(folder).is_relative_to(need) for need in inside)
    ]
    found = shutil.which(name, path=os.pathsep.join([*wanted, PATH]))
    return (name, "") if found is None else (found, str(Path(found).parent))
