"""The shared store on real servers: nginx with WebDAV and redis-server, started here, killed, lying and slow.

    python benchmarks/remote_store.py [--units 40] [--nginx /usr/sbin/nginx] [--redis /usr/bin/redis-server]

bazel-remote's answers are replayed as its source tells them (tests/bazel_remote.py, which needs protobuf).
Prints a line for each server and trouble: model calls of the first machine, of the second, seconds, same answers.
"""

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from codegen_tasks.generate import Asking
from codegen_tasks.records import Answer, Message, ModelSpec, Request
from codegen_tasks.remote import open_remote
from codegen_tasks.store import Store

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.asked import answer
from tests.bazel_remote import BazelRemote
from tests.peer import Action, Peer, Raw, Refuse, http

NGINX = """
daemon off; pid {root}/pid; error_log {root}/error.log; events {{}}
http {{
  access_log off; client_body_temp_path {root}/temp; client_max_body_size 64m;
  proxy_temp_path {root}/p; fastcgi_temp_path {root}/f; uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
  server {{ listen 127.0.0.1:{port}; location / {{ root {root}/data; dav_methods PUT; create_full_put_path on; }} }}
}}
"""


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The server, once it accepts connections."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield server
        finally:
            server.terminate()


@contextmanager
def nginx(program: str, root: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """nginx serving a WebDAV folder: its URL, its process, its data."""
    port = free_port()
    (root / "data").mkdir(parents=True)
    root.chmod(0o777)
    (root / "data").chmod(0o777)
    (root / "nginx.conf").write_text(NGINX.format(root=root, port=port))
    with running([program, "-c", str(root / "nginx.conf")], port) as server:
        yield f"http://127.0.0.1:{port}", server, root / "data"


@contextmanager
def redis(program: str, root: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """redis-server with an append-only file."""
    port = free_port()
    root.mkdir()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(root), "--save", ""]
    with running([program, *options], port) as server:
        yield f"redis://127.0.0.1:{port}/0", server, root


def run(store: Path, remote: str | None, peer: Peer, units: int, midway: Callable[[], None] | None = None) -> str:
    """One machine's run; returns the answers' bytes in one string. `midway` happens when half of the units are done."""
    heard: list[str] = []
    tier = open_remote(remote, writable=True, tell=heard.append) if remote else None
    asking = Asking(Store(store, tier, heard.append), "", repairs=0)
    spec = ModelSpec("openai/m", api_base=peer.url, api_key_env="HOME")

    def one(number: int) -> Answer:
        if midway is not None and number == units // 2:
            midway()
        path = f"u{number}.py"
        question = Request(path, (path,), (Message("user", f"## Write these files\n- {path}\n"),), "whole", 1)
        return answer(question, {path: None}, (spec,), asking)

    with ThreadPoolExecutor(8) as threads:
        return repr(list(threads.map(one, range(units))))


def row(name: str, peer: Peer, units: int, expected: str, *runs: Callable[[], str]) -> None:
    """Prints what each run cost and whether it ended as the undisturbed one."""
    cells = []
    for one in runs:
        before, started = len(peer.requests), time.perf_counter()
        same = one() == expected
        cells.append(f"{len(peer.requests) - before:3} calls {time.perf_counter() - started:5.2f} s same={same}")
    print(f"{name:36} {' | '.join(cells)}", flush=True)


def corrupt(data: Path) -> None:
    """Flips a bit in the middle of every content that the server holds."""
    for path in (data / "cas").rglob("*"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)


def bazel_remote(peer: Peer, units: int, expected: str, machine: Callable[[str], Callable[[], str]]) -> None:
    """The rows of bazel-remote: as it is, with content thrown out, with damage on its disk, full, and locked."""
    cache = BazelRemote()
    with Peer(cache) as server:
        row("bazel-remote: first, second machine", peer, units, expected, machine(server.url), machine(server.url))
        for key in [key for key in cache.kept if key[0] == "cas"][::2]:
            del cache.kept[key]
        row("bazel-remote: half thrown out, again", peer, units, expected, machine(server.url), machine(server.url))
        cache.kept = {key: data[::-1] if key[0] == "cas" else data for key, data in cache.kept.items()}
        row("bazel-remote: every content damaged", peer, units, expected, machine(server.url))
    for name, rule in {
        "full": BazelRemote(most_bytes=2000),
        "takes nothing as big": BazelRemote(largest=100),
        "wants a password": lambda _: Refuse(401, headers=(("WWW-Authenticate", 'Basic realm="Bazel remote cache"'),)),
    }.items():
        with Peer(rule) as server:
            row(f"bazel-remote: {name}", peer, units, expected, machine(server.url), machine(server.url))


def measure(options: argparse.Namespace, folder: Path, peer: Peer) -> None:
    """All rows."""
    units = options.units
    names = iter(range(1000))

    def machine(remote: str | None, midway: Callable[[], None] | None = None) -> Callable[[], str]:
        return lambda: run(folder / f"machine{next(names)}", remote, peer, units, midway)

    expected = machine(None)()
    row("no remote", peer, units, expected, machine(None))
    for name, start in (("nginx", nginx), ("redis", redis)):
        program = getattr(options, name)
        with start(program, folder / name) as (url, server, data):
            row(f"{name}: first, second machine", peer, units, expected, machine(url), machine(url))
            if name == "nginx":
                corrupt(data)
                row("nginx: every content damaged", peer, units, expected, machine(url))
            row(f"{name}: killed at half", peer, units, expected, machine(url, server.kill))
            row(f"{name}: dead", peer, units, expected, machine(url))
    bazel_remote(peer, units, expected, machine)
    lies: dict[str, Action] = {
        "500": Refuse(500),
        "HTML for everything": Raw((http(200, b"<html>hello</html>"),)),
        "never answers": Raw((), "hang"),
        "drips": Raw((b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", *([b"x", 0.5] * 100))),
        "cut": Raw((b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx",)),
        "not HTTP": Raw((b"+PONG\r\n",)),
    }
    for name, lie in lies.items():
        with Peer(lambda _, lie=lie: lie) as liar:
            row(f"http server: {name}", peer, units, expected, machine(liar.url))
            if name in ("never answers", "not HTTP"):
                row(f"redis server: {name}", peer, units, expected, machine(f"redis://127.0.0.1:{liar.port}"))


def main() -> None:
    """Starts everything on loopback, in a temporary folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=40)
    parser.add_argument("--nginx", default=shutil.which("nginx") or "/usr/sbin/nginx")
    parser.add_argument("--redis", default=shutil.which("redis-server") or "/usr/bin/redis-server")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Peer() as peer:
        Path(folder).chmod(0o777)
        measure(options, Path(folder), peer)


if __name__ == "__main__":
    main()
