"""Fits the points of `completeness/weights.json` on one part of the labelled replies and judges the other part by them.

    python wall_fit.py --repositories SET1 [--repositories SET2 ...]   judges by the points that are in force
    python wall_fit.py --fit ...                                       fits them, writes them, and judges by them

A set is some clones, with commas between. Fitted on: all of `wall_cases`, half of the remarks of
`wall_real/remarks.toml` and all of `fitted.toml`, left in real files in many places, and what real commits did. Judged
by: the other half of the remarks. Each is one case; of a bad case the remark with the most points should be above zero,
of a good one all should be below.
"""

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import wall
import wall_real

from codegen_tasks.edits import completeness
from codegen_tasks.edits.completeness.elisions import combined, load_weights, points, weighable
from codegen_tasks.edits.completeness.emptied_blocks import emptied_blocks
from codegen_tasks.edits.completeness.truncation import truncation
from codegen_tasks.edits.syntax import gate

WEIGHTS = Path(completeness.__file__).parent / "weights.json"
LIMIT = 0.004  # false alarms on the fitted part, at most
WRITTEN = 10  # how much a case of `wall_cases` counts; a good one twice that, for there are fewer suspects in them
LEAST = 5  # cases that a feature is in, or it gets no points
PULL = 0.3  # towards no points at all
ROUNDS, STEPS = 3, 200  # of choosing the remark of each bad case, and of fitting to the chosen ones
MISLABELLED = {  # the block that goes leaves a name unset that is still read
    "English-36-3 test/rakefile_helper.rb",
    "English-47-3 examples/example_3/rakefile_helper.rb",
    "English-73-3 packages/pinia/__tests__/getters.spec.ts",
}
Features = frozenset[str]


class Case(NamedTuple):
    """Features of the remarks of a change, whether it is a good one, how much it counts, what else stops it."""

    good: bool
    weight: float
    remarks: tuple[tuple[Features, Features], ...]
    stopped: bool

    @property
    def refused(self) -> bool:
        """Whether the rules stop it, by the points in force."""
        return self.stopped or any(points(words, place) > 0 for words, place in self.remarks)


def case_of(good: bool, weight: float, path: str, before: str | None, after: str, whole: bool = True) -> Case | None:
    """The case that a change makes, if the rules are asked at all."""
    if before == after or gate(path, before, after):
        return None
    found = tuple((words, place) for _, words, place in weighable(path, before, after))
    emptied = before is not None and next(emptied_blocks(path, before, after), None) is not None
    return Case(good, weight, found, emptied or truncation(path, before, after, whole=whole) is not None)


def written_cases() -> Iterator[Case]:
    """The cases of `wall_cases`."""
    for file in sorted(wall.CASES.glob("*.txt")):
        for c in wall.read_cases(file):
            weight = WRITTEN * (1 + c.good)
            if c.format != "cut" and (case := case_of(c.good, weight, c.path, c.before, c.after, c.format != "edit")):
                yield case


def real_cases(files: dict[str, list[wall_real.File]], half: int) -> Iterator[Case]:
    """One half of the remarks in real files, and real changes."""
    made = [*wall_real.bad_cases(files), *wall_real.good_cases(files), *wall_real.plain_cases(files)]
    for c in (c for c in made if wall_real.half_of(c) == half and f"{c.name} {c.path}" not in MISLABELLED):
        if case := case_of(c.good, 1, c.path, c.before, c.after):
            yield case


def more_cases(files: dict[str, list[wall_real.File]]) -> Iterator[Case]:
    """For fitting alone: the fitted half in more places, and other remarks."""
    ways = (*wall_real.GOOD_WAYS, *("rewritten", "beside a loss") * 3)
    again = [*wall_real.bad_cases(files, rounds=10), *wall_real.good_cases(files, ways=ways)]
    known = {c.name for c in (*wall_real.bad_cases(files), *wall_real.good_cases(files))}
    others = [
        *wall_real.bad_cases(files, wall_real.FITTED["bad"], 4),
        *wall_real.good_cases(files, wall_real.FITTED["good"], ways),
    ]
    for c in (*(c for c in again if wall_real.half_of(c) == 0 and c.name not in known), *others):
        if case := case_of(c.good, 1, c.path, c.before, c.after):
            yield case


def committed_cases(repositories: Sequence[str]) -> Iterator[Case]:
    """What real commits did: all of it is good."""
    for repository in repositories:
        for _, path, before, after in wall.changed_files(repository, 300):
            if len(after) < 100_000 and (case := case_of(True, 0.5, path, before, after)) and not case.stopped:
                yield case


