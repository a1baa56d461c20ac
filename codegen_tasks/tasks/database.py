"""What doit remembers from run to run, and how it tells that a file changed."""

import os
from pathlib import Path
from typing import Any

import msgspec
from doit.dependency import FileChangedChecker

from codegen_tasks.files import Snapshot, write_atomic


def codec(path: Path) -> type:
    """What doit takes for its JSON codec, so that we keep the database at `path`."""

    class Database:
        """doit's database in one file, replaced whole. It is a hint: torn, missing or lost, work is done again."""

        def decode(self, _text: str) -> Any:
            try:
                return msgspec.json.decode(path.read_bytes())
            except (OSError, msgspec.DecodeError):
                return {}

        def encode(self, data: Any) -> str:
            try:
                encoded = msgspec.json.encode(data)
                if path.parent.is_dir() and (not path.exists() or path.read_bytes() != encoded):
                    write_atomic(path, encoded)
            except OSError:
                pass
            return ""

    return Database


def checker(snapshot: Snapshot) -> type[FileChangedChecker]:
    """doit's file checker, by content, as one run sees it."""

    class ContentCheckerV1(FileChangedChecker):
        """A file changed if its xxh3 did. It answers with the digest of the bytes that the steps have read."""

        def check_modified(self, file_path: str, file_stat: os.stat_result, state: str) -> bool:  # noqa: ARG002 (doit's)
            return snapshot.digest(file_path) != state

        def get_state(self, dep: str, current_state: str | None) -> str | None:  # noqa: ARG002 (doit's signature)
            return snapshot.digest(dep)

    return ContentCheckerV1
