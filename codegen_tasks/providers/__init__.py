"""One way to ask each kind of provider. It does not know what is asked, nor what becomes of the reply.

A provider is a module with `ask` and `prepare`, and a row in PROVIDERS. The module is imported when it is asked: a run
that has nothing to ask shall not pay for it.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from codegen_tasks.call import ProviderFault, Watch
from codegen_tasks.providers.prices import Price, free, listed, unknown
from codegen_tasks.providers.servers import is_plain
from codegen_tasks.providers.windows import check_window
from codegen_tasks.records import ModelSpec, Reply, Request

__all__ = ["PROVIDERS", "ProviderFault", "Watch", "ask", "end_all", "prepare", "price_of"]


class Module(Protocol):
    """What a provider's module offers."""

    def ask(self, spec: ModelSpec, request: Request, watch: Watch) -> Reply:
        """One call. Raises ProviderFault, and Interrupted when the run ends."""

    def prepare(self, spec: ModelSpec) -> None:
        """What is judged, or takes seconds, before the first call. Raises ProviderFault."""


class Provider(NamedTuple):
    """Which links of a chain it `serves`, its module, and what it takes for tokens (None: nobody told us)."""

    serves: Callable[[ModelSpec], bool]
    module: Callable[[], Module]
    price: Callable[[ModelSpec], Price | None]


def _command() -> Module:
    from codegen_tasks.providers import command

    return command


def _local() -> Module:
    from codegen_tasks import local

    return local


def _chat() -> Module:
    from codegen_tasks.providers import chat

    return chat


def _litellm() -> Module:
    from codegen_tasks.providers import litellm_

    return litellm_


PROVIDERS: dict[str, Provider] = {  # the first that serves a link is asked
    "command": Provider(lambda spec: bool(spec.command), _command, unknown),
    "local": Provider(lambda spec: spec.model.startswith("local/"), _local, free),
    "chat": Provider(is_plain, _chat, listed),
    "litellm": Provider(lambda _: True, _litellm, listed),
}


def _provider(spec: ModelSpec) -> Provider:
    return next(provider for provider in PROVIDERS.values() if provider.serves(spec))


def prepare(spec: ModelSpec) -> None:
    """Does what takes seconds before the first call, so that no deadline runs meanwhile. Raises ProviderFault."""
    _provider(spec).module().prepare(spec)


def ask(spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    """One call to the provider of `spec`. Raises ProviderFault, and Interrupted when the run ends."""
    check_window(spec, request)
    return _provider(spec).module().ask(spec, request, watch)


def price_of(spec: ModelSpec) -> Price | None:
    """The price of a model's tokens; None if nobody told us."""
    return _provider(spec).price(spec)


def end_all() -> None:
    """Ends what calls have started outside this process and must not outlive it."""
    from codegen_tasks.providers import command

    command.end_all()
