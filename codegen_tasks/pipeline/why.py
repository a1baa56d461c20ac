"""Why a unit would be asked again, or need not be: its leaves compared with those of its last accepted reply.

It asks nobody and writes nothing. What a difference leads to is found out by playing the stages through.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import unified_diff
from typing import Literal

import msgspec

from codegen_tasks.context import Fact, facts_of, read_facts
from codegen_tasks.context.masking import Secret, redact
from codegen_tasks.generate import stored_answer
from codegen_tasks.keys import without_keys
from codegen_tasks.pipeline.asked import Answered, Asked, primary_leaves
from codegen_tasks.pipeline.forecast import contents_of, now_standing, reference_of, request_of
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.pipeline.question import Leaf, Question, leaf_of, plain_text
from codegen_tasks.pipeline.questions import was_asked
from codegen_tasks.pipeline.stages.generate import judge_in
from codegen_tasks.records import Answer, Record, decode

State = Literal["up_to_date", "same", "stored", "asked", "unless", "missing", "no_model"]
_DIFF_LINES = 20
_LINE = 200  # characters of a line of a diff that are shown


class Reason(Record, frozen=True, omit_defaults=True):
    """One input that differs: its kind in words, its name, and, for text, how."""

    kind: str
    name: str
    change: Literal["changed", "new", "gone", "unknown", "awaited"]
    diff: tuple[str, ...] = ()


class UnitWhy(Record, frozen=True, omit_defaults=True):
    """What would become of a unit in a run now, and why.

    `state`: up_to_date; same: its inputs differ, its question does not; stored: the answer is in the store; asked;
    unless: asked unless the `awaited` dependencies come out as they were; missing: not stored, and offline;
    no_model: nobody writes it. `old_summary`: the repo summary it was shown is out of date, which asks nobody.
    """

    unit: str
    paths: tuple[str, ...]
    state: State
    reasons: tuple[Reason, ...] = ()
    old_summary: bool = False


class Why(Record, frozen=True):
    """What `doit why --json` prints."""

    schema: Literal["codegen.why/1"]
    units: tuple[UnitWhy, ...]


def explain(phase: Phase, share: Collection[str] | None = None) -> Why:
    """All units, or those of a share, in dependency order."""
    return Why("codegen.why/1", tuple(_Explaining(phase).units(phase.questions.share(share))))


class _Explaining:
    """One look at a phase. `_known` is what will stand in code/files as far as no answer has to be awaited."""

    def __init__(self, phase: Phase) -> None:
        self._phase = phase
        self._answered: Answered = phase.asked.read()
        self._known: dict[str, bytes | None] = {}
        self._seen = frozenset(path for unit in phase.plan.units for path in unit.needs) - phase.deleted

    def units(self, questions: Sequence[Question]) -> Iterator[UnitWhy]:
        for question in questions:
            if not question.unit.writes:
                self._known |= contents_of(question, None, self._seen, self._phase)
                yield UnitWhy(question.unit.name, question.unit.paths, "no_model")
                continue
            yield self._unit(question)

    def _unit(self, question: Question) -> UnitWhy:
        unit, phase = question.unit, self._phase
        needs = [path for path in unit.needs if path not in phase.deleted]
        awaited = [path for path in needs if path not in self._known]
        generated = {path: self._known.get(path) for path in needs}
        before, reply = self._answered.of(unit.name), _reply(question, phase)
        reasons = [] if before is None else self._reasons(question, before, generated, awaited)
        if before is not None and not reasons and not awaited and reply is not None:
            self._stays(question, reply)
            state: State = "up_to_date"
        else:
            state = self._play(question, awaited, generated, reply)
            reasons += self._without_record(before, reply, reasons)
        reasons += [Reason("dependency", path, "awaited") for path in awaited]
        old = before is not None and phase.choices.is_old(before.summary, phase.config.context)
        return UnitWhy(unit.name, unit.paths, state, tuple(reasons), old)

    def _stays(self, question: Question, reply: Answer) -> None:
        for path in self._seen.intersection(question.unit.paths):
            there = self._phase.tools.snapshot.read(self._phase.places.result(path))
            if there is None:
                self._known |= contents_of(question, reply, self._seen, self._phase)
            else:
                self._known[path] = there

    def _play(
        self, question: Question, awaited: Sequence[str], generated: Mapping[str, bytes | None], reply: Answer | None
    ) -> State:
        """What a run would come to. What the unit's files will hold then joins what is known."""
        phase, tools = self._phase, self._phase.tools
        reference = reference_of(question, phase)
        guessed = {**generated} | {path: now_standing(path, phase) for path in awaited}
        if awaited:
            asked = was_asked(question, reference, guessed, phase.privacy, tools.store)
            return "unless" if asked else "missing" if tools.asking.offline else "asked"
        request = request_of(question, reference, guessed, phase)
        judge = judge_in(phase, question, request)
        given = stored_answer(request, judge, question.chain.models, tools.asking)
        self._known |= contents_of(question, given, self._seen, phase)
        if given is None:
            return "missing" if tools.asking.offline else "asked"
        return "same" if given == reply else "stored"

    @staticmethod
    def _without_record(before: Asked | None, reply: Answer | None, reasons: Sequence[Reason]) -> list[Reason]:
        """What to say where no leaf tells why."""
        if before is None:
            return [Reason("reply", "", "new" if reply is None else "unknown")]
        return [Reason("reply", "", "gone")] if reply is None and not reasons else []

    def _reasons(
        self, question: Question, before: Asked, generated: Mapping[str, bytes | None], awaited: Sequence[str]
    ) -> list[Reason]:
        phase = self._phase
        leaves = primary_leaves(question, generated, phase.config.context, phase.privacy)
        package = phase.tools.snapshot.read(phase.places.request(question.unit.name))
        facts = () if package is None else read_facts(package)
        lapsed = {leaf_of(fact): fact for fact in phase.choices.lapsed(facts)}
        shown = [leaf for leaf in before.leaves if leaf.kind == "definition shown" and leaf not in lapsed]
        then = [leaf for leaf in before.leaves if (leaf.kind, leaf.name) not in {("dependency", p) for p in awaited}]
        now = [leaf for leaf in (*leaves, *shown) if leaf.kind != "dependency" or leaf.name not in awaited]
        texts = _Texts(question, generated, phase)
        changes = [
            self._reason(kind, name, old, new, lambda leaf: texts.of(leaf, lapsed))
            for (kind, name), old, new in _differences(then, now)
        ]
        return _without_consequences(changes, question) if changes else _reordered(then, now)

    def _reason(
        self, kind: str, name: str, old: Leaf | None, new: Leaf | None, text: Callable[[Leaf], str | None]
    ) -> Reason:
        known = self._phase.privacy.known
        if kind == "definition shown" and old is not None:
            return Reason(kind, name, "changed", _diff(self._text(old), text(old), known))
        change: Literal["changed", "new", "gone"] = "new" if old is None else "gone" if new is None else "changed"
        said = (None if old is None else self._text(old)), (None if new is None else text(new))
        return Reason(kind, name, change, _diff(*said, known) if change == "changed" else ())

    def _text(self, leaf: Leaf) -> str | None:
        return leaf.digest if _is_value(leaf) else self._answered.text(leaf)


