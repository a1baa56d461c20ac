"""Every way a provider can fail that we know of, as rules for the peer, with what must become of a unit.

`passes`: the fault may pass by itself, so a lone model is asked `1 + retries` times, else once. `kind` is what the unit
ends with when no other model is there.
"""

import json
from dataclasses import dataclass

from tests.peer import STREAM_HEAD, Action, Raw, Refuse, Say, chunked, completion, event, events, http

TEXT = "a.py\n```\n# hello\n```\n"
PIECES = tuple(chunked(piece) for piece in events(Say(TEXT)))
FAR = (("Retry-After", "90"),)
CONTEXT = "This model's maximum context length is 4096 tokens. However, your messages resulted in 9000 tokens."
LLAMA = "request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it"
FILTERED = "The response was filtered due to the prompt triggering our content management policy."


@dataclass(frozen=True)
class Fault:
    """What the peer does, and what must become of it. `once`: asked once although it may pass."""

    action: Action
    passes: bool = True
    once: bool = False
    kind: str = ""
    says: str = ""

    def asked(self, retries: int) -> int:
        """How many requests a model may get."""
        return 1 + retries if self.passes and not self.once else 1

    @property
    def ends(self) -> str:
        """The kind a unit with this model alone ends with."""
        return self.kind or ("provider_error" if self.passes else "provider_refused")


def _body(status: int, **fields: object) -> Raw:
    return Raw((http(status, json.dumps(fields).encode()),))


def _stream(*pieces: bytes | float, ending: str = "close") -> Raw:
    return Raw((STREAM_HEAD, *pieces), ending)


FAULTS = {
    "429": Fault(Refuse(429, "rate limit reached", "rate_limit_error"), says="rate limit"),
    "429, Retry-After: 0": Fault(Refuse(429, "rate limit reached", headers=(("Retry-After", "0"),))),
    "429, Retry-After: 90": Fault(Refuse(429, "rate limit reached", headers=FAR), once=True),
    "429, Retry-After: a date": Fault(
        Refuse(429, "rate limit", headers=(("Retry-After", "Fri, 01 Jan 2100 00:00:00 GMT"),)), once=True
    ),
    "429, Retry-After: nonsense": Fault(Refuse(429, "rate limit", headers=(("Retry-After", "soon"),))),
    "429, quota": Fault(Refuse(429, "You exceeded your current quota", "insufficient_quota"), passes=False),
    "402": Fault(Refuse(402, "insufficient credit balance"), passes=False),
    **{str(status): Fault(Refuse(status, f"status {status}")) for status in (408, 409, 425, 500, 502, 503, 504, 529)},
    "503, Retry-After: 90": Fault(Refuse(503, "down for maintenance", headers=FAR), once=True),
    **{str(status): Fault(Refuse(status, f"status {status}"), passes=False) for status in (400, 401, 403, 413, 422)},
    "403, invalid_request_error": Fault(Refuse(403, "no access", "invalid_request_error"), passes=False),
    "404, unknown model": Fault(Refuse(404, "the model `m` does not exist", code="model_not_found"), passes=False),
    "400, context too long": Fault(
        Refuse(400, CONTEXT, "invalid_request_error", "context_length_exceeded"), passes=False, says="context"
    ),
    "400, context too long (llama.cpp)": Fault(
        Refuse(400, LLAMA, "exceed_context_size_error"), passes=False, says="context"
    ),
    "400, content filter": Fault(
        Refuse(400, FILTERED, "invalid_request_error", "content_filter"), passes=False, says="filter"
    ),
    "307, no place": Fault(Refuse(307), passes=False),
    "connection cut": Fault(Raw(())),
    "connection reset": Fault(Raw((), "reset")),
    "not HTTP": Fault(Raw((b"SSH-2.0-OpenSSH_9.2\r\n",))),
    "hangs before the head": Fault(Raw((), "hang"), says="within"),
    "hangs in the head": Fault(Raw((STREAM_HEAD[:30],), "hang"), says="within"),
    "hangs after the head": Fault(_stream(ending="hang"), says="within"),
    "stream stalls": Fault(_stream(*PIECES[:3], ending="hang"), says="within"),
    "stream drips": Fault(Say(TEXT * 100, gap=0.2, pieces=200), says="within"),
    "stream cut": Fault(_stream(*PIECES[:3])),
    "stream reset": Fault(_stream(*PIECES[:3], ending="reset")),
    "stream without finish reason": Fault(_stream(*PIECES[:3], chunked(b""))),
    "stream done without finish reason": Fault(Say(TEXT, finish=None)),
    "stream with an error": Fault(
        _stream(*PIECES[:3], chunked(b'data: {"error": {"message": "overloaded"}}\n\n'), chunked(b""))
    ),
    "stream begins with an error": Fault(
        _stream(chunked(b'data: {"error": {"message": "overloaded", "code": 503}}\n\n'), chunked(b""))
    ),
    "stream with broken JSON": Fault(_stream(*PIECES[:2], chunked(b'data: {"choices": [{"ind\n\n'), *PIECES[3:])),
    "stream of nothing": Fault(_stream(chunked(b""))),
    "stream of comments": Fault(_stream(chunked(b": ping\n\n"), chunked(b"data: [DONE]\n\n"), chunked(b""))),
    "stream without choices": Fault(
        _stream(chunked(event({}, choices=[])), chunked(b"data: [DONE]\n\n"), chunked(b""))
    ),
    "truncated JSON": Fault(Raw((http(200, json.dumps(completion(Say(TEXT))).encode()[:60]),))),
    "truncated body": Fault(Raw((http(200, json.dumps(completion(Say(TEXT))).encode())[:-40],))),
    "HTML": Fault(Raw((http(200, b"<html>log in</html>", kind="text/html"),))),
    "empty body": Fault(Raw((http(200, b""),))),
    "bad gzip": Fault(Raw((http(200, b"\x1f\x8bnot gzip", (("Content-Encoding", "gzip"),)),))),
    "204": Fault(Raw((b"HTTP/1.1 204 No Content\r\n\r\n",))),
    "choices: []": Fault(_body(200, **completion(Say(TEXT), choices=[]))),
    "no choices": Fault(_body(200, id="1", object="chat.completion", created=1, model="m")),
    "200 with an error": Fault(_body(200, error={"message": "overloaded", "code": "overloaded"})),
    "content: ''": Fault(Say(""), says="empty"),
    "blank content": Fault(Say(" \n"), says="empty"),
    "stream that is not UTF-8": Fault(
        _stream(*PIECES[:2], chunked(event({"content": "?"}).replace(b"?", b"\xff")), *PIECES[2:]), says="invalid start"
    ),
    "half a character": Fault(Say("a.py\n```\n\ud83d\n```\n"), says="half a character"),
    "half a character, uncounted": Fault(Say("a.py\n```\n\ud83d\n```\n", usage=None), says="half a character"),
    "finish: content_filter": Fault(Say("I", finish="content_filter"), passes=False, says="filter"),
    "finish: length, no text": Fault(Say("", finish="length"), passes=False, says="spent before any text"),
}
