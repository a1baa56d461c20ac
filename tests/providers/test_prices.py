"""Our prices against LiteLLM's own arithmetic, for models of several makers and shapes of price."""

import pytest

from codegen_tasks.providers import price_of
from codegen_tasks.providers.prices import FREE
from codegen_tasks.records import ModelSpec


@pytest.mark.parametrize("tokens", [(1000, 500, 0, 0), (5000, 10, 4000, 0), (5000, 10, 1000, 3000), (300_000, 9, 0, 0)])
@pytest.mark.parametrize(
    "name",
    [
        "openai/gpt-4o-mini",
        "gpt-4.1",
        "anthropic/claude-sonnet-4-5",
        "anthropic/claude-haiku-4-5",
        "gemini/gemini-2.5-pro",
        "deepseek/deepseek-chat",
        "mistral/mistral-large-latest",
    ],
)
def test_costs_are_litellms(name: str, tokens: tuple[int, int, int, int]) -> None:
    from codegen_tasks.providers.litellm_ import load

    into, out, cached, kept = tokens
    if kept and not name.startswith("anthropic"):
        pytest.skip("only Anthropic counts what is written into its cache")
    price = price_of(ModelSpec(name))
    assert price is not None
    theirs = load().cost_per_token(
        model=name,
        prompt_tokens=into,
        completion_tokens=out,
        cache_read_input_tokens=cached,
        cache_creation_input_tokens=kept,
    )
    assert price.cost(into, out, cached, kept) == pytest.approx(sum(theirs))
    assert price.at_most(into, out) >= price.cost(into, out, cached, kept)


@pytest.mark.parametrize(
    ("spec", "price"),
    [
        pytest.param(ModelSpec("local/smollm2"), FREE, id="local"),
        pytest.param(ModelSpec("openai/nobody-has-heard-of-it"), None, id="unknown"),
        pytest.param(ModelSpec("hosted_vllm/gpt-4o"), None, id="another-provider's-name"),
        pytest.param(ModelSpec(command=("agent",)), None, id="command"),
    ],
)
def test_who_has_no_listed_price(spec: ModelSpec, price: object) -> None:
    assert price_of(spec) == price
