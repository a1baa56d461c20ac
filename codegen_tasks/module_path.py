"""Installed modules come before those of the user's repository. It imports nothing that could be shadowed late.

doit puts the folder of dodo.py, often the root of a repository, before all libraries: a jinja2.py there would run in
jinja2's place.
"""

import os
import sys
import sysconfig
from importlib.machinery import PathFinder
from pathlib import Path


def put_installed_first(*folders: Path) -> None:
    """Moves these folders, the current one and all that doit put before the standard library to the end of `sys.path`.

    Who sets PYTHONPATH says what he wants: what stands there stays. A module that was imported from one of the folders
    already, and is installed too, is forgotten, so that whoever imports it next gets the installed one; this package
    itself, which a clone of it has beside its dodo.py, is not: it is being imported.
    """
    library = sysconfig.get_path("stdlib")
    before = sys.path[: sys.path.index(library)] if library in sys.path else sys.path[:1]
    said = {os.path.realpath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path}
    own = {os.path.realpath(path) for path in ("", *map(str, folders))}
    late = [path for path in before if os.path.realpath(path) in own or os.path.realpath(path) not in said]
    late = [path for path in late if not path.endswith(".zip")]
    sys.path[:] = [path for path in sys.path if path not in late] + late
    others = [(name, module) for name, module in sys.modules.items() if "." not in name and name != __package__]
    for name, module in others:
        place = os.path.realpath(getattr(module, "__file__", None) or "")
        if any(place.startswith(f"{folder}{os.sep}") for folder in own):
            found = PathFinder.find_spec(name, [sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib")])
            if found is not None and found.origin is not None and os.path.realpath(found.origin) != place:
                del sys.modules[name]
