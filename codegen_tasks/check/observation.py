"""What a command does on a tree: an observation, made once for each key and kept in the store. It judges nothing.

A command that fails is run twice more: a test, or a command without a report, that then disagrees with itself is flaky.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec

from codegen_tasks.check.programs import find_program, program_stamps
from codegen_tasks.check.reports import BadReport, Case, find_in, parse_report
from codegen_tasks.check.sandbox import Ended, Job
from codegen_tasks.check.system import PATH, variables_of
from codegen_tasks.check.tree import Tree
from codegen_tasks.config import CheckCommand
from codegen_tasks.files import write_atomic
from codegen_tasks.records import Record, decode, digest, encode
from codegen_tasks.store import Store

KIND = "observed"
AGAIN = 2  # further runs of a command that failed
MOST_OUTPUT = 16000  # characters of a failing command's output that are kept
ENVIRONMENT = {
    "HOME": "/tmp/home", "TMPDIR": "/tmp", "USER": "check", "LOGNAME": "check", "SHELL": "/bin/sh", "TERM": "dumb",
    "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "CI": "true", "PYTHONHASHSEED": "0",
}  # fmt: skip
ENDS = {
    "time": "it ran longer than timeout_s",
    "output": "it printed too much",
    "memory": "it took too much memory",
    "processes": "it started too many processes",
}
_UNSTEADY = (
    (re.compile(r"\b0x[0-9a-fA-F]{5,}\b"), "0x…"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s|secs?|seconds)\b"), "… s"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"), "…"),
    (re.compile(r"\x1b\[[0-9;]*[A-Za-z]"), ""),
)


class Observation(Record, frozen=True):
    """What a command did. `end` is exited, timed_out, missing or exceeded; `trouble` is why it counts as failed as a
    whole (empty: it does not). By test: its state (passed, failed, skipped, flaky), its file where that is known, and
    what it said. Texts name no place of this machine, no time and no key."""

    end: str
    code: int
    trouble: str
    flaky: bool
    states: dict[str, str]
    files: dict[str, str]
    texts: dict[str, str]
    output: str
    sandbox: str


class Sandbox(Protocol):
    """A way to run jobs. `profile` names what it keeps a command from; same profile, same world."""

    @property
    def profile(self) -> str:
        """Part of the key of what is observed."""

    def run(self, job: Job) -> Ended:
        """Runs a job to its end, and whatever it started."""


@dataclass(frozen=True)
class Bench:
    """What decides how a command is run but not what it does: in no key, but for the variables of `environment` that a
    command lets through.

    `log` gets the whole output, `mask` takes keys out of a text, `check_still` raises if the working tree has changed
    since it was looked at, `programs` keeps what programs said of their version, and may be lost.
    """

    root: Path
    store: Store
    sandbox: Sandbox
    environment: Mapping[str, str]
    log: Callable[[str, bytes], None] = lambda _name, _output: None
    mask: Callable[[str], str] = lambda text: text
    check_still: Callable[[], None] = lambda: None
    programs: Path | None = None
    ran: list[str] = field(default_factory=list)


def observed(command: CheckCommand, tree: Tree, bench: Bench) -> Observation | None:
    """What the store knows of the command on this tree."""
    data = bench.store.get(KIND, _key(command, tree, bench))
    return None if data is None else decode(data, Observation)


def observe(command: CheckCommand, tree: Tree, bench: Bench) -> Observation:
    """What the command does on this tree: as the store has it, else by running it. Raises OSError without a sandbox."""
    known = observed(command, tree, bench)
    if known is not None:
        return known
    seen = _run(command, tree, bench)
    bench.check_still()
    if seen.end != "missing":  # it may be there tomorrow, and nothing that is hashed would tell
        key = _key(command, tree, bench)
        bench.store.put(KIND, key, encode(seen))
        bench.store.share(KIND, key)
    return seen


def _key(command: CheckCommand, tree: Tree, bench: Bench) -> str:
    asked = msgspec.structs.replace(command, name="", inputs=(), versions=())
    env, versions = _let_through(command, bench), _versions(command, tree, bench)
    return digest(encode((KIND, bench.sandbox.profile, asked, env, versions, tree.digest)))


def _let_through(command: CheckCommand, bench: Bench) -> dict[str, str]:
    return {name: bench.environment[name] for name in sorted(command.env) if name in bench.environment}


def _versions(command: CheckCommand, tree: Tree, bench: Bench) -> tuple[str, ...]:
    """What the programs that the command names say of their version; asked again when a program's file has changed."""
    if not command.versions:
        return ()
    known: dict[str, str] = {}
    with suppress(OSError, msgspec.MsgspecError):
        known = msgspec.json.decode(bench.programs.read_bytes() if bench.programs else b"{}", type=dict[str, str])
    found, before = [], dict(known)
    for argv, place, stamp in program_stamps(command, bench.root, bench.environment):
        key = digest(encode((argv, place, stamp)))
        if key not in known:
            bare = Tree(tree.look, (), ())
            ended = bench.sandbox.run(make_job(command, bare, bench, argv, None))
            known[key] = ended.output.decode("utf-8", "replace").strip()[:200] if ended.end == "exited" else "missing"
        found.append(known[key])
    if bench.programs is not None and known != before:
        write_atomic(bench.programs, encode(known))
    return tuple(found)


class _Once(Record, frozen=True):
    """One run: `trouble` as in Observation."""

    end: str
    code: int
    trouble: str
    tests: tuple[Case, ...]
    output: bytes


