"""What a server says when it refuses becomes a fault that says whether it may pass. It knows no library."""

import email.utils
import json
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen_tasks.call import ProviderFault
from codegen_tasks.providers.hints import about_length, about_parameter
from codegen_tasks.providers.masking import masked
from codegen_tasks.records import ModelSpec

PASSING = frozenset({200, 408, 409, 425, 429, 498, 499})  # and everything from 500 on; 200 is an error in a good answer
FOR_ALL = frozenset({401, 402, 403, 404})  # what these say of one question holds for the next as well
MOST_CHARACTERS = 500  # of what a server says
MOST_READ = 1 << 20  # characters of an error that are looked at: some send the question back

NO_QUOTA = frozenset({"insufficient_quota", "budget_exceeded"})
POOR = (
    "current quota", "billing details", "plan and billing", "credit balance", "insufficient balance", "spending limit",
    "usage limits", "available credits", "billing hard limit",
)  # fmt: skip
SOON = re.compile(
    r"\b(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)? ?(?:ms|milli|[hms])[a-z]*\s*)+)", re.IGNORECASE
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
PART = re.compile(r"(\d+(?:\.\d+)?) ?(ms|milli|[hms])", re.IGNORECASE)
SECONDS = {"ms": 0.001, "milli": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
RATE = re.compile(r"rate[ _-]?limit (?:reached|exceeded)|being rate[ -]limited|too many requests", re.IGNORECASE)
LONG = re.compile(
    r"context (?:length|window|size)|maximum (?:context|model|prompt) |context_length_exceeded|prompt is too long|"
    r"too many input tokens",
    re.IGNORECASE,
)
TOO_LARGE = "Request too large"  # for a limit per minute: it never fits
FILTER_CODES = frozenset({"content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"})
FILTER_WORDS = ("content management policy", "content filtering policy", "Content Exists Risk", "was flagged")
STATUS_OF_CODES = {
    "rate_limit_exceeded": 429, "rate_limit_error": 429, "too_many_requests": 429, "RESOURCE_EXHAUSTED": 429,
    "overloaded_error": 529, "overloaded": 529, "server_error": 500, "context_length_exceeded": 400,
    "invalid_request_error": 400, "BadRequestError": 400, "invalid_api_key": 401, "authentication_error": 401,
    "permission_error": 403, "not_found_error": 404, "model_not_found": 404,
}  # fmt: skip
NO_KEY = re.compile(r"API key not valid|incorrect API key|API_KEY_INVALID", re.IGNORECASE)


@dataclass(frozen=True)
class Refusal:
    """An error as a server told it: `headers` are None if no answer of its own carried it, `codes` its words for it.

    `too_long` and `filtered` say what a library made of it.
    """

    status: int | None
    text: str
    headers: Mapping[str, str] | None = None
    codes: frozenset[str] = field(default_factory=frozenset)
    too_long: bool = False
    filtered: bool = False


def told(error: object, spec: ModelSpec) -> Refusal:
    """The refusal in an object that a stream holds; its code may be a status, as a number or a text."""
    found = error if isinstance(error, dict) else {}
    codes = codes_in(found)
    listed = [*sorted(codes_in(found, 1)), *sorted(codes)]  # the outermost counts first
    numbers = [int(code) for code in listed if code.isdecimal() and 400 <= int(code) < 600]
    known = [STATUS_OF_CODES[code] for code in listed if code in STATUS_OF_CODES]
    text = _line(_message_in(error, json.dumps(error, ensure_ascii=False)), spec)
    return Refusal(next(iter(numbers + known), 500), text, None, codes)


def answered(status: int, body: str, headers: Mapping[str, str], spec: ModelSpec) -> Refusal:
    """The refusal that an HTTP answer is."""
    body = body[:MOST_READ].strip()
    found, place = _parsed(body), headers.get("location")
    nothing = f"redirected to {place}" if place else "the server gives no reason"
    return Refusal(status, _line(_message_in(found, body), spec) or _line(nothing, spec), headers, codes_in(found))


def fault_of(refusal: Refusal, spec: ModelSpec) -> ProviderFault:
    """The fault that a refusal is."""
    text, short = refusal.text, refusal.text[:MOST_CHARACTERS]
    status = 401 if refusal.status == 400 and NO_KEY.search(f"{text} {' '.join(refusal.codes)}") else refusal.status
    said = short if refusal.headers is None or status == 200 else f"{refusal.status}: {short}"
    permanent = not _passes(status)
    if refusal.too_long or TOO_LARGE in text or (permanent and LONG.search(f"{text} {' '.join(refusal.codes)}")):
        return ProviderFault(f"the context is too long: {short}", transient=False, hint=about_length(text, spec))
    if refusal.filtered or refusal.codes & FILTER_CODES or (permanent and any(words in text for words in FILTER_WORDS)):
        hint = "reword the plan, or use another model"
        return ProviderFault(f"stopped by a content filter: {short}", transient=False, hint=hint)
    wait = _wait(refusal)
    poor = _is_poor(refusal, wait)
    slow_down = status == 429 or (status in (400, 403) and RATE.search(text) is not None)
    if not poor and (slow_down or not permanent):
        free = refusal.headers is not None and status != 200
        return ProviderFault(said, transient=True, slow_down=slow_down, retry_after=wait, free=free)
    hint = _hint(status, poor, spec)
    if not poor and status not in FOR_ALL:
        hint = about_parameter(text, refusal.codes, spec) or hint
    return ProviderFault(said, transient=False, hint=hint, for_all=poor or status in FOR_ALL)


def _passes(status: int | None) -> bool:
    return status is None or status in PASSING or status >= 500


def _wait(refusal: Refusal) -> float | None:
    """Seconds that a server asks to wait, in a header or in words ("try again in 1m20s")."""
    wait, said = retry_after(refusal.headers or {}), SOON.search(refusal.text)
    if wait is not None or said is None:
        return wait
    return sum(float(number) * SECONDS[unit.lower()] for number, unit in PART.findall(said[1]))


def _is_poor(refusal: Refusal, wait: float | None) -> bool:
    """Whether the account is empty. Limits that pass speak of quota and billing, too, and of when to come again."""
    if refusal.codes & NO_QUOTA or refusal.status == 402:
        return True
    said = any(sign in refusal.text.lower() for sign in POOR)
    passes = wait is not None or "RetryInfo" in refusal.codes
    return said and not passes and refusal.status in (400, 403, 412, 429, None)


def _hint(status: int | None, poor: bool, spec: ModelSpec) -> str:
    if poor:
        return "the account is out of quota or credit: top it up, or use another model"
    if status in (401, 403) and spec.api_key_env is None and spec.api_base is not None:
        return "name the variable that holds the key for this address as api_key_env: none is sent there by itself"
    if status in (401, 403):
        return f"check the key in {spec.api_key_env or 'the variable this provider reads'} and what it may use"
    if status == 404:
        return f"check the model's name {spec.model!r} and api_base"
    return f"check the settings of {spec.model!r} in codegen.yaml"


def in_a_line(said: str, spec: ModelSpec) -> str:
    """What was said in one line, without keys; of JSON its message."""
    said = said[:MOST_READ].strip()
    return _line(_message_in(_parsed(said), said), spec)


def _line(text: str, spec: ModelSpec) -> str:
    return _clean(" ".join(text.split()), spec).encode(errors="backslashreplace").decode()


def shown(text: str, spec: ModelSpec) -> str:
    """What people see of it: without keys, and no more than a few lines."""
    return _clean(text, spec)[:MOST_CHARACTERS]


def _clean(text: str, spec: ModelSpec) -> str:
    return CONTROL.sub(" ", masked(text, spec))


def codes_in(found: object, depth: int = 7) -> frozenset[str]:
    """The words and numbers by which an error names its kind, wherever they stand in it."""
    if not depth or not isinstance(found, dict | list):
        return frozenset()
    inner = found.values() if isinstance(found, dict) else found
    names = ("code", "type", "status", "status_code", "@type", "param")
    own = [found.get(name) for name in names] if isinstance(found, dict) else []
    words = {str(value).rpartition(".")[2] for value in own if isinstance(value, str | int)}
    return frozenset(words).union(*(codes_in(value, depth - 1) for value in inner))


def _parsed(text: str) -> object:
    """The value that a text in JSON is; None if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _message_in(found: object, body: str) -> str:
    """The message of an error, in the shapes of OpenAI, Anthropic, Gemini (a list), FastAPI and OpenRouter."""
    while isinstance(found, list) and found:
        found = found[0]
    if isinstance(found, str):
        return found
    if not isinstance(found, dict):
        return body
    inner = found.get("error")
    if isinstance(inner, dict | list):
        return _message_in(inner, body)
    words = [found.get(name) for name in ("error", "message", "detail")]
    raw = found["metadata"].get("raw") if isinstance(found.get("metadata"), dict) else None
    said = [word for word in (*words, raw) if isinstance(word, str) and word]
    return ": ".join(dict.fromkeys(said)) or body


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait, as a number or a date; None if it does neither."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(headers["retry-after-ms"]) / 1000 if "retry-after-ms" in headers else float(value)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
