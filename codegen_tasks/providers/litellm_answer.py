"""One answer that LiteLLM has opened, read into a reply: pieces, silence, how it ended, its usage. It asks nobody."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any

from codegen_tasks.providers.call import ProviderFault, Watch
from codegen_tasks.providers.chat_stream import chat_answer, read_chat
from codegen_tasks.providers.finish import Counts, Ending, finish_of
from codegen_tasks.providers.prices import price_of
from codegen_tasks.providers.strict_stream import read_strictly
from codegen_tasks.records import ModelSpec, Reply, Request

STALL_S = 60.0  # a stream that has begun and is silent for so long is dead
LINGER_S = 5.0  # and one that has said how it ends need not say more
DRAIN_S = 0.5  # nor will one that has said that this was all
SPARE_S = 0.1  # of a call's time is kept for what an answer that is whole still needs
MOST_CHARACTERS = 1 << 24  # of an answer: a model that never stops is stopped
CHARACTERS_A_TOKEN = 4


async def read_reply(stream: Any, spec: ModelSpec, request: Request, watch: Watch, until: float) -> Reply:
    """The pieces of a stream as one reply; a stream that stalls or just ends is a fault."""
    if not hasattr(stream, "received_finish_reason"):
        message = f"{spec.model} is no chat model: nobody could tell whether its answers are whole"
        raise ProviderFault(message, transient=False, for_all=True, hint="name a chat model")
    ending, answer, until = Ending(), chat_answer(stream), until - SPARE_S
    pieces = _read_by_litellm(stream, ending) if answer is None else read_chat(answer, ending, spec)
    text = await _read(pieces, ending, watch, until)
    if answer is None:
        ending.counts = await _reported(stream)
    if ending.reason is None:
        message = "the stream ended without a finish reason" if ending.begun else "the server sent no part of an answer"
        raise ProviderFault(message, transient=True)
    finish = finish_of(ending.reason)
    if ending.refusal and not text.strip():  # what a model says instead of an answer is kept for people
        text, finish = ending.refusal, "content_filter"
    counts, counted = ending.counts, not ending.counts.into or (not ending.counts.out and bool(text))
    if counted:
        counts = await _counted(spec, request, text, ending, until)
    return _reply(spec, text, finish, counts, counted)


async def _read_by_litellm(stream: Any, ending: Ending) -> AsyncGenerator[str | None, None]:
    """The pieces of an answer in any of the shapes that LiteLLM knows."""
    stream._finalize_completed_stream = _end
    read_strictly(stream, ending)
    async for chunk in stream:
        ending.begun, ending.reason = True, ending.reason or stream.received_finish_reason
        delta = chunk.choices[0].delta if chunk.choices else None
        ending.unseen += len(getattr(delta, "reasoning_content", None) or "")
        ending.unseen += len(str(getattr(delta, "tool_calls", None) or ""))
        yield getattr(delta, "content", None) or ""
    ending.reason = ending.reason or stream.received_finish_reason


async def _read(pieces: AsyncGenerator[str | None, None], ending: Ending, watch: Watch, until: float) -> str:
    """The text of an answer. Once it has said why it ends, it may fall silent: nothing is missing.

    A piece that is None says only that the connection lives.
    """
    loop, texts, length, last = asyncio.get_running_loop(), list[str](), 0, None
    try:
        async with asyncio.timeout(None) as silence, aclosing(pieces):
            async for piece in pieces:
                length += len(piece or "")
                if length + ending.unseen > MOST_CHARACTERS:
                    raise ProviderFault(f"the answer has more than {MOST_CHARACTERS} characters", transient=False)
                now = loop.time()
                if ending.is_sure:
                    last = now if piece or last is None else last
                    silence.reschedule(min(until, now + DRAIN_S if ending.done else last + LINGER_S))
                elif texts or piece is not None:
                    silence.reschedule(now + STALL_S)
                if piece is not None:
                    texts.append(piece)
                    watch((length + ending.unseen) // CHARACTERS_A_TOKEN)
    except TimeoutError as error:
        if not ending.is_sure:
            raise ProviderFault(f"the stream fell silent for {STALL_S:g} s", transient=True) from error
    return _paired("".join(texts))


def _paired(text: str) -> str:
    """The text with characters that were cut in two between the pieces of a stream made whole."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


async def _end(**_: object) -> Any:
    """Ends a stream where LiteLLM would build the whole answer again, price it and log it: a third of its CPU time."""
    raise StopAsyncIteration


async def _reported(stream: Any) -> Counts:
    """The usage that LiteLLM found in a stream, put together by it if it came in parts."""
    from litellm import stream_chunk_builder

    reported = [chunk.usage for chunk in stream.chunks if getattr(chunk, "usage", None)]
    if len(reported) > 1:
        whole = await asyncio.to_thread(stream_chunk_builder, stream.chunks, messages=stream.messages)
        reported = [getattr(whole, "usage", None)]
    usage = next(iter(reported), None)
    details = getattr(usage, "prompt_tokens_details", None)
    return Counts(
        getattr(usage, "prompt_tokens", None),
        getattr(usage, "completion_tokens", None),
        getattr(details, "cached_tokens", None) or 0,
        getattr(usage, "cache_creation_input_tokens", None) or 0,
    )


async def _counted(spec: ModelSpec, request: Request, text: str, ending: Ending, until: float) -> Counts:
    """The counts, those that nobody reported counted by a tokenizer; by length, if that takes too long."""
    from litellm import token_counter

    messages = [{"role": message.role, "content": message.content} for message in request.messages]

    def count() -> tuple[int, int]:
        into = token_counter(model=spec.model, messages=messages)
        return into, token_counter(model=spec.model, text=text, count_response_tokens=True)

    into = sum(len(message.content) for message in request.messages) // CHARACTERS_A_TOKEN
    out, counts = len(text) // CHARACTERS_A_TOKEN, ending.counts
    with suppress(TimeoutError, ValueError):  # half a character cannot be counted
        async with asyncio.timeout_at(until):
            into, out = await asyncio.to_thread(count)
    out = counts.out or out + ending.unseen // CHARACTERS_A_TOKEN
    return Counts(counts.into or into, out, counts.cached, counts.kept)


def _reply(spec: ModelSpec, text: str, finish: str, counts: Counts, counted: bool) -> Reply:
    into, out = counts.into or 0, counts.out or 0
    cached = min(into, counts.cached)
    price = price_of(spec)
    cost = None if price is None else round(price.cost(into, out, cached, counts.kept), 9)
    return Reply(spec.model, text, finish, into, out, cached, cost, counted)
