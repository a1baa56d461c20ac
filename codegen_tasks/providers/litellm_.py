"""Any model that LiteLLM can reach, asked exactly once per call. Retries, prices and storage are other rooms' work."""

import asyncio
import gc
import math
import os
import threading
from typing import Any

from codegen_tasks.call import ProviderFault, Watch, window_for
from codegen_tasks.providers import loop
from codegen_tasks.providers.address import check_address
from codegen_tasks.providers.answer import MOST_CHARACTERS, make_reply, read_text
from codegen_tasks.providers.chat_stream import read_chat
from codegen_tasks.providers.finish import Ending
from codegen_tasks.providers.litellm_faults import as_fault
from codegen_tasks.providers.litellm_stream import chat_answer, read_stream, reported
from codegen_tasks.providers.prices import output_limit
from codegen_tasks.providers.servers import NO_KEY, key_of, may_use_default
from codegen_tasks.providers.transport import MOST_REDIRECTS, guarded, open_guarded, watch_sending
from codegen_tasks.records import ModelSpec, Reply, Request

ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "LITELLM_DISABLE_REDACT_SECRETS": "true",  # we mask what we keep; theirs takes 3 s for a megabyte of an error
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else the import goes to the network
    "LITELLM_LOG": "ERROR",
    "LITELLM_MODE": "PRODUCTION",  # else the import reads a .env
    "REPEATED_STREAMING_CHUNK_LIMIT": str(MOST_CHARACTERS),  # else a table of zeros counts as a model gone mad
}

_lock = threading.Lock()
_loaded: list[Any] = []


def ask(spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    """One streamed completion. Raises ProviderFault, Interrupted."""
    load()
    return loop.run(_complete(spec, request, key_of(spec), watch), watch)


def prepare(spec: ModelSpec) -> None:
    """Does what takes seconds before the first call, so that no deadline runs meanwhile. Raises ProviderFault."""
    check_address(spec)
    key_of(spec)
    load()


def load() -> Any:
    """LiteLLM, imported when somebody has to be asked: it takes seconds. It must not reach for the network."""
    with _lock:
        if not _loaded:
            litellm = _imported()
            asyncio.run_coroutine_threadsafe(_warm_up(litellm), loop.start()).result()
            gc.freeze()  # what the import left is for good: looking it over again costs a second at the process's end
            _loaded.append(litellm)
        return _loaded[0]


def _imported() -> Any:
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import litellm
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True
    litellm.disable_aiohttp_transport = True  # its sessions complain on stderr when the process ends
    litellm.num_retries = 0
    litellm.cache = None
    litellm.response_cost_calculator = _no_cost
    litellm.aclient_session = open_guarded()  # for what goes through the OpenAI SDK
    _guard_clients(AsyncHTTPHandler)
    return litellm


def _guard_clients(handler: Any) -> None:
    """Every client that LiteLLM opens keeps redirects at home and errors within bounds."""
    create = handler.create_client

    def create_client(self: Any, *args: Any, **settings: Any) -> Any:
        client = create(self, *args, **settings)
        hooks = client.event_hooks
        client.event_hooks = {kind: [*hooks[kind], *ours] for kind, ours in guarded()["event_hooks"].items()}
        client.max_redirects = MOST_REDIRECTS
        return client

    handler.create_client = create_client


def _no_cost(**_: object) -> Any:
    """LiteLLM prices every stream when it opens, for bills that nobody reads here: a tenth of its CPU time."""
    return None


async def _warm_up(litellm: Any) -> None:
    """A completion that reaches nobody: the first one imports for another second, which no deadline should pay for."""
    hello = [{"role": "user", "content": "hello"}]
    async for _ in await litellm.acompletion(model="gpt-4o", messages=hello, mock_response="hello", stream=True):
        pass


async def _complete(spec: ModelSpec, request: Request, key: str | None, watch: Watch) -> Reply:
    sent = watch_sending()
    try:
        async with asyncio.timeout(spec.timeout_s) as whole:
            stream = await _open(spec, request, key)
            try:
                return await _read(stream, spec, request, watch, whole.when() or math.inf)
            finally:
                await stream.aclose()  # a stream that was given up would keep its connection, and they are few
    except TimeoutError as error:
        message = f"no whole answer within {spec.timeout_s:g} s"
        raise ProviderFault(message, transient=True, hint="raise timeout_s, or ask for less at once") from error
    except Exception as error:
        fault = as_fault(error, spec, was_sent=bool(sent))
        if fault is None:
            raise
        raise fault from error


async def _read(stream: Any, spec: ModelSpec, request: Request, watch: Watch, until: float) -> Reply:
    if not hasattr(stream, "received_finish_reason"):
        message = f"{spec.model} is no chat model: nobody could tell whether its answers are whole"
        raise ProviderFault(message, transient=False, for_all=True, hint="name a chat model")
    ending, answer = Ending(), chat_answer(stream)
    if answer is not None:
        text = await read_text(read_chat(answer, ending, spec), ending, watch, until)
    else:
        text = await read_text(read_stream(stream, ending), ending, watch, until)
        ending.counts = await reported(stream)
    reply = make_reply(text, ending, spec, request)
    watch.keep(reply)
    await loop.read_others()
    return reply


def _open(spec: ModelSpec, request: Request, key: str | None) -> Any:
    import litellm

    provider = litellm.get_llm_provider(model=spec.model, api_base=spec.api_base)[1]
    if key is None and not may_use_default(spec, provider):
        key = NO_KEY
    return litellm.acompletion(
        model=spec.model,
        api_base=spec.api_base,
        api_key=key,
        messages=_messages(spec, request),
        **_given(spec, request, provider),
        stream=True,
        stream_options={"include_usage": True},
        drop_params=True,  # a model without temperature is asked without it
        timeout=spec.timeout_s,
        num_retries=0,
        max_retries=0,
        allowed_openai_params=_allowed(spec, provider),
    )


def _given(spec: ModelSpec, request: Request, provider: str) -> dict[str, Any]:
    """The parameters that were set; what is None is not sent. Ollama must be told how long a question it shall read."""
    given = {"temperature": spec.temperature, "max_tokens": spec.max_output_tokens}
    if provider in ("ollama", "ollama_chat"):
        given["num_ctx"] = window_for(request, output_limit(spec))
    return {name: value for name, value in given.items() if value is not None} | spec.params


def _allowed(spec: ModelSpec, provider: str) -> list[str]:
    """What is sent though the provider's list does not have it: what was set by hand, and `max_retries`, without which
    the OpenAI SDK asks three times by itself.
    """
    from litellm.constants import openai_compatible_providers

    return [*spec.params, *(["max_retries"] if provider in openai_compatible_providers else [])]


def _messages(spec: ModelSpec, request: Request) -> list[dict[str, Any]]:
    """The messages; for Anthropic with marks where its prompt cache may end (at most four, never on empty text)."""
    plain: list[dict[str, Any]] = [{"role": message.role, "content": message.content} for message in request.messages]
    if not spec.model.startswith(("anthropic/", "claude")):
        return plain  # others get the marks passed on to them verbatim
    asked = [n for n, message in enumerate(request.messages) if message.role != "assistant" and message.content]
    for n in {*asked[:2], *asked[-2:]}:
        part = {"type": "text", "text": plain[n]["content"], "cache_control": {"type": "ephemeral"}}
        plain[n] = {"role": plain[n]["role"], "content": [part]}
    return plain
