"""Any model that LiteLLM can reach, asked exactly once per call. Retries, prices and storage are other rooms' work."""

import asyncio
import concurrent.futures
import gc
import math
import os
import re
import threading
from typing import Any

from codegen_tasks.providers.call import ProviderFault, Watch
from codegen_tasks.providers.litellm_answer import MOST_CHARACTERS, read_reply
from codegen_tasks.providers.litellm_faults import as_fault
from codegen_tasks.records import ModelSpec, Reply, Request

POLL_S = 0.25
PASSWORD = re.compile(r"\w+://[^/?#]*@")  # what a URL begins with that has one

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
_background: asyncio.AbstractEventLoop | None = None
_in_flight: dict[concurrent.futures.Future[Reply], Watch] = {}


def ask(spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    """One streamed completion. Raises ProviderFault, Interrupted."""
    key = _key(spec)
    call = asyncio.run_coroutine_threadsafe(_complete(spec, request, key, watch), _loop())
    _in_flight[call] = watch
    try:
        return call.result()
    except concurrent.futures.CancelledError:
        watch.check()
        raise
    finally:
        del _in_flight[call]


def _drop_ended(loop: asyncio.AbstractEventLoop) -> None:
    """Drops the calls of runs that end, again and again: threads that wake up to look would slow the loop down."""
    for call, watch in list(_in_flight.items()):
        if watch.stop.is_set():
            call.cancel()
    loop.call_later(POLL_S, _drop_ended, loop)


def _key(spec: ModelSpec) -> str | None:
    if spec.api_key_env is None:
        return None
    key = os.environ.get(spec.api_key_env, "").strip()
    if not key:
        hint = f"set {spec.api_key_env}, or name another variable as api_key_env"
        message = f"the environment variable {spec.api_key_env} is not set"
        raise ProviderFault(message, transient=False, for_all=True, hint=hint)
    if not (key.isascii() and key.isprintable()):
        message = f"the environment variable {spec.api_key_env} holds what no key may hold: a line break, or no ASCII"
        raise ProviderFault(message, transient=False, for_all=True, hint=f"set {spec.api_key_env} to the key alone")
    return key


def prepare(spec: ModelSpec) -> None:
    """Does what takes seconds before the first call, so that no deadline runs meanwhile. Raises ProviderFault."""
    if spec.api_base is not None and PASSWORD.match(spec.api_base):
        hint = "take user and password out of api_base, and name the variable that holds the key as api_key_env"
        raise ProviderFault("api_base holds a password, which is not sent", transient=False, for_all=True, hint=hint)
    _key(spec)
    _loop()


def _loop() -> asyncio.AbstractEventLoop:
    """The one event loop all calls run in: LiteLLM's connections belong to a loop, and threads cost more."""
    global _background
    with _lock:
        if _background is None:
            litellm = load()
            loop = asyncio.new_event_loop()
            loop.run_until_complete(_warm_up(litellm))
            loop.call_later(POLL_S, _drop_ended, loop)
            threading.Thread(target=loop.run_forever, name="litellm", daemon=True).start()
            _background = loop
        return _background


def load() -> Any:
    """LiteLLM, imported when somebody has to be asked: it takes seconds. It must not reach for the network."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import litellm

    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True
    litellm.num_retries = 0
    litellm.cache = None
    litellm.response_cost_calculator = _no_cost
    gc.freeze()  # what the import left is for good: looking it over again costs a second when the process ends
    return litellm


def _no_cost(**_: object) -> Any:
    """LiteLLM prices every stream when it opens, for bills that nobody reads here: a tenth of its CPU time."""
    return None


async def _warm_up(litellm: Any) -> None:
    """A completion that reaches nobody: the first one imports for another second, which no deadline should pay for."""
    hello = [{"role": "user", "content": "hello"}]
    async for _ in await litellm.acompletion(model="gpt-4o", messages=hello, mock_response="hello", stream=True):
        pass


async def _complete(spec: ModelSpec, request: Request, key: str | None, watch: Watch) -> Reply:
    try:
        async with asyncio.timeout(spec.timeout_s) as whole:
            stream = await _open(spec, request, key)
            try:
                return await read_reply(stream, spec, request, watch, whole.when() or math.inf)
            finally:
                await stream.aclose()  # a stream that was given up would keep its connection, and they are few
    except TimeoutError as error:
        message = f"no whole answer within {spec.timeout_s:g} s"
        raise ProviderFault(message, transient=True, hint="raise timeout_s, or ask for less at once") from error
    except Exception as error:
        fault = as_fault(error, spec)
        if fault is None:
            raise
        raise fault from error


def _open(spec: ModelSpec, request: Request, key: str | None) -> Any:
    import litellm

    return litellm.acompletion(
        model=spec.model,
        api_base=spec.api_base,
        api_key=key,
        messages=_messages(spec, request),
        **_given(spec),
        stream=True,
        stream_options={"include_usage": True},
        drop_params=True,  # a model without temperature is asked without it
        timeout=spec.timeout_s,
        num_retries=0,
        max_retries=0,
        allowed_openai_params=_allowed(spec),
    )


def _given(spec: ModelSpec) -> dict[str, Any]:
    """The parameters that were set; what is None is not sent."""
    given = {"temperature": spec.temperature, "max_tokens": spec.max_output_tokens}
    return {name: value for name, value in given.items() if value is not None} | spec.params


def _allowed(spec: ModelSpec) -> list[str]:
    """What is sent though the provider's list does not have it: what was set by hand, and `max_retries`, without which
    the OpenAI SDK asks three times by itself.
    """
    import litellm
    from litellm.constants import openai_compatible_providers

    provider = litellm.get_llm_provider(model=spec.model, api_base=spec.api_base)[1]
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
