"""Which file does each claim mean where files change their paths? All moves are done at once, from the base."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from codegen_tasks.edits.operations import Delete, Edit, Move, Write
from codegen_tasks.edits.resolve import Claim, Fault, moves
from codegen_tasks.text import Text

OCCUPIED = "it cannot move to {}: there is a file already, and the reply neither moves nor deletes it"
SHARED = "it cannot move to {}: the reply moves another file there"


class Slot(NamedTuple):
    """A file by its path in the base, or (`fresh`) a new one under a path that another has left."""

    path: str
    fresh: bool = False


def settled_moves(claims: Sequence[Claim], texts: Mapping[str, Text | None]) -> tuple[dict[str, str], list[Fault]]:
    """Old path to new path of the files that can move, and why others cannot. Two moves of one file are one."""
    wanted, faults = moves(claims), list[Fault]()
    deleted = {claim.path for claim in claims if isinstance(claim.operation, Delete)}
    replies = {claim.path: claim.reply for claim in claims if isinstance(claim.operation, Move)}
    while True:
        done = _done(wanted, texts)
        stays = {path for path, text in texts.items() if text is not None} - done.keys() - deleted
        taken = dict[str, str]()
        stuck = {old: OCCUPIED for old, new in done.items() if new in stays}
        stuck |= {old: SHARED for old, new in done.items() if taken.setdefault(new, old) != old}
        if not stuck:
            return done, faults
        faults += [Fault(old, reason.format(done[old]), reply=replies[old]) for old, reason in stuck.items()]
        wanted = {old: new for old, new in wanted.items() if old not in stuck}


def _done(wanted: Mapping[str, str], texts: Mapping[str, Text | None]) -> dict[str, str]:
    """Where each file ends: a path without a file is only passed. A file that comes back does not move."""
    done = dict[str, str]()
    for old, new in wanted.items():
        if texts.get(old) is None and old in wanted.values():
            continue
        for _ in wanted:
            new = wanted.get(new, new) if texts.get(new) is None and new != old else new
        done |= {old: new} if new != old else {}
    return done


def by_slot(
    claims: Sequence[Claim], renamed: Mapping[str, str], texts: Mapping[str, Text | None]
) -> dict[Slot, list[Claim]]:
    """The claims on each file. Edits of either path apply to a moved file.

    A whole file or a deletion under the old path, behind the move, is about what is there after it.
    """
    came = _arrivals(moves(claims), renamed)
    slots, left = dict[Slot, list[Claim]](), dict[str, int]()
    moved: Claim | None = None
    for claim in claims:
        slot = Slot(came[claim.path] if claim.path in came and texts.get(claim.path) is None else claim.path)
        if isinstance(claim.operation, Move):
            left |= {claim.path: claim.reply} if claim.path in renamed else {}
        elif moved and isinstance(claim.operation, Edit) and claim.path in _paths(moved):
            slot = Slot(moved.path)
        elif Slot(claim.path, fresh=True) in slots or _is_behind(claim, left):
            held = claim.path in came and not isinstance(claim.operation, Delete)
            slot = Slot(came[claim.path]) if held else Slot(claim.path, fresh=True)
        moved = claim if isinstance(claim.operation, Move) and claim.path in renamed else None
        slots.setdefault(slot, []).append(claim)
    return slots


def _arrivals(wanted: Mapping[str, str], renamed: Mapping[str, str]) -> dict[str, str]:
    """The file that comes to each path, also to those it only passes."""
    came = dict[str, str]()
    for old, new in renamed.items():
        at = old
        while at != new:
            at = wanted[at]
            came[at] = old
    return came


def _paths(claim: Claim) -> tuple[str, ...]:
    """Both paths of a file that moves."""
    return (claim.path, claim.operation.to) if isinstance(claim.operation, Move) else ()


def _is_behind(claim: Claim, left: Mapping[str, int]) -> bool:
    """Whether a claim is about what stands under a path after a file left it in the same reply."""
    return isinstance(claim.operation, Write | Delete) and left.get(claim.path) == claim.reply
