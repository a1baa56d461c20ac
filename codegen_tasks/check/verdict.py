"""What was observed before and after a change becomes a verdict. It runs nothing and knows no models."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from codegen_tasks.check.observation import Observation
from codegen_tasks.records import Record
from codegen_tasks.text import few

_TEST = re.compile(
    r"(?:^|/)(?:test_[^/]*\.py|[^/]*(?:_test\.(?:py|go|rb|dart|exs)|\.(?:test|spec)\.[cm]?[jt]sx?|_spec\.rb|Tests?\.(?:java|kt|cs|php)))$"
)
_NAMED = 5
Word = Literal["passed", "fixed", "regressed", "failing_before", "flaky", "missing"]


class Counts(Record, frozen=True):
    """How many tests came out so. `regressed`: fails, and did not fail before. `missing`: ran before, or is planned,
    and is not run. A test that was skipped and still is does not count."""

    passed: int = 0
    fixed: int = 0
    regressed: int = 0
    failing_before: int = 0
    flaky: int = 0
    missing: int = 0


class Verdict(Record, frozen=True):
    """One command's verdict. `failing` are the tests of `results` that keep it from passing, `reason` what does so of
    the command as a whole."""

    name: str
    verdict: Literal["passed", "failed", "timed_out", "missing"]
    exit: int | None
    reason: str
    sandbox: str
    tests: Counts
    failing: tuple[str, ...]
    results: dict[str, Word]
    log: str

    @property
    def passes(self) -> bool:
        """Whether nothing keeps the change from being taken."""
        return self.verdict == "passed"


class Checks(Record, frozen=True):
    """code/checks.json: the verdicts, in the order of the configuration."""

    schema: Literal["codegen.checks/1"]
    checks: tuple[Verdict, ...]


@dataclass(frozen=True)
class Planned:
    """What the plan says of files: those it writes, those that are to go, and whether it `wants` the tests of a file to
    pass, whatever they did before. `tampered` are files that speak of a test runner, and the word."""

    written: Collection[str]
    deleted: Collection[str]
    wants: Callable[[str], bool] = lambda _path: False
    tampered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """One command as it was observed after the change and, where tests are told apart, before it."""

    name: str
    after: Observation
    before: Observation | None
    log: str


def judge_all(seen: Sequence[Seen], planned: Planned) -> tuple[Verdict, ...]:
    """The verdicts on all commands. A planned file that is a test by its name must be run by one of those that tell of
    files; the first of them misses it."""
    told_of = {path for one in seen for path in one.after.files.values()}
    unrun = [path for path in sorted(planned.written) if is_test(path) and path not in told_of]
    first = next((one for one in seen if one.after.files), None)
    verdicts = [judge(one, planned, unrun if one is first else ()) for one in seen]
    if verdicts and planned.tampered:
        verdicts[0] = _with_tampering(verdicts[0], planned.tampered)
    return tuple(verdicts)


def _with_tampering(verdict: Verdict, tampered: Mapping[str, str]) -> Verdict:
    """The verdict made to fail: what passes only for a test runner does not count."""
    said = [f"{path} speaks of {word!r}, which belongs into tests" for path, word in sorted(tampered.items())]
    reason = "; ".join([*said, *([verdict.reason] if verdict.reason else [])])
    word = "failed" if verdict.verdict == "passed" else verdict.verdict
    return msgspec.structs.replace(verdict, verdict=word, reason=reason)


def is_test(path: str) -> bool:
    """Whether a file is one of tests by its name, as the usual runners have it."""
    return _TEST.search(path) is not None


def judge(seen: Seen, planned: Planned, unrun: Collection[str] = ()) -> Verdict:
    """The verdict on one command. `unrun` are planned files of tests that it should have run."""
    after, before = seen.after, seen.before
    results = {} if after.trouble and not after.states else _results(after, before, planned)
    results |= dict.fromkeys(unrun, "missing")
    failing = tuple(test for test in sorted(results) if _blocks(test, results[test], after, planned))
    reason = "" if _is_old(after, before) else after.trouble
    word: Literal["passed", "failed", "timed_out", "missing"] = "failed" if failing or reason else "passed"
    if after.end in ("timed_out", "missing"):
        word = after.end  # type: ignore[assignment] # the two words just named
    code = after.code if after.end == "exited" else None
    counts = _count(results)
    return Verdict(
        seen.name, word, code, reason, after.sandbox, counts, failing, dict(sorted(results.items())), seen.log
    )


def _is_old(after: Observation, before: Observation | None) -> bool:
    """Whether a command whose tests are told apart failed in the same way before, beside its tests."""
    return bool(before and before.trouble == after.trouble and after.end == "exited" and after.states and before.states)


def _results(after: Observation, before: Observation | None, planned: Planned) -> dict[str, Word]:
    found: dict[str, Word] = {}
    was = {} if before is None else before.states
    for test, state in after.states.items():
        word = _word(state, was.get(test), after.files.get(test) in planned.written)
        if word is not None:
            found[test] = word
    if before is not None:
        vanished = (test for test, state in was.items() if test not in after.states and state != "skipped")
        found |= {test: "missing" for test in vanished if not _may_go(test, before.files.get(test), after, planned)}
    return found


def _may_go(test: str, file: str | None, after: Observation, planned: Planned) -> bool:
    """Whether a test may vanish: its file is to go, or it stood for a file that could not be read and now can."""
    return file in planned.deleted or (test == file and file in after.files.values())


def _word(state: str, was: str | None, planned: bool) -> Word | None:
    if state == "flaky":
        return "flaky"
    if state == "passed":
        return "fixed" if was == "failed" else "passed"
    if state == "failed":
        return "failing_before" if was == "failed" else "regressed"
    return "missing" if planned or was not in (None, "skipped") else None


def _blocks(test: str, word: Word, after: Observation, planned: Planned) -> bool:
    if word == "failing_before":
        file = after.files.get(test)
        return file in planned.written or (file is not None and planned.wants(file))
    return word in ("regressed", "missing")


def _count(results: Mapping[str, Word]) -> Counts:
    words: list[str] = list(results.values())
    return Counts(**{name: words.count(name) for name in Counts.__struct_fields__})


def told(verdict: Verdict) -> str:
    """A verdict in one line, for people: what was seen, never more."""
    counts = [(getattr(verdict.tests, name), name) for name in Counts.__struct_fields__]
    parts = [f"{number} {name.replace('_', ' ')}" for number, name in counts if number]
    said = ", ".join(parts) + (f": {few(verdict.failing, _NAMED)}" if verdict.failing else "")
    whole = "; ".join(part for part in (said, verdict.reason) if part) or verdict.verdict
    return f"{verdict.name}: {whole}" + ("" if verdict.passes else f" (log: {verdict.log})")


def summary(verdicts: Sequence[Verdict]) -> str:
    """All verdicts in one line: what failed, or which checks were passed."""
    bad = [told(verdict) for verdict in verdicts if not verdict.passes]
    return "; ".join(bad) if bad else f"passed the checks named: {', '.join(v.name for v in verdicts)}"
