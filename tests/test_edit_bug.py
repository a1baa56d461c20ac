"""A fault of ours that a reply brings to light is told as ours, costs no repair and stops nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peer import Peer, Question, Say, write_all
from tests.workshop import DODO, Workshop

FAULTY = """
from codegen_tasks import edits

def faulty(verb):
    def call(*args):
        if "BOOM" in str(args):
            {fault}
        return verb(*args)
    return call

edits.{verb} = edits._or_refused(faulty(edits.{verb}.__wrapped__))
"""
FAULTS = {
    "IndexError": "[][1]",
    "AssertionError": "assert not args",
    "RecursionError": "call(*args) if args else None\n            call(*args)",
    "UnicodeEncodeError": "'\\ud800'.encode()",
}
VERBS = ["apply_replies", "is_cut_off"]


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    shop = Workshop(tmp_path, {"README.md": "hi\n"})
    shop.plan("# Plan\n", ["a.py", "b.py"])
    return shop


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer(boom_of_the_first) as peer:
        yield peer


def boom_of_the_first(question: Question) -> Say:
    said = write_all(question).text
    return Say(f"BOOM\n\n{said}" if question.paths == ("a.py",) and question.model == "m" else said)


def break_ours(shop: Workshop, verb: str, fault: str) -> None:
    (shop.task / "dodo.py").write_text(FAULTY.format(verb=verb, fault=fault) + DODO)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", FAULTS)
def test_it_is_a_bug_and_no_repair_is_paid(shop: Workshop, peer: Peer, name: str, verb: str) -> None:
    shop.models(peer.url)
    break_ours(shop, verb, FAULTS[name])
    run = shop.doit("codegen")
    assert run.returncode == 70, run.stdout + run.stderr
    (failure,) = shop.read("failure.json")["failures"]
    assert (failure["kind"], failure["unit"]) == ("bug", "a.py")
    assert name in failure["message"]
    assert "Traceback" in failure["hint"]
    assert shop.files().keys() == {"b.py"}
    assert len(peer.requests) == 2
    (shop.task / "dodo.py").write_text(DODO)
    assert shop.doit("codegen").returncode == 0


@pytest.mark.parametrize("verb", VERBS)
def test_the_next_model_is_asked_and_the_fault_is_told(shop: Workshop, peer: Peer, verb: str) -> None:
    shop.models(peer.url, peer.url)
    break_ours(shop, verb, FAULTS["IndexError"])
    run = shop.doit("codegen")
    assert run.returncode == 0, run.stdout + run.stderr
    assert (
        "a.py: codegen-tasks failed on the reply: IndexError: list index out of range; please report it" in run.stdout
    )
    assert len(peer.requests) == 3


def test_what_is_stored_is_refused_like_what_is_fresh(shop: Workshop, peer: Peer) -> None:
    shop.models(peer.url)
    assert shop.doit("codegen").returncode == 0
    asked = len(peer.requests)
    break_ours(shop, "apply_replies", FAULTS["IndexError"])
    (shop.task / "code/replies/a.py.json").unlink()
    assert shop.doit("codegen").returncode == 70
    assert len(peer.requests) == asked
    peer.rule = write_all
    assert shop.doit("codegen").returncode == 0
    assert len(peer.requests) == asked + 1
