"""What happens in runs, a line each in .codegen/events.jsonl, for whoever draws a run from outside. It decides nothing.

A run that has nothing to do adds no line. A line that was cut off is taken away, and a log that has grown over MOST is
put aside, in place of the one before, when a run begins: so there are never more than two, and one run's lines stay
together.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec

from codegen_tasks.files import append_line, mend_log
from codegen_tasks.records import Record

MOST = 4 << 20  # bytes of a log that the next run goes on with

Name = Literal[
    "run_begin", "step_begin", "step_end", "reply", "fault", "too_dear", "refused", "stored", "check", "run_end"
]  # fmt: skip


class Event(Record, frozen=True, omit_defaults=True):
    """One line of events.jsonl. `seq` grows by one a line; `time` are seconds since 1970.

    run_begin: `units` is how many units are written by models. step_begin, step_end: `stage` and `unit` (empty: the
    step is for all); `outcome` is done, sent_back or a kind of failure. reply, fault, too_dear, refused, stored: a call
    for `unit`, or what stood for it; `fault` says why it brought nothing, `counted` marks usage that nobody reported.
    check: `check` is its name, `outcome` its verdict. run_end: `outcome` is ready, done or a kind of failure.
    """

    seq: int
    time: float
    event: Name
    stage: str = ""
    unit: str = ""
    outcome: str = ""
    check: str = ""
    model: str = ""
    fault: str = ""
    seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float | None = None
    counted: bool = False
    units: int = 0


class Tally:
    """What a run has asked so far: units by name. `priced` is false once a price is not known."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.stored: set[str] = set()
        self.refused: set[str] = set()
        self.failed: set[str] = set()
        self.costs: dict[str, float] = {}
        self.priced = True

    def add(self, event: Event) -> None:
        """Counts a line in."""
        if event.event in ("reply", "fault"):
            self.asked.add(event.unit)
            self.costs[event.unit] = self.costs.get(event.unit, 0.0) + (event.cost_usd or 0.0)
            self.priced = self.priced and (event.cost_usd is not None or not event.output_tokens)
        elif event.event == "stored":
            self.stored.add(event.unit)
        elif event.event == "refused":
            self.refused.add(event.unit)
        elif event.event == "step_end" and event.stage == "generate":
            (self.failed.discard if event.outcome == "done" else self.failed.add)(event.unit)

    @property
    def cost(self) -> float:
        """US dollars so far, as far as prices are known."""
        return sum(self.costs.values())


class EventLog:
    """The log at `path` (None: nowhere), for one run after the other; threads may add to it at once.

    A log that cannot be written is told once a run, and costs nothing else. `units` is what run_begin will say.
    """

    def __init__(self, path: Path | None, tell: Callable[[str], None] = lambda _text: None) -> None:
        self.units = 0
        self._path, self._tell = path, tell
        self._guard = threading.Lock()
        self.open()

    def open(self) -> None:
        """A run begins: it is said with the first line that follows."""
        self.tally = Tally()
        self._last: int | None = None
        self._lost = self._path is None
        self._closed = False

    def add(self, event: Name, **facts: Any) -> None:
        """Adds a line. What comes after the end of a run is dropped: the log is another's by then."""
        with self._guard:
            if not self._closed:
                if self._last is None:
                    self._last = self._begin()
                    self._write("run_begin", units=self.units)
                self._write(event, **facts)

    def end(self, outcome: str, *, always: bool) -> None:
        """The run ends; unless `always`, that is worth a line only if there are others."""
        if always or self._last is not None:
            self.add("run_end", outcome=outcome)
        self._closed = True

    def _write(self, name: Name, **facts: Any) -> None:
        self._last = (self._last or 0) + 1
        event = Event(self._last, round(time.time(), 6), name, **facts)
        self.tally.add(event)
        if self._path is not None:
            self._or_lost(lambda path: append_line(path, msgspec.json.encode(event)))

    def _begin(self) -> int:
        """The number of the last line that is there."""
        lines: list[bytes] = []
        self._or_lost(lambda path: lines.extend(mend_log(path, MOST).split(b"\n")))
        for line in reversed(lines):
            try:
                return msgspec.json.decode(line, type=Event).seq
            except msgspec.MsgspecError:
                continue
        return 0

    def _or_lost(self, act: Callable[[Path], None]) -> None:
        if self._path is None or self._lost:
            return
        try:
            act(self._path)
        except OSError as error:
            self._lost = True
            self._tell(f"{self._path.name}: {error.strerror}; going on without this log")
