"""What the engine picks by itself from the rest of a repository, as a value. It reads only through a Repository.

    choose(unit, sections, repository, budget) -> Ambient     what the unit's model is shown of the rest
    render(ambient) -> Rendered                               the same as text for the context package
    lapsed(facts, repository) -> the facts that are true no longer

An Ambient is kept in the store beside the question it was chosen for. Its facts are what the unit depends on from then
on: it is asked again when one of them has lapsed, not because something else would be chosen now.
`choose` and `lapsed` are called under one lock; `lapsed` also by runs that have nothing to do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from codegen_tasks.context.budget import counter
from codegen_tasks.context.facts import Excerpt, Fact
from codegen_tasks.context.truth import Memory, untrue
from codegen_tasks.records import Record, Section, Unit

if TYPE_CHECKING:  # a run with nothing to do opens no index
    from codegen_tasks.context.index import Index
    from codegen_tasks.context.masking import Secret


class Ambient(Record, frozen=True, omit_defaults=True):
    """What was chosen. `summary` tells of the whole repository; `left_out` names what the budget had no room for."""

    summary: str = ""
    facts: tuple[Fact, ...] = ()
    left_out: tuple[str, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()


class Budget(Record, frozen=True):
    """Tokens for all that is chosen, how many of them the summary may take, and for which models they are counted."""

    tokens: int
    summary: int
    models: tuple[str, ...] = ()


class Rendered(NamedTuple):
    """Text for the message that all units share, and for the unit's own."""

    shared: str = ""
    own: str = ""


@dataclass(frozen=True)
class Repository:
    """The working tree as a model may see it: `visible` lists the paths, `read` gives a content or None.

    `cache` is a folder for what can be made again; it need not be there. Without a `root` nothing is indexed.
    """

    visible: Callable[[], tuple[str, ...]]
    read: Callable[[str], bytes | None]
    cache: Path
    root: Path | None = None

    @cached_property
    def memory(self) -> Memory:
        """What was found true of contents."""
        return Memory(self.cache / "true")

    @cached_property
    def index(self) -> "Index | None":
        """The index as the working tree was when it was first needed."""
        if self.root is None:
            return None
        from codegen_tasks.context.index import open_shared

        return open_shared(self.root, self.visible(), self.cache)


def choose(unit: Unit, sections: Sequence[Section], repository: Repository, budget: Budget) -> Ambient:
    """What to show of the repository beside what the plan names for the unit."""
    from codegen_tasks.context.selection import select

    count = counter(budget.models)
    summary = summary_of(repository, budget.summary, budget.models)
    if summary and count(summary) > budget.tokens:
        summary = ""  # never a shorter one: it is the same for all units
    if repository.index is None:
        return Ambient(summary)
    planned = {path: repository.read(path) for path in unit.paths}
    plan = "\n".join([*(section.text for section in sections), *(f"{f.summary}\n{f.notes}" for f in unit.files)])
    shown = {*unit.needs, *(path for file in unit.files for path in file.context)}
    left = budget.tokens - (count(summary) if summary else 0)
    found = select(repository.index, planned, plan, repository.read, left, count, shown)
    return Ambient(summary, found.facts, found.left_out, found.excerpts)


def summary_of(repository: Repository, tokens: int, models: tuple[str, ...]) -> str:
    """What is told of the whole repository, as it is now, in so many tokens."""
    return _summary(repository, repository.visible(), tokens, models)


@lru_cache(maxsize=4)
def _summary(repository: Repository, paths: tuple[str, ...], tokens: int, models: tuple[str, ...]) -> str:
    from codegen_tasks.context.repository import summarise

    return summarise(paths, repository.read, repository.index, tokens, counter(models))


def render(ambient: Ambient, known: "Sequence[Secret]" = ()) -> Rendered:
    """The text of what was chosen, without secrets: `known` ones and what looks like one. Nobody copies from it."""
    from codegen_tasks.context.definitions import render_facts
    from codegen_tasks.context.masking import redact
    from codegen_tasks.context.selection import render_excerpt

    parts = [render_facts(ambient.facts), *map(render_excerpt, ambient.excerpts)]
    own = "\n".join(part.rstrip("\n") + "\n" for part in parts if part).rstrip("\n")
    return Rendered(redact(ambient.summary, known), redact(own, known))


def lapsed(facts: Sequence[Fact], repository: Repository) -> tuple[Fact, ...]:
    """The facts that no longer hold: their file lost the definition, or it has another signature now."""
    return untrue(facts, repository.read, repository.memory)
