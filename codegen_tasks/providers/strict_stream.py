"""Makes LiteLLM's own stream readers refuse what they would pass over. It does not read the text."""

import json
from collections.abc import AsyncIterator
from typing import Any

from codegen_tasks.providers.call import ProviderFault


def read_strictly(stream: Any) -> None:
    """Puts a check before the lines of `stream`, if it is one of those that LiteLLM cuts into lines by itself.

    Such readers drop an event that is no JSON, take `[DONE]` for a finish reason and replace bytes that are no UTF-8:
    text is lost and nobody told.
    """
    reader: Any = getattr(stream, "completion_stream", None)
    lines = getattr(reader, "streaming_response", None)
    if lines is not None and hasattr(lines, "__aiter__"):
        answer = getattr(reader, "http_response", None)
        reader.streaming_response = _checked(lines if answer is None else _decoded(answer.aiter_bytes()))


async def _decoded(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The lines of an answer, where its own reader would put U+FFFD for what is no UTF-8."""
    rest = b""
    try:
        async for piece in pieces:
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield line.decode().rstrip("\r")
        yield rest.decode()
    except UnicodeDecodeError as error:
        raise ProviderFault(f"the stream is not UTF-8: {error.reason}", transient=True) from error


async def _checked(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    finished = True
    async for line in lines:
        if isinstance(line, str) and line.startswith("{"):
            raise ProviderFault("the server does not stream: one JSON object is all it said", transient=True)
        if isinstance(line, str) and line.startswith("data:"):
            finished = _finished(line[5:].strip(), finished)
        yield line


def _finished(event: str, before: bool) -> bool:
    """Whether the choice that was begun has got its finish reason by now."""
    if event == "[DONE]":
        if not before:
            raise ProviderFault("the stream ended without a finish reason", transient=True)
        return before
    try:
        choices = json.loads(event).get("choices")
    except (ValueError, AttributeError) as error:
        raise ProviderFault("the stream holds an event that is no JSON object", transient=True) from error
    if not isinstance(choices, list) or not choices:
        return before
    return any(isinstance(choice, dict) and choice.get("finish_reason") for choice in choices)
