"""The shared store: what a server may do to it, and that nothing of it reaches an answer."""

import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen_tasks.errors import BadConfig
from codegen_tasks.remote import open_remote
from codegen_tasks.remote.action_result import decode_result, encode_result
from codegen_tasks.remote.http_cache import HttpCache
from codegen_tasks.remote.tier import REST_S, TROUBLES_IN_A_ROW, Remote
from codegen_tasks.store import Store
from tests import bazel_remote
from tests.peer import STREAM_HEAD, Peer, Question, Raw, Refuse, chunked, http

KEY = "ab" * 32


class WebDav:
    """A rule for the peer: a plain cache that keeps what is put and can be told to lie."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def __call__(self, asked: Question) -> Raw:
        if asked.method == "PUT":
            self.kept[asked.path] = asked.data
            return Raw((http(201, b""),), "keep")
        if asked.path not in self.kept:
            return Raw((http(404, b""),), "keep")
        return Raw((http(200, self.kept[asked.path], kind="application/octet-stream"),), "keep")


def store(root: Path, url: str, heard: list[str], *, writable: bool = True) -> Store:
    return Store(root, open_remote(url, writable=writable, tell=heard.append), heard.append)


def test_a_second_machine_finds_what_the_first_shared(tmp_path: Path) -> None:
    heard: list[str] = []
    with Peer(WebDav()) as server:
        url = server.url
        first = store(tmp_path / "1", url, heard)
        first.put("reply", KEY, b"paid")
        assert store(tmp_path / "2", url, heard).get("reply", KEY) is None
        first.share("reply", KEY)
        assert store(tmp_path / "3", url, heard).get("reply", KEY) == b"paid"
    assert Store(tmp_path / "3").get("reply", KEY) == b"paid"
    assert heard == []


def test_the_server_sees_bazels_protocol(tmp_path: Path) -> None:
    dav = WebDav()
    with Peer(dav) as server:
        first = store(tmp_path, server.url, [])
        first.put("reply", KEY, b"paid")
        first.share("reply", KEY)
        assert [question.method for question in server.requests] == ["PUT", "PUT"]
    content, result = dav.kept
    assert content.startswith("/v1/cas/") and result.startswith("/v1/ac/")
    path, sha256, size = decode_result(dav.kept[result])
    assert (path, f"/v1/cas/{sha256}", size) == (f"reply/{KEY}", content, len(dav.kept[content]))


def test_a_read_only_remote_gets_nothing(tmp_path: Path) -> None:
    dav = WebDav()
    with Peer(dav) as server:
        first = store(tmp_path, server.url, [], writable=False)
        first.put("reply", KEY, b"paid")
        first.share("reply", KEY)
    assert dav.kept == {}


def test_what_a_server_cannot_take_is_left_there_later(tmp_path: Path) -> None:
    dav, heard, full = WebDav(), list[str](), [True]
    with Peer(lambda asked: Refuse(507) if full[0] and asked.method == "PUT" else dav(asked)) as server:
        first = store(tmp_path, server.url, heard)
        first.put("reply", KEY, b"paid")
        first.share("reply", KEY)
        first.share_rest()
        assert [words for words in heard if "1 answer could not be left" in words]
        (tmp_path / "unshared").write_text(f"x\nreply ../{KEY}\n" + (tmp_path / "unshared").read_text())
        full[0] = False
        again = store(tmp_path, server.url, heard)
        again.share_rest()
        assert store(tmp_path / "other", server.url, heard).get("reply", KEY) == b"paid"
        assert not (tmp_path / "unshared").exists()
        asked = len(server.requests)
        again.share_rest()
        assert len(server.requests) == asked


def test_blobs_stay_at_home(tmp_path: Path) -> None:
    dav = WebDav()
    with Peer(dav) as server:
        first = store(tmp_path, server.url, [])
        first.put("blob", KEY, b"secret?")
        first.share("blob", KEY)
        assert server.requests == []


@pytest.mark.parametrize("lie", ["flipped", "shorter", "another-entry"])
def test_a_lying_server_is_not_believed(lie: str, tmp_path: Path) -> None:
    dav, other = WebDav(), "cd" * 32
    with Peer(dav) as server:
        first = store(tmp_path / "1", server.url, [])
        for key in (KEY, other):
            first.put("reply", key, key.encode())
            first.share("reply", key)
        cas1, ac1, _, ac2 = dav.kept
        if lie == "another-entry":
            dav.kept[ac1] = dav.kept[ac2]
        else:
            dav.kept[cas1] = dav.kept[cas1][:-1] + (b"" if lie == "shorter" else b"\x00")
        assert store(tmp_path / "2", server.url, []).get("reply", KEY) is None
    assert not (tmp_path / "2" / "reply").exists()


def test_what_is_no_text_is_not_believed(tmp_path: Path) -> None:
    heard: list[str] = []
    with Peer(WebDav()) as server:
        first = store(tmp_path / "1", server.url, heard)
        first.put("pin", KEY, b"a summary \xff")
        assert store(tmp_path / "2", server.url, heard).get("pin", KEY) is None
    assert len(heard) == 1 and "damaged" in heard[0]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Raw(()), id="cut"),
        pytest.param(Raw((http(500, b"broken"),)), id="500"),
        pytest.param(Raw((http(302, b"", (("Location", "http://127.0.0.1:1/"),)),)), id="redirect"),
        pytest.param(Raw((http(200, b"<html>log in</html>"),)), id="HTML"),
        pytest.param(Raw((http(200, b"x" * 50)[:-9],)), id="truncated"),
        pytest.param(Raw((b"+PONG\r\n",)), id="not-HTTP"),
    ],
)
def test_a_server_in_trouble_is_let_be_after_a_while(answer: Raw, tmp_path: Path) -> None:
    heard: list[str] = []
    with Peer(lambda _: answer) as server:
        ours = store(tmp_path, server.url, heard)
        assert [ours.get("reply", KEY) for _ in range(10)] == [None] * 10
        assert len(server.requests) <= TROUBLES_IN_A_ROW
    assert len(heard) == 1 and "store.remote" in heard[0]


DRIP = (0.05, b"x") * 200


@pytest.mark.parametrize(
    ("method", "parts"),
    [
        pytest.param("GET", (b"HTTP/1.1 200 OK\r\nX: ", *DRIP), id="head"),
        pytest.param("GET", (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", *DRIP), id="body"),
        pytest.param("GET", (0.05, b"HTTP/1.1 102 Processing\r\n\r\n") * 200, id="102s"),
        pytest.param("PUT", (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", *DRIP), id="answer-to-put"),
    ],
)
def test_a_server_that_drips_is_left_at_the_deadline(method: str, parts: tuple[bytes | float, ...]) -> None:
    heard: list[str] = []
    with Peer(lambda _: Raw(parts)) as server:
        remote = Remote(HttpCache(server.url), writable=True, tell=heard.append, deadline_s=0.6)
        for _ in range(TROUBLES_IN_A_ROW + 2):
            if method == "GET":
                assert remote.get("reply", KEY) is None
            else:
                remote.put("reply", KEY, b"paid")
        assert [asked.method for asked in server.requests] == [method] * TROUBLES_IN_A_ROW
    assert len(heard) == 1 and "no whole answer within 0.6 s" in heard[0]


def test_an_answer_without_end_is_left_when_it_is_too_big() -> None:
    heard: list[str] = []
    with Peer(lambda _: Raw((STREAM_HEAD, *[chunked(b"x" * 2**22)] * 20), "hang")) as server:
        remote = Remote(HttpCache(server.url), writable=True, tell=heard.append)
        for _ in range(TROUBLES_IN_A_ROW):
            remote.put("reply", KEY, b"paid")
    assert len(heard) == 1 and "too big" in heard[0]


def test_a_proxy_that_needs_another_library_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "socksio", None)  # as where it is not installed
    heard, now = list[str](), [0.0]
    cache = HttpCache("http://cache.invalid/x")
    remote = Remote(cache, writable=True, tell=heard.append, clock=lambda: now[0])
    for _ in range(3 * TROUBLES_IN_A_ROW):
        now[0] += REST_S
        assert remote.get("reply", KEY) is None
    assert len(heard) == 1 and "SOCKS" in heard[0]


def test_after_a_rest_the_server_is_tried_again() -> None:
    now = [0.0]
    with Peer(lambda _: Refuse(500)) as server:
        remote = Remote(HttpCache(server.url), writable=True, tell=lambda _: None, clock=lambda: now[0])
        for _ in range(9):
            remote.get("reply", KEY)
        now[0] = REST_S + 1
        remote.get("reply", KEY)
        assert len(server.requests) == TROUBLES_IN_A_ROW + 1


def test_bazel_remote_validates_what_it_is_given_and_gives_it_back(tmp_path: Path) -> None:
    cache, heard = bazel_remote.BazelRemote(), list[str]()
    with Peer(cache) as server:
        first = store(tmp_path / "1", server.url, heard)
        first.put("reply", KEY, b"paid")
        first.share("reply", KEY)
        assert store(tmp_path / "2", server.url, heard).get("reply", KEY) == b"paid"
    (_, content), (_, result) = cache.kept
    decoded = bazel_remote.TYPES["ActionResult"].FromString(cache.kept["ac", result])
    (file,) = decoded.output_files
    size = len(cache.kept["cas", content])
    assert (file.path, file.digest.hash, file.digest.size_bytes) == (f"reply/{KEY}", content, size)
    assert decoded.execution_metadata.worker  # it keeps other bytes than it was given
    assert heard == []


@pytest.mark.parametrize(
    ("trouble", "mended"), [("thrown-out", True), ("damaged", True), ("full", False), ("too-large", False)]
)
def test_bazel_remote_in_trouble_gives_no_answer_until_it_is_mended(trouble: str, mended: bool, tmp_path: Path) -> None:
    settings = {"full": {"most_bytes": 10}, "too-large": {"largest": 10}}
    cache = bazel_remote.BazelRemote(**settings.get(trouble, {}))
    with Peer(cache) as server:
        first = store(tmp_path / "1", server.url, [])
        first.put("reply", KEY, b"paid")
        first.share("reply", KEY)
        for key in [key for key in cache.kept if key[0] == "cas"]:
            if trouble == "thrown-out":
                del cache.kept[key]
            else:
                cache.kept[key] = cache.kept[key][::-1]
        assert store(tmp_path / "2", server.url, []).get("reply", KEY) is None
        first.share("reply", KEY)
        again = store(tmp_path / "3", server.url, []).get("reply", KEY)
    assert again == (b"paid" if mended else None)


@pytest.mark.parametrize("url", ["ftp://host/x", "http://", "redis://host:port/0", "/a/path", "http://[::1/x"])
def test_an_address_nobody_can_use(url: str) -> None:
    with pytest.raises(BadConfig, match=r"store\.remote"):
        open_remote(url, writable=False, tell=lambda _: None)


@given(st.text(min_size=1, max_size=300), st.text("0123456789abcdef", min_size=64, max_size=64), st.integers(0, 2**63))
def test_action_results_survive_the_wire(path: str, sha256: str, size: int) -> None:
    assert decode_result(encode_result(path, sha256, size)) == (path, sha256, size)


@given(st.binary(max_size=60))
def test_no_bytes_do_more_than_a_value_error(data: bytes) -> None:
    try:
        decode_result(data)
    except ValueError:
        return


def test_the_bytes_are_what_a_protobuf_library_writes() -> None:
    digest = bytes.fromhex("0a40") + b"a" * 64 + bytes.fromhex("10ac02")  # hash = "aa…", size_bytes = 300
    output = bytes.fromhex("0a01") + b"p" + bytes.fromhex("12") + bytes([len(digest)]) + digest
    assert encode_result("p", "a" * 64, 300) == bytes.fromhex("12") + bytes([len(output)]) + output
    others = bytes.fromhex("2001") + b"\x2a\x03out"  # exit_code = 1, stdout_raw = "out"
    assert decode_result(others + encode_result("p", "a" * 64, 300)) == ("p", "a" * 64, 300)


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A real redis-server, if this machine has one."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", "pass word"]
    with subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True, cwd=tmp_path) as server:
        assert server.stdout is not None
        while "eady to accept" not in server.stdout.readline():
            pass
        threading.Thread(target=server.stdout.read, daemon=True).start()
        yield f"redis://:pass%20word@127.0.0.1:{port}/3"
        server.terminate()


def test_a_real_redis(redis_url: str, tmp_path: Path) -> None:
    heard: list[str] = []
    first = store(tmp_path / "1", redis_url, heard)
    first.put("reply", KEY, b"paid\r\n" * 50_000)
    first.share("reply", KEY)
    second = store(tmp_path / "2", redis_url, heard)
    assert second.get("reply", KEY) == b"paid\r\n" * 50_000
    assert second.get("reply", "cd" * 32) is None
    wrong = store(tmp_path / "3", redis_url.replace("pass%20word", "other"), heard)
    assert [wrong.get("reply", KEY) for _ in range(3)] == [None] * 3
    assert heard == [
        f"store.remote at 127.0.0.1 is in trouble (AuthenticationError): going on without it for {REST_S:.0f} s"
    ]
