"""One way to ask each kind of provider. It does not know what is asked, nor what becomes of the reply."""

from collections.abc import Callable

from codegen_tasks.providers import command, litellm_, local
from codegen_tasks.providers.call import ProviderFault, Watch
from codegen_tasks.records import ModelSpec, Reply, Request

__all__ = ["PROVIDERS", "ProviderFault", "Watch", "ask", "prepare"]

PROVIDERS: dict[str, Callable[[ModelSpec, Request, Watch], Reply]] = {
    "litellm": litellm_.ask,
    "local": local.ask,
    "command": command.ask,
}


def provider_of(spec: ModelSpec) -> str:
    """Which of PROVIDERS serves this link of the chain."""
    if spec.command:
        return "command"
    return "local" if spec.model.startswith("local/") else "litellm"


def ask(spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    """One call to the provider of `spec`. Raises ProviderFault, and Interrupted when the run ends."""
    return PROVIDERS[provider_of(spec)](spec, request, watch)


def prepare(spec: ModelSpec) -> None:
    """Does what takes seconds before the first call, so that no deadline runs meanwhile. Raises ProviderFault."""
    if provider_of(spec) == "litellm":
        litellm_.prepare(spec)
