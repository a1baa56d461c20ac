"""A chat server on loopback that really speaks HTTP, streams, and can misbehave. It knows nothing of codegen_tasks.

A rule, any function of a `Question`, decides each request: `Say` an answer, `Refuse` it, or send `Raw` bytes.
The server writes its own HTTP, so a rule can do whatever a real server does to a client. As a program
(`python tests/peer.py --latency 0.2`) it answers every path it is asked for and prints its URL.
"""

import argparse
import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Question:
    """One request as the peer got it. `number` counts from 1, `beside` is how many others were in flight."""

    number: int
    beside: int
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    method: str = "POST"
    data: bytes = b""

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def stream(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def texts(self) -> tuple[str, ...]:
        """The messages' texts; parts of a message are joined."""
        return tuple(_text(message["content"]) for message in self.body.get("messages", ()))

    @property
    def paths(self) -> tuple[str, ...]:
        """What the last user message that says so asks to write."""
        for text in reversed(self.texts):
            _, heading, tail = text.rpartition("## Write these files\n")
            if heading:
                return tuple(line[2:] for line in tail.split("\n") if line.startswith("- "))
        return ()


@dataclass(frozen=True)
class Say:
    """An answer. `delay` seconds before its first byte, `gap` between the `pieces` of a stream."""

    text: str
    finish: str | None = "stop"
    delay: float = 0.0
    gap: float = 0.0
    pieces: int = 3
    usage: tuple[int, int] | None = (100, 20)
    cached: int = 0


@dataclass(frozen=True)
class Refuse:
    """An error answer in the shape of the chat API."""

    status: int
    message: str = "refused by the peer"
    type: str = "server_error"
    code: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0


@dataclass(frozen=True)
class Raw:
    """Bytes as they go over the wire; a number is a pause in seconds. `ending`: close, reset, hang or keep."""

    parts: tuple[bytes | float, ...]
    ending: str = "close"


Action = Say | Refuse | Raw
Rule = Callable[[Question], Action]


def write_all(question: Question) -> Say:
    """The rule that writes every path it is asked for, with text that a Python file may hold."""
    blocks = (f"{path}\n```\n# content of {path}\n```\n" for path in question.paths)
    return Say("\n".join(blocks))


class Peer:
    """Serves `rule` until the `with` block ends.

    `requests` holds what was asked, in order of arrival, `answered` what was answered to the last byte and when
    (monotonic seconds); `connections` is how many were opened.
    """

    def __init__(self, rule: Rule = write_all) -> None:
        self.rule = rule
        self.requests: list[Question] = []
        self.answered: list[tuple[Question, float]] = []
        self.port = 0
        self.connections = 0
        self._beside = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        """What a configuration says as `api_base`."""
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def wait(self) -> None:
        """Serves until the process is told to end."""
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=1024))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        while open_ones := asyncio.all_tasks(self._loop):
            for task in open_ones:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*open_ones, return_exceptions=True))
        self._loop.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._exchange(reader, writer):
                pass
        writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer. True: the connection stays open for the next."""
        question = await self._read(reader)
        self.requests.append(question)
        self._beside += 1
        try:
            action = self.rule(question)
            if isinstance(action, Raw):
                await _send_raw(action, reader, writer)
                return action.ending == "keep"
            await asyncio.sleep(action.delay)
            if isinstance(action, Refuse):
                writer.write(_refusal(action))
            else:
                await _say(action, question, writer)
            await writer.drain()
            self.answered.append((question, time.monotonic()))
            return True
        finally:
            self._beside -= 1

    async def _read(self, reader: asyncio.StreamReader) -> Question:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        data = await reader.readexactly(int(headers.get("content-length", 0)))
        body = json.loads(data) if data[:1] == b"{" else {}
        method, path, _ = first.split(" ")
        return Question(len(self.requests) + 1, self._beside, path, headers, body, method, data)


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return str(content or "")


def http(status: int, body: bytes, headers: tuple[tuple[str, str], ...] = (), kind: str = "application/json") -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status} Peer", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _refusal(action: Refuse) -> bytes:
    error = {"message": action.message, "type": action.type, "param": None, "code": action.code}
    return http(action.status, json.dumps({"error": error}).encode(), action.headers)


def completion(action: Say, **changed: object) -> dict[str, object]:
    """The answer as one object; `changed` replaces fields of it."""
    message = {"role": "assistant", "content": action.text}
    whole: dict[str, object] = {"id": "peer", "object": "chat.completion", "created": 1, "model": "peer"}
    whole["choices"] = [{"index": 0, "message": message, "finish_reason": action.finish}]
    if action.usage is not None:
        whole["usage"] = _usage(action)
    return whole | changed


def _usage(action: Say) -> dict[str, object]:
    into, out = action.usage or (0, 0)
    counts: dict[str, object] = {"prompt_tokens": into, "completion_tokens": out, "total_tokens": into + out}
    if action.cached:
        counts["prompt_tokens_details"] = {"cached_tokens": action.cached}
    return counts


def event(delta: Mapping[str, object], finish: str | None = None, **more: object) -> bytes:
    """One event of a stream."""
    chunk = {"id": "peer", "object": "chat.completion.chunk", "created": 1, "model": "peer"}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({**chunk, "choices": [choice], **more}).encode() + b"\n\n"


def said(text: str, finish: str | None = None, **more: object) -> bytes:
    """One event of a stream that says something."""
    return event({"content": text}, finish, **more)


def events(action: Say) -> Iterator[bytes]:
    """The answer as a stream, piece by piece."""
    step = max(1, -(-len(action.text) // action.pieces))
    yield event({"role": "assistant", "content": ""})
    for start in range(0, len(action.text), step):
        yield event({"content": action.text[start : start + step]})
    if action.finish is not None:
        yield event({}, action.finish)
    if action.usage is not None:
        yield event({}, choices=[], usage=_usage(action))
    yield DONE


DONE = b"data: [DONE]\n\n"
STREAM_HEAD = (
    b"HTTP/1.1 200 Peer\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"  # the pieces follow
)


def chunked(data: bytes) -> bytes:
    """One piece of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def stream(*pieces: bytes, ending: str = "close", close: bool = True) -> Raw:
    """A streamed answer of these pieces; one that does not `close` is never said to be at its end."""
    return Raw((STREAM_HEAD, *map(chunked, pieces), *((chunked(b""),) if close else ())), ending)


