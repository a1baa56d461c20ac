"""What a person sees of a run: lines that stay and, on a terminal, a table and a bar that move. It decides nothing."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, TextIO

from codegen_tasks import github
from codegen_tasks.generate import Progress
from codegen_tasks.text import seen

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

_ENDS = {"done": "asked", "stored": "stored", "failed": "failed"}
_NAME = 60  # characters of a model's name: a program with its arguments may be long
_ROWS = 20  # a table longer than the window would flicker


class Board:
    """Shows the units of a run. Several threads may tell it things at once. A terminal that is gone is no failure.

    `steps` is how many steps the run has, `settled` how many of them are done or need not be: the bar shows that.
    """

    def __init__(self, stream: TextIO | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.steps = self.settled = 0
        self._github = github.is_listening(os.environ)
        self._grouped = False
        self.show_on(stream)
        self._clock = clock
        self._began = clock()
        self._cost = 0.0
        self._guard = threading.Lock()
        self._open: dict[str, tuple[float, Progress]] = {}
        self._live: Live | None = None

    def show_on(self, stream: TextIO | None) -> None:
        """What is written from now on goes to `stream`; None: nowhere."""
        stream = stream or Path(os.devnull).open("w")  # noqa: SIM115 (kept as long as the process)
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a path that the terminal cannot show is no failure
        self._stream = stream
        plain = self._github or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        self._moving = stream.isatty() and not plain

    def step(self, stage: str, unit: str) -> None:
        """A step begins: a line where nothing moves; where something does, only those that concern all units."""
        with self._guard:
            if not (self._moving and unit):
                self._say(f"{stage:12}{unit}".rstrip())
            if self._moving:
                self._move()

    def show(self, progress: Progress) -> None:
        """Takes note of where a unit stands; its end is one line that stays."""
        with self._guard:
            started, before = self._open.get(progress.unit, (self._clock(), progress))
            if progress.state in _ENDS:
                self._open.pop(progress.unit, None)
                self._cost += progress.cost_usd
                self._say(self._line(progress, before, self._clock() - started))
            else:
                self._open[progress.unit] = (started, progress)
            if self._moving:
                self._move()

    def write(self, text: str, level: str = "", path: str = "") -> None:
        """Lines that stay, above whatever moves. With a `level`, error or warning, GitHub shows them at the run too."""
        text = text.rstrip("\n")
        with self._guard:
            if level and self._github:
                self._print(github.annotation(level, f"codegen {path}".rstrip(), seen(text), path))
            else:
                self._print(github.inert(seen(text)) if self._github else seen(text))

    def close(self) -> None:
        """Takes the moving part away, and closes the group of a log."""
        with self._guard:
            if self._live is not None:
                with suppress(OSError, ValueError):
                    self._live.stop()
                self._live = None
            if self._grouped:
                self._print("::endgroup::")
                self._grouped = False

    @staticmethod
    def _line(end: Progress, before: Progress, seconds: float) -> str:
        facts = [shorten(end.model or before.model, _NAME)]
        if end.state != "stored":
            facts += [f"{before.tokens} tokens"] if before.tokens else []
            facts += [f"{seconds:.1f} s"]
        facts += [dollars(end.cost_usd)] if end.cost_usd else []
        return f"{'generate':12}{end.unit}  {_ENDS[end.state]}: {', '.join(fact for fact in facts if fact)}"

    def _say(self, line: str) -> None:
        """A line of the run's course: one group of it in GitHub's log."""
        if self._github and not self._grouped:
            self._grouped = True
            self._print("::group::codegen")
        self._print(github.inert(seen(line)) if self._github else seen(line))

    def _print(self, line: str) -> None:
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

    def _move(self) -> None:
        """Begins to show the table: from then on it is drawn by a thread of its own, which must not wait for us."""
        if self._live is None:
            from rich.console import Console
            from rich.live import Live

            console = Console(file=self._stream)
            self._live = Live(console=console, refresh_per_second=8, transient=True, get_renderable=self._table)
            self._live.start()

    def _table(self) -> "RenderableType":
        from rich.text import Text

        return Text("\n".join(self._rows()), no_wrap=True, overflow="ellipsis")

    def _rows(self) -> Iterator[str]:
        now, units = self._clock(), list(self._open.items())
        for unit, (started, at) in units[:_ROWS]:
            tokens = f"  {at.tokens} tokens" if at.tokens else ""
            model = shorten(at.model, _NAME)
            yield seen(f"  {unit}  {at.state} {model}{tokens}  {now - started:.0f} s").replace("\n", " ")
        if len(units) > _ROWS:
            yield f"  and {len(units) - _ROWS} more"
        done = min(1.0, self.settled / max(self.steps, 1))
        bar = "█" * round(20 * done) + "░" * (20 - round(20 * done))
        cost = f"  {dollars(self._cost)}" if self._cost else ""
        yield f"  {bar}  {100 * done:.0f} %  {now - self._began:.0f} s{cost}"


def dollars(cost: float) -> str:
    """A price as a person reads it."""
    return f"${cost:.2f}" if cost >= 1 or not cost else f"${cost:.4f}"
