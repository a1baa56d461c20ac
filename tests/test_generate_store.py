"""What the store may give and must keep: no lie of a remote one is an answer, nothing paid is lost."""

import json
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codegen_tasks.errors import CodegenError
from codegen_tasks.generate.fresh import Fresh
from codegen_tasks.records import Reply, encode
from codegen_tasks.remote import open_remote
from codegen_tasks.store import Store, question_digest
from tests import bazel_remote
from tests.asked import KEY, answer, asking, key, model, question
from tests.peer import Peer, Say, write_all
from tests.workshop import DODO, Workshop

__all__ = ["key"]  # a fixture

pytestmark = pytest.mark.usefixtures("key")

NEW = {"a.py": None}
GOOD = "a.py\n```\n# a\n```\n"
REFUSED = "I would rather not."


@pytest.fixture
def cache() -> Iterator[str]:
    """The URL of a remote store."""
    with Peer(bazel_remote.BazelRemote()) as server:
        yield server.url


def remote_store(root: Path, url: str, *, writable: bool = False) -> Store:
    return Store(root, open_remote(url, writable=writable, tell=lambda _: None))


@pytest.mark.parametrize("kind", ["reply", "partial"])
@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(encode(Reply("m", "")), id="empty"),
        pytest.param(encode(Reply("m", GOOD, "content_filter")), id="filtered"),
        pytest.param(encode(Reply("m", "", "length")), id="spent"),
        pytest.param(encode(Reply("m", GOOD)).replace(b"# a", b"# \\ud83d"), id="half-a-character"),
        pytest.param(encode(Reply("m", REFUSED)), id="refused"),
        pytest.param(b"{}", id="no-reply"),
        pytest.param(b'{"model": "m", "text": "\xff"}', id="no-text"),
    ],
)
def test_a_well_sealed_lie_costs_a_call_and_nothing_else(lie: bytes, kind: str, cache: str, tmp_path: Path) -> None:
    with Peer(lambda _: Say(GOOD)) as peer:
        chain = (model(peer),)
        liar = remote_store(tmp_path / "liar", cache, writable=True)
        liar.put(kind, question_digest(question("a.py"), chain[0]), lie)
        liar.share(kind, question_digest(question("a.py"), chain[0]))
        for _ in range(2):
            ours = asking(tmp_path, store=remote_store(tmp_path / "store", cache))
            assert [reply.text for reply in answer(question("a.py"), NEW, chain, ours).replies] == [GOOD]
        assert len(peer.requests) == 1


def test_a_lie_does_not_stand_for_the_model_when_that_fails_too(cache: str, tmp_path: Path) -> None:
    with Peer(lambda _: Say(REFUSED)) as peer:
        chain = (model(peer),)
        liar = remote_store(tmp_path / "liar", cache, writable=True)
        liar.put_reply(question_digest(question("a.py"), chain[0]), Reply("m", "I cannot help."))
        liar.share("reply", question_digest(question("a.py"), chain[0]))
        for run in (1, 2):
            ours = asking(tmp_path, store=remote_store(tmp_path / "store", cache), repairs=0)
            with pytest.raises(CodegenError, match="no content"):
                answer(question("a.py"), NEW, chain, ours)
            assert len(peer.requests) == run


def test_a_lie_is_mended_by_who_may_write(cache: str, tmp_path: Path) -> None:
    with Peer(lambda _: Say(GOOD)) as peer:
        chain = (model(peer),)
        liar = remote_store(tmp_path / "liar", cache, writable=True)
        liar.put_reply(question_digest(question("a.py"), chain[0]), Reply("m", REFUSED))
        liar.share("reply", question_digest(question("a.py"), chain[0]))
        for machine in ("1", "2"):
            ours = asking(tmp_path, store=remote_store(tmp_path / machine, cache, writable=True))
            answer(question("a.py"), NEW, chain, ours)
        assert len(peer.requests) == 1


