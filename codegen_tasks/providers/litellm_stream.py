"""The streams that LiteLLM opens: which of them come in OpenAI's shape, and how the others are read. It asks nobody."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from codegen_tasks.providers.finish import Counts, Ending
from codegen_tasks.providers.strict_stream import read_strictly


def chat_answer(stream: Any) -> Any:
    """The HTTP answer behind a stream that LiteLLM opened, if it comes in OpenAI's shape; None: LiteLLM reads it."""
    from litellm.llms.openai.chat.gpt_transformation import OpenAIChatCompletionStreamingHandler
    from openai import AsyncStream
    from openai.types.chat import ChatCompletionChunk

    reader = stream.completion_stream
    if type(reader) is OpenAIChatCompletionStreamingHandler:  # those derived from it know quirks
        return reader.http_response
    if isinstance(reader, AsyncStream) and reader._cast_to is ChatCompletionChunk:
        return reader.response
    return None


async def read_stream(stream: Any, ending: Ending) -> AsyncGenerator[str | None, None]:
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


async def _end(**_: object) -> Any:
    """Ends a stream where LiteLLM would build the whole answer again, price it and log it: a third of its CPU time."""
    raise StopAsyncIteration


async def reported(stream: Any) -> Counts:
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