class _Texts:
    """What the leaves of a question say now."""

    def __init__(self, question: Question, generated: Mapping[str, bytes | None], phase: Phase) -> None:
        self._question, self._generated, self._phase = question, generated, phase
        self._found: dict[str, str] | None = None

    def of(self, leaf: Leaf, lapsed: Mapping[Leaf, Fact]) -> str | None:
        if _is_value(leaf):
            return leaf.digest
        if leaf.kind == "dependency":
            data = self._generated.get(leaf.name)
            return None if data is None else plain_text(data)
        if leaf in lapsed:
            return _signature(lapsed[leaf], self._phase)
        if self._found is None:
            self._found = self._question.texts(reference_of(self._question, self._phase))
        return self._found.get(leaf.digest)


def _is_value(leaf: Leaf) -> bool:
    """Whether a leaf says what it is, not a digest of it."""
    return leaf.kind in ("setting", "masking") or (leaf.kind, leaf.name) == ("redo", "attempt")


def _signature(fact: Fact, phase: Phase) -> str:
    """The definition's line now; empty if it went away."""
    base = phase.bases.get(fact.path)
    blob = phase.tools.worktree.read(fact.path, "ambient context") if base is None else base.before
    found = facts_of(fact.path, blob.data) if blob is not None else []
    return next((other.signature for other in found if other.name == fact.name), "")


def _differences(
    then: Sequence[Leaf], now: Sequence[Leaf]
) -> Iterator[tuple[tuple[str, str], Leaf | None, Leaf | None]]:
    """The leaves that are not in both; those of one kind and name are paired in order."""
    old, new = _by_name(then), _by_name(now)
    for key in dict.fromkeys((*old, *new)):
        before = [leaf for leaf in old[key] if leaf not in new[key]]
        after = [leaf for leaf in new[key] if leaf not in old[key]]
        for at in range(max(len(before), len(after), abs(len(old[key]) - len(new[key])))):
            yield key, before[at] if at < len(before) else None, after[at] if at < len(after) else None


def _by_name(leaves: Sequence[Leaf]) -> dict[tuple[str, str], list[Leaf]]:
    found: dict[tuple[str, str], list[Leaf]] = defaultdict(list)
    for leaf in leaves:
        found[leaf.kind, leaf.name].append(leaf)
    return found


def _reordered(then: Sequence[Leaf], now: Sequence[Leaf]) -> list[Reason]:
    """The same leaves in another order make another question."""
    orders = [[leaf for leaf in leaves if leaf.kind in ("plan section", "planned file")] for leaves in (then, now)]
    return [] if orders[0] == orders[1] else [Reason("order", "of the plan's sections and entries", "changed")]


def _without_consequences(reasons: list[Reason], question: Question) -> list[Reason]:
    """An edited plan begins at its own first attempt: that is no reason beside the edit."""
    others = [reason for reason in reasons if reason.kind != "redo"]
    return others if others and question.course.at == 1 else reasons


def _diff(old: str | None, new: str | None, known: Sequence[Secret]) -> tuple[str, ...]:
    """The lines that differ, a few, without secrets."""
    if old is None or new is None or old == new:
        return ()
    old, new = (without_keys(redact(text, known)) for text in (old, new))
    lines = list(unified_diff(old.split("\n"), new.split("\n"), n=1, lineterm=""))[2:]
    cut = [line if len(line) <= _LINE else f"{line[:_LINE]}…" for line in lines]
    more = len(cut) - _DIFF_LINES
    return (*cut[:_DIFF_LINES], *([f"… {more} more lines"] if more > 0 else []))


def _reply(question: Question, phase: Phase) -> Answer | None:
    """The accepted reply in code/replies."""
    data = phase.tools.snapshot.read(phase.places.reply(question.unit.name))
    try:
        return None if data is None else decode(data, Answer)
    except msgspec.MsgspecError:
        return None
