"""Our settings of doit, laid under a user's own: those of DOIT_CONFIG, of doit.cfg or pyproject.toml, of the command.

doit reads DOIT_CONFIG from the namespace and opens its database by a name; these are what is put in their places.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from doit import cmd_base

from codegen_tasks.tasks.database import Database

_load_config = cmd_base.NamespaceTaskLoader.load_doit_config
_Dependency = cmd_base.Dependency
_BACKEND = {"backend": "json"}


def lay_under(settings: Mapping[str, Any], database: Path) -> None:
    """From now on `settings` hold where the user says nothing; doit's database is at `database` unless he names one."""
    ours = {**settings, **_BACKEND, "dep_file": str(database)}

    def load_doit_config(loader: Any) -> dict[str, Any]:
        said = {name for section in ("GLOBAL", "run") for name in (loader.config or {}).get(section, {})}
        return {**{name: value for name, value in ours.items() if name not in said}, **_load_config(loader)}

    def open_database(backend: type, name: str, *args: Any, **options: Any) -> Any:
        if name == str(database):
            backend, name = (Database, name) if backend is cmd_base.JsonDB else (backend, ".doit.db")
        return _Dependency(backend, name, *args, **options)

    cmd_base.NamespaceTaskLoader.load_doit_config = load_doit_config
    cmd_base.Dependency = open_database
