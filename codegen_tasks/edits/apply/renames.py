"""Which file does each claim mean where files change their paths? All moves are done at once, from the base."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from codegen_tasks.edits.operations import Delete, Edit, Move, Write
from codegen_tasks.edits.resolve import Claim, Fault
from codegen_tasks.text import Text

OCCUPIED = "it cannot move to {}: there is a file already, and the reply neither moves nor deletes it"
SHARED = "it cannot move to {}: the reply moves another file there"
ABSENT = "it cannot move to {}: there is no such file, or the reply moves another one to where it was"


class Slot(NamedTuple):
    """A file by its path in the base, or (`fresh`) a new one under a path that another has left."""

    path: str
    fresh: bool = False


def settled_moves(claims: Sequence[Claim], texts: Mapping[str, Text | None]) -> tuple[dict[str, str], list[Fault]]:
    """Old path to new path of the files that can move, and why others cannot. Two moves of one file are one."""
    wanted, replies, faults = dict[str, str](), dict[str, int](), list[Fault]()
    for path, operation, reply, _ in claims:
        if isinstance(operation, Move) and operation.to != path:
            wanted[path], replies[path] = operation.to, reply
    deleted = {claim.path for claim in claims if isinstance(claim.operation, Delete)}
    while True:
        stays = {path for path, text in texts.items() if text is not None} - wanted.keys() - deleted
        taken = dict[str, str]()
        stuck = {old: OCCUPIED for old, new in wanted.items() if new in stays}
        stuck |= {old: SHARED for old, new in wanted.items() if taken.setdefault(new, old) != old}
        stuck |= {old: ABSENT for old in wanted if texts.get(old) is None and old in wanted.values()}
        if not stuck:
            return wanted, faults
        faults += [Fault(old, reason.format(wanted[old]), reply=replies[old]) for old, reason in stuck.items()]
        wanted = {old: new for old, new in wanted.items() if old not in stuck}


def by_slot(
    claims: Sequence[Claim], renamed: Mapping[str, str], texts: Mapping[str, Text | None]
) -> dict[Slot, list[Claim]]:
    """The claims on each file. Edits of either path apply to a moved file.

    A whole file or a deletion under the old path, behind the move in its reply, is about what is there after it.
    """
    came = {new: old for old, new in renamed.items()}
    slots, left = dict[Slot, list[Claim]](), dict[str, int]()
    moved: Claim | None = None
    for claim in claims:
        path, operation = claim.path, claim.operation
        slot = Slot(came[path] if path in came and texts.get(path) is None else path)
        behind = isinstance(operation, Write | Delete) and left.get(path) == claim.reply
        if isinstance(operation, Move):
            left |= {path: claim.reply} if path in renamed else {}
        elif moved and isinstance(operation, Edit) and path in (moved.path, renamed[moved.path]):
            slot = Slot(moved.path)
        elif behind or Slot(path, fresh=True) in slots:
            held = path in came and not isinstance(operation, Delete)
            slot = Slot(came[path]) if held else Slot(path, fresh=True)
        moved = claim if isinstance(operation, Move) and path in renamed else None
        slots.setdefault(slot, []).append(claim)
    return slots
