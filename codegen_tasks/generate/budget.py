"""The hard stop on what a run may cost: no call is made whose worst case would pass it. It makes no calls."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from codegen_tasks.errors import BudgetExceeded
from codegen_tasks.providers import Watch, price_of
from codegen_tasks.providers.prices import output_limit
from codegen_tasks.providers.windows import most_input_tokens
from codegen_tasks.records import ModelSpec, Request

POLL_S = 0.25

HINT = "raise generate.max_cost_usd, or use a cheaper model; what was answered is kept"


class Budget:
    """US dollars of one run: spent, and reserved for calls in flight. None: no limit."""

    def __init__(self, max_cost_usd: float | None = None) -> None:
        self.max_cost_usd = max_cost_usd
        self.spent = 0.0
        self._reserved = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def call(self, request: Request, spec: ModelSpec, watch: Watch) -> Iterator[Callable[[float], None]]:
        """Holds a call's worst case until the block ends; yields what to call with its real cost.

        Waits while only the reservations of other calls are in the way. Raises BudgetExceeded, Interrupted.
        """
        worst = self._reserve(request, spec, watch)
        try:
            yield self._spend
        finally:
            with self._changed:
                self._reserved -= worst
                self._changed.notify_all()

    def _reserve(self, request: Request, spec: ModelSpec, watch: Watch) -> float:
        limit = self.max_cost_usd
        if limit is None:
            return 0.0
        price = price_of(spec)
        if price is None:
            message = "its price is not known, so max_cost_usd cannot be kept; not asked"
            raise BudgetExceeded(message, hint="take generate.max_cost_usd out, or use a model with a known price")
        worst = price.at_most(most_input_tokens(request), output_limit(spec))
        with self._changed:
            while self.spent + self._reserved + worst > limit:
                if self.spent + worst > limit:
                    raise BudgetExceeded(self._refusal(worst, limit), hint=HINT)
                self._changed.wait(POLL_S)
                watch.check()
            self._reserved += worst
        return worst

    def _refusal(self, worst: float, limit: float) -> str:
        return f"asking may cost ${worst:.4f}, ${self.spent:.4f} are spent, and max_cost_usd is {limit:g}; not asked"

    def _spend(self, cost_usd: float) -> None:
        with self._changed:
            self.spent += cost_usd
