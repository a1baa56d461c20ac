"""Whether a setting's value can be meant: numbers in their ranges, text without NULs, no key where none belongs.

It knows what settings are for, not how they are written.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from codegen_tasks.config.settings import NAME, Check, Config
from codegen_tasks.errors import BadConfig
from codegen_tasks.keys import looks_like_key
from codegen_tasks.records import ModelSpec

MOST = 10**9  # of whatever is counted: more is a slip
MOST_JOBS = 10_000
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OURS = frozenset({
    "model", "messages", "stream", "stream_options", "n", "timeout", "max_retries", "num_retries", "api_base",
    "base_url", "extra_headers", "headers", "client", "mock_response", "fallbacks", "drop_params",
    "custom_llm_provider", "allowed_openai_params",
})  # fmt: skip
KEYS = re.compile(
    r"(?:^|.*[_-])(?:api_?key|access_key|secret|password|authorization|credentials?)(?:_id)?|(?:.*(?:auth|access|bearer)_)?token|key",
    re.IGNORECASE,
)
RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9]{24,}")  # nobody names a model so
HERE_ALREADY = {"temperature": "temperature", "max_tokens": "max_output_tokens",
                "max_completion_tokens": "max_output_tokens"}  # fmt: skip
NO_KEYS = "keys never stand in this file: put it into an environment variable and name that as api_key_env"


def check_values(config: Config) -> None:
    """Raises BadConfig for the first value that cannot be meant."""
    if not config.roles.codegen:
        raise BadConfig(f"{NAME}: roles.codegen is empty", hint="name at least one model, or leave the key out")
    for i, spec in enumerate(config.roles.codegen):
        _check_model(f"roles.codegen[{i}]", spec)
    _check_range("generate.jobs", config.generate.jobs, 1, MOST_JOBS)
    _check_range("generate.repairs", config.generate.repairs, 0)
    _check_range("generate.max_cost_usd", config.generate.max_cost_usd or 0, 0)
    _check_range("diff.context_lines", config.diff.context_lines, 0)
    _check_range("context.summary_tokens", config.context.summary_tokens, 0)
    _check_range("context.budget_tokens", config.context.budget_tokens, 1)
    _check_commands(config.check)
    _check_globs("context.exclude", config.context.exclude)
    _check_globs("scope.allow", config.scope.allow)
    _check_globs("check.hidden", config.check.hidden)


def _check_globs(place: str, globs: tuple[str, ...]) -> None:
    if not globs:
        return
    from pathspec import GitIgnoreSpec

    for n, glob in enumerate(globs):
        try:
            GitIgnoreSpec.from_lines([glob])
        except ValueError as error:
            message = f"{NAME}: {place}[{n}]: {glob!r} is no pattern: {error}"
            raise BadConfig(message, hint="write it as in .gitignore") from error


def _check_format(at: str, name: str) -> None:
    from codegen_tasks.edits import FORMATS  # not on a run that read these settings before

    known = ("auto", *FORMATS)
    if name not in known:
        raise BadConfig(f"{NAME}: {at}.format is unknown", hint=f"{', '.join(known[:-1])} or {known[-1]}")


def _check_model(at: str, spec: ModelSpec) -> None:
    if bool(spec.model) == bool(spec.command):
        raise BadConfig(f"{NAME}: {at} needs either model or command", hint="write one of the two")
    _check_format(at, spec.format)
    _check_range(f"{at}.max_output_tokens", 1 if spec.max_output_tokens is None else spec.max_output_tokens, 1)
    _check_range(f"{at}.timeout_s", spec.timeout_s, 0.001)
    _check_range(f"{at}.retries", spec.retries, 0)
    _check_range(f"{at}.temperature", spec.temperature or 0, 0)
    _check_keys(at, spec)
    for name, value in spec.params.items():
        _check_param(f"{at}.params", name, value, spec)


def _check_keys(at: str, spec: ModelSpec) -> None:
    """No key stands in the file, wherever it may have been put by mistake. What is refused here is not repeated."""
    named = spec.api_key_env
    if named is not None and (VARIABLE.fullmatch(named) is None or looks_like_key(named)):
        message = f"{NAME}: {at}.api_key_env is not the name of an environment variable"
        raise BadConfig(message, hint=f"{NO_KEYS}; what stands there is not shown, as it may be a key")
    address = _parts(spec.api_base or "")
    if address is not None and ("@" in address.netloc or address.query or address.fragment):
        message = f"{NAME}: {at}.api_base holds more than an address: a user, a password, or what follows ? or #"
        raise BadConfig(message, hint=NO_KEYS)
    if RANDOM.fullmatch(spec.model.rpartition("/")[2]):
        raise BadConfig(
            f"{NAME}: {at}.model is no name of a model", hint=f"{NO_KEYS}; it is not shown, as it may be a key"
        )


def _parts(url: str) -> Any:
    """The parts of a URL; None if it is none at all."""
    try:
        return urlsplit(url.strip())
    except ValueError:
        return None


def _check_param(at: str, name: str, value: Any, spec: ModelSpec) -> None:
    if _holds_key({name: value}):
        raise BadConfig(f"{NAME}: {at} holds a key", hint=NO_KEYS)
    if name in OURS:
        raise BadConfig(f"{NAME}: {at}.{name} is not for you to set", hint="take it out: it is set with each question")
    ours = HERE_ALREADY.get(name)
    if ours is not None and getattr(spec, ours) is not None:
        raise BadConfig(f"{NAME}: {at}.{name} and {ours} say the same", hint=f"set {ours}, or set it to null")


def _holds_key(value: Any) -> bool:
    if isinstance(value, dict):
        return any(KEYS.fullmatch(str(name)) or _holds_key(inner) for name, inner in value.items())
    if isinstance(value, list):
        return any(map(_holds_key, value))
    return False


def _check_commands(check: Check) -> None:
    _check_range("check.repairs", check.repairs, 0)
    _check_range("check.candidates", check.candidates, 1)
    names = [command.name for command in check.commands]
    for i, command in enumerate(check.commands):
        at = f"check.commands[{i}]"
        if not command.name.strip() or names.count(command.name) > 1:
            raise BadConfig(f"{NAME}: {at}.name is empty, or stands twice", hint="give each check a name of its own")
        if not command.run or not command.run[0]:
            raise BadConfig(f"{NAME}: {at}.run is empty", hint="write the program and its arguments as a list")
        _check_range(f"{at}.timeout_s", command.timeout_s, 0.001)
        _check_globs(f"{at}.inputs", command.inputs)


def _check_range(place: str, value: float, least: float, most: float = MOST) -> None:
    if not least <= value <= most:
        raise BadConfig(f"{NAME}: {place} is {value}", hint=f"write a number from {least:g} to {most:g}")
