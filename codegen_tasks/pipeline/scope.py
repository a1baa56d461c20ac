"""What replies want of files that their unit may not write: refused and kept in quarantine, or accepted by the user.

It knows no step. Beside the planned files it reads those that a reply edits unasked.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from codegen_tasks.errors import BadPlan, ScopeMismatch
from codegen_tasks.files import Snapshot, remove_tree
from codegen_tasks.pipeline.outcomes import Outcomes
from codegen_tasks.pipeline.places import Places
from codegen_tasks.pipeline.question import Question, Questions
from codegen_tasks.plan import Tree, check_collisions, check_name, check_sayable, kind_of
from codegen_tasks.records import (
    LINK,
    MODE,
    Accepted,
    Answer,
    Blob,
    Diagnostic,
    Outside,
    Record,
    Unit,
    decode,
    digest,
    encode,
)
from codegen_tasks.signals import Amendment, Refused, Scope
from codegen_tasks.store import Store
from codegen_tasks.worktree import Worktree

_HERE = "reply"


class OutOfScope(Record, frozen=True):
    """A claim that is refused: which unit's reply makes it, of which model, and which of the unit's files need it."""

    unit: str
    claim: Outside
    model: str
    needed_by: tuple[str, ...] = ()


class Verdict(Record, frozen=True):
    """On the replies of one unit."""

    diagnostics: tuple[Diagnostic, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    refused: tuple[OutOfScope, ...] = ()


def may_be_planned(path: str, planned: Sequence[str], places: Places, worktree: Worktree) -> bool:
    """Whether plan.files.json could name the path, beside what it names now."""
    return not why_unplannable(path, planned, places, worktree)


def why_unplannable(path: str, planned: Sequence[str], places: Places, worktree: Worktree) -> str:
    """Why plan.files.json can not name the path, beside what it names now; empty if it can."""
    try:
        check_name(path, _HERE)
        check_collisions([*planned, path], _HERE)
        Tree(places.root).check(path, _HERE)
        worktree.check_sendable(path, _HERE)
        check_sayable(path, _HERE)
    except BadPlan as error:
        return error.message.removeprefix(f"{_HERE}: ").removeprefix("path ").removeprefix(f"{path!r} ")
    return ""


def rejected_key(reply: str, path: str) -> str:
    """The store's key for the word of a person that a reply, by its sha256, shall not write a path."""
    return digest(f"{reply}\0{path}".encode())


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
        withdrawn = decode(reply, Answer).withdrawn if claims else ()
        decided = {file.path for file in unit.files if file.executable is not None}
        notes = [note for note in remarks.diagnostics if note.code != MODE or note.path not in decided]
        diagnostics = [_as_planned(note, unit) for note in notes]
        accepted, refused = list[Accepted](), list[Outside]()
        for claim in claims:
            if claim.path in withdrawn:
                message = (
                    f"unit {unit.name} first wrote {claim.path}, too, until it was told that it is not its to write"
                )
                diagnostics.append(Diagnostic("info", "withdrawn", message, claim.path))
            elif self._is_anothers(claim.path):
                message = f"unit {unit.name} also wrote {claim.path}; that file's own unit wins"
                diagnostics.append(Diagnostic("warning", "other_unit", message, claim.path))
            elif claim.applied and self._allowed(claim.path, allow):
                accepted.append(self._accept(unit.name, claim))
            elif self._is_rejected(reply, claim.path):
                message = f"unit {unit.name} also wrote {claim.path}, which was rejected"
                diagnostics.append(Diagnostic("info", "rejected", message, claim.path))
            else:
                refused.append(claim)
        return Verdict(tuple(diagnostics), tuple(accepted), tuple(self._out_of_scope(question, reply, refused)))

    def refuses(self, reply: bytes, claims: Sequence[Outside], allow: Sequence[str]) -> bool:
        """Whether some of what replies want beyond their unit's files would be refused, as far as its paths tell."""
        return not all(
            self._is_anothers(claim.path) or self._allowed(claim.path, allow) or self._is_rejected(reply, claim.path)
            for claim in claims
        )

    def _is_anothers(self, path: str) -> bool:
        return path in self.questions.bases and path not in self.accepted

    def _is_rejected(self, reply: bytes, path: str) -> bool:
        return self.store.get("rejected", rejected_key(digest(reply), path)) is not None

    def _out_of_scope(self, question: Question, reply: bytes, refused: Sequence[Outside]) -> Iterator[OutOfScope]:
        if not refused:
            return
        changes = self.outcomes.of_reply(reply, question.before, question.unit.writes).changes
        texts = {c.path: c.after.data.decode("utf-8", "replace") for c in changes if c.after is not None}
        model = decode(reply, Answer).replies[-1].model
        for claim in refused:
            needed = tuple(path for path, text in texts.items() if _needs(text, claim.path))
            yield OutOfScope(question.unit.name, claim, model, needed)

    def publish(self, refused: Sequence[OutOfScope]) -> None:
        """Writes scope.json, scope.sarif and the quarantine if something was refused; what an earlier run refused goes.

        Raises ScopeMismatch.
        """
        for file in (self.places.scope, self.places.sarif):
            self.snapshot.remove(file)
        remove_tree(self.places.quarantine)
        if not refused:
            return
        from codegen_tasks.sarif import make_sarif

        ordered = sorted(refused, key=lambda found: (found.claim.path, found.unit))
        nested = _nested([found.claim.path for found in ordered])
        entries = tuple(self._refuse(found, nested) for found in ordered)
        scope = Scope("codegen.scope/1", entries, tuple(self._amend(entries, nested)))
        self.snapshot.write(self.places.sarif, make_sarif(scope))
        self.snapshot.write(self.places.scope, encode(scope))
        names = ", ".join(dict.fromkeys(entry.path for entry in entries))
        raise ScopeMismatch(
            f"the replies write outside the plan: {names}",
            hint="see `doit scope`: accept or reject these files there, or say in plan.md not to write them",
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

    def _refuse(self, found: OutOfScope, nested: Collection[str]) -> Refused:
        from difflib import get_close_matches  # not on a run that refuses nothing

        path, data = found.claim.path, found.claim.data
        sha256, place = None, None
        if data is not None:
            sha256, place = digest(data), path
            self.store.put("blob", sha256, data)
            taken = path in nested or (self.places.quarantine / place).exists()
            if taken or not self._may_be_planned(path):
                place = f"other/{digest(f'{path} {found.unit}'.encode())}"
            self.snapshot.write(self.places.quarantine / place, data)
        near = get_close_matches(path, self.planned, 1)
        return Refused(
            path=path,
            unit=found.unit,
            reason=self._reason(found.claim, nested),
            sha256=sha256,
            quarantine=place and f"code/quarantine/{place}",
            operation=self._operation(found.claim),
            model=found.model,
            nearest=near[0] if near else None,
            needed_by=found.needed_by,
        )

    def _reason(self, claim: Outside, nested: Collection[str]) -> str:
        """Why a claim is refused, and why no plan could name its path, if none could."""
        why = why_unplannable(claim.path, self.planned, self.places, self.worktree)
        if not why and claim.path in nested:
            why = "what is refused with it would make it a file and a folder at once"
        return f"{claim.reason}, and can not be: {why}" if why else claim.reason

    def _operation(self, claim: Outside) -> Literal["create", "update", "delete"]:
        if claim.applied and claim.data is None:
            return "delete"
        there = self._may_be_planned(claim.path) and kind_of(self.places.root / claim.path) is not None
        return "update" if there else "create"

    def _amend(self, refused: Sequence[Refused], nested: Collection[str]) -> Iterator[Amendment]:
        """One entry for each path, the first claim on it, where planning it is possible at all."""
        first = {entry.path: entry for entry in reversed(refused)}
        for entry in sorted(first.values(), key=lambda entry: entry.path):
            if entry.sha256 and entry.quarantine == f"code/quarantine/{entry.path}":
                yield Amendment(entry.path, "create_or_update", f"sha256:{entry.sha256}")
            elif entry.operation == "delete" and self._is_there(entry.path) and entry.path not in nested:
                yield Amendment(entry.path, "delete")

    def _is_there(self, path: str) -> bool:
        return self._may_be_planned(path) and kind_of(self.places.root / path) in ("file", "link")


def _as_planned(note: Diagnostic, unit: Unit) -> Diagnostic:
    """A file that was left as it is deserves a warning where the plan wants it changed."""
    if note.code != "unchanged" or note.path not in unit.updates:
        return note
    return Diagnostic("warning", "not_updated", "it is to be updated, and the reply leaves it as it is", note.path)


def _needs(text: str, path: str) -> bool:
    """Whether a file with this text names another, or imports it, as far as its lines tell."""
    from codegen_tasks.check import imports_any

    return path in text or imports_any(text, [path])


def _nested(paths: Sequence[str]) -> set[str]:
    """The paths that would have to be a file and a folder, or lie below one that would: none of them can be planned."""
    return {
        path
        for path in paths
        for other in paths
        if path != other and (path.startswith(f"{other}/") or other.startswith(f"{path}/"))
    }
