"""The check stage as a Step: what it looks at, and what its verdicts hang on. `checking` does the work."""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from codegen_tasks.bases import Base
from codegen_tasks.check import Look, Rules, cut, look_at, program_stamps, what_is_there
from codegen_tasks.config import Check
from codegen_tasks.errors import BadConfig
from codegen_tasks.pipeline.memory import remembered
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.step import Step
from codegen_tasks.records import Intent, Unit, digest, encode

MOST_NOTE = 20_000  # characters of what a model is told of one command
MOST_SHOWN = 20_000  # bytes of a file that was generated which its unit is shown again


def steps(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    """The one step of the stage, if there are commands. Raises BadConfig."""
    _check_hidden(phase)
    if not phase.config.check.commands:
        return
    look = look_at(phase.places.root, rules_of(phase), phase.places.state / "check-tree")
    paths = tuple(file.path for file in phase.plan.files)
    results = {path: phase.places.result(path) for path in paths if path not in phase.deleted}
    settings = phase.config.check
    inputs = [command.inputs for command in settings.commands]
    seen = remembered(
        phase.places.state / "check-seen",
        tuple[str, ...],
        (phase.code, look.files, inputs),
        lambda: tuple(cut(look, patterns, ()).digest for patterns in inputs),
    )
    root, around = phase.places.root, os.environ
    programs = [stamp for command in settings.commands for stamp in program_stamps(command, root, around)]
    there = [what_is_there(command, root, around) for command in settings.commands]
    let_through = {name: os.environ.get(name) for command in settings.commands for name in command.env}
    courses = {unit: phase.course(unit) for unit in phase.identities}
    yield Step(
        "check",
        "",
        reads=(*results.values(), phase.places.patch),
        params=(
            settings,
            seen,
            digest(encode((let_through, programs, there))),
            results,
            tuple(phase.bases.values()),
            courses,
        ),
        writes=phase.places.checks,
        run=partial(_run, look=look, phase=phase),
    )


def _run(
    blobs: Mapping[Path, bytes],
    settings: Check,
    _seen: Sequence[str],
    _around: str,
    results: Mapping[str, Path],
    bases: Sequence[Base],
    _courses: Mapping[str, object],
    *,
    look: Look,
    phase: Phase,
) -> bytes:
    from codegen_tasks.pipeline.checking import run  # not on a run that has nothing to check

    return run({path: blobs[file] for path, file in results.items()}, settings, bases, look, phase)


def rules_of(phase: Phase) -> Rules:
    """What belongs to the tree that is checked."""
    worktree = phase.tools.worktree
    watched = [worktree.top / ".git" / name for name in ("index", "config", "info/exclude")]
    watched += [Path.home() / name for name in (".gitconfig", ".config/git/config", ".config/git/ignore")]
    above = [folder for folder in phase.places.root.parents if folder.is_relative_to(worktree.top)]
    watched += [folder / ".gitignore" for folder in above]
    return Rules(worktree.entries, lambda _path: True, worktree.is_own, watched)


def most_rounds(unit: Unit, settings: Check) -> tuple[int, ...]:
    """The questions that the checks may lead to for a unit, by the tokens that each is longer than the first."""
    if not settings.commands:
        return ()
    longer = len(settings.commands) * MOST_NOTE + len(unit.writes) * MOST_SHOWN
    return (longer,) * settings.repairs + (0,) * (settings.candidates - 1)


def _check_hidden(phase: Phase) -> None:
    """Refuses a plan whose files `check.hidden` hides: no model may write them. Raises BadConfig."""
    if not phase.config.check.hidden:
        return
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines(phase.config.check.hidden)
    for file in phase.plan.files:
        if spec.match_file(file.path) and file.intent is not Intent.DELETE:
            raise BadConfig(
                f"check.hidden hides {file.path!r}, which plan.files.json plans: no model may see or write it",
                hint="take the file out of the plan, or out of check.hidden",
            )
