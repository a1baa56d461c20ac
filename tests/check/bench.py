"""A repository and a bench to check it on, for the tests of this folder."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from codegen_tasks.check import Bench, Observation, Planned, Rules, Seen, Verdict, cut, judge_all, look_at, observe
from codegen_tasks.check.sandbox import Jailer, Namespaces
from codegen_tasks.check.tree import Change, Look
from codegen_tasks.config import CheckCommand
from codegen_tasks.store import Store

JAILER = Jailer()
_BARE = (
    "import os, sys; os.environ['PYTEST_DISABLE_PLUGIN_AUTOLOAD'] = '1'; "
    "import pytest; sys.exit(pytest.main(sys.argv[1:]))"
)
PYTEST = (sys.executable, "-c", _BARE, "-q", "-p", "no:cacheprovider", "--junitxml=$REPORT")
SUITE = CheckCommand(name="tests", run=PYTEST, report="junit")


class Repository:
    """Files in a folder, and what a check makes of changes to them."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.root = folder / "repo"
        self.state = folder / "state"
        for path, text in files.items():
            self.write(path, text)
        self.root.mkdir(exist_ok=True)
        self.ignored: tuple[str, ...] = ()
        self.logs: dict[str, bytes] = {}
        self.bench = self.new_bench(folder / "store")

    def new_bench(self, store: Path, environment: Mapping[str, str] = os.environ) -> Bench:
        return Bench(self.root, Store(store), Namespaces(JAILER), environment, log=self.logs.__setitem__)

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def look(self) -> Look:
        def is_ignored(path: str) -> bool:
            return path.strip("/") in self.ignored

        return look_at(self.root, Rules(lambda: (), is_ignored, lambda _: False), self.state / "look")

    def observe(self, command: CheckCommand, changes: Iterable[Change] = ()) -> Observation:
        return observe(command, cut(self.look(), command.inputs, changes), self.bench)

    def check(self, changes: Mapping[str, str | None], *commands: CheckCommand) -> tuple[Verdict, ...]:
        """The verdicts on a change of planned files; None deletes one."""
        made = [(path, 0o100644, None if text is None else text.encode()) for path, text in changes.items()]
        planned = Planned(
            {path for path, text in changes.items() if text is not None},
            {path for path, text in changes.items() if text is None},
        )
        seen = []
        for command in commands or (SUITE,):
            before = self.observe(command) if command.report != "none" else None
            seen.append(Seen(command.name, self.observe(command, made), before, "log"))
        return judge_all(seen, planned)
