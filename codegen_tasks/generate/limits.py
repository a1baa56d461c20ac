"""When a call may be made: one lane per provider, one breaker per model, shared by all units. It knows no questions."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from codegen_tasks.generate.breaker import Breaker
from codegen_tasks.generate.lane import Lane
from codegen_tasks.providers import ProviderFault, Watch
from codegen_tasks.records import ModelSpec

POLL_S = 0.25


@dataclass(frozen=True)
class _Turn:
    """How a caller waits: for a pause of at most `longest` seconds, no later than `until`; see `call` for `patient`."""

    longest: float
    patient: bool
    until: float


class Limits:
    """`jobs` bounds the calls in flight to each provider, `cool_down_s` is the first wait of a breaker."""

    def __init__(self, jobs: int = 8, cool_down_s: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.jobs = jobs
        self.cool_down_s = cool_down_s
        self.clock = clock
        self._changed = threading.Condition()
        self._lanes: dict[object, Lane] = {}
        self._breakers: dict[object, Breaker] = {}

    @contextmanager
    def call(
        self, spec: ModelSpec, watch: Watch, patient: bool, until: float = math.inf
    ) -> Iterator[Callable[[], None]]:
        """Waits until the call may be made, and learns from how the block ends. Yields what to call at a sign of life.

        Raises ProviderFault at once when the model is known to be down or it asked for a pause that is longer
        than `spec.timeout_s`; a `patient` caller has nobody else to ask and waits for the breaker's probe. Raises
        ProviderFault when no turn has come by `until`, and Interrupted.
        """
        lane, breaker = self._lane(spec), self._breaker(spec)
        turn = _Turn(spec.timeout_s, patient, until)
        began, probe = self._enter(lane, breaker, turn, watch)
        try:
            yield lambda: self._show_life(breaker)
        except ProviderFault as fault:
            self._end(lane, breaker, began, probe, fault)
            raise
        except BaseException:
            with self._changed:
                lane.running -= 1
                breaker.give_up(probe)
                self._changed.notify_all()
            raise
        self._end(lane, breaker, began, probe, None)

    def _lane(self, spec: ModelSpec) -> Lane:
        """Connections and quotas belong to a provider, so its models share a lane."""
        key = (spec.command or spec.model.partition("/")[0], spec.api_base)
        with self._changed:
            return self._lanes.setdefault(key, Lane(self.jobs))

    def _breaker(self, spec: ModelSpec) -> Breaker:
        """One model can be overloaded while its provider's others are not."""
        with self._changed:
            return self._breakers.setdefault((spec.name, spec.api_base), Breaker(spec.retries, self.cool_down_s))

    def _enter(self, lane: Lane, breaker: Breaker, turn: _Turn, watch: Watch) -> tuple[float, bool]:
        with self._changed:
            while True:
                watch.check()
                now = self.clock()
                wait = breaker.obstacle(now, turn.patient, turn.longest)
                if wait <= 0 and not lane.is_full():
                    lane.running += 1
                    return now, breaker.begin(now)
                if now > turn.until:
                    raise breaker.known("no turn came within the time for this question and its tries")
                self._changed.wait(min(wait or POLL_S, POLL_S))

    def _end(self, lane: Lane, breaker: Breaker, began: float, probe: bool, fault: ProviderFault | None) -> None:
        with self._changed:
            now, before = self.clock(), (breaker.alive, breaker.openings)
            lane.end(now, began, fault)
            breaker.end(now, fault, probe)
            if probe or fault is not None or before != (breaker.alive, breaker.openings):
                self._changed.notify_all()
            else:
                self._changed.notify(2)  # one place is free, and the limit may have grown by one

    def _show_life(self, breaker: Breaker) -> None:
        if not breaker.alive:
            with self._changed:
                breaker.live()
                self._changed.notify_all()
