"""Two machines that share a store do not pay for one question twice; a lease of one that died ends by itself."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from codegen_tasks.errors import Interrupted
from codegen_tasks.lease import FolderLedger, Leases, Ledger
from codegen_tasks.remote import open_remote
from tests.peer import Peer
from tests.program import Program
from tests.remote.test_remote import WebDav, redis_url
from tests.workshop import Workshop

__all__ = ["redis_url"]
KEY = "ab" * 32
Ledgers = Callable[[], Ledger]


def none(_message: str) -> None:
    pass


@pytest.fixture(params=["folder", "http", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where the store is shared; empty: in a folder."""
    if request.param == "redis":
        yield request.getfixturevalue("redis_url")
    elif request.param == "http":
        with Peer(WebDav()) as server:
            yield server.url
    else:
        yield ""


@pytest.fixture
def ledger(url: str, tmp_path: Path) -> Ledgers:
    """Gives each machine its own way to the ledger."""
    if url:
        return lambda: open_remote(url, writable=True, tell=none)
    return lambda: FolderLedger(tmp_path / "lease")


def test_values_are_swapped_only_for_what_is_there(ledger: Ledgers) -> None:
    one, other = ledger(), ledger()
    assert (one.read(KEY), one.swap(KEY, None, b"1"), other.read(KEY)) == (None, True, b"1")
    assert (other.swap(KEY, None, b"2"), other.swap(KEY, b"0", b"2")) == (False, False)
    assert (other.swap(KEY, b"1", b"2"), one.read(KEY), one.swap(KEY, b"1", None)) == (True, b"2", False)
    assert (one.swap(KEY, b"2", None), other.read(KEY), other.swap(KEY, None, b"3")) == (True, None, True)


def test_who_comes_second_waits_for_the_answer_of_the_first(ledger: Ledgers) -> None:
    answers, asked, begun = list[str](), list[str](), threading.Barrier(4)

    def machine(name: str) -> str:
        leases = Leases(ledger(), poll_s=0.01)
        begun.wait()
        with leases.hold(KEY, lambda: answers[0] if answers else None, threading.Event()) as found:
            if found is not None:
                return found
            asked.append(name)
            threading.Event().wait(0.3)  # a model thinks
            answers.append(name)
            return name

    with ThreadPoolExecutor(4) as machines:
        found = set(machines.map(machine, "abcd"))
    assert (len(asked), found) == (1, set(asked))


def test_who_fails_lets_the_next_one_ask(ledger: Ledgers) -> None:
    with pytest.raises(ValueError, match="no answer"), Leases(ledger()).hold(KEY, lambda: None, threading.Event()):
        raise ValueError("no answer")
    with Leases(ledger(), ttl_s=1e9).hold(KEY, lambda: None, threading.Event()) as found:
        assert found is None


def test_the_lease_of_a_dead_machine_ends_by_itself(ledger: Ledgers) -> None:
    assert ledger().swap(KEY, None, b"dead 7")
    with Leases(ledger(), ttl_s=0.2, poll_s=0.01).hold(KEY, lambda: None, threading.Event()) as found:
        assert found is None
        assert ledger().read(KEY) not in (None, b"dead 7")
    assert ledger().read(KEY) is None


def test_a_lease_is_kept_as_long_as_its_holder_lives(ledger: Ledgers) -> None:
    seen = set[bytes | None]()
    with Leases(ledger(), ttl_s=0.05).hold(KEY, lambda: None, threading.Event()):
        while len(seen) < 4:
            seen.add(ledger().read(KEY))
    assert None not in seen


def test_who_waits_hears_that_the_run_ends(ledger: Ledgers) -> None:
    stop = threading.Event()
    assert ledger().swap(KEY, None, b"other 1")
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(Interrupted), Leases(ledger(), poll_s=0.01).hold(KEY, lambda: None, stop):
        pass


@pytest.mark.parametrize("trouble", ["no server", "a file in the folder's place"])
def test_where_nobody_can_tell_everybody_asks(trouble: str, tmp_path: Path) -> None:
    (tmp_path / "lease").write_text("")
    gone = open_remote("http://127.0.0.1:1", writable=True, tell=none)
    ledger = gone if trouble == "no server" else FolderLedger(tmp_path / "lease")
    with Leases(ledger, ttl_s=1e9).hold(KEY, lambda: None, threading.Event()) as found:
        assert found is None


def test_machines_that_run_the_same_plan_at_once_pay_once(url: str, tmp_path: Path) -> None:
    program = Program(tmp_path / "program")
    shared = {"remote": url, "remote_write": True} if url else {"path": str(tmp_path / "shared")}
    shops = [Workshop(tmp_path / f"m{i}/repo", {"README.md": "hi\n"}) for i in range(3)]
    for shop in shops:
        (shop.task / "codegen.yaml").write_text(json.dumps(json.loads(program.settings(store=shared))))
        shop.plan("# Plan\n\nAll.\n", [f"src/f{i}.py" for i in range(5)])
    runs = [shop.start("codegen") for shop in shops]
    for run in runs:
        out, _ = run.communicate()
        assert run.returncode == 0, out
    assert len(program.asked) == 5
    assert len({shop.code("diff.patch").read_bytes() for shop in shops}) == 1


def test_a_lease_that_is_free_costs_two_exchanges(tmp_path: Path) -> None:
    said = list[str]()

    class Counted(FolderLedger):
        def read(self, key: str) -> bytes | None:
            said.append("read")
            return super().read(key)

        def swap(self, key: str, old: bytes | None, new: bytes | None) -> bool | None:
            said.append("swap")
            return super().swap(key, old, new)

    with Leases(Counted(tmp_path)).hold(KEY, lambda: None, threading.Event()) as found:
        assert found is None
    assert said == ["swap", "swap"]


def test_over_http_a_lease_is_told_by_its_digest() -> None:
    with Peer(WebDav()) as server:
        ledger = open_remote(server.url, writable=True, tell=none)
        assert ledger.swap(KEY, None, b"1")
        assert ledger.swap(KEY, b"1", None)
        assert [asked.path.split("/")[-2] for asked in server.requests if asked.method == "GET"] == ["ac"] * 3
