"""The peer's answers in the shape of Anthropic's messages API, streamed, as its documentation shows them."""

import json

from tests.peer import STREAM_HEAD, Raw, Say, chunked, http

STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


def stream(action: Say, written: int = 0) -> Raw:
    """The whole answer. Of the input tokens `action.cached` were read from the cache and `written` put into it."""
    return Raw((STREAM_HEAD, *map(chunked, events(action, written)), chunked(b"")), "keep")


def events(action: Say, written: int = 0) -> list[bytes]:
    """The events in their order."""
    into, out = action.usage or (0, 0)
    usage = {
        "input_tokens": into - action.cached - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": action.cached,
        "output_tokens": 1,
    }
    start = {"id": "msg_1", "type": "message", "role": "assistant", "model": "peer", "content": [], "usage": usage}
    step = max(1, -(-len(action.text) // action.pieces))
    return [
        event("message_start", message=start | {"stop_reason": None, "stop_sequence": None}),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        event("ping"),
        *(
            event("content_block_delta", index=0, delta={"type": "text_delta", "text": action.text[at : at + step]})
            for at in range(0, len(action.text), step)
        ),
        event("content_block_stop", index=0),
        event(
            "message_delta",
            delta={"stop_reason": STOP_REASONS[action.finish or "stop"], "stop_sequence": None},
            usage={"output_tokens": out},
        ),
        event("message_stop"),
    ]


def event(kind: str, **fields: object) -> bytes:
    """One event of a stream."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def refusal(status: int, kind: str, message: str) -> Raw:
    """An error answer."""
    body = {"type": "error", "error": {"type": kind, "message": message}}
    return Raw((http(status, json.dumps(body).encode()),), "keep")
