"""Makes LiteLLM's own stream readers refuse what they would pass over. It does not read the text."""

import json
from collections.abc import AsyncIterator
from typing import Any

from codegen_tasks.providers.call import ProviderFault


def read_strictly(stream: Any) -> None:
    """Puts a check before the lines of `stream`, if it is one of those that LiteLLM cuts into lines by itself.

    Such readers drop an event that is no JSON and take `[DONE]` for a finish reason: text is lost and nobody told.
    """
    reader: Any = getattr(stream, "completion_stream", None)
    lines = getattr(reader, "streaming_response", None)
    if lines is not None and hasattr(lines, "__aiter__"):
        reader.streaming_response = _checked(lines)


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
