"""What LiteLLM and the clients below it raise becomes a fault that says whether it may pass. It asks nobody.

What a server answered is taken from the HTTP answer at the end of the chain of errors, if there is one: LiteLLM changes
some statuses (Anthropic's 529 becomes a 500), loses headers and writes bodies as Python would.
"""

import re
from dataclasses import replace
from typing import Any

from codegen_tasks.call import ProviderFault
from codegen_tasks.providers.refusals import MOST_CHARACTERS, Refusal, answered, fault_of, in_a_line, shown
from codegen_tasks.providers.unreached import broken, cause_of, unreached
from codegen_tasks.records import ModelSpec

MOST_READ = 8_000  # characters of what a library says: patterns take their time

NO_KEY = re.compile(r"missing credentials|missing [\w ]*api.?key|unable to locate credentials", re.IGNORECASE)
PREFIX = re.compile(r"^(?:(?:litellm\.)?[A-Za-z_]+(?: Error)?(?:Exception)?\s*[:-](?:\s+|$))+")
OBJECT = re.compile(r" ?[^\s<]{,80}<[^<>]{,200} at 0x[0-9a-f]+>")  # Python's names for objects say nothing to anybody


def as_fault(error: Exception, spec: ModelSpec, *, was_sent: bool) -> ProviderFault | None:
    """The fault behind an error of LiteLLM or its HTTP clients; None if it is not theirs.

    `was_sent`: a request had left. If none had, and no connection was tried either, the settings do not suffice.
    """
    import openai
    from litellm import exceptions

    if own := cause_of(error, ProviderFault):  # LiteLLM wraps what is raised while it reads a stream
        own.message = shown(own.message, spec)
        return own
    answer = _answer(error)
    if answer is None and (unsent := _unsent(error, spec, was_sent)):
        return unsent
    if not isinstance(error, openai.OpenAIError):
        return broken(error, spec) if isinstance(error, OSError | ValueError) else None
    refusal = _told_by_library(error, spec) if answer is None else _told_by_server(answer, spec)
    too_long = isinstance(error, exceptions.ContextWindowExceededError)
    filtered = isinstance(error, exceptions.ContentPolicyViolationError)
    return fault_of(replace(refusal, too_long=too_long, filtered=filtered), spec)


def _told_by_server(answer: Any, spec: ModelSpec) -> Refusal:
    import httpx

    try:
        body = answer.text
    except httpx.ResponseNotRead:
        body = ""
    return answered(answer.status_code, body, answer.headers, spec)


def _told_by_library(error: Exception, spec: ModelSpec) -> Refusal:
    """As LiteLLM has it. Without headers the status is its invention, but tells how it takes the error."""
    status = getattr(error, "status_code", None)
    headers = getattr(error, "litellm_response_headers", None)
    return Refusal(status if isinstance(status, int) else None, _words(error, spec), headers)


def _answer(error: Exception) -> Any:
    """The HTTP answer with an error status that led to this error."""
    import httpx

    refused = cause_of(error, httpx.HTTPStatusError)
    return None if refused is None else refused.response


def _unsent(error: Exception, spec: ModelSpec, was_sent: bool) -> ProviderFault | None:
    """What kept a question from being sent, if that is it: nobody bills it."""
    text = _text(error, spec)
    if NO_KEY.search(text):
        hint = "set the variable that the message names, or name another as api_key_env"
        return ProviderFault(text, transient=False, hint=hint, for_all=True)
    if missing := cause_of(error, ImportError):
        hint = "install what this provider needs, or name another model"
        return ProviderFault(_text(missing, spec), transient=False, hint=hint, for_all=True, free=True)
    if connection := unreached(error, spec, spec.api_base):
        return connection
    if was_sent or cause_of(error, OSError, TimeoutError):
        return None
    hint = f"check the settings of {spec.model!r}: model, api_base, api_key_env, params"
    return ProviderFault(text, transient=False, hint=hint, for_all=True)


def _text(error: Exception, spec: ModelSpec) -> str:
    """What people see of what a client or a library says."""
    return _words(error, spec)[:MOST_CHARACTERS]


def _words(error: Exception, spec: ModelSpec) -> str:
    """All that a client or a library says, without the names LiteLLM puts before and after it."""
    text = " ".join(str(error)[:MOST_READ].split())
    for appendix in (" Original exception:", " Traceback (most recent call last)"):
        text = text.partition(appendix)[0]
    return in_a_line(PREFIX.sub("", OBJECT.sub("", text)), spec) or type(error).__name__
