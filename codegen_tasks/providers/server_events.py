"""The lines of a streamed answer, the objects in them, and what these say of its end. It does not read the text."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from codegen_tasks.providers.call import ProviderFault

LONGEST_LINE = 1 << 24  # bytes; an event that never ends is stopped
NO_OBJECT = "the stream holds an event that is no JSON object"


class Ending:
    """What the lines themselves say of how the answer ends. `reason` is the provider's own word, None until it came.

    LiteLLM forgets some (Gemini's) and translates others: an answer that broke off becomes a `stop`. `done` says that
    no event will come any more, `used` is what the server says of tokens, if we read that ourselves.
    """

    def __init__(self) -> None:
        self.begun = False
        self.done = False
        self.reason: str | None = None
        self.used: dict[str, Any] = {}

    def note(self, event: Any) -> None:
        """Takes a look at one event, in the shape of any provider."""
        self.begun = self.begun or bool(event.get("choices"))
        self.reason = next((reason for reason in _reasons(event) if isinstance(reason, str) and reason), self.reason)

    def note_done(self) -> None:
        """The server said that this was all. Raises ProviderFault if that can't be."""
        self.done = True
        if self.begun and self.reason is None:
            raise ProviderFault("the stream ended without a finish reason", transient=True)


async def lines_of(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The lines of an answer. Raises ProviderFault for what is no UTF-8: readers put U+FFFD there, and nobody knows."""
    rest = b""
    try:
        async for piece in pieces:
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield line.decode().rstrip("\r")
            if len(rest) > LONGEST_LINE:
                raise ProviderFault(f"the stream holds a line of more than {LONGEST_LINE} bytes", transient=False)
        yield rest.decode()
    except UnicodeDecodeError as error:
        raise ProviderFault(f"the stream is not UTF-8: {error.reason}", transient=True) from error


def object_in(text: str) -> dict[str, Any] | None:
    """The JSON object that an event's text is; None if it is none, or not yet whole."""
    try:
        event = json.loads(text)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def is_count(usage: object) -> bool:
    """Whether what is said to have been used is made of whole numbers: else LiteLLM drops the answer with it."""
    if isinstance(usage, dict):
        return all(is_count(value) for name, value in usage.items() if name.endswith(("tokens", "details")))
    return usage is None or isinstance(usage, int)


def no_stream() -> ProviderFault:
    """The fault of a server that answers with one JSON object."""
    hint = "name a model and an api_base that stream"
    return ProviderFault("the server does not stream: one JSON object is all it said", transient=True, hint=hint)


def _reasons(event: Any) -> Iterator[object]:
    """What an event says of the end: of OpenAI's, Gemini's, Anthropic's and Ollama's shapes."""
    for kind, word in (("choices", "finish_reason"), ("candidates", "finishReason")):
        found = event.get(kind)
        yield from (one.get(word) for one in (found if isinstance(found, list) else ()) if isinstance(one, dict))
    delta = event.get("delta")
    yield delta.get("stop_reason") if isinstance(delta, dict) else None
    yield (event.get("done_reason") or "stop") if event.get("done") is True else None
