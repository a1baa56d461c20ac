"""What a model's tokens cost, from the price map that LiteLLM brings, read without importing LiteLLM."""

import functools
import importlib.util
import re
from pathlib import Path
from typing import Any

import msgspec

from codegen_tasks.records import ModelSpec, Record

PRICE_MAP = "model_prices_and_context_window_backup.json"
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


def price_of(spec: ModelSpec) -> Price | None:
    """The price of a model's tokens; None if nobody told us. What runs on this machine is free."""
    if spec.model.startswith("local/"):
        return FREE
    return None if spec.command else _listed(spec.model)


@functools.cache
def _listed(model: str) -> Price | None:
    entry = _price_map().get(model)
    provider, _, bare = model.partition("/")
    if entry is None and bare:
        entry = _price_map().get(bare)
        if entry is not None and entry.get("litellm_provider") != provider:
            return None
    if entry is None or entry.get("input_cost_per_token") is None:
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
def _price_map() -> dict[str, dict[str, Any]]:
    found = importlib.util.find_spec("litellm")
    places = found.submodule_search_locations if found is not None else None
    if not places:
        return {}
    entries = msgspec.json.decode((Path(places[0]) / PRICE_MAP).read_bytes())
    return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}