def _run(command: CheckCommand, tree: Tree, bench: Bench) -> Observation:
    missing = [need for need in command.needs if not (bench.root / need).exists()]
    if missing:
        trouble = f"it needs {', '.join(missing)}, which is not there"
        return Observation("missing", 0, trouble, False, {}, {}, {}, "", bench.sandbox.profile)
    bench.ran.append(command.name)
    runs = [_run_once(command, tree, bench)]
    bench.log(command.name, runs[0].output)
    if runs[0].end == "exited" and _failed(runs[0]):
        runs += [_run_once(command, tree, bench) for _ in range(AGAIN)]
    return _combine(runs, bench)


def _failed(run: _Once) -> bool:
    return bool(run.trouble) or any(test.state == "failed" for test in run.tests)


def _combine(runs: Sequence[_Once], bench: Bench) -> Observation:
    """The first run, corrected by what the others say of the same tests."""
    first = runs[0]
    if first.trouble and (better := next((run for run in runs if not run.trouble), None)) is not None:
        first = better
    states = {test.name: test.state for test in first.tests}
    for run in runs:
        for test in run.tests:
            if {states.get(test.name), test.state} == {"passed", "failed"}:
                states[test.name] = "flaky"
    failed = [test for test in first.tests if states[test.name] == "failed"]
    return Observation(
        first.end,
        first.code,
        steady(first.trouble, bench),
        first is not runs[0],
        states={steady_name(name, bench): state for name, state in states.items()},
        files={steady_name(test.name, bench): test.file for test in first.tests if test.file is not None},
        texts={steady_name(test.name, bench): steady(test.text, bench) for test in failed if test.text},
        output=steady(_ends(first.output), bench) if failed or first.trouble else "",
        sandbox=bench.sandbox.profile,
    )


def steady_name(name: str, bench: Bench) -> str:
    """A test's name without a path of this machine."""
    return name.replace(f"{bench.root}/", "").replace(str(bench.root), ".")


def steady(text: str, bench: Bench) -> str:
    """A text without what another run, or another machine, would say otherwise, and without keys."""
    text = steady_name(text, bench)
    for pattern, instead in _UNSTEADY:
        text = pattern.sub(instead, text)
    return bench.mask(text)


def _ends(output: bytes) -> str:
    text = output.decode("utf-8", "replace").replace("\r\n", "\n")
    if len(text) <= MOST_OUTPUT:
        return text
    return f"{text[: MOST_OUTPUT // 4]}\n…\n{text[-MOST_OUTPUT * 3 // 4 :]}"


def _run_once(command: CheckCommand, tree: Tree, bench: Bench) -> _Once:
    report = None if command.report == "none" or not _names_report(command) else f"/tmp/report.{command.report}"
    ended = bench.sandbox.run(make_job(command, tree, bench, command.run, report))
    if ended.end == "no sandbox":
        raise OSError(ended.code, ended.trouble)
    if ended.end == "missing":
        return _Once("missing", 0, f"{command.run[0]}: {ended.trouble}", (), ended.output)
    if ended.end != "exited":
        end = "timed_out" if ended.end == "time" else "exceeded"
        return _Once(end, 0, ENDS[ended.end], (), ended.output)
    tests, fault = _tests(command, ended, tree, bench)
    return _Once("exited", ended.code, _trouble(command, ended, tests, fault), tests, ended.output)


def _names_report(command: CheckCommand) -> bool:
    return command.report == "junit" or any("$REPORT" in word for word in command.run)


def _tests(command: CheckCommand, ended: Ended, tree: Tree, bench: Bench) -> tuple[tuple[Case, ...], str]:
    """The tests of the report, and what is wrong with it."""
    if command.report == "none":
        return (), ""
    data = ended.report if _names_report(command) else ended.output
    if data is None:
        return (), "it wrote no report"
    files = {*tree.paths, *(path for path, _, content in tree.changes if content is not None)}
    try:
        return parse_report(command.report, data, find_in(files, command.cwd, str(bench.root))), ""
    except BadReport as fault:
        return (), f"its report cannot be believed: {fault}"


def _trouble(command: CheckCommand, ended: Ended, tests: Sequence[Case], fault: str) -> str:
    exit_ = f"exit {ended.code}" if ended.code >= 0 else f"it was ended by signal {-ended.code}"
    explained = any(test.state == "failed" for test in tests)
    parts = [fault] if fault else []
    parts += [exit_] if ended.code and not explained else []
    parts += ["its disk was full"] if ended.full else []
    if parts == [exit_] and command.report != "none":
        parts = [f"{exit_}, though its report tells of no failure"]
    return "; ".join(parts)


def make_job(command: CheckCommand, tree: Tree, bench: Bench, argv: Sequence[str], report: str | None) -> Job:
    """A command of this check, as a sandbox runs it."""
    env = {**ENVIRONMENT, **_let_through(command, bench)}
    program, folder = find_program(argv[0], command, bench.root, bench.environment)
    env["PATH"] = env.get("PATH") or ":".join(part for part in (folder, PATH) if part)
    env |= variables_of(program)
    if report is not None:
        env["REPORT"] = report
        argv = [word.replace("${REPORT}", report).replace("$REPORT", report) for word in argv]
    return Job(
        root=bench.root,
        files=tree.paths,
        hide=tree.hidden,
        changes=tree.changes,
        argv=(program, *argv[1:]),
        cwd=command.cwd,
        env=env,
        needs=tuple((str((bench.root / need).resolve()), need) for need in command.needs),
        network=command.network,
        seconds=command.timeout_s,
        report=report,
    )
