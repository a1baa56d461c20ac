"""The one event loop in which all calls over the network run, in a thread of its own. It does not know whom they ask.

Connections belong to a loop, and a thread for each call costs more.
"""

import asyncio
import concurrent.futures
import sys
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from codegen_tasks.call import Watch

POLL_S = 0.25
TOGETHER_S = 0.005
TURN_S = 0.0005  # that a thread at work keeps the others waiting: what is read here is money, and a kill loses it

T = TypeVar("T")

_lock = threading.Lock()
_background: asyncio.AbstractEventLoop | None = None
_in_flight: dict[concurrent.futures.Future[Any], Watch] = {}


def run(call: Coroutine[Any, Any, T], watch: Watch) -> T:
    """What the call returns or raises; Interrupted once `watch` says that the run ends."""
    future = asyncio.run_coroutine_threadsafe(call, start())
    _in_flight[future] = watch
    try:
        return future.result()
    except concurrent.futures.CancelledError:
        watch.check()
        raise
    finally:
        del _in_flight[future]


async def read_others() -> None:
    """Gives answers that come together the time to be read, before the thread that waits for one takes the turn."""
    await asyncio.sleep(TOGETHER_S)


def start() -> asyncio.AbstractEventLoop:
    """The loop, which runs until the process ends."""
    global _background
    with _lock:
        if _background is None:
            sys.setswitchinterval(TURN_S)
            loop = asyncio.new_event_loop()
            loop.call_soon(_drop_ended, loop)
            threading.Thread(target=loop.run_forever, name="calls", daemon=True).start()
            _background = loop
        return _background


def _drop_ended(loop: asyncio.AbstractEventLoop) -> None:
    """Drops the calls of runs that end, again and again: threads that wake up to look would slow the loop down."""
    for call, watch in list(_in_flight.items()):
        if watch.stop.is_set():
            call.cancel()
    loop.call_later(POLL_S, _drop_ended, loop)
