"""What the check stage does: the tree that the diff would make is run and judged, and what fails goes back."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from codegen_tasks.bases import Base, mode_of
from codegen_tasks.check import (
    Bench,
    Change,
    Checks,
    Hidden,
    Look,
    Observation,
    Planned,
    Sandboxes,
    Seen,
    State,
    States,
    Verdict,
    badness,
    concerned,
    cut,
    decide,
    fingerprint,
    imports_any,
    is_unchanged,
    judge_all,
    make_note,
    observe,
    planned_passed,
    shape,
    summary,
    tampering,
    told,
)
from codegen_tasks.config import Check
from codegen_tasks.errors import BaseMoved, ChecksFailed, NoSandbox
from codegen_tasks.files import write_atomic
from codegen_tasks.keys import without_keys
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.stages.check import MOST_SHOWN, rules_of
from codegen_tasks.pipeline.step import SentBack
from codegen_tasks.providers.masking import masked
from codegen_tasks.records import Blob, FileChange, ModelSpec, decode, digest, encode

Blobs = Mapping[Path, bytes]


def run(contents: Mapping[str, bytes], settings: Check, bases: Sequence[Base], look: Look, phase: Phase) -> bytes:
    """code/checks.json. Raises SentBack while there are rounds, then ChecksFailed."""
    seen = _observe(settings, contents, bases, look, phase)
    before = {path: base.before.data for path, base in phase.bases.items() if base.before is not None}
    tests = {test for one in seen for test in one.after.states | (one.before.states if one.before else {})}
    tampered = tampering(before, contents, "\n".join(section.text for section in phase.plan.sections), tests)
    planned = Planned(frozenset(contents), phase.deleted, _wants(settings, contents, look, phase), tampered)
    verdicts = judge_all(seen, planned)
    data = encode(Checks("codegen.checks/1", verdicts))
    for verdict in verdicts:
        phase.tools.store.tell(f"{'check':12}{told(verdict)}")
        phase.tools.asking.log.add("check", check=verdict.name, outcome=verdict.verdict)
    phase.tools.snapshot.write(phase.places.checks, data)
    _go_on(settings, verdicts, seen, contents, look, phase)
    if not all(verdict.passes for verdict in verdicts) and settings.required:
        hint = "code/checks.json has all of it; code/files and code/diff.patch are kept, to see how near it came"
        raise ChecksFailed(summary(verdicts), hint=hint)
    return data


def _observe(
    settings: Check, contents: Mapping[str, bytes], bases: Sequence[Base], look: Look, phase: Phase
) -> list[Seen]:
    """What each command does on the generated files and, where it tells tests apart, on the base."""
    bench = _bench(look, phase)
    after, before = list(_after(contents, bases, look, phase)), list(_before(bases))
    seen = []
    for command in settings.commands:
        try:
            observed = observe(command, cut(look, command.inputs, after), bench)
        except NoSandbox as error:
            if settings.required:
                raise
            observed = Observation("missing", 0, error.message, False, {}, {}, {}, "", bench.sandbox.profile)
        base = None
        if command.report != "none" and observed.end == "exited":
            base = observe(command, cut(look, command.inputs, before), bench)
        seen.append(Seen(command.name, observed, base, phase.places.shown(_log(command.name, phase))))
    return seen


def _after(contents: Mapping[str, bytes], bases: Sequence[Base], look: Look, phase: Phase) -> Iterator[Change]:
    planned = {file.path: file for file in phase.plan.files}
    for base in bases:
        data = contents.get(base.path)
        mode = mode_of(planned[base.path], base)
        now = look.files.get(base.path)
        if data is None or now is None or (now.mode, now.digest) != (mode, digest(data)):
            yield base.path, mode, data


def _before(bases: Sequence[Base]) -> Iterator[Change]:
    """The base of files whose diff was applied to the working tree."""
    for base in bases:
        if base.before != base.now:
            yield base.path, base.before.mode if base.before else 0, base.before.data if base.before else None


def _bench(look: Look, phase: Phase) -> Bench:
    root, rules = phase.places.root, rules_of(phase)

    def check_still() -> None:
        if not is_unchanged(root, rules, look):
            hint = "run again: what was observed of it is not kept"
            raise BaseMoved("the working tree was changed while it was checked", hint=hint)

    return Bench(
        root=root,
        store=phase.tools.store,
        sandbox=phase.tools.sandbox or Sandboxes(phase.config.check.sandbox, phase.places.state / "scratch"),
        environment=os.environ,
        log=lambda name, output: write_atomic(_log(name, phase), output),
        mask=lambda text: without_keys(masked(text, ModelSpec())),
        check_still=check_still,
        programs=phase.places.state / "check-programs",
    )


def _log(name: str, phase: Phase) -> Path:
    safe = re.sub(r"[^\w.-]", "_", name)
    return phase.places.state / "checks" / f"{safe if safe == name else f'{safe}-{digest(name.encode())[:8]}'}.log"


def _go_on(
    settings: Check,
    verdicts: Sequence[Verdict],
    seen: Sequence[Seen],
    contents: Mapping[str, bytes],
    look: Look,
    phase: Phase,
) -> None:
    """Returns if this state is the one to end with. Raises SentBack."""
    units = _concerned(settings, verdicts, seen, contents, look, phase)
    key = _record_key(settings, phase)
    states = _known(key, phase)
    current = _state(verdicts, contents, phase)
    if not units and not states.states:
        return
    states = states.also(current)
    phase.tools.store.put("rounds", key, encode(states), replace=True)
    decision = decide(states.states, current, settings.repairs if units else 0, settings.candidates if units else 1)
    if decision.act == "take":
        return
    others = {unit: at for unit, at in decision.at.items() if at != current.at[unit]}
    if decision.act == "choose":
        raise SentBack({}, others)
    hidden = _hidden(settings, look, phase)
    if decision.act == "repair":
        note = make_note(verdicts, seen, hidden)
        raise SentBack({unit: f"{note}\n\n{_own_files(unit, contents, phase)}".strip() for unit in sorted(units)})
    raise SentBack({}, others, dict.fromkeys(sorted(units), decision.sample))


def _state(verdicts: Sequence[Verdict], contents: Mapping[str, bytes], phase: Phase) -> State:
    courses = {unit.name: phase.course(unit.name) for unit in phase.plan.units if unit.writes}
    passes = all(verdict.passes for verdict in verdicts)
    patch = phase.tools.snapshot.read(phase.places.patch) or b""
    changed = sum(line[:1] in (b"+", b"-") and line[:3] not in (b"+++", b"---") for line in patch.split(b"\n"))
    return State(
        at={unit: course.at for unit, course in courses.items()},
        round=max((course.now.round for course in courses.values()), default=0),
        sample=max((course.now.sample for course in courses.values()), default=0),
        files=digest(encode({path: digest(data) for path, data in contents.items()})),
        failures="" if passes else fingerprint(verdicts),
        badness=badness(verdicts),
        planned=planned_passed(verdicts, contents.keys()),
        shape=shape(contents),
        changed=changed,
    )


def _record_key(settings: Check, phase: Phase) -> str:
    """What the record of states is kept under: the questions, the commands, and where a person began anew."""
    begun = {}
    for unit in phase.identities:
        course = phase.course(unit)
        begun[unit] = max((at for at, told in enumerate(course.told[: course.at], 1) if not told.round), default=1)
    return digest(encode(("rounds", phase.identities, settings.commands, begun)))


def _known(key: str, phase: Phase) -> States:
    data = phase.tools.store.get("rounds", key)
    try:
        return States() if data is None else decode(data, States)
    except msgspec.MsgspecError:
        return States()


def _concerned(
    settings: Check,
    verdicts: Sequence[Verdict],
    seen: Sequence[Seen],
    contents: Mapping[str, bytes],
    look: Look,
    phase: Phase,
) -> frozenset[str]:
    """The units that what fails concerns. A command that is not there concerns none."""
    files = {path: unit.name for unit in phase.plan.units for path in unit.writes}
    failing = [(v, s) for v, s in zip(verdicts, seen, strict=True) if v.verdict in ("failed", "timed_out")]
    if not failing or not files:
        return frozenset()
    hidden, read = _hidden(settings, look, phase), _reader(contents, look, phase)
    return frozenset[str]().union(*(concerned(verdict, one, files, read, hidden) for verdict, one in failing))


def _reader(contents: Mapping[str, bytes], look: Look, phase: Phase) -> Callable[[str], str]:
    """Gives the text of a file of the tree that was checked."""

    def read(path: str) -> str:
        data = contents.get(path)
        if data is None and path in look.files:
            data = phase.tools.snapshot.read(phase.places.original(path))
        return (data or b"").decode("utf-8", "replace")

    return read


def _wants(settings: Check, contents: Mapping[str, bytes], look: Look, phase: Phase) -> Callable[[str], bool]:
    """Tells which tests must pass although they failed before: hidden ones, those of files that the plan creates."""
    hidden, read = _hidden(settings, look, phase).paths, _reader(contents, look, phase)
    created = [path for path in contents if phase.bases[path].before is None]
    return lambda path: path in hidden or imports_any(read(path), created)


def _hidden(settings: Check, look: Look, phase: Phase) -> Hidden:
    if not settings.hidden:
        return Hidden()
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines(settings.hidden)
    paths = [path for path in look.files if spec.match_file(path)]
    return Hidden.of({path: phase.tools.snapshot.read(phase.places.original(path)) or b"" for path in paths})


def _own_files(name: str, contents: Mapping[str, bytes], phase: Phase) -> str:
    """What the unit's last answer made of its files: new ones whole, changes of old ones as a diff."""
    from codegen_tasks.diff import make_patch

    unit = next(unit for unit in phase.plan.units if unit.name == name)
    parts = []
    for path in unit.writes:
        before, data = phase.bases[path].before, contents[path]
        if before is None:
            what, shown = f"Your last answer made `{path}`:", data
        else:
            what = f"Your last answer changed `{path}`, which is shown above as it was before, in this way:"
            shown = (
                make_patch([FileChange(path, before, Blob(data, before.mode))], 3)
                .partition(b"\n+++ ")[2]
                .partition(b"\n")[2]
            )
        text = shown[:MOST_SHOWN].decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")
        parts.append(what + "\n\n" + "\n".join(f"    {line}".rstrip() for line in text.split("\n")))
    parts.append("Answer anew, and completely: what you write replaces your last answer.")
    return "\n\n".join(parts)
