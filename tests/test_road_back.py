"""A later stage sends answers back: the run goes on with further attempts, each tied to the question it was about."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen_tasks.attempts import Attempts, Course, Told
from tests.peer import Peer, Question, Say
from tests.workshop import DODO, Workshop

# a stage that exists only here: it refuses a.py and b.py twice for each question, and then lets them be
STAGE = """
from codegen_tasks.pipeline import STAGES, SentBack, Step
from codegen_tasks.pipeline.stages import Stage

def judge(blobs, files, rounds):
    bad = [path for path in files if rounds[path] < 2]
    if bad:
        raise SentBack({path: f"{path} fails for the {rounds[path] + 1}. time" for path in bad})
    return b"fine"

def steps(phase, earlier):
    files = {path: phase.places.result(path) for path in ("a.py", "b.py")}
    rounds = {path: phase.course(path).now.round for path in files}
    yield Step("judge", "", tuple(files.values()), (files, rounds), phase.places.code / "judge.txt", judge)

ready = STAGES.pop("ready")
STAGES["judge"] = Stage("refuses everything twice", steps, gate=True)
STAGES["ready"] = ready
"""


def say_attempt(question: Question) -> Say:
    """What is written tells what was asked."""
    told = [line for line in question.texts[-1].split("\n") if " fails for " in line]
    return Say("".join(f"{path}\n```\nSAID = {told!r}\n```\n" for path in question.paths))


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer(say_attempt) as peer:
        yield peer


@pytest.fixture
def shop(tmp_path: Path, peer: Peer) -> Workshop:
    shop = Workshop(tmp_path, {"README.md": "hi\n"})
    (shop.task / "dodo.py").write_text(STAGE + DODO)
    shop.models(peer.url)
    plan(shop)
    return shop


def plan(shop: Workshop, of_a: str = "Write it.") -> None:
    shop.plan(f"# Plan\n\n## `a.py`\n\n{of_a}\n\n## `b.py`\n\nWrite it.\n", ["a.py", "b.py", "c.py"])


def asked(shop: Workshop, peer: Peer, *args: str) -> dict[str, int]:
    """A run that ends well, and how often it asked for each file."""
    before = len(peer.requests)
    run = shop.doit(*(args or ("codegen",)))
    assert run.returncode == 0, run.stdout + run.stderr
    paths = [path for question in peer.requests[before:] for path in question.paths]
    return {path: paths.count(path) for path in sorted(set(paths))}


def test_there_and_back(shop: Workshop, peer: Peer) -> None:
    assert asked(shop, peer) == {"a.py": 3, "b.py": 3, "c.py": 1}
    first = shop.outputs()
    assert first["files/a.py"] == b"SAID = ['a.py fails for the 2. time']\n"
    assert first["files/c.py"] == b"SAID = []\n"
    assert shop.read("ready.json")["attempt"] == 3
    assert asked(shop, peer) == {}
    assert shop.outputs() == first
    plan(shop, "Write another.")
    assert asked(shop, peer) == {"a.py": 3}
    assert " fails " not in peer.requests[7].texts[-1]
    plan(shop)
    assert asked(shop, peer) == {}
    assert shop.outputs() == first
    (shop.task / ".codegen/doit.json").unlink()
    assert asked(shop, peer) == {}
    assert shop.outputs() == first


def test_a_person_begins_the_rounds_again(shop: Workshop, peer: Peer) -> None:
    asked(shop, peer)
    assert asked(shop, peer, "redo", "--note", "be kind", "a.py") == {"a.py": 3}
    assert all("be kind" in question.texts[-1] for question in peer.requests[-3:])
    assert " fails " not in peer.requests[-3].texts[-1]
    assert shop.read("ready.json")["attempt"] == 6


@pytest.mark.parametrize("number", [1, 4, 6])
def test_killed_in_between_as_if_not(shop: Workshop, peer: Peer, tmp_path: Path, number: int) -> None:
    def kill(question: Question) -> Say:
        if question.number == number:
            running.send_signal(signal.SIGKILL)
        return say_attempt(question)

    peer.rule = kill
    running = shop.start("codegen", "-n", "1")
    running.communicate()
    peer.rule = say_attempt
    assert not (shop.code("ready.json")).exists()
    before = len(peer.requests)
    asked(shop, peer)
    assert len(peer.requests) - before <= 7 - (before - 1)
    killed = shop.outputs()
    other = Workshop(tmp_path / "other", {"README.md": "hi\n"})
    (other.task / "dodo.py").write_text(STAGE + DODO)
    other.models(peer.url)
    plan(other)
    asked(other, peer)
    whole = other.outputs()
    assert {path: data for path, data in killed.items() if path != "ready.json"} == {
        path: data for path, data in whole.items() if path != "ready.json"
    }


def test_courses() -> None:
    questions = {"a": "qa", "b": "qb"}
    attempts = Attempts().ordered(note="all").ordered(("a", "gone"), "one").settled(questions)
    assert attempts.of("qa") == Course((Told(), Told("all"), Told("one")), 3)
    assert attempts.of("qb") == Course((Told(), Told("all")), 2)
    assert attempts.of("qc") == Course()
    back = attempts.sent_back({"qa": "bad"}, {"qb": 1})
    assert back.of("qa").now == Told("one", "bad", 1)
    assert back.of("qb") == Course((Told(), Told("all")), 1)
    assert back.of("qb").again(Told("more")).at == 3
    assert back.settled(questions) == back
