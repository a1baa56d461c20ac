"""What the engine picks by itself from the rest of a repository, as a value. It reads only through a Repository.

    choose(unit, sections, repository, budget) -> Ambient     what the unit's model is shown of the rest
    render(ambient) -> Rendered                               the same as text for the context package
    lapsed(facts, repository) -> the facts that are true no longer

An Ambient is kept in the store beside the question it was chosen for. Its facts are what the unit depends on from then
on: it is asked again when one of them has lapsed, not because something else would be chosen now.
`choose` and `lapsed` are called under one lock; `lapsed` also by runs that have nothing to do, so it parses only files
whose content it has not seen before (`Repository.cache` is for what it remembers).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from codegen_tasks.context.summary import summarise
from codegen_tasks.records import Record, Section, Unit


class Fact(Record, frozen=True):
    """A definition that was shown: where it stands, its name there (`Class.method`), and its signature line."""

    path: str
    name: str
    signature: str


class Ambient(Record, frozen=True, omit_defaults=True):
    """What was chosen. `summary` is the tree of the repository; `left_out` names what the budget had no room for."""

    summary: str = ""
    facts: tuple[Fact, ...] = ()
    left_out: tuple[str, ...] = ()


class Budget(Record, frozen=True):
    """Tokens for all that is chosen, and how many of them the summary may take."""

    tokens: int
    summary: int


class Rendered(NamedTuple):
    """Text for the message that all units share, and for the unit's own."""

    shared: str = ""
    own: str = ""


@dataclass(frozen=True)
class Repository:
    """The working tree as a model may see it: `visible` lists the paths, `read` gives a content or None.

    `cache` is a folder for what can be made again; it need not be there.
    """

    visible: Callable[[], tuple[str, ...]]
    read: Callable[[str], bytes | None]
    cache: Path


def choose(unit: Unit, sections: Sequence[Section], repository: Repository, budget: Budget) -> Ambient:  # noqa: ARG001 (what a ranking goes by)
    """What to show of the repository beside what the plan names for the unit."""
    return Ambient(_summary(repository.visible(), min(budget.summary, budget.tokens)))


@lru_cache(maxsize=2)
def _summary(paths: tuple[str, ...], tokens: int) -> str:
    return summarise(paths, tokens)


def render(ambient: Ambient) -> Rendered:
    """The text of what was chosen."""
    return Rendered(ambient.summary)


def lapsed(facts: Sequence[Fact], repository: Repository) -> tuple[Fact, ...]:
    """The facts that no longer hold: their file lost the definition, or it has another signature now."""
    return tuple(fact for fact in facts if fact.signature.encode() not in (repository.read(fact.path) or b""))
