"""Makes LiteLLM's own stream readers refuse what they would pass over. It does not read the text."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from codegen_tasks.call import ProviderFault
from codegen_tasks.providers.finish import Ending
from codegen_tasks.providers.server_events import lines_of, no_object, object_in


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
            _note(_one_of_many(line), ending)
        elif isinstance(line, str) and line.startswith("data:"):
            line = _noted(line, ending)
        yield line


def _one_of_many(line: str) -> dict[str, Any]:
    """An object that is a line of a stream. Raises ProviderFault if it is, or begins, a whole answer."""
    event = object_in(line)
    if event is None or "done" not in event:
        hint = "name a model and an api_base that stream"
        raise ProviderFault("the server does not stream: one JSON object is all it said", transient=True, hint=hint)
    return event


def _noted(line: str, ending: Ending) -> str:
    """The line of an event, without a usage that would cost the answer."""
    text = line[5:].strip()
    if text == "[DONE]":
        if ending.begun and ending.reason is None:
            raise ProviderFault("the stream ended without a finish reason", transient=True)
        return line
    event = object_in(text)
    if event is None:
        raise no_object()
    _note(event, ending)
    return line if _is_count(event.get("usage")) else f"data: {json.dumps({**event, 'usage': None})}"


def _note(event: dict[str, Any], ending: Ending) -> None:
    ending.begun = ending.begun or bool(event.get("choices"))
    for reason in _reasons(event):
        ending.note(reason)


def _reasons(event: dict[str, Any]) -> Iterator[object]:
    """What an event says of the end: of OpenAI's, Gemini's, Anthropic's and Ollama's shapes."""
    for kind, word in (("choices", "finish_reason"), ("candidates", "finishReason")):
        found = event.get(kind)
        yield from (one.get(word) for one in (found if isinstance(found, list) else ()) if isinstance(one, dict))
    delta = event.get("delta")
    yield delta.get("stop_reason") if isinstance(delta, dict) else None
    yield (event.get("done_reason") or "stop") if event.get("done") is True else None


def _is_count(usage: object) -> bool:
    """Whether what is said to have been used is made of whole numbers: else LiteLLM drops the answer with it."""
    if isinstance(usage, dict):
        return all(_is_count(value) for name, value in usage.items() if name.endswith(("tokens", "details")))
    return usage is None or isinstance(usage, int)
