"""What a model's tokens cost, and how many it takes and writes, from the price map that LiteLLM brings.

LiteLLM is not imported for it, nor is the map parsed as a whole: that takes longer than a reply may wait to be stored.
"""

import functools
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import msgspec

from codegen_tasks.records import ModelSpec, Record

PRICE_MAP = "model_prices_and_context_window_backup.json"
LAYOUT = b'"%s": {'  # how an entry begins
EXAMPLE = "sample_spec"  # the entry that explains the others
MOST_ENTRY_BYTES = 1 << 16
MOST_OUTPUT_TOKENS = 200_000  # of one answer, where neither settings nor the map say
LIMITS = ("max_tokens", "max_completion_tokens", "num_predict")
TIER = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")


class Rate(Record, frozen=True):
    """US dollars per token: read as new, written as new, read from the prompt cache, written into it."""

    input: float
    output: float
    cached: float
    kept: float


class Price(Record, frozen=True):
    """`tiers` are (tokens, rate): the rate for prompts of more than so many tokens, ascending; the first is for all."""

    tiers: tuple[tuple[int, Rate], ...]

    def cost(self, input_tokens: int, output_tokens: int, cached: int = 0, kept: int = 0) -> float:
        """US dollars. `cached` and `kept` are the part of the input tokens read from and written into the cache."""
        rate = [rate for above, rate in self.tiers if input_tokens > above or above == 0][-1]
        plain = max(0, input_tokens - cached - kept)
        return plain * rate.input + cached * rate.cached + kept * rate.kept + output_tokens * rate.output

    def at_most(self, input_tokens: int, output_tokens: int) -> float:
        """US dollars that so many tokens cost at worst, whatever the cache does."""
        return max(
            max(rate.input, rate.cached, rate.kept) * input_tokens + rate.output * output_tokens
            for above, rate in self.tiers
            if input_tokens > above or above == 0
        )


FREE = Price(((0, Rate(0.0, 0.0, 0.0, 0.0)),))


def free(_spec: ModelSpec) -> Price:
    """The price of what runs on this machine."""
    return FREE


def unknown(_spec: ModelSpec) -> None:
    """The price of what nobody has told us the price of."""
    return


def listed(spec: ModelSpec) -> Price | None:
    """The price that the map has for a model's tokens; None if it has none."""
    return _listed(spec.model)


def output_limit(spec: ModelSpec) -> int:
    """The tokens that one answer has at most: as it is set, else as the model is known, else beyond any model."""
    if spec.max_output_tokens is not None:
        return spec.max_output_tokens
    found = [spec.params.get(name) for name in LIMITS] + [_entry(spec.model).get("max_output_tokens")]
    return next((limit for limit in found if isinstance(limit, int) and limit > 0), MOST_OUTPUT_TOKENS)


def window_of(spec: ModelSpec) -> int | None:
    """The tokens of a question that the model is known to take; None if nobody told us."""
    known = _entry(spec.model).get("max_input_tokens")
    return known if isinstance(known, int) and known > 0 else None


@functools.cache
def _listed(model: str) -> Price | None:
    entry = _entry(model)
    if entry.get("input_cost_per_token") is None:
        return None
    above = sorted(int(found[1]) for found in map(TIER.fullmatch, entry) if found)
    return Price(tuple((1000 * tokens, _rate(entry, tokens)) for tokens in (0, *above)))


def _rate(entry: dict[str, Any], above: int) -> Rate:
    """The rate for prompts of more than `above` thousand tokens."""

    def listed(name: str, otherwise: float) -> float:
        if above and (value := entry.get(f"{name}_above_{above}k_tokens")) is not None:
            return float(value)
        value = entry.get(name)
        return otherwise if value is None else float(value)

    new = listed("input_cost_per_token", 0.0)
    output = max(listed("output_cost_per_token", 0.0), entry.get("output_cost_per_reasoning_token") or 0.0)
    return Rate(new, output, listed("cache_read_input_token_cost", new), listed("cache_creation_input_token_cost", new))


@functools.cache
def _entry(model: str) -> dict[str, Any]:
    """What the map says of a model, by its whole name or by that behind its provider's; {} if nothing."""
    provider, _, bare = model.partition("/")
    found = _mapped(model)
    if found is None and bare:
        found = _mapped(bare)
        found = found if found is not None and found.get("litellm_provider") == provider else None
    return found or {}


def _mapped(name: str) -> dict[str, Any] | None:
    data = _price_map()
    if LAYOUT % EXAMPLE.encode() not in data:  # a release that lays it out in another way
        whole = _parsed().get(name)
        return whole if isinstance(whole, dict) else None
    at = data.find(LAYOUT % json.dumps(name).strip('"').encode())
    if at < 0:
        return None
    start = data.index(b"{", at)
    text = data[start : start + MOST_ENTRY_BYTES].decode(errors="replace")
    entry: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
    return entry


@functools.cache
def _parsed() -> dict[str, Any]:
    return msgspec.json.decode(_price_map() or b"{}", type=dict[str, Any])


@functools.cache
def _price_map() -> bytes:
    found = importlib.util.find_spec("litellm")
    places = found.submodule_search_locations if found is not None else None
    return (Path(places[0]) / PRICE_MAP).read_bytes() if places else b""
