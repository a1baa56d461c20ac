"""Operations with the path each is for, and what could not be read or placed. They know no content."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from codegen_tasks.edits.operations import Hunk, Operation
from codegen_tasks.records import Record


class Claim(NamedTuple):
    """An operation on a path; `reply` tells which of the replies it stands in, `ending` how its lines end there."""

    path: str
    operation: Operation
    reply: int
    ending: str = "\n"


class Fault(Record, frozen=True):
    """Something that could not be read or placed. `path` may be "" when nobody knows it."""

    path: str
    reason: str
    hunk: Hunk | None = None
    lines: tuple[int, ...] = ()
    reply: int = 0


def without_corrected(claims: Sequence[Claim], planned: Collection[str]) -> list[Claim]:
    """The claims without those on a path outside the plan that a later reply corrects to a planned one of that end."""
    return [
        claim
        for claim in claims
        if claim.path in planned
        or not any(
            later.reply > claim.reply
            and later.path in planned
            and (claim.path.endswith(f"/{later.path}") or later.path.endswith(f"/{claim.path}"))
            for later in claims
        )
    ]
