"""What is known of one model's health, and whether it should be asked. A state machine: it waits for nobody."""

from dataclasses import dataclass

from codegen_tasks.providers import ProviderFault

APPROACH = 4  # calls in flight to a model that has not shown life yet
GRACE_S = 0.4  # after each of which they may be twice as many: a model that is slow to begin is not down
FAULTS_IN_A_ROW = 3
MAX_COOL_DOWN_S = 30.0
FOREVER = 1e9  # seconds


@dataclass
class Breaker:
    """Closed until faults come in a row; then open, with one probe after each cool-down, until one succeeds.

    A model that wants fewer calls is there, but not for us when all of a round are refused: after more such rounds than
    `retries`, without a sign of life between, who has another model passes it over for a while.

    Times are seconds of one clock. `retries` is what the configuration grants a call.
    """

    retries: int
    cool_down_s: float
    running: int = 0
    first: float | None = None
    alive: bool = False
    faults: int = 0
    openings: int = 0
    until: float = 0.0
    probing: bool = False
    last: ProviderFault | None = None
    pause_until: float = 0.0
    refusals: int = 0
    refusing_until: float = 0.0

    def obstacle(self, now: float, patient: bool, longest: float) -> float:
        """Seconds until looking again makes sense; 0: ask. Raises the fault that is known to come.

        Who is not `patient` has another model to ask and does not wait for a probe, nor does anybody wait long. A pause
        that the server asked for is kept, unless it is longer than `longest`.
        """
        if not patient and self.refusing_until > now:
            raise self.known(f"it refused {self.refusals} rounds of calls in a row")
        if self.pause_until - now > longest:
            message = f"not asked: the model wants a pause of {self.pause_until - now:.0f} s"
            raise ProviderFault(message, transient=True)
        if self.pause_until > now:
            return self.pause_until - now
        if self.openings:
            if not self.probing and now >= self.until:
                return 0.0
            if not patient or self.openings > self.retries or self.until - now > MAX_COOL_DOWN_S:
                raise self.known(f"{self.faults} calls in a row failed")
            return FOREVER if self.probing else self.until - now
        if self.alive or self.first is None:
            return 0.0
        doublings = max(0, int((now - self.first) / GRACE_S))
        if self.running < APPROACH * 2 ** min(doublings, 16):
            return 0.0
        return self.first + (doublings + 1) * GRACE_S - now

    def begin(self, now: float) -> bool:
        """A call begins. True: it is the probe."""
        self.first = now if self.first is None else self.first
        self.running += 1
        self.probing = self.probing or self.openings > 0
        return self.openings > 0

    def end(self, now: float, fault: ProviderFault | None, probe: bool) -> None:
        """A call ended. A fault of the answer, or a wish for fewer calls, shows that the model is there."""
        self.running -= 1
        self.probing = self.probing and not probe
        if fault is not None and fault.retry_after is not None:
            self.pause_until = max(self.pause_until, now + fault.retry_after)
        if fault is not None and fault.slow_down:
            self._refuse(now, fault)
            return
        if fault is None or fault.reply is not None or not (fault.transient or fault.for_all):
            self.live()
            self.faults, self.openings = 0, 0
            return
        self.faults += 1
        self.last = fault
        if probe or (not self.openings and self.faults >= max(FAULTS_IN_A_ROW, self.retries + 1)):
            self.openings += 1
            cool_down = min(MAX_COOL_DOWN_S, self.cool_down_s * 2 ** (self.openings - 1))
            self.until = now + (cool_down if fault.transient else FOREVER)

    def live(self) -> None:
        """A sign of life: the model answers."""
        self.alive, self.refusals, self.refusing_until = True, 0, 0.0

    def _refuse(self, now: float, fault: ProviderFault) -> None:
        """A round is over when none is in flight any more; the next one begins with a few calls again."""
        self.faults, self.openings, self.last = 0, 0, fault
        if self.running:
            return
        self.refusals, self.alive, self.first = self.refusals + 1, False, None
        if self.refusals > self.retries:
            cool_down = self.cool_down_s * 2 ** min(self.refusals - self.retries - 1, 10)
            self.refusing_until = max(self.pause_until, now + min(MAX_COOL_DOWN_S, cool_down))

    def give_up(self, probe: bool) -> None:
        """A call was dropped: nothing was learnt."""
        self.running -= 1
        self.probing = self.probing and not probe

    def known(self, trouble: str) -> ProviderFault:
        """Why a call is not even made, in the light of the last that was."""
        last = self.last or ProviderFault("it does not answer", transient=True)
        message = f"not asked: {trouble}, the last with {last.message!r}"
        return ProviderFault(message, transient=last.transient, hint=last.hint, for_all=last.for_all)
