"""What only a person can mend is called so and names the setting; what may pass is not given up."""

import resource
import socket
import ssl
import subprocess
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from codegen_tasks.providers import ProviderFault, Watch, ask, prepare
from codegen_tasks.records import Message, ModelSpec, Reply, Request
from tests.peer import STREAM_HEAD, Peer, Raw, Say, chunked

REQUEST = Request("a.py", ("a.py",), (Message("user", "Hello."),), "whole", 1)
MODELS = ["openai/m", "openai/gpt-5", "anthropic/claude-sonnet-4-5"]
ONE_OF_OURS, ONE_OF_LITELLMS = MODELS[0], MODELS[2]


@pytest.fixture(autouse=True)
def lean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEER_KEY", "k")
    for name in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def asked(api_base: str | None, model: str = ONE_OF_OURS, timeout_s: float = 20.0) -> Reply:
    spec = ModelSpec(model, api_base=api_base, api_key_env="PEER_KEY", retries=0, timeout_s=timeout_s)
    prepare(spec)
    return ask(spec, REQUEST, Watch())


def fault(api_base: str | None, model: str = ONE_OF_OURS) -> ProviderFault:
    with pytest.raises(ProviderFault) as failed:
        asked(api_base, model)
    assert failed.value.hint
    return failed.value


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server of bytes on loopback; yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def loop() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(client,), daemon=True).start()

    def one(client: socket.socket) -> None:
        with client:
            try:
                talk(client)
            except OSError:
                return

    threading.Thread(target=loop, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


ADDRESSES = [
    "127.0.0.1:8000/v1", " http://127.0.0.1/v1", "http://127.0.0.1/v1\t", "http:///v1", "htp://127.0.0.1/v1",
    "http://127.0.0.1:port/v1", "http://127.0.0.1:99999/v1", "http://[::1/v1", "http:127.0.0.1/v1", "localhost",
    "http://a..b/v1", f"http://{'a' * 64}.example/v1", "http://127.0.0.1:0/v1", "https://",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("model", [ONE_OF_OURS, ONE_OF_LITELLMS])
def test_what_is_no_address_never_passes(model: str, address: str) -> None:
    found = fault(address, model)
    assert not found.transient and found.for_all
    assert "api_base" in found.message


@pytest.mark.parametrize("model", MODELS)
def test_a_host_that_does_not_exist_never_passes(model: str) -> None:
    found = fault("http://no-such-host.invalid/v1", model)
    assert not found.transient
    assert "no-such-host.invalid" in found.message and "api_base" in found.hint


@pytest.mark.parametrize("model", MODELS)
def test_https_to_a_server_without_tls_never_passes(model: str) -> None:
    with server(refusing("400 Bad Request")) as port:
        found = fault(f"https://127.0.0.1:{port}/v1", model)
    assert not found.transient
    assert "http://" in found.hint


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", home / "key", "-out", home / "pem",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"],
        check=True, capture_output=True,
    )  # fmt: skip
    return home


@contextmanager
def tls_server(home: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "pem", home / "key")

    def talk(client: socket.socket) -> None:
        with context.wrap_socket(client, server_side=True) as wrapped:
            wrapped.recv(1 << 16)
            wrapped.sendall(STREAM_HEAD + b"".join(map(chunked, [b'data: {"choices": [{"delta": {"content": "hello"}, '
                            b'"finish_reason": "stop"}]}\n\n', b"data: [DONE]\n\n", b""])))  # fmt: skip

    with server(talk) as port:
        yield f"https://127.0.0.1:{port}/v1"


@pytest.mark.parametrize("model", MODELS)
def test_a_certificate_nobody_knows_never_passes(model: str, certificate: Path) -> None:
    with tls_server(certificate) as url:
        found = fault(url, model)
    assert not found.transient
    assert "certificate" in found.message and "SSL_CERT_FILE" in found.hint


def test_http_to_a_server_with_tls_never_passes() -> None:
    def talk(client: socket.socket) -> None:
        client.recv(1 << 16)
        client.sendall(b"\x15\x03\x01\x00\x02\x02\x46")  # how TLS says that it did not understand

    with server(talk) as port:
        found = fault(f"http://127.0.0.1:{port}/v1")
    assert not found.transient and "https://" in found.hint


