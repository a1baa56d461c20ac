"""What decides how a question is asked, but not what: bound by the pipeline, never hashed."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from codegen_tasks.errors import Try
from codegen_tasks.files import append_line
from codegen_tasks.generate.budget import Budget
from codegen_tasks.generate.limits import Limits
from codegen_tasks.records import Record, Reply
from codegen_tasks.store import Store


@dataclass(frozen=True)
class Progress:
    """Where a unit stands: `state` is waiting, asking, retrying, repairing, stored, done or failed."""

    unit: str
    state: str
    model: str = ""
    tokens: int = 0


def _show_nobody(_progress: Progress) -> None:
    pass


class Event(Record, frozen=True, omit_defaults=True):
    """One line of events.jsonl. `event` is reply, fault, refused, stored or check; `time` are seconds since 1970.

    `counted` marks usage that we counted ourselves: nobody reported it.
    """

    time: float
    event: str
    unit: str = ""
    model: str = ""
    fault: str = ""
    seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float | None = None
    counted: bool = False


@dataclass(frozen=True)
class Asking:
    """How to ask. `repair` is the text of templates/repair.j2; `{{ refusal }}` in it is replaced by the refusal.

    `events` is the log that attempts are added to. `stop` is set when the run ends: whoever waits then raises
    Interrupted. `backoff_s` is the first step of the waits between tries. All units share `limits` and `budget`.
    `log_lost` is set once the log cannot be written: that is said once and costs no reply.
    """

    store: Store
    repair: str
    repairs: int = 2
    offline: bool = False
    events: Path | None = None
    show: Callable[[Progress], None] = _show_nobody
    stop: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic
    backoff_s: float = 0.5
    limits: Limits = field(default_factory=Limits)
    budget: Budget = field(default_factory=Budget)
    log_lost: threading.Event = field(default_factory=threading.Event)

    def log_try(self, event: str, unit: str, tried: Try, cost_usd: float | None = None, counted: bool = False) -> None:
        """Adds a call that brought no accepted reply to the log."""
        counts = (tried.seconds, tried.input_tokens, tried.output_tokens, 0, cost_usd, counted)
        self._log(Event(time.time(), event, unit, tried.model, tried.fault, *counts))

    def log_reply(self, event: str, unit: str, reply: Reply, seconds: float = 0.0) -> None:
        """Adds a reply to the log."""
        counts = (seconds, reply.input_tokens, reply.output_tokens, reply.cached_tokens, reply.cost_usd, reply.counted)
        self._log(Event(time.time(), event, unit, reply.model, "", *counts))

    def log_check(self, name: str, verdict: str) -> None:
        """Adds a check's verdict to the log."""
        self._log(Event(time.time(), "check", name, "", verdict))

    def _log(self, event: Event) -> None:
        if self.events is None:
            return
        try:
            append_line(self.events, msgspec.json.encode(event))
        except OSError as error:
            if not self.log_lost.is_set():
                self.log_lost.set()
                self.store.tell(f"{os.path.relpath(self.events)}: {error.strerror}; going on without this log")
