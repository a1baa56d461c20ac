"""What every provider is handed and may raise, and the room a question needs. It knows no provider."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from codegen_tasks.errors import Interrupted
from codegen_tasks.records import Reply, Request

SMALLEST_ROOM = 8192  # tokens
MOST_ANSWER = 8192  # tokens of a window that are kept for the answer, unless fewer are allowed
QUOTED = 2000  # characters of what somebody sent that a fault quotes; people see less of it, once it is masked


class ProviderFault(Exception):  # noqa: N818  the name says whose fault it is
    """One call that brought no usable reply: `message` says what happened, `hint` what to do about it.

    `transient`: it may pass by itself. `slow_down`: the provider is there, but wants fewer calls. `retry_after` are the
    seconds it asked to wait. `for_all`: any other question would fare the same. `free`: the question was refused or
    never sent, so nobody bills it; what does not pass always is. `reply` is what came nonetheless; it is kept for
    diagnosis and never served. `seconds` is what the call took and `used` a reply without text that says what it may
    have cost, both filled in by whoever measures them.
    """

    def __init__(
        self,
        message: str,
        *,
        transient: bool,
        hint: str = "",
        slow_down: bool = False,
        for_all: bool = False,
        retry_after: float | None = None,
        reply: Reply | None = None,
        free: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.transient = transient
        self.hint = hint
        self.slow_down = slow_down
        self.for_all = for_all
        self.retry_after = retry_after
        self.reply = reply
        self.free = free or not transient
        self.seconds = 0.0
        self.used = reply


def window_for(request: Request, answer: int) -> int:
    """The tokens to keep room for, of question and answer: a power of two, so that a server need not load the model
    anew for each question."""
    wanted = sum(len(message.content.encode()) for message in request.messages) // 3 + min(answer, MOST_ANSWER)
    window = SMALLEST_ROOM
    while window < wanted:
        window *= 2
    return window


def _tell_nobody(_tokens: int) -> None:
    pass


def _keep_nowhere(_reply: Reply) -> None:
    pass


@dataclass(frozen=True)
class Watch:
    """Follows one call: the provider calls it with the tokens so far, 0 when the answer begins.

    `stop` is set when the run ends. A provider that waits without being told anything looks at it at least every
    quarter of a second; calling the watch looks too, and raises Interrupted. `keep` takes a whole answer where it was
    read: on the way to who asked a killed process would lose it. It never raises.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    tell: Callable[[int], None] = _tell_nobody
    keep: Callable[[Reply], None] = _keep_nowhere

    def __call__(self, tokens: int) -> None:
        """Tells how far the answer is. Raises Interrupted when the run is ending."""
        self.check()
        self.tell(tokens)

    def check(self) -> None:
        """Raises Interrupted when the run is ending."""
        if self.stop.is_set():
            raise Interrupted(
                "the call was dropped because the run is ending", hint="run again: nothing finished is lost"
            )
