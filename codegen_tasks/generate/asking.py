"""What decides how a question is asked, but not what: bound by the pipeline, never hashed."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from codegen_tasks.errors import Try
from codegen_tasks.events import EventLog
from codegen_tasks.generate.budget import Budget
from codegen_tasks.generate.limits import Limits
from codegen_tasks.lease import Leases
from codegen_tasks.records import Reply
from codegen_tasks.store import Store


@dataclass(frozen=True)
class Progress:
    """Where a unit stands: `state` is waiting, asking, retrying, repairing, stored, done or failed.

    `cost_usd` is what its calls have cost in this run, as far as prices are known.
    """

    unit: str
    state: str
    model: str = ""
    tokens: int = 0
    cost_usd: float = 0.0


def _show_nobody(_progress: Progress) -> None:
    pass


@dataclass(frozen=True)
class Asking:
    """How to ask. `repair` is the text of templates/repair.j2; `{{ refusal }}` in it is replaced by the refusal.

    Attempts are added to `log`. `stop` is set when the run ends: whoever waits then raises Interrupted. `backoff_s` is
    the first step of the waits between tries. All units share `limits`, `budget` and `leases`.
    """

    store: Store
    repair: str
    repairs: int = 2
    offline: bool = False
    log: EventLog = field(default_factory=lambda: EventLog(None))
    show: Callable[[Progress], None] = _show_nobody
    stop: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic
    backoff_s: float = 0.5
    limits: Limits = field(default_factory=Limits)
    budget: Budget = field(default_factory=Budget)
    leases: Leases = field(default_factory=Leases)

    def log_try(
        self,
        event: Literal["fault", "refused", "too_dear"],
        unit: str,
        tried: Try,
        cost_usd: float | None = None,
        counted: bool = False,
    ) -> None:
        """Adds a call that brought no accepted reply to the log."""
        counts = {"input_tokens": tried.input_tokens, "output_tokens": tried.output_tokens}
        facts = {"model": tried.model, "fault": tried.fault, "seconds": tried.seconds, **counts}
        self.log.add(event, unit=unit, **facts, cost_usd=cost_usd, counted=counted)

    def log_reply(self, event: Literal["reply", "stored"], unit: str, reply: Reply, seconds: float = 0.0) -> None:
        """Adds a reply to the log."""
        counts = {name: getattr(reply, name) for name in ("input_tokens", "output_tokens", "cached_tokens")}
        facts = {"model": reply.model, "seconds": seconds, **counts}
        self.log.add(event, unit=unit, **facts, cost_usd=reply.cost_usd, counted=reply.counted)