def test_what_another_machine_shared_is_kept_here(cache: str, tmp_path: Path) -> None:
    with Peer(lambda asked: Say(GOOD if asked.number > 1 else REFUSED)) as peer:
        chain = (model(peer),)
        theirs = asking(tmp_path / "1", store=remote_store(tmp_path / "1" / "store", cache, writable=True))
        given = answer(question("a.py"), NEW, chain, theirs)
        ours = asking(tmp_path / "2", store=remote_store(tmp_path / "2" / "store", cache))
        assert answer(question("a.py"), NEW, chain, ours) == given
        assert answer(question("a.py"), NEW, chain, asking(tmp_path / "2", offline=True)) == given
        assert len(peer.requests) == 2


@pytest.mark.parametrize("reply", [Reply("m", ""), Reply("m", GOOD, "content_filter")], ids=["empty", "filtered"])
def test_a_reply_at_home_that_is_no_answer_is_set_aside(reply: Reply, tmp_path: Path) -> None:
    with Peer(lambda _: Say(GOOD)) as peer:
        ours = asking(tmp_path)
        ours.store.put_reply(question_digest(question("a.py"), model(peer)), reply)
        assert [reply.text for reply in answer(question("a.py"), NEW, (model(peer),), ours).replies] == [GOOD]
    (kept,) = (tmp_path / "store" / "aside").iterdir()
    assert kept.name.startswith("unusable-reply-")


def note(root: Path, peer: Peer, reply: Reply) -> Path:
    """An answer that came just before the process was killed: where it was noted."""
    asked = question_digest(question("a.py"), model(peer))
    with Fresh(root / "store" / "fresh").noting(asked) as take:
        take(reply)
    (noted,) = (root / "store" / "fresh").iterdir()
    return noted


def test_an_answer_that_came_before_a_kill_is_not_asked_for_again(tmp_path: Path) -> None:
    with Peer(lambda _: Say(REFUSED)) as peer:
        note(tmp_path, peer, Reply("openai/m", GOOD))
        given = answer(question("a.py"), NEW, (model(peer),), asking(tmp_path))
        assert [reply.text for reply in given.replies] == [GOOD]
        assert answer(question("a.py"), NEW, (model(peer),), asking(tmp_path)) == given
        assert peer.requests == []
    assert list((tmp_path / "store" / "fresh").iterdir()) == []


@pytest.mark.parametrize(
    "reply",
    [Reply("m", ""), Reply("m", GOOD, "content_filter"), Reply("m", GOOD + KEY), Reply("m", GOOD, input_tokens=1024)],
    ids=["empty", "filtered", "quotes the key", "cut question"],
)
def test_such_an_answer_is_judged_like_any_other(reply: Reply, tmp_path: Path) -> None:
    asked = question("a.py", text="word " * 5000 if reply.input_tokens else "Write.")
    with Peer(lambda _: Say(GOOD)) as peer:
        with Fresh(tmp_path / "store" / "fresh").noting(question_digest(asked, model(peer))) as take:
            take(reply)
        given = answer(asked, NEW, (model(peer, params={}),), asking(tmp_path))
        assert [each.text for each in given.replies] == [GOOD]
        assert len(peer.requests) == 1
    assert list((tmp_path / "store" / "fresh").iterdir()) == []
    (kept,) = (tmp_path / "store" / "aside").iterdir()
    assert KEY not in kept.read_text()


@pytest.mark.parametrize("damage", ["torn", "flipped", "empty", "folder", "link", "of another question"])
def test_such_an_answer_counts_only_as_a_whole(damage: str, tmp_path: Path) -> None:
    with Peer(lambda _: Say(GOOD)) as peer:
        noted = note(tmp_path, peer, Reply("m", "a.py\n```\n# stale\n```\n"))
        data = noted.read_bytes()
        noted.unlink()
        if damage == "folder":
            noted.mkdir()
        elif damage == "link":
            (tmp_path / "elsewhere").write_bytes(data)
            noted.symlink_to(tmp_path / "elsewhere")
        else:
            noted.write_bytes({
                "torn": data[:-5],
                "flipped": data[:-5] + bytes([data[-5] ^ 1]) + data[-4:],
                "empty": b"",
                "of another question": data.replace(noted.name.encode(), b"0" * 64),
            }[damage])  # fmt: skip
        given = answer(question("a.py"), NEW, (model(peer),), asking(tmp_path))
        assert [reply.text for reply in given.replies] == [GOOD]


