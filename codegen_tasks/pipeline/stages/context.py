"""Stage context: a unit's question with all that its model is shown becomes a package; and the summary for people.

`make_package` also pins in the store what it chose and that it asked: a second run finds both and chooses the same. It
notes what the question was made of, for `doit why`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from codegen_tasks.config import ContextSettings
from codegen_tasks.context import Ambient, Fact, Masked, read_facts, render, write_package
from codegen_tasks.pipeline.asked import AskedLog, describe
from codegen_tasks.pipeline.choices import Choices
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.question import Question
from codegen_tasks.pipeline.questions import Privacy, masks_of, note_asked, request_builder
from codegen_tasks.pipeline.step import Step, present, results
from codegen_tasks.store import Store
from codegen_tasks.worktree import Worktree

Blobs = Mapping[Path, bytes]


def steps(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    """One package for each unit that asks."""
    run = partial(
        make_package,
        choices=phase.choices,
        store=phase.tools.store,
        worktree=phase.tools.worktree,
        log=phase.asked,
    )
    privacy = phase.privacy
    settings = phase.config.context
    for question in phase.questions.asked:
        unit = question.unit
        needed = results(phase.places, unit.needs, phase.deleted)
        sources = {path: phase.places.original(path) for path in question.unplanned}
        yield Step(
            "context",
            unit.name,
            reads=(*present(phase.places, question.bases), *sources.values(), *needed.values()),
            params=(question, sources, needed, settings, _live(phase, question), _untrue(phase, question), privacy),
            writes=phase.places.request(unit.name),
            run=run,
        )


def _live(phase: Phase, question: Question) -> Ambient | None:
    """The ambient context as it would be chosen now, if that is to be an input like any other."""
    settings = phase.config.context
    live = settings.ambient == "live"
    return phase.choices.now(question.unit, question.sections, settings) if live else None


def _untrue(phase: Phase, question: Question) -> tuple[Fact, ...]:
    """What the last package showed that is true no longer."""
    package = phase.tools.snapshot.read(phase.places.request(question.unit.name))
    return () if package is None else phase.choices.lapsed(read_facts(package))


def make_package(
    blobs: Blobs,
    question: Question,
    sources: Mapping[str, Path],
    needed: Mapping[str, Path],
    settings: ContextSettings,
    live: Ambient | None,
    untrue: Collection[Fact],
    privacy: Privacy,
    *,
    choices: Choices,
    store: Store,
    worktree: Worktree,
    log: AskedLog,
) -> bytes:
    """The unit's context package. `live` is its ambient context where that is an input like any other; else it is
    the one chosen before, unless that showed what is `untrue` now."""
    for path in question.unit.writes:
        if question.before[path] is not None:
            worktree.check_sendable(path, "plan.files.json")
    reference = question.reference({path: blobs[file] for path, file in sources.items()})
    generated = {path: blobs[file] for path, file in needed.items()}
    build = request_builder(question, reference, generated, privacy)
    if generated:
        note_asked(question, reference, generated, privacy, store)
    ambient = live or choices.settle(build(), question.unit, question.sections, settings, untrue)
    masks = masks_of(question, reference, generated, privacy)
    masked = [Masked(place, secret.kind) for place, mask in masks for secret in mask.secrets]
    rendered = render(ambient, privacy.known)
    request = build(rendered)
    log.note(*describe(question, reference, generated, settings, privacy, ambient, request), privacy.known)
    tokens = build.tokens(request, rendered)
    left_out = (*ambient.left_out, *_beyond(tokens.total, settings.budget_tokens))
    return write_package(request, ambient.facts, masked, left_out, tokens)


def _beyond(total: int, budget: int) -> Iterator[str]:
    """What is said of a question that is longer than its budget."""
    if total > budget:
        over = f"{total - budget} tokens over budget_tokens ({budget})"
        yield f"all of the repository: what the plan says and wants shown is never cut, and {over} by itself"


def summary(phase: Phase, _earlier: Sequence[Step]) -> Iterator[Step]:
    """The summary of the first unit that asks something; the first needs nothing generated."""
    question = next(iter(phase.questions.asked), None)
    settings = phase.config.context
    if question is None or question.unit.needs or not settings.repo_summary:
        return
    sources = {path: phase.places.original(path) for path in question.unplanned}
    yield Step(
        "summary",
        "",
        reads=(phase.places.request(question.unit.name), *sources.values()),
        params=(question, sources, settings, _live(phase, question), phase.privacy),
        writes=phase.places.summary,
        run=partial(make_summary, choices=phase.choices),
    )


def make_summary(
    blobs: Blobs,
    question: Question,
    sources: Mapping[str, Path],
    settings: ContextSettings,
    live: Ambient | None,
    privacy: Privacy,
    *,
    choices: Choices,
) -> bytes:
    """The repo summary as that unit was shown it."""
    reference = question.reference({path: blobs[file] for path, file in sources.items()})
    bare = request_builder(question, reference, {}, privacy)()
    shown = live or choices.kept(bare, settings)
    return b"" if shown is None else render(shown, privacy.known).shared.encode()
