"""What LiteLLM raises becomes a fault that says whether it may pass. It asks nobody."""

import email.utils
import time
from typing import Any

from codegen_tasks.providers.call import ProviderFault
from codegen_tasks.records import ModelSpec

QUOTA = ("insufficient_quota", "current quota", "billing", "credit balance")
PASSING = frozenset({200, 408, 409, 425, 429})  # and everything from 500 on; 200 is an error inside a good answer


def as_fault(error: Exception, spec: ModelSpec) -> ProviderFault | None:
    """The fault behind an error of LiteLLM or its HTTP clients; None if it is not theirs."""
    import openai
    from litellm import exceptions

    if isinstance(error, ProviderFault):
        return error
    if isinstance(error, openai.OpenAIError):
        text = _text(error)
        if isinstance(error, exceptions.ContextWindowExceededError):
            return ProviderFault(
                f"the context is too long: {text}", transient=False, hint="lower context.budget_tokens"
            )
        if isinstance(error, exceptions.ContentPolicyViolationError) or "content_filter" in text:
            return ProviderFault(f"filtered: {text}", transient=False, hint="reword the plan, or use another model")
        return _by_status(error, text, spec)
    return ProviderFault(_text(error), transient=True) if isinstance(error, OSError | ValueError) else None


def _by_status(error: Exception, text: str, spec: ModelSpec) -> ProviderFault:
    from litellm import exceptions

    status = getattr(error, "status_code", None)
    quota = any(sign in text.lower() for sign in QUOTA)
    if status == 429 and not quota:
        return ProviderFault(text, transient=True, slow_down=True, retry_after=_retry_after(error))
    passing = not isinstance(status, int) or status in PASSING or status >= 500
    if passing and not quota and not isinstance(error, exceptions.AuthenticationError | exceptions.NotFoundError):
        return ProviderFault(text, transient=True, retry_after=_retry_after(error))
    return ProviderFault(text, transient=False, hint=_hint(status, quota, spec))


def _hint(status: object, quota: bool, spec: ModelSpec) -> str:
    if quota:
        return "the account is out of quota or credit: top it up, or use another model"
    if status in (401, 403):
        return f"check the key in {spec.api_key_env or 'the variable this provider reads'} and what it may use"
    if status == 404:
        return f"check the model's name {spec.model!r} and api_base"
    return f"check the settings of {spec.model!r} in codegen.yaml"


def _text(error: Exception) -> str:
    """The error in one line; LiteLLM's own prefix and advice are left out."""
    text = " ".join(str(error).split()).removeprefix("litellm.")
    return text[:500] or type(error).__name__


def _retry_after(error: Exception) -> float | None:
    """Seconds asked for by a Retry-After header, as a number or a date."""
    response: Any = getattr(error, "response", None)
    for headers in (getattr(error, "litellm_response_headers", None), getattr(response, "headers", None)):
        value = (headers or {}).get("retry-after")
        if value:
            return _seconds(value)
    return None


def _seconds(value: str) -> float | None:
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
