"""What decides how a question is asked, but not what: bound by the pipeline, never hashed."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from codegen_tasks.store import Store


@dataclass(frozen=True)
class Progress:
    """Where a unit stands: `state` is waiting, asking, stored, retrying, repairing, done or failed."""

    unit: str
    state: str
    model: str = ""
    tokens: int = 0


def _show_nobody(_progress: Progress) -> None:
    pass


@dataclass(frozen=True)
class Asking:
    """How to ask. `repair` is the text of templates/repair.j2; `{{ refusal }}` in it is replaced by the refusal.

    `events` is the log that attempts are added to. `stop` is set when the run ends: whoever waits then raises
    Interrupted. `backoff_s` is the first step of the waits between tries.
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
