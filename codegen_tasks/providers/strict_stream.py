"""Makes LiteLLM's own stream readers refuse what they would pass over. It does not read the text."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from codegen_tasks.providers.call import ProviderFault


class Ending:
    """What the lines themselves say of how the answer ends. `reason` is the provider's own word, None until it came.

    LiteLLM forgets some (Gemini's) and translates others: an answer that broke off becomes a `stop`.
    """

    def __init__(self) -> None:
        self.begun = False
        self.reason: str | None = None

    def note(self, event: Any) -> None:
        """Takes a look at one event, in the shape of any provider."""
        self.begun = self.begun or bool(event.get("choices"))
        self.reason = next((reason for reason in _reasons(event) if isinstance(reason, str) and reason), self.reason)


def read_strictly(stream: Any) -> Ending:
    """Puts a check before the lines of `stream`, if it is one of those that LiteLLM cuts into lines by itself.

    Such readers drop an event that is no JSON, take `[DONE]` for a finish reason and replace bytes that are no UTF-8:
    text is lost and nobody told.
    """
    ending = Ending()
    open_ = getattr(stream, "make_call", None)
    if stream.completion_stream is None and open_ is not None:  # some ask only when the first piece is wanted

        async def opened(**settings: Any) -> Any:
            return _guarded(await open_(**settings), ending)

        stream.make_call = opened
    else:
        _guarded(stream.completion_stream, ending)
    return ending


def _guarded(reader: Any, ending: Ending) -> Any:
    lines = getattr(reader, "streaming_response", None)
    if lines is not None and hasattr(lines, "__aiter__"):
        answer = getattr(reader, "http_response", None) or getattr(reader, "response", None)
        whole = lines if answer is None else _decoded(answer.aiter_bytes())
        reader.streaming_response = _checked(whole, ending)
    return reader


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


async def _checked(lines: AsyncIterator[str], ending: Ending) -> AsyncIterator[str]:
    """Lines of server-sent events, or of one JSON object each, as Ollama sends them."""
    async for line in lines:
        if isinstance(line, str) and line.startswith("{"):
            ending.note(_one_of_many(line))
        if isinstance(line, str) and line.startswith("data:") and (event := _event(line[5:].strip(), ending)):
            ending.note(event)
            line = line if _is_count(event.get("usage")) else f"data: {json.dumps({**event, 'usage': None})}"
        yield line


def _is_count(usage: object) -> bool:
    """Whether what is said to have been used is made of whole numbers: else LiteLLM drops the answer with it."""
    if isinstance(usage, dict):
        return all(_is_count(value) for name, value in usage.items() if name.endswith(("tokens", "details")))
    return usage is None or isinstance(usage, int)


def _one_of_many(line: str) -> Any:
    """An object that is a line of a stream. Raises ProviderFault if it is, or begins, a whole answer."""
    try:
        event = json.loads(line)
    except ValueError:
        event = {}
    if "done" in event:
        return event
    hint = "name a model and an api_base that stream"
    raise ProviderFault("the server does not stream: one JSON object is all it said", transient=True, hint=hint)


def _event(text: str, ending: Ending) -> Any:
    """The object of an event; None at the end of the stream."""
    if text == "[DONE]":
        if ending.begun and ending.reason is None:
            raise ProviderFault("the stream ended without a finish reason", transient=True)
        return None
    try:
        event = json.loads(text)
    except ValueError as error:
        raise ProviderFault("the stream holds an event that is no JSON object", transient=True) from error
    if not isinstance(event, dict):
        raise ProviderFault("the stream holds an event that is no JSON object", transient=True)
    return event


def _reasons(event: Any) -> Iterator[object]:
    """What an event says of the end: of OpenAI's, Gemini's, Anthropic's and Ollama's shapes."""
    for kind, word in (("choices", "finish_reason"), ("candidates", "finishReason")):
        found = event.get(kind)
        yield from (one.get(word) for one in (found if isinstance(found, list) else ()) if isinstance(one, dict))
    delta = event.get("delta")
    yield delta.get("stop_reason") if isinstance(delta, dict) else None
    yield (event.get("done_reason") or "stop") if event.get("done") is True else None
