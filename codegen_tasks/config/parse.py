"""The text of codegen.yaml becomes a Config: keys and types are judged here, values beside it."""

import math
import re
from difflib import get_close_matches
from typing import Any, get_args

import msgspec

from codegen_tasks.config.plain_yaml import parse_yaml
from codegen_tasks.config.settings import NAME, Config
from codegen_tasks.config.values import NO_KEYS, check_values
from codegen_tasks.errors import BadConfig
from codegen_tasks.keys import without_keys

MOST_DIGITS = 18  # of a number: more do not fit into 64 bits
_EMPTY = "nothing stands below it: take the key out, or write what it is to hold ([] for none)"
HALF = re.compile("[\ud800-\udfff]")


def parse_config(data: bytes, name: str = NAME) -> Config:
    """The configuration in YAML 1.1 text of the file `name`; empty text means all defaults.

    Raises BadConfig with line or key path, and without what has the shape of a key.
    """
    try:
        return _parse(data)
    except BadConfig as error:
        said = error.message.replace(NAME, name, 1)
        raise BadConfig(without_keys(said), hint=without_keys(error.hint)) from None


def _parse(data: bytes) -> Config:
    values = _sound(parse_yaml(data, NAME), "")
    if values is None:
        return Config()
    _check_keys(values, Config, "")
    try:
        config = msgspec.convert(values, Config)
    except msgspec.ValidationError as e:
        problem, _, at = str(e).partition(" - at `$")
        place = at.rstrip("`").removeprefix(".") or "the file"
        hint = _EMPTY if problem.endswith("got `null`") else "see the table of settings in README.md"
        raise BadConfig(f"{NAME}: {place}: {problem}", hint=hint) from e
    check_values(config)
    return config


def _sound(value: Any, place: str) -> Any:
    """The value with mappings in order of their keys and escaped characters made whole. Raises BadConfig.

    JSON, which is YAML too, writes a character beyond the first 65,536 as two halves.
    """
    if isinstance(value, dict):
        if odd := [key for key in value if not isinstance(key, str)]:
            where = place or "the file"
            raise BadConfig(f"{NAME}: {where}: the key {odd[0]!s:.40} is no text", hint="put it in quotes")
        sound = {_text(key, place): _sound(inner, f"{place}.{key}" if place else key) for key, inner in value.items()}
        return dict(sorted(sound.items()))
    if isinstance(value, list):
        return [_sound(inner, f"{place}[{n}]") for n, inner in enumerate(value)]
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        raise BadConfig(f"{NAME}: {place} is far too large", hint="write a number that can be meant")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadConfig(f"{NAME}: {place} is {value}", hint="write a number")
    if not isinstance(value, int | float | None):
        raise BadConfig(f"{NAME}: {place} is a {type(value).__name__}", hint="put it in quotes if it is meant as text")
    return value


def _text(text: str, place: str) -> str:
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass") if HALF.search(text) else text
    if HALF.search(whole):
        raise BadConfig(f"{NAME}: {place} holds half a character", hint="write both halves of the \\u escape, or none")
    if "\0" in whole:
        raise BadConfig(f"{NAME}: {place} holds a NUL", hint="take it out: nothing can be named so")
    if without_keys(whole) != whole:
        raise BadConfig(f"{NAME}: {place} holds what looks like a key", hint=NO_KEYS)
    return whole


def _check_keys(values: Any, kind: Any, place: str) -> None:
    """Unknown keys are refused with the nearest known one. Wrong types are left to the conversion."""
    if isinstance(values, list):
        for i, value in enumerate(values):
            _check_keys(value, kind, f"{place}[{i}]")
    if not isinstance(values, dict):
        return
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in values.items():
        at = f"{place}.{key}" if place else str(key)
        if key not in fields:
            near = get_close_matches(str(key), fields, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(fields)}"
            raise BadConfig(f"{NAME}: unknown key {at!r}", hint=hint)
        if (inner := _record_in(fields[key])) is not None:
            _check_keys(value, inner, at)


def _record_in(kind: Any) -> Any:
    """The record that a field holds, by itself or in a tuple; None for plain values."""
    found = [one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    return found[0] if found else None