def test_a_note_that_is_closed_takes_nothing(tmp_path: Path) -> None:
    fresh = Fresh(tmp_path / "fresh")
    with fresh.noting("0" * 64) as take:
        assert list(fresh.folder.iterdir()) == [fresh.folder / ("0" * 64)]
    assert list(fresh.folder.iterdir()) == []
    take(Reply("m", GOOD))
    assert (list(fresh.folder.iterdir()), fresh.reply("0" * 64)) == ([], None)


KILLED = """
import os, signal
from codegen_tasks.store import Store
Store.put_reply = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("provider", ["openai/m", "groq/m", "command"])
def test_a_kill_before_the_answer_is_kept_pays_for_nothing_twice(provider: str, tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "shop", {"README.md": "hi\n"})
    shop.plan("# Plan\n", ["a.py"])
    log = tmp_path / "calls"
    with Peer(write_all) as peer:
        spec: dict[str, Any] = {"model": provider, "api_base": peer.url, "api_key_env": "PEER_KEY", "retries": 0}
        if provider == "command":
            spec = {"command": ["sh", "-c", f"cat > /dev/null; echo x >> {log}; printf 'a.py\\n```\\nx\\n```\\n'"]}
        (shop.task / "codegen.yaml").write_text(json.dumps({"roles": {"codegen": [spec]}}))
        (shop.task / "dodo.py").write_text(KILLED + DODO)
        assert shop.doit("codegen", env={"PEER_KEY": KEY}).returncode == -signal.SIGKILL
        (shop.task / "dodo.py").write_text(DODO)
        assert shop.doit("codegen", env={"PEER_KEY": KEY}).returncode == 0
        assert len(peer.requests) + (len(log.read_text().split()) if log.exists() else 0) == 1


def ask_all(names: list[str], peer: Peer, root: Path, **settings: Any) -> list[str | None]:
    """Asks for one unit after the other, as a run with one job does; what the system said against each."""
    ours, said = asking(root, **settings), list[str | None]()
    for name in names:
        try:
            answer(question(name), {name: None}, (model(peer),), ours)
            said.append(None)
        except OSError as error:
            said.append(error.filename)
    return said


def test_a_store_that_cannot_be_written_is_found_before_anybody_is_paid(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "reply").symlink_to("nowhere/at-all")
    with Peer() as peer:
        assert ask_all(["a.py", "b.py", "c.py"], peer, tmp_path) == [str(tmp_path / "store" / "reply" / ".probe")] * 3
        assert peer.requests == []


def test_a_folder_that_cannot_take_the_reply_is_found_before_it_is_paid_for(tmp_path: Path) -> None:
    with Peer() as peer:
        lost = question_digest(question("b.py"), model(peer))
        (tmp_path / "store" / "reply").mkdir(parents=True)
        (tmp_path / "store" / "reply" / lost[:2]).symlink_to("nowhere/at-all")
        path = str(tmp_path / "store" / "reply" / lost[:2])
        assert ask_all(["a.py", "b.py", "c.py", "d.py"], peer, tmp_path) == [None, path, path, path]
        assert len(peer.requests) == 1


def test_a_full_disk_costs_nothing(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with Peer() as peer:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        try:
            said = ask_all(["a.py", "b.py"], peer, tmp_path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, heard)
        assert said == [str(tmp_path / "store" / "reply" / ".probe")] * 2
        assert peer.requests == []


def test_a_store_that_is_only_read_needs_no_proof(tmp_path: Path) -> None:
    with Peer() as peer:
        assert ask_all(["a.py"], peer, tmp_path) == [None]
        (tmp_path / "store" / "reply" / ".probe").mkdir()
        assert ask_all(["a.py", "b.py"], peer, tmp_path) == [None, str(tmp_path / "store" / "reply" / ".probe")]


def test_a_log_that_cannot_be_written_is_said_once_and_costs_no_reply(tmp_path: Path) -> None:
    heard: list[str] = []
    (tmp_path / "events.jsonl").mkdir()
    with Peer() as peer:
        for _ in range(2):
            store = Store(tmp_path / "store", tell=heard.append)
            assert ask_all(["a.py", "b.py"], peer, tmp_path, store=store) == [None, None]
        assert len(peer.requests) == 2
    assert len(heard) == 2 and all("events.jsonl: Is a directory" in line for line in heard)
