"""Redo by path, notes, pruning and hand edits, with checks and dependencies on interfaces in the graph."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peer import Peer, Question, Say
from tests.workshop import Workshop

ENTRIES = [
    {"path": "lib.py"},
    {"path": "uses.py", "depends_on": [{"path": "lib.py", "see": "interface"}]},
    {"path": "reads.py", "depends_on": ["lib.py"]},
    {"path": "alone.py"},
]
CHECK = "check: {sandbox: none, commands: [{name: there, run: [test, -e, lib.py]}]}\n"


def author(question: Question) -> Say:
    """lib.py keeps its interface and changes its body with the note that it is told."""
    told = sum("other body" in text for text in question.texts)
    return Say("\n".join(f"{path}\n```\ndef f(a: int) -> int:\n    return a + {told}\n```" for path in question.paths))


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer(author) as peer:
        yield peer


@pytest.fixture
def shop(tmp_path: Path, peer: Peer) -> Workshop:
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n"})
    shop.plan("# Plan\n\nDo it.\n", ENTRIES)
    shop.models(peer.url, more=CHECK)
    return shop


def asked(shop: Workshop, peer: Peer, *args: str) -> list[str]:
    """The files that a run which ends well asks for."""
    before = len(peer.requests)
    run = shop.doit(*args)
    assert run.returncode == 0, run.stdout + run.stderr
    assert shop.read("ready.json")["checks"][0]["verdict"] == "passed"
    return sorted(path for question in peer.requests[before:] for path in question.paths)


def test_a_redo_of_one_file_asks_who_sees_more_than_its_interface(shop: Workshop, peer: Peer) -> None:
    assert asked(shop, peer) == ["alone.py", "lib.py", "reads.py", "uses.py"]
    first = shop.outputs()
    assert asked(shop, peer, "redo", "lib.py", "--note", "an other body") == ["lib.py", "reads.py"]
    assert shop.files()["lib.py"] != first["files/lib.py"]
    assert asked(shop, peer) == []
    assert asked(shop, peer, "restore", "0001") == []
    assert asked(shop, peer) == []
    assert shop.outputs() == first
    assert shop.doit("verify").returncode == 0


def test_a_hand_edit_goes_to_those_who_see_it_and_to_the_checks(shop: Workshop, peer: Peer) -> None:
    asked(shop, peer)
    body = "def f(a: int) -> int:\n    return a * 7\n"
    shop.code("files/lib.py").write_text(body)
    assert asked(shop, peer) == ["reads.py"]
    assert shop.files()["lib.py"] == body.encode()
    shop.code("files/lib.py").write_text(body.replace("a: int", "a: int, b: int"))
    assert asked(shop, peer) == ["reads.py", "uses.py"]
    assert [file["path"] for file in shop.read("ready.json")["files"] if file["hand_edited"]] == ["lib.py"]
    assert shop.doit("verify").returncode == 0


def test_a_file_that_leaves_the_plan_goes_and_nobody_is_asked(shop: Workshop, peer: Peer) -> None:
    asked(shop, peer)
    first = shop.outputs()
    shop.plan("# Plan\n\nDo it.\n", ENTRIES[:3])
    assert asked(shop, peer) == []
    assert set(shop.files()) == {"lib.py", "uses.py", "reads.py"}
    assert b"alone.py" not in shop.code("diff.patch").read_bytes()
    shop.plan("# Plan\n\nDo it.\n", ENTRIES)
    assert asked(shop, peer) == []
    assert shop.outputs() == first
