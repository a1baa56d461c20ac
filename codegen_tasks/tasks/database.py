"""What doit remembers from run to run, and how it tells that a file changed."""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from doit.dependency import FileChangedChecker, JsonDB

from codegen_tasks.files import Snapshot, read_own, write_atomic

LOOKS = frozenset({"graph", "why"})  # the commands that only look


class Database(JsonDB):
    """doit's database in one file, read when it is first asked, and replaced whole. It is a hint: torn, missing or
    lost, work is done again."""

    def _load(self) -> None:
        """doit loads it when it is made."""

    @property
    def _db(self) -> Any:
        return self._rows

    @_db.setter
    def _db(self, rows: Any) -> None:
        if rows is not None:
            self._rows = rows

    @cached_property
    def _rows(self) -> Any:
        import msgspec  # not on a run with nothing to do

        try:
            return msgspec.json.decode(read_own(Path(self.name)) or b"{}", type=dict[str, dict[str, Any]])
        except (OSError, msgspec.MsgspecError):
            return {}

    changed = False

    def set(self, task_id: str, dependency: str, value: Any) -> None:
        """Keeps a value of a task; of one that only looks there is nothing to keep."""
        if task_id not in LOOKS:
            self.changed = True
            super().set(task_id, dependency, value)

    def remove(self, task_id: str) -> None:
        """Forgets a task."""
        self.changed = True
        super().remove(task_id)

    def remove_all(self) -> None:
        """Forgets all."""
        self.changed = True
        super().remove_all()

    def dump(self) -> None:
        """Writes what is new, where our folder is there already. Who only looks takes nothing back from a run."""
        if not self.changed:
            return
        import msgspec

        path, data = Path(self.name), msgspec.json.encode(self._db)
        with suppress(OSError):
            if path.parent.is_dir() and read_own(path) != data:
                write_atomic(path, data)


def checker(snapshot: Callable[[], Snapshot]) -> type[FileChangedChecker]:
    """doit's file checker, by content, as one run sees it."""

    class ContentCheckerV1(FileChangedChecker):
        """A file changed if its xxh3 did. It answers with the digest of the bytes that the steps have read."""

        def check_modified(self, file_path: str, file_stat: os.stat_result, state: str) -> bool:  # noqa: ARG002 (doit's)
            return snapshot().digest(file_path) != state

        def get_state(self, dep: str, current_state: str | None) -> str | None:  # noqa: ARG002 (doit's signature)
            return snapshot().digest(dep)

    return ContentCheckerV1
