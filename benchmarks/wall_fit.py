"""Fits the numbers of the completeness rules (`completeness/weights.py`) on one half of the labelled replies.

    python wall_fit.py [--repositories PATH...] [--rounds N]

Labelled are the cases of `wall_cases`, and, with clones at hand, parts left out of their files (`wall_real.py`). Each
is in one half by its content. Round after round every number is tried one, two and four up and down; what lowers the
cost on the fitted half most stays. A good reply refused costs as much as `ALARM` bad ones that pass, and `BEYOND` more
where more than `LIMIT` of the good ones are. Prints what changed, and recall and false alarms on both halves.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import wall
import wall_real

from codegen_tasks.edits.completeness import check, weights
from codegen_tasks.edits.syntax import gate

ALARM = 3.0
BEYOND = 10.0
LIMIT = 0.008


class Case(NamedTuple):
    """A change of a file, whether it is a good one, and whether it is in the half that is fitted on."""

    good: bool
    fitted: bool
    path: str
    before: str | None
    after: str
    whole: bool


class Score(NamedTuple):
    """How many bad cases are stopped, and how many good ones too."""

    bad: int
    stopped: int
    good: int
    alarms: int

    @property
    def cost(self) -> float:
        """What the misses and the false alarms cost together."""
        missed, alarms = (self.bad - self.stopped) / max(1, self.bad), self.alarms / max(1, self.good)
        return missed + ALARM * alarms + BEYOND * max(0.0, alarms - LIMIT)

    def __str__(self) -> str:
        recall, alarms = self.stopped / max(1, self.bad), self.alarms / max(1, self.good)
        return f"{self.bad:5} bad, recall {recall:.3f}   {self.good:5} good, false alarms {alarms:.4f}"


def cases_of(repositories: Sequence[str]) -> list[Case]:
    """All labelled cases that the syntax gate leaves to the rules."""
    files = sorted(wall.CASES.glob("*.txt"))
    written = [case for file in files for case in wall.read_cases(file) if case.format != "cut"]
    found = [Case(c.good, not c.held_out, c.path, c.before, c.after, c.format != "edit") for c in written]
    if repositories:
        kinds = wall_real.by_kind(wall_real.committed(list(repositories)))
        made = [*wall_real.bad_cases(kinds), *wall_real.good_cases(kinds), *wall_real.plain_cases(kinds)]
        found += [Case(c.good, wall_real.half_of(c) == 0, c.path, c.before, c.after, True) for c in made]
    return [c for c in found if c.before != c.after and not gate(c.path, c.before, c.after)]


def refusals(cases: Sequence[Case]) -> list[bool]:
    """Which of some cases the rules stop."""
    return [check(case.path, case.before, case.after, whole=case.whole) is not None for case in cases]


def score(cases: Sequence[Case], refused: Sequence[bool]) -> Score:
    """The score of some cases, of which some are refused."""
    good = [no for case, no in zip(cases, refused, strict=True) if case.good]
    bad = [no for case, no in zip(cases, refused, strict=True) if not case.good]
    return Score(len(bad), sum(bad), len(good), sum(good))


def fit(cases: Sequence[Case], rounds: int) -> None:
    """Puts the numbers in force with the least cost that single steps lead to."""
    kept = refusals(cases)
    moved = sorted({at for tried in neighbours() for at in _moved(tried, cases, kept)})
    print(f"{len(moved)} of {len(cases)} cases depend on a single step", flush=True)
    best, least = weights.FITTED, score(cases, kept).cost
    for _ in range(rounds):
        before = best
        for tried in neighbours():
            weights.FITTED = tried
            refused = dict(zip(moved, refusals([cases[at] for at in moved]), strict=True))
            cost = score(cases, [refused.get(at, no) for at, no in enumerate(kept)]).cost
            if cost < least:
                best, least = tried, cost
                print(f"  {_told(best, before)}: cost {least:.4f}", flush=True)
        weights.FITTED = best
        if best == before:
            break


def neighbours() -> Iterator[weights.Weights]:
    """The numbers in force with one of them one, two or four lower or higher."""
    now = weights.FITTED
    for name in now._fields:
        for step in (-1, 1, -2, 2, -4, 4):
            yield now._replace(**{name: max(0, getattr(now, name) + step)})


def _moved(tried: weights.Weights, cases: Sequence[Case], kept: Sequence[bool]) -> list[int]:
    """The cases that are judged otherwise by other numbers."""
    now, weights.FITTED = weights.FITTED, tried
    refused = refusals(cases)
    weights.FITTED = now
    return [at for at, (no, was) in enumerate(zip(refused, kept, strict=True)) if no is not was]


def _told(best: weights.Weights, before: weights.Weights) -> str:
    """The numbers that changed."""
    return ", ".join(f"{name} = {new}" for name, new, old in zip(best._fields, best, before, strict=True) if new != old)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repositories", nargs="+", default=[])
    parser.add_argument("--rounds", type=int, default=0, help="0: only judge the numbers that are in force")
    chosen = parser.parse_args()
    cases = cases_of(chosen.repositories)
    halves = [[case for case in cases if case.fitted is fitted] for fitted in (True, False)]
    _report(halves)
    if chosen.rounds:
        fit(halves[0], chosen.rounds)
        _report(halves)


def _report(halves: Sequence[Sequence[Case]]) -> None:
    for name, half in zip(("fitted on", "the other"), halves, strict=True):
        print(f"{name:10} {score(half, refusals(half))}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    main()
