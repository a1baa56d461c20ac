"""How many calls one provider stands at once: additive increase, multiplicative decrease. It waits for nobody."""

from dataclasses import dataclass

from codegen_tasks.providers import ProviderFault

FIRST_LIMIT = 0.75  # of `jobs`: growing from one call on would cost fast providers more than it spares slow ones
FIRST_CALLS = 16  # so few at once no provider minds


@dataclass
class Lane:
    """The calls to one provider: at most `limit`, which grows to `jobs`. Times are seconds of one clock."""

    jobs: int
    limit: float = 0.0
    running: int = 0
    cut_at: float | None = None

    def __post_init__(self) -> None:
        self.limit = self.limit or max(float(min(self.jobs, FIRST_CALLS)), FIRST_LIMIT * self.jobs)

    def is_full(self) -> bool:
        """Whether a call has to wait for the end of another."""
        return self.running >= int(self.limit)

    def end(self, now: float, began: float, fault: ProviderFault | None) -> None:
        """A call ended. One 429 halves the limit once: calls that began before the last cut say nothing new."""
        if fault is None and self.is_full():
            self.limit = min(float(self.jobs), self.limit + (1.0 if self.cut_at is None else 1.0 / self.limit))
        if fault is not None and fault.slow_down and (self.cut_at is None or began > self.cut_at):
            self.limit, self.cut_at = max(1.0, min(self.limit, self.running) / 2), now
        self.running -= 1
