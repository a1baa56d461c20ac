"""One way to ask each kind of provider. It does not know what is asked, nor what becomes of the reply.

A provider's module is imported when it is asked: a run that has nothing to ask shall not pay for it.
"""

from collections.abc import Callable

from codegen_tasks.providers.call import ProviderFault, Watch
from codegen_tasks.records import ModelSpec, Reply, Request

__all__ = ["PROVIDERS", "ProviderFault", "Watch", "ask", "end_all", "prepare"]


def _ask_litellm(spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    from codegen_tasks.providers import litellm_

    return litellm_.ask(spec, request, watch)


def _ask_local(spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    from codegen_tasks.providers import local

    return local.ask(spec, request, watch)


def _ask_command(spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    from codegen_tasks.providers import command

    return command.ask(spec, request, watch)


PROVIDERS: dict[str, Callable[[ModelSpec, Request, Watch], Reply]] = {
    "litellm": _ask_litellm,
    "local": _ask_local,
    "command": _ask_command,
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
        from codegen_tasks.providers import litellm_

        litellm_.prepare(spec)


def end_all() -> None:
    """Ends what calls have started outside this process and must not outlive it."""
    from codegen_tasks.providers import command

    command.end_all()
