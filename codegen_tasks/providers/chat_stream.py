"""Reads a streamed answer in OpenAI's shape: most servers speak it. It neither asks nor judges the answer.

LiteLLM and the OpenAI SDK build some ten objects for each piece of text: half of a call's CPU time. And things are lost
on the way: an answer whose usage is no number, an answer that is no stream, lines that are no event.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from codegen_tasks.call import QUOTED, ProviderFault
from codegen_tasks.providers.finish import Counts, Ending
from codegen_tasks.providers.refusals import fault_of, told
from codegen_tasks.providers.server_events import COMMENT, DONE, events_of, lines_of
from codegen_tasks.providers.unreached import broken
from codegen_tasks.records import ModelSpec

THOUGHTS = ("reasoning_content", "reasoning")


async def read_chat(answer: Any, ending: Ending, spec: ModelSpec) -> AsyncGenerator[str | None, None]:
    """The text of each event, "" for one without, None for a comment. Raises ProviderFault.

    Once the answer has said how it ends, nothing that follows can take it back. It is read nonetheless, for the usage
    and so that the connection can be used again.
    """
    lines = lines_of(_body(answer, spec))
    try:
        async with aclosing(events_of(lines)) as events:
            async for event in events:
                if event is COMMENT:
                    yield None
                elif event is DONE:
                    ending.done = True
                    break
                else:
                    yield _text(event.value or {}, ending, spec)
        if ending.reason is not None:
            yield ""
            async for _ in lines:
                pass
    except ProviderFault:
        if not ending.is_sure:
            raise


async def _body(answer: Any, spec: ModelSpec) -> AsyncGenerator[bytes, None]:
    try:
        async for piece in answer.aiter_bytes():
            yield piece
    except Exception as error:  # the clients below LiteLLM have errors of many kinds
        raise broken(error, spec) from error


def _text(event: dict[str, Any], ending: Ending, spec: ModelSpec) -> str:
    """The text of one event; `ending` learns the rest."""
    error = event if event.get("object") == "error" or event.get("error") is True else event.get("error")
    if error:
        raise fault_of(told(error, spec), spec)
    choice = _first(event.get("choices"))
    has_begun, ending.begun = ending.begun, ending.begun or bool(choice)
    for usage in (event.get("usage"), choice.get("usage"), _object(event.get("x_groq")).get("usage")):
        _count(_object(usage), ending.counts)
    whole = choice.get("message") if not has_begun and choice.get("delta") is None else None
    said = _object(choice.get("delta") if whole is None else whole)
    text = _content(said.get("content"))
    unseen = sum(len(said[name]) for name in THOUGHTS if isinstance(said.get(name), str))
    unseen += len(str(said.get("tool_calls") or ""))
    ending.refusal += said["refusal"] if isinstance(said.get("refusal"), str) else ""
    if text or unseen:
        ending.go_on()
    ending.unseen += unseen
    ending.note(choice.get("finish_reason"))
    return text


def _first(choices: object) -> dict[str, Any]:
    """The first of several answers; others were not asked for."""
    listed = [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []
    return next((choice for choice in listed if not choice.get("index")), {})


def _content(content: object) -> str:
    """Text, or the texts among its parts."""
    if content is None or isinstance(content, str):
        return content or ""
    content = [content] if isinstance(content, dict) and "text" in content else content
    if not isinstance(content, list):
        raise ProviderFault(
            f"the stream holds an event whose content is no text: {content!r:.{QUOTED}}", transient=True
        )
    parts = ({"text": part} if isinstance(part, str) else _object(part) for part in content)
    texts = (part.get("text") for part in parts if part.get("type", "text") in ("text", "output_text"))
    return "".join(text for text in texts if isinstance(text, str))


def _count(usage: dict[str, Any], counts: Counts) -> None:
    """Takes over what a usage says, each number by itself; later ones are fuller."""
    details = _object(usage.get("prompt_tokens_details"))

    def named(*names: str) -> int | None:
        return next(filter(None, (_number(usage.get(name)) for name in names)), None)

    counts.into = named("prompt_tokens", "input_tokens") or counts.into
    counts.out = named("completion_tokens", "output_tokens") or counts.out
    if counts.into and (total := named("total_tokens")):  # some leave thoughts out of what was written
        counts.out = max(counts.out or 0, total - counts.into) or None
    elsewhere = named("prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens")
    counts.cached = _number(details.get("cached_tokens")) or elsewhere or counts.cached
    counts.kept = named("cache_creation_input_tokens") or counts.kept


def _number(value: object) -> int | None:
    """A number of tokens, also where it is written as a text or with a fraction of nothing."""
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
    except (ValueError, OverflowError):
        return None
    return int(number) if number >= 0 and number.is_integer() else None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
