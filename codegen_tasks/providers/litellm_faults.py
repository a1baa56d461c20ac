"""What LiteLLM raises becomes a fault that says whether it may pass. It asks nobody.

What a server answered is taken from the HTTP answer at the end of the chain of errors, if there is one: LiteLLM changes
some statuses (Anthropic's 529 becomes a 500), loses headers and writes bodies as Python would.
"""

import email.utils
import json
import re
import time
from typing import Any, TypeVar

from codegen_tasks.providers.call import ProviderFault
from codegen_tasks.providers.masking import masked
from codegen_tasks.records import ModelSpec

QUOTA = ("insufficient_quota", "current quota", "billing", "credit balance")
PASSING = frozenset({200, 408, 409, 425, 429})  # and everything from 500 on; 200 is an error inside a good answer
FOR_ALL = frozenset({401, 402, 403, 404})  # what these say of one question holds for the next as well
MOST_CHARACTERS = 500  # of what a server says
MOST_READ = 8_000  # of what an error says: some hold a whole page, and patterns take their time

E = TypeVar("E", bound=Exception)

NO_KEY = re.compile(r"missing credentials|missing [\w ]*api.?key|unable to locate credentials", re.IGNORECASE)
PREFIX = re.compile(r"^(?:(?:litellm\.)?[A-Za-z_]+(?: Error)?(?:Exception)?\s*[:-](?:\s+|$))+")
OBJECT = re.compile(r" ?[^\s<]{,80}<[^<>]{,200} at 0x[0-9a-f]+>")  # Python's names for objects say nothing to anybody


def as_fault(error: Exception, spec: ModelSpec) -> ProviderFault | None:
    """The fault behind an error of LiteLLM or its HTTP clients; None if it is not theirs."""
    import openai
    from litellm import exceptions

    if own := _cause(error, ProviderFault):  # LiteLLM wraps what is raised while it reads a stream
        return own
    answer = _answer(error)
    text = _text(error, spec) if answer is None else _said(answer, spec)
    if not isinstance(error, openai.OpenAIError):
        return ProviderFault(text, transient=True) if isinstance(error, OSError | ValueError) else None
    if isinstance(error, exceptions.ContextWindowExceededError):
        hint = "lower context.budget_tokens, plan smaller units, or use a model with a longer context"
        return ProviderFault(f"the context is too long: {text}", transient=False, hint=hint)
    filtered = "content_filter" in str(error) or "content management policy" in text
    if filtered or isinstance(error, exceptions.ContentPolicyViolationError):
        hint = "reword the plan, or use another model"
        return ProviderFault(f"stopped by a content filter: {text}", transient=False, hint=hint)
    unsent = None if answer is not None else _unsent(error, text, spec)
    return unsent or _by_status(error, answer, text, spec)


def _answer(error: Exception) -> Any:
    """The HTTP answer with an error status that led to this error."""
    import httpx

    refused = _cause(error, httpx.HTTPStatusError)
    return None if refused is None else refused.response


def _unsent(error: Exception, text: str, spec: ModelSpec) -> ProviderFault | None:
    """What kept a question from being sent, if that is it: nobody bills it."""
    import httpx

    if NO_KEY.search(text):
        hint = "set the variable that the message names, or name another as api_key_env"
        return ProviderFault(text, transient=False, hint=hint, for_all=True)
    if missing := _cause(error, ImportError):
        hint = "install what this provider needs, or name another model"
        return ProviderFault(_text(missing, spec), transient=False, hint=hint, for_all=True, free=True)
    if _cause(error, httpx.TooManyRedirects):
        hint = "set api_base to the address that answers by itself"
        return ProviderFault("redirected in circles", transient=False, hint=hint, for_all=True)
    unreached = _cause(error, httpx.ConnectError, httpx.ConnectTimeout)
    return ProviderFault(_text(unreached, spec), transient=True, free=True) if unreached else None


def _cause(error: BaseException | None, *kinds: type[E]) -> E | None:
    """The error of one of these kinds that led to this one: LiteLLM calls most of them errors of the server."""
    while error is not None and not isinstance(error, kinds):
        error = error.__cause__ or error.__context__
    return error


def _by_status(error: Exception, answer: Any, text: str, spec: ModelSpec) -> ProviderFault:
    headers = getattr(error, "litellm_response_headers", None) if answer is None else answer.headers
    status = getattr(error, "status_code", None) if answer is None else answer.status_code
    free = headers is not None and status != 200  # without headers the status is LiteLLM's invention
    said = f"{status}: {text}" if free else text
    quota = any(sign in str(error).lower() for sign in QUOTA)
    passing = not isinstance(status, int) or status in PASSING or status >= 500
    if passing and not quota:
        wait = _seconds((headers or {}).get("retry-after", ""))
        return ProviderFault(said, transient=True, slow_down=status == 429, retry_after=wait, free=free)
    return ProviderFault(said, transient=False, hint=_hint(status, quota, spec), for_all=quota or status in FOR_ALL)


def _hint(status: object, quota: bool, spec: ModelSpec) -> str:
    if quota or status == 402:
        return "the account is out of quota or credit: top it up, or use another model"
    if status in (401, 403):
        return f"check the key in {spec.api_key_env or 'the variable this provider reads'} and what it may use"
    if status == 404:
        return f"check the model's name {spec.model!r} and api_base"
    return f"check the settings of {spec.model!r} in codegen.yaml"


def _said(answer: Any, spec: ModelSpec) -> str:
    """What a server said beside the status of its answer."""
    import httpx

    try:
        body = answer.content[:MOST_READ].decode(errors="replace")
    except httpx.ResponseNotRead:
        body = ""
    return _in_a_line(" ".join(body.split()), spec) or "the server gives no reason"


def _text(error: Exception, spec: ModelSpec) -> str:
    """What a client or the library says, without the names LiteLLM puts before and after it."""
    text = " ".join(str(error)[:MOST_READ].split())
    for appendix in (" Original exception:", " Traceback (most recent call last)"):
        text = text.partition(appendix)[0]
    return _in_a_line(PREFIX.sub("", OBJECT.sub("", text)), spec) or type(error).__name__


def _in_a_line(text: str, spec: ModelSpec) -> str:
    said = _message_of(text) if text.startswith(("{", "[")) else text
    return masked(said, spec).encode(errors="backslashreplace").decode()[:MOST_CHARACTERS]


def _message_of(body: str) -> str:
    """The message in the JSON of an error, in the shapes of OpenAI, Anthropic, Gemini (a list) and FastAPI."""
    try:
        found = json.loads(body)
    except ValueError:
        return body
    while isinstance(found, list) and found:
        found = found[0]
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and found.get(name):
            found = found[name]
    return found if isinstance(found, str) else body


def _seconds(value: str) -> float | None:
    """What a Retry-After header asks for, as a number or a date; None if it does neither."""
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
