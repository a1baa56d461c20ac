"""Tests that run commands are left out where no sandbox can be made, and say so."""

from pathlib import Path

import pytest

from codegen_tasks.check.sandbox import Job, Namespaces
from tests.check.bench import JAILER

ALONE = {"test_reports", "test_rounds", "test_tamper", "test_tree"}


@pytest.fixture(scope="session")
def trouble(tmp_path_factory: pytest.TempPathFactory) -> str:
    root: Path = tmp_path_factory.mktemp("tree")
    ended = Namespaces(JAILER).run(Job(root, (), (), (), ("true",), env={"PATH": "/usr/bin:/bin"}))
    return "" if (ended.end, ended.code) == ("exited", 0) else ended.trouble


@pytest.fixture(autouse=True)
def needs_a_sandbox(request: pytest.FixtureRequest) -> None:
    if request.module.__name__.rpartition(".")[2] not in ALONE and request.getfixturevalue("trouble"):
        pytest.skip("no sandbox can be made on this machine")
