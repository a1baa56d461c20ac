"""A process ends once: by itself, or by the first signal that asks it to. It does not know what a run is.

Python's way, an exception in the main thread, can hit any line, also those that tidy up after the one before.
Here a thread of its own hears the first signal and nobody hears the others.
"""

import atexit
import os
import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType
from typing import Any

KINDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated", signal.SIGHUP: "terminated"}
ENDING_S = 1.8  # for all that is to be done after a signal, whatever hangs


class ProcessEnd:
    """How this process ends. `code` is its exit code once that is settled; until then a signal's is."""

    def __init__(self) -> None:
        self.code: int | None = None
        self._begun = False
        self._before: dict[int, Any] = {}
        self._heard: SimpleQueue[int] = SimpleQueue()  # may be written to by a handler that interrupts another
        self._turn = threading.RLock()

    def catch_signals(self) -> None:
        """From now on signals end the process with the contract's codes; one that the caller ignores stays ignored."""
        if threading.current_thread() is threading.main_thread():
            for number in KINDS:
                if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._note)
            atexit.register(_ignore_signals)  # Python's own end would make them deadly again, whatever is published

    def release(self) -> None:
        """Signals mean again what they meant before: what runs from now on is none of ours."""
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before = {}

    def begin(self, tidy: Callable[[str], None]) -> None:
        """From now on there is something to tidy up: `tidy` is called with the kind of failure a signal means."""
        if not self._begun:
            threading.Thread(target=self._listen, args=(tidy,), name="signals", daemon=True).start()
            self._begun = True

    def take(self) -> None:
        """The process ends by itself, whatever signals come. Does not return if one is ending it already."""
        self._turn.acquire()

    def go_on(self) -> None:
        """Does not return if a signal is ending the process: nothing new begins then."""
        with self._turn:
            pass

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if not self._begun:
            os._exit(_code(number))
        self._heard.put(number)

    def _listen(self, tidy: Callable[[str], None]) -> None:
        number = self._heard.get()
        ending = threading.Thread(target=self._end, args=(number, tidy), name="ending", daemon=True)
        ending.start()
        ending.join(ENDING_S)
        os._exit(_code(number) if self.code is None else self.code)

    def _end(self, number: int, tidy: Callable[[str], None]) -> None:
        with self._turn:
            tidy(KINDS[signal.Signals(number)])
            os._exit(_code(number))


def _code(number: int) -> int:
    from codegen_tasks.errors import MEANINGS  # not on a run with nothing to do

    return MEANINGS[KINDS[signal.Signals(number)]].exit


def _ignore_signals() -> None:
    for number in KINDS:
        signal.signal(number, signal.SIG_IGN)
