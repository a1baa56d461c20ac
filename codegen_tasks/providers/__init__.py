"""One way to ask each kind of provider. It does not know what is asked, nor what becomes of the reply."""

from collections.abc import Callable

from codegen_tasks.providers import litellm_
from codegen_tasks.providers.call import ProviderFault, Watch
from codegen_tasks.records import ModelSpec, Reply, Request

__all__ = ["PROVIDERS", "ProviderFault", "Watch", "ask"]

PROVIDERS: dict[str, Callable[[ModelSpec, Request, Watch], Reply]] = {
    "litellm": litellm_.ask,
}


def provider_of(spec: ModelSpec) -> str:
    """Which of PROVIDERS serves this link of the chain."""
    if spec.command:
        return "command"
    return "local" if spec.model.startswith("local/") else "litellm"


def ask(spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    """One call to the provider of `spec`. Raises ProviderFault, and Interrupted when the run ends."""
    return PROVIDERS[provider_of(spec)](spec, request, watch)