class Table:
    """The cases as rows of numbers of features, to be fitted."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.cases = [case for case in cases if case.remarks and not case.stopped]
        sets = [[frozenset(combined(*remark)) for remark in case.remarks] for case in self.cases]
        seen = Counter(name for remarks in sets for name in frozenset().union(*remarks))
        self.names = ["", *sorted(name for name, count in seen.items() if count >= LEAST)]
        place = {name: at for at, name in enumerate(self.names)}
        self.rows = [[[0, *(place[name] for name in found if name in place)] for found in remarks] for remarks in sets]

    def chosen(self, sums: Sequence[float]) -> Iterator[tuple[list[int], float, float]]:
        """The rows to fit to, with the side they belong to and how much they count: of a bad case the best one."""
        for case, rows in zip(self.cases, self.rows, strict=True):
            best = max(rows, key=lambda row: sum(sums[at] for at in row))
            for row in rows if case.good else [best]:
                yield row, -1.0 if case.good else 1.0, case.weight / (math.sqrt(len(rows)) if case.good else 1.0)


def fitted(cases: Sequence[Case]) -> dict[str, float]:
    """The points with the least logistic loss, each feature with a step of its own (Rprop)."""
    table = Table(cases)
    sums = [0.0] * len(table.names)
    for _ in range(ROUNDS):
        chosen = list(table.chosen(sums))
        steps, last = [0.1] * len(sums), [0.0] * len(sums)
        for _ in range(STEPS):
            slope = [2 * PULL * value for value in sums]
            for row, side, weight in chosen:
                margin = side * sum(sums[at] for at in row)
                push = -side * weight / (1 + math.exp(min(margin, 500.0)))
                for at in row:
                    slope[at] += push
            for at, now in enumerate(slope):
                turned = now * last[at]
                steps[at] = min(steps[at] * 1.2, 1.0) if turned > 0 else steps[at] * 0.5 if turned < 0 else steps[at]
                sums[at] -= math.copysign(steps[at], now) if now and turned >= 0 else 0.0
                last[at] = now if turned >= 0 else 0.0
    return dict(zip(table.names, sums, strict=True))


def shifted(weights: dict[str, float], cases: Sequence[Case]) -> dict[str, float]:
    """The points, all sums moved so that the share of good cases above zero is within the limit, and no lower."""
    good = [case for case in cases if case.good]
    best = [
        max((sum(weights.get(n, 0.0) for n in ("", *combined(*r))) for r in c.remarks), default=-99.0) for c in good
    ]
    bound = sorted((math.inf if case.stopped else most for case, most in zip(good, best, strict=True)), reverse=True)
    return {**weights, "": weights[""] - bound[int(LIMIT * len(good))] - 0.01}


def write(weights: dict[str, float]) -> None:
    """Puts points in force, one a line, the largest of each name rounded to hundredths."""
    rounded = {name: round(value, 2) for name, value in sorted(weights.items()) if abs(value) >= 0.05}
    WEIGHTS.write_text(json.dumps(rounded, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    load_weights.cache_clear()


def report(name: str, cases: Sequence[Case]) -> None:
    """Recall and false alarms of some cases."""
    bad, good = ([case.refused for case in cases if case.good is wanted] for wanted in (False, True))
    print(
        f"{name:32} {len(bad):5} bad, recall {sum(bad) / max(1, len(bad)):.3f}"
        f"   {len(good):5} good, false alarms {sum(good)} ({sum(good) / max(1, len(good)):.4f})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repositories", action="append", default=[], help="a set of clones, with commas between")
    parser.add_argument("--fit", action="store_true", help="fit and write the points first")
    chosen = parser.parse_args()
    sets = [found.split(",") for found in chosen.repositories]
    files = [wall_real.by_kind(wall_real.committed(found)) for found in sets]
    written, halves = list(written_cases()), [[list(real_cases(f, half)) for f in files] for half in (0, 1)]
    if chosen.fit:
        judged = [*written, *(case for found in halves[0] for case in found)]
        more = [case for f in (*files, wall_real.by_kind(wall_real.installed())) for case in more_cases(f)]
        commits = [case for found in sets for case in committed_cases(found)]
        weights = fitted([*judged, *more, *commits])
        write(shifted(weights, judged))
    report("fitted on: wall_cases", written)
    for number, (mine, others) in enumerate(zip(*halves, strict=True), 1):
        report(f"set {number}: fitted on", mine)
        report(f"set {number}: the other half", others)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    main()
