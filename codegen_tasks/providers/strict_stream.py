"""Makes LiteLLM's own stream readers refuse what they would pass over. It does not read the text."""

import json
from collections.abc import AsyncIterator
from typing import Any

from codegen_tasks.providers.call import ProviderFault
from codegen_tasks.providers.server_events import NO_OBJECT, Ending, is_count, lines_of, no_stream, object_in


def read_strictly(stream: Any, ending: Ending) -> None:
    """Puts a check before the lines of `stream`, if it is one of those that LiteLLM cuts into lines by itself.

    Such readers drop an event that is no JSON, take `[DONE]` for a finish reason and replace bytes that are no UTF-8:
    text is lost and nobody told.
    """
    open_ = getattr(stream, "make_call", None)
    if stream.completion_stream is None and open_ is not None:  # some ask only when the first piece is wanted

        async def opened(**settings: Any) -> Any:
            return _guarded(await open_(**settings), ending)

        stream.make_call = opened
    else:
        _guarded(stream.completion_stream, ending)


def _guarded(reader: Any, ending: Ending) -> Any:
    lines = getattr(reader, "streaming_response", None)
    if lines is not None and hasattr(lines, "__aiter__"):
        answer = getattr(reader, "http_response", None) or getattr(reader, "response", None)
        whole = lines if answer is None else lines_of(answer.aiter_bytes())
        reader.streaming_response = _checked(whole, ending)
    return reader


async def _checked(lines: AsyncIterator[str], ending: Ending) -> AsyncIterator[str]:
    """Lines of server-sent events, or of one JSON object each, as Ollama sends them."""
    async for line in lines:
        if isinstance(line, str) and line.startswith("{"):
            ending.note(_one_of_many(line))
        elif isinstance(line, str) and line.startswith("data:"):
            line = _noted(line, ending)
        yield line


def _one_of_many(line: str) -> dict[str, Any]:
    """An object that is a line of a stream. Raises ProviderFault if it is, or begins, a whole answer."""
    event = object_in(line)
    if event is None or "done" not in event:
        raise no_stream()
    return event


def _noted(line: str, ending: Ending) -> str:
    """The line of an event, without a usage that would cost the answer."""
    text = line[5:].strip()
    if text == "[DONE]":
        ending.note_done()
        return line
    event = object_in(text)
    if event is None:
        raise ProviderFault(NO_OBJECT, transient=True)
    ending.note(event)
    return line if is_count(event.get("usage")) else f"data: {json.dumps({**event, 'usage': None})}"