async def _say(action: Say, question: Question, writer: asyncio.StreamWriter) -> None:
    if not question.stream:
        writer.write(http(200, json.dumps(completion(action)).encode()))
        return
    writer.write(STREAM_HEAD)
    for piece in events(action):
        if writer.is_closing():
            raise ConnectionResetError("the client hung up")
        writer.write(chunked(piece))
        if action.gap:
            await writer.drain()
            await asyncio.sleep(action.gap)
    writer.write(chunked(b""))


async def _send_raw(action: Raw, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for part in action.parts:
        if isinstance(part, bytes):
            writer.write(part)
            await writer.drain()
        else:
            await asyncio.sleep(part)
    if action.ending == "hang":
        await reader.read()  # until the client hangs up, or the peer ends
    if action.ending == "reset":
        writer.transport.abort()


def main() -> None:
    """Serves `write_all` with a latency."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--at-once", type=int, default=10**9, help="answer 429 beyond so many requests in flight")
    options = parser.parse_args()

    def rule(question: Question) -> Action:
        if question.beside >= options.at_once:
            return Refuse(429, "too many at once", "rate_limit_error")
        return Say(write_all(question).text, delay=options.latency)

    with Peer(rule) as peer:
        print(peer.url, flush=True)  # noqa: T201  the caller reads the address from here
        peer.wait()


if __name__ == "__main__":
    main()
