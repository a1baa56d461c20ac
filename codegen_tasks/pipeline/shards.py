"""Which units belong to one of several shares of a plan: by digest, and what depends on each other together."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from codegen_tasks.errors import BadConfig
from codegen_tasks.records import Unit, digest

_SHAPE = re.compile(r"([0-9]{1,6})/([0-9]{1,6})", re.ASCII)


class Shard(NamedTuple):
    """The `part`-th of `parts` shares, from 1."""

    part: int
    parts: int


def parse_shard(text: str) -> Shard:
    """The share that `shard=K/N` names. Raises BadConfig."""
    found = _SHAPE.fullmatch(text)
    shard = Shard(int(found[1]), int(found[2])) if found else Shard(0, 0)
    if not 1 <= shard.part <= shard.parts:
        raise BadConfig(f"shard={text}: this names no share", hint="write shard=K/N with 1 ≤ K ≤ N, such as shard=3/16")
    return shard


def share_of(units: Sequence[Unit], shard: Shard) -> frozenset[str]:
    """The names of the units in the share. A group of units that depend on each other goes by its first name."""
    owner = {path: unit.name for unit in units for path in unit.paths}
    group = {unit.name: unit.name for unit in units}

    def first(name: str) -> str:
        while group[name] != name:
            group[name] = name = group[group[name]]
        return name

    for unit in units:
        for path in unit.needs:
            one, other = sorted((first(unit.name), first(owner.get(path, unit.name))))
            group[other] = one
    return frozenset(
        unit.name for unit in units if int(digest(first(unit.name).encode()), 16) % shard.parts == shard.part - 1
    )
