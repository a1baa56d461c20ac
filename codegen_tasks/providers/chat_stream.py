"""Reads a streamed answer in OpenAI's shape: most servers speak it. It neither asks nor judges the answer.

LiteLLM and the OpenAI SDK build some ten objects for each piece of text: half of a call's CPU time. And things are lost
on the way: an answer whose usage is no number, what a server that does not stream has said.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from codegen_tasks.providers.call import ProviderFault
from codegen_tasks.providers.server_events import NO_OBJECT, Ending, is_count, lines_of, no_stream, object_in

LONGEST_ERROR = 100_000  # characters


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


async def read_chat(stream: Any, answer: Any, ending: Ending) -> AsyncGenerator[str, None]:
    """The text of each event, "" for one without; `ending` learns of the rest. Raises ProviderFault, LiteLLM's errors.

    What follows on the last event is read too, so that the connection can be used again.
    """
    held, is_first, lines = "", True, lines_of(_body(stream, answer, ending))
    async for line in lines:
        if ending.done or not (line or held):
            continue
        if line.startswith("data:"):
            held += line[5:].strip()  # an event may be spread over lines; each but the last is no JSON
            if held == "[DONE]":
                ending.note_done()
                held = ""
                if ending.begun:
                    yield ""
            elif held and (event := object_in(held)) is not None:
                held = ""
                yield _text(event, stream, ending)
        elif held and not line:
            raise ProviderFault(NO_OBJECT, transient=True)
        elif is_first and line.startswith("{"):
            _refuse_error(object_in(await _rest(line, lines)) or {}, stream)
            raise no_stream()
        is_first = False
    if held:
        raise ProviderFault(NO_OBJECT, transient=True)


async def _rest(line: str, lines: AsyncIterator[str]) -> str:
    """An object from its first line on."""
    async for more in lines:
        line += more
        if len(line) > LONGEST_ERROR:
            break
    return line


async def _body(stream: Any, answer: Any, ending: Ending) -> AsyncIterator[bytes]:
    """The bytes of an answer. One that has said how it ends may break off: nothing is missing."""
    try:
        async for piece in answer.aiter_bytes():
            yield piece
    except Exception as error:  # the clients below have errors of many kinds, and LiteLLM knows them
        if ending.reason is None:
            raise _mapped(error, stream) from error


def _text(event: dict[str, Any], stream: Any, ending: Ending) -> str:
    _refuse_error(event, stream)
    ending.note(event)
    usage = event.get("usage")
    if isinstance(usage, dict) and is_count(usage):
        ending.used |= {name: count for name, count in usage.items() if count}
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    delta = choice.get("delta") if isinstance(choice, dict) else {}
    content = delta.get("content") if isinstance(delta, dict) else None
    if isinstance(content, list):  # of parts
        return "".join(part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))
    if not isinstance(content, str | None):
        raise ProviderFault(f"the stream holds an event whose content is no text: {content!r:.80}", transient=True)
    return content or ""


def _refuse_error(event: dict[str, Any], stream: Any) -> None:
    """Raises what LiteLLM makes of an error that came as an event."""
    error = event if event.get("object") == "error" else event.get("error")
    if not error:
        return
    from litellm.llms.openai.common_utils import OpenAIError

    message = error.get("message") if isinstance(error, dict) else error
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    said = message if isinstance(message, str) and message else json.dumps(error, ensure_ascii=False)
    raise _mapped(OpenAIError(status_code=status, message=said), stream)


def _mapped(error: Exception, stream: Any) -> Exception:
    import litellm

    names = {"model": stream.model, "custom_llm_provider": stream.custom_llm_provider}
    try:
        mapped: Exception = litellm.exception_type(original_exception=error, **names)
    except Exception as raised:  # as it does with what it made
        return raised
    return mapped
