"""What replies want of files that their unit may not write: refused and kept in quarantine, or accepted by the user.

It knows no step. Beside the planned files it reads those that a reply edits unasked.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from codegen_tasks.errors import BadPlan, ScopeMismatch
from codegen_tasks.files import Snapshot, remove_tree
from codegen_tasks.pipeline.outcomes import Outcomes
from codegen_tasks.pipeline.places import Places
from codegen_tasks.pipeline.question import Question, Questions
from codegen_tasks.plan import Tree, check_collisions, check_name
from codegen_tasks.records import LINK, Accepted, Blob, Diagnostic, Outside, Record, digest, encode
from codegen_tasks.signals import Amendment, Refused, Scope
from codegen_tasks.store import Store
from codegen_tasks.worktree import Worktree


class Verdict(Record, frozen=True):
    """On the replies of one unit."""

    diagnostics: tuple[Diagnostic, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    refused: tuple[Outside, ...] = ()


def may_be_planned(path: str, planned: Sequence[str], places: Places, worktree: Worktree) -> bool:
    """Whether plan.files.json could name the path, beside what it names now."""
    try:
        check_name(path, "reply")
        check_collisions([*planned, path], "reply")
        Tree(places.root).check(path, "reply")
        worktree.check_sendable(path, "reply")
    except BadPlan:
        return False
    return True


@dataclass(frozen=True)
class Border:
    """The border of a plan. `accepted` are the files beyond it that were let in when the graph was made."""

    questions: Questions
    accepted: frozenset[str]
    outcomes: Outcomes
    store: Store
    snapshot: Snapshot
    worktree: Worktree
    places: Places

    @cached_property
    def planned(self) -> list[str]:
        """The paths of the plan itself."""
        return [path for path in self.questions.bases if path not in self.accepted]

    def judge(self, question: Question, reply: bytes, allow: Sequence[str]) -> Verdict:
        """Which claims of a unit's replies are another unit's, match `allow`, or are refused."""
        unit, writes = question.unit, question.unit.writes
        remarks = self.outcomes.remarks(reply, question.before, writes)
        beside = {claim.path: found for claim in remarks.outside if (found := self._at_hand(claim))}
        claims = remarks.outside
        if beside:
            claims = self.outcomes.remarks(reply, question.before | beside, writes).outside
        diagnostics, accepted, refused = list(remarks.diagnostics), list[Accepted](), list[Outside]()
        for claim in claims:
            if claim.path in self.questions.bases and claim.path not in self.accepted:
                message = f"unit {unit.name} also wrote {claim.path}; that file's own unit wins"
                diagnostics.append(Diagnostic("warning", "other_unit", message, claim.path))
            elif claim.applied and self._allowed(claim.path, allow):
                accepted.append(self._accept(unit.name, claim))
            else:
                refused.append(claim)
        return Verdict(tuple(diagnostics), tuple(accepted), tuple(refused))

    def publish(self, refused: Sequence[tuple[str, Outside]]) -> None:
        """Writes scope.json and the quarantine if something was refused; what an earlier run refused goes.

        Raises ScopeMismatch.
        """
        self.snapshot.remove(self.places.scope)
        remove_tree(self.places.quarantine)
        if not refused:
            return
        ordered = sorted(refused, key=lambda pair: (pair[1].path, pair[0]))
        nested = _nested([claim.path for _, claim in ordered])
        entries = tuple(self._refuse(unit, claim, nested) for unit, claim in ordered)
        self.snapshot.write(self.places.scope, encode(Scope("codegen.scope/1", entries, tuple(_amend(entries)))))
        names = ", ".join(dict.fromkeys(entry.path for entry in entries))
        raise ScopeMismatch(
            f"the replies write outside the plan: {names}",
            hint="see code/scope.json: plan these files, or say in plan.md not to write them",
        )

    def _allowed(self, path: str, allow: Sequence[str]) -> bool:
        if not allow or not self._may_be_planned(path):
            return False
        from pathspec import GitIgnoreSpec  # only where somebody allowed something

        return GitIgnoreSpec.from_lines(allow).match_file(path)

    def _accept(self, unit: str, claim: Outside) -> Accepted:
        if claim.data is None:
            return Accepted(claim.path, unit, None)
        self.store.put("blob", digest(claim.data), claim.data)
        return Accepted(claim.path, unit, digest(claim.data))

    def _at_hand(self, claim: Outside) -> Blob | None:
        """The file that an edit outside the plan is of, if what it makes of that can be planned."""
        if claim.path in self.accepted:
            return self.questions.bases[claim.path].before
        if claim.applied or claim.path in self.questions.bases or not self._may_be_planned(claim.path):
            return None
        blob = self.worktree.read(claim.path, "reply")
        return None if blob is None or blob.mode == LINK else blob

    def _may_be_planned(self, path: str) -> bool:
        return may_be_planned(path, self.planned, self.places, self.worktree)

    def _refuse(self, unit: str, claim: Outside, nested: Collection[str]) -> Refused:
        data = claim.data
        if data is None:
            return Refused(claim.path, unit, claim.reason, None, None)
        self.store.put("blob", digest(data), data)
        place = claim.path
        plannable = claim.path not in nested and self._may_be_planned(claim.path)
        if not plannable or (self.places.quarantine / place).exists():
            place = f"other/{digest(f'{claim.path} {unit}'.encode())}"
        self.snapshot.write(self.places.quarantine / place, data)
        return Refused(claim.path, unit, claim.reason, digest(data), f"code/quarantine/{place}")


def _nested(paths: Sequence[str]) -> set[str]:
    """The paths that would have to be a file and a folder, or lie below one that would: none of them can be planned."""
    return {
        path
        for path in paths
        for other in paths
        if path != other and (path.startswith(f"{other}/") or other.startswith(f"{path}/"))
    }


def _amend(refused: Sequence[Refused]) -> Iterator[Amendment]:
    """One entry for each path, the first claim on it, where planning it is possible at all."""
    first = {entry.path: entry for entry in reversed(refused)}
    for entry in sorted(first.values(), key=lambda entry: entry.path):
        if entry.sha256 and entry.quarantine == f"code/quarantine/{entry.path}":
            yield Amendment(entry.path, "create_or_update", f"sha256:{entry.sha256}")
