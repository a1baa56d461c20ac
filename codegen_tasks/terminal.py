"""What a person sees while models are asked: a line a unit, or a table that moves on a terminal. It decides nothing."""

import os
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, TextIO

from codegen_tasks.generate import Progress

if TYPE_CHECKING:
    from rich.live import Live

_ENDS = {"done": "asked", "stored": "stored", "failed": "failed"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # what a model says is no command
_NAME = 60  # characters of a model's name: a program with its arguments may be long
_ROWS = 20  # a table longer than the window would flicker


class Board:
    """Shows the units of a run. Several threads may tell it things at once. A terminal that is gone is no failure."""

    def __init__(self, stream: TextIO | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.show_on(stream)
        self._clock = clock
        self._guard = threading.Lock()
        self._open: dict[str, tuple[float, Progress]] = {}
        self._live: Live | None = None

    def show_on(self, stream: TextIO | None) -> None:
        """What is written from now on goes to `stream`; None: nowhere."""
        stream = stream or Path(os.devnull).open("w")  # noqa: SIM115 (kept as long as the process)
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a path that the terminal cannot show is no failure
        self._stream = stream
        self._moving = stream.isatty()

    def show(self, progress: Progress) -> None:
        """Takes note of where a unit stands; its end is one line that stays."""
        with self._guard:
            started, before = self._open.get(progress.unit, (self._clock(), progress))
            if progress.state in _ENDS:
                self._open.pop(progress.unit, None)
                self._print(self._line(progress, before, self._clock() - started))
            else:
                self._open[progress.unit] = (started, progress)
            if self._moving:
                self._redraw()

    def write(self, text: str) -> None:
        """A line that stays, above whatever moves."""
        with self._guard:
            self._print(text.rstrip("\n"))

    def close(self) -> None:
        """Takes the moving part away."""
        with self._guard:
            if self._live is not None:
                with suppress(OSError, ValueError):
                    self._live.stop()
                self._live = None

    @staticmethod
    def _line(end: Progress, before: Progress, seconds: float) -> str:
        facts = [shorten(end.model or before.model, _NAME)]
        if end.state != "stored":
            facts += [f"{before.tokens} tokens"] if before.tokens else []
            facts += [f"{seconds:.1f} s"]
        return f"{'generate':12}{end.unit}  {_ENDS[end.state]}: {', '.join(fact for fact in facts if fact)}"

    def _print(self, line: str) -> None:
        line = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", line)
        if self._live is not None:
            self._live.console.print(line, markup=False, highlight=False, soft_wrap=True)
            return
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            self._give_up()

    def _give_up(self) -> None:
        """Nobody reads any more: what is written from now on goes nowhere, also what Python flushes at its end."""
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)

    def _redraw(self) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        if self._live is None:
            self._live = Live(console=Console(file=self._stream), refresh_per_second=8, transient=True)
            self._live.start()
        now = self._clock()
        rows = [
            _CONTROL.sub("?", f"  {unit}  {at.state} {at.model}  {at.tokens} tokens  {now - started:.0f} s")
            for unit, (started, at) in list(self._open.items())[:_ROWS]
        ]
        more = len(self._open) - len(rows)
        self._live.update(Text("\n".join([*rows, f"  and {more} more"] if more > 0 else rows)))