PLACES = {"no file": "/nowhere/ca.pem", "a folder": "/etc"}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_certificates_that_are_not_there_are_named(place: str, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", PLACES[place])
    found = fault(f"{scheme}://127.0.0.1:9/v1")
    assert not found.transient
    assert "SSL_CERT_FILE" in found.message and PLACES[place] in found.message


def test_a_file_without_certificates_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    found = fault("https://127.0.0.1:9/v1")
    assert not found.transient and "SSL_CERT_FILE" in found.message


def refusing(status: str) -> Callable[[socket.socket], None]:
    def talk(client: socket.socket) -> None:
        client.recv(1 << 16)
        client.sendall(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode())

    return talk


@pytest.mark.parametrize("status", ["403 Forbidden", "407 Proxy Authentication Required", "405 Method Not Allowed"])
def test_a_proxy_that_refuses_never_passes(status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with server(refusing(status)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        found = fault("https://model.invalid/v1")
    assert not found.transient
    assert "HTTPS_PROXY" in found.message and "NO_PROXY" in found.hint


def test_a_proxy_in_trouble_may_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(refusing("503 Service Unavailable")) as port:
        monkeypatch.setenv("https_proxy", f"127.0.0.1:{port}")
        found = fault("https://model.invalid/v1")
    assert found.transient and "https_proxy" in found.message


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:9", "ftp://127.0.0.1:9", "http://127.0.0.1:9"])
def test_a_proxy_that_cannot_be_used_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    found = fault("http://model.invalid/v1")
    assert not found.transient and "ALL_PROXY" in f"{found.message} {found.hint}"


def test_a_proxy_that_is_not_for_this_address_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Peer(lambda _: Say("hello")) as peer:
        assert asked(peer.url).text == "hello"


@pytest.mark.parametrize("model", MODELS)
def test_nobody_at_an_address_may_pass(model: str) -> None:
    with Peer() as peer:
        url = peer.url
    found = fault(url, model)
    assert found.transient and found.free
    assert str(peer.port) in found.message and "api_base" in found.hint


@pytest.mark.parametrize("model", ["azure/m", "watsonx/m", "no-such-provider/m", "databricks/m"])
def test_what_lacks_a_setting_never_passes(model: str) -> None:
    assert not fault(None, model).transient


def endless(packed: bool) -> Callable[[socket.socket], None]:
    def talk(client: socket.socket) -> None:
        client.recv(1 << 16)
        packing = b"content-encoding: gzip\r\n" if packed else b""
        client.sendall(b"HTTP/1.1 500 Oops\r\ncontent-type: text/plain\r\n" + packing + b"\r\n")
        pack = zlib.compressobj(9, zlib.DEFLATED, 31)
        while True:
            client.sendall(pack.compress(bytes(1 << 20)) if packed else b"z" * (1 << 20))

    return talk


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("model", MODELS)
def test_an_error_without_end_is_read_within_bounds(model: str, packed: bool) -> None:
    with server(endless(packed)) as port:
        found = fault_of_server(port, model)
    assert found.transient and len(found.message) < 600
    assert "500" in found.message


def fault_of_server(port: int, model: str) -> ProviderFault:
    with pytest.raises(ProviderFault) as failed:
        asked(f"http://127.0.0.1:{port}/v1", model)
    return failed.value


def test_an_error_that_never_comes_ends_in_time() -> None:
    head = b"HTTP/1.1 500 Oops\r\ncontent-length: 9\r\n\r\nx"
    with Peer(lambda _: Raw((head,), "hang")) as peer, pytest.raises(ProviderFault, match="no whole answer"):
        asked(peer.url, timeout_s=0.3)


@pytest.mark.parametrize("name", ["gzip", "x-gzip", "br", "deflate"])
def test_an_error_in_a_packing_that_it_is_not_in_is_its_status(name: str) -> None:
    head = f"HTTP/1.1 503 Oops\r\ncontent-encoding: {name}\r\ncontent-length: 5\r\n\r\nhello".encode()
    with Peer(lambda _: Raw((head,))) as peer:
        found = fault_of_server(peer.port, ONE_OF_OURS)
    assert found.transient and "503" in found.message


def test_a_machine_that_opens_no_more_files_is_said_to_be_one() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Peer(lambda _: Say("hello")) as peer:
        asked(peer.url)  # what is opened once is open
        held = [socket.socket()]
        resource.setrlimit(resource.RLIMIT_NOFILE, (held[0].fileno() + 1, hard))
        try:
            with pytest.raises(ProviderFault) as failed:
                asked(peer.url.replace("127.0.0.1", "127.0.0.2"))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            held[0].close()
    assert not failed.value.transient
    assert "generate.jobs" in failed.value.hint
