"""A server that speaks OpenAI's chat API, asked exactly once per call, without LiteLLM: to import that takes seconds.

The question is the one that LiteLLM would send. It knows neither retries nor prices nor storage.
"""

import asyncio
import math
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from codegen_tasks.call import ProviderFault, Watch
from codegen_tasks.providers import loop
from codegen_tasks.providers.address import check_address, proxy_for
from codegen_tasks.providers.answer import make_reply, read_text
from codegen_tasks.providers.chat_stream import read_chat
from codegen_tasks.providers.finish import Ending
from codegen_tasks.providers.refusals import answered, fault_of, shown
from codegen_tasks.providers.servers import ACCOUNT, base_of, default_key, key_of, may_use_default
from codegen_tasks.providers.transport import open_client
from codegen_tasks.providers.unreached import broken, unreached
from codegen_tasks.records import ModelSpec, Reply, Request

if TYPE_CHECKING:
    import httpx

ENDPOINT = "/chat/completions"

_clients: "dict[tuple[object, ...], httpx.AsyncClient]" = {}  # by what they were set up with


def prepare(spec: ModelSpec) -> None:
    """Judges the settings before anything is sent. Raises ProviderFault."""
    check_address(spec)
    _key(spec)
    loop.start()


def ask(spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    """One streamed answer. Raises ProviderFault, Interrupted."""
    return loop.run(_complete(spec, request, _key(spec), watch), watch)


def body_of(spec: ModelSpec, request: Request) -> dict[str, Any]:
    """What is sent. What the settings call `extra_body` stands beside the rest."""
    params = dict(spec.params)
    more = params.pop("extra_body", {})
    given = {"temperature": spec.temperature, "max_tokens": spec.max_output_tokens}
    return {
        "model": spec.model.partition("/")[2],
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        **{name: value for name, value in given.items() if value is not None},
        "stream": True,
        "stream_options": {"include_usage": True},
        **params,
        **(more if isinstance(more, dict) else {}),
    }


def _key(spec: ModelSpec) -> str | None:
    if spec.api_key_env is None and may_use_default(spec, spec.model.partition("/")[0]):
        return default_key(spec)
    return key_of(spec)


def _headers(spec: ModelSpec, key: str | None) -> dict[str, str]:
    """Whom the question is from; what names an account at OpenAI goes to OpenAI."""
    headers = {"content-type": "application/json", "accept": "application/json", "user-agent": "codegen-tasks"}
    if key is not None:
        headers["authorization"] = f"Bearer {key}"
    if spec.api_base is None:
        found = {name: next(filter(None, map(os.environ.get, names)), None) for name, names in ACCOUNT.items()}
        headers |= {name: value for name, value in found.items() if value is not None}
    return headers


async def _complete(spec: ModelSpec, request: Request, key: str | None, watch: Watch) -> Reply:
    url = _url(spec)
    try:
        async with asyncio.timeout(spec.timeout_s) as whole:
            return await _exchange(url, spec, request, key, watch, whole.when() or math.inf)
    except TimeoutError as error:
        message = f"no whole answer within {spec.timeout_s:g} s"
        raise ProviderFault(message, transient=True, hint="raise timeout_s, or ask for less at once") from error
    except ProviderFault as fault:
        fault.message = shown(fault.message, spec)
        raise
    except Exception as error:
        known = _as_fault(error, spec, url)
        if known is None:
            raise
        raise known from error


async def _exchange(url: str, spec: ModelSpec, request: Request, key: str | None, watch: Watch, until: float) -> Reply:
    content = msgspec.json.encode(body_of(spec, request))
    async with _client_for(url).stream("POST", url, content=content, headers=_headers(spec, key)) as answer:
        if answer.status_code >= 300:
            await answer.aread()
            raise fault_of(answered(answer.status_code, answer.text, answer.headers, spec), spec)
        ending = Ending()
        text = await read_text(read_chat(answer, ending, spec), ending, watch, until)
        reply = make_reply(text, ending, spec, request)
        watch.keep(reply)
        await loop.read_others()
        return reply


def _url(spec: ModelSpec) -> str:
    base = (base_of(spec) or "").rstrip("/")
    return base if base.endswith(ENDPOINT) else base + ENDPOINT


def _client_for(url: str) -> "httpx.AsyncClient":
    """The client for addresses of this kind, made in the loop it belongs to."""
    proxy = proxy_for(url)
    tls = proxy is not None or urlsplit(url).scheme == "https"
    key = (tls, os.environ.get(proxy or ""), os.environ.get("SSL_CERT_FILE"))
    if key not in _clients:
        _clients[key] = open_client(proxy, tls=tls)
    return _clients[key]


def _as_fault(error: Exception, spec: ModelSpec, url: str) -> ProviderFault | None:
    """The fault behind an error of the client; None if it is a fault of ours."""
    import httpx

    if missing := unreached(error, spec, url):
        return missing
    return broken(error, spec) if isinstance(error, httpx.HTTPError | OSError | ValueError) else None
