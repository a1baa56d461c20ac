"""What comes after a failing check: another round, a fresh sample, or the best state there was. It asks nobody.

A state is what the answers in use make, and what the checks say of it. All states of a question stand in a record, so
that a run which was killed comes to the same decision again.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from codegen_tasks.records import Record


class State(Record, frozen=True):
    """`at` is the attempt of each unit that was asked, `round` the highest round among them, `sample` the number of the
    fresh sample that it is (0: none). `files` tells contents apart, `failures` what fails (empty: nothing); `badness`
    are commands and tests that fail; then planned tests that pass, the contents' shape, and lines that change."""

    at: dict[str, int]
    round: int
    sample: int
    files: str
    failures: str
    badness: tuple[int, int]
    planned: int = 0
    shape: str = ""
    changed: int = 0


class States(Record, frozen=True):
    """All states of one question, in the order in which they were reached."""

    states: tuple[State, ...] = ()

    def also(self, state: State) -> "States":
        """With one more, or with what is known of it now in its place."""
        kept = tuple(state if other.at == state.at else other for other in self.states)
        return States(kept if state in kept else (*kept, state))


class Decision(NamedTuple):
    """`take` the state as it is, `repair` it, `choose` the attempts in `at`, or ask for fresh `sample` number `sample`
    on top of them."""

    act: Literal["take", "repair", "choose", "sample"]
    at: dict[str, int]
    sample: int = 0


def decide(states: Sequence[State], current: State, repairs: int, candidates: int) -> Decision:
    """What comes next. `candidates` is how many answers there may be, the one that was repaired among them."""
    repaired = [state for state in states if not state.sample]
    samples = [state for state in states if state.sample]
    if not samples and not current.failures:
        return Decision("take", current.at)
    if not samples and not _is_spent(repaired, repairs):
        return Decision("repair", current.at)
    solved = any(not state.failures for state in repaired)
    if not solved and len(samples) < candidates - 1:
        return Decision("sample", best(repaired or states).at, len(samples) + 1)
    found = best(states)
    return Decision("take" if found.at == current.at else "choose", found.at)


def best(states: Sequence[State]) -> State:
    """The state to take: fewest failures, most planned tests passed, the content that most agree on, smallest change,
    first in the order of the chain, in which samples are asked for."""
    agreed = Counter(state.shape for state in states)

    def rank(index: int) -> tuple[int, ...]:
        state = states[index]
        return (*state.badness, -state.planned, -agreed[state.shape], state.changed, index)

    return states[min(range(len(states)), key=rank)]


def _is_spent(states: Sequence[State], repairs: int) -> bool:
    """Whether another round would lead nowhere: there were enough, or the same came again."""
    again = any(
        state.files == other.files or state.failures == other.failures
        for i, state in enumerate(states)
        for other in states[:i]
    )
    return again or states[-1].round >= repairs
