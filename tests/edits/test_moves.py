"""Files that change their paths: the tree is the one the reply means, and no text is ever lost."""

from collections.abc import Mapping
from typing import NamedTuple

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob, Outcome

OLD = ("a.txt", "b.txt", "c.txt", "d.txt", "e.txt")
NEW = ("x.txt", "y.txt", "z.txt")


class Reorder(NamedTuple):
    """What a reply does: files there are, their moves, which of them go, are edited (also while they move), are new."""

    there: tuple[str, ...]
    moves: Mapping[str, str]
    gone: frozenset[str]
    edited: frozenset[str]
    fresh: tuple[str, ...]

    @property
    def tree(self) -> dict[str, str]:
        """What is meant to come of it."""
        stay = [path for path in self.there if path not in self.gone]
        return {self.moves.get(path, path): text(path, path in self.edited) for path in stay} | {
            path: f"new {path}\n" for path in self.fresh
        }


def text(path: str, edited: bool = False) -> str:
    return f"first {path}\n{'changed' if edited else 'second'} {path}\nlast {path}\n"


@st.composite
def reorders(draw: st.DrawFn) -> Reorder:
    there = tuple(draw(st.permutations(OLD))[: draw(st.integers(2, 5))])
    gone = draw(st.frozensets(st.sampled_from(there), max_size=2))
    movable = [path for path in there if path not in gone]
    sources = draw(st.lists(st.sampled_from(movable), unique=True)) if movable else []
    free = [*NEW, *gone, *sources]
    targets = draw(st.permutations(free))[: len(sources)]
    moves = {old: new for old, new in zip(sources, targets, strict=True) if old != new}
    taken = {*moves.values(), *(path for path in there if path not in gone and path not in moves)}
    edited = draw(st.frozensets(st.sampled_from(movable))) if movable else frozenset()
    assume(moves or gone or edited)
    fresh = [path for path in (*moves, *NEW) if path not in taken]
    return Reorder(there, moves, gone, edited, tuple(draw(st.permutations(fresh))[: draw(st.integers(0, 2))]))


def hunk(path: str) -> str:
    return f"@@ -1,3 +1,3 @@\n first {path}\n-second {path}\n+changed {path}\n last {path}\n"


@st.composite
def replies(draw: st.DrawFn, plan: Reorder) -> str:
    """The reply, its parts in any order but for the new files, which come last: as git writes it, or as a patch."""
    diff = draw(st.booleans())
    parts = list[str]()
    for path in plan.there:
        rows, new = hunk(path) if path in plan.edited else "", plan.moves.get(path)
        if path in plan.gone:
            lines = f"diff --git a/{path} b/{path}\ndeleted file mode 100644\n--- a/{path}\n+++ /dev/null\n"
            parts.append(lines if diff else f"*** Delete File: {path}\n")
        elif new and diff:
            names = f"--- a/{path}\n+++ b/{new}\n" if rows else ""
            parts.append(f"diff --git a/{path} b/{new}\nrename from {path}\nrename to {new}\n{names}{rows}")
        elif new:
            parts.append(f"*** Update File: {path}\n*** Move to: {new}\n{rows}")
        elif rows:
            parts.append(f"--- a/{path}\n+++ b/{path}\n{rows}" if diff else f"*** Update File: {path}\n{rows}")
    parts = draw(st.permutations(parts))
    added = [
        f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+new {path}\n" if diff else f"*** Add File: {path}\n+new {path}\n"
        for path in plan.fresh
    ]
    body = "".join([*parts, *added])
    return f"```diff\n{body}```\n" if diff else f"*** Begin Patch\n{body}*** End Patch\n"


def applied(outcome: Outcome, base: Mapping[str, Blob | None]) -> dict[str, str]:
    """The tree after the changes."""
    tree = {path: blob for path, blob in base.items() if blob is not None}
    for change in outcome.changes:
        assert change.before == base.get(change.path)
        tree.pop(change.path, None)
        tree |= {} if change.after is None else {change.path: change.after}
    return {path: blob.data.decode() for path, blob in tree.items()}


@settings(max_examples=300)
@given(st.data())
def test_files_end_where_the_reply_says(data: st.DataObject) -> None:
    plan = data.draw(reorders())
    base: dict[str, Blob | None] = dict.fromkeys((*OLD, *NEW))
    base |= {path: Blob(text(path).encode()) for path in plan.there}
    outcome = apply_replies([data.draw(replies(plan))], base)
    assert applied(outcome, base) == plan.tree


@settings(max_examples=300)
@given(st.data())
def test_no_text_is_lost_where_some_paths_are_not_planned(data: st.DataObject) -> None:
    plan = data.draw(reorders())
    base: dict[str, Blob | None] = {path: Blob(text(path).encode()) for path in plan.there}
    planned = data.draw(st.frozensets(st.sampled_from((*OLD, *NEW))))
    try:
        outcome = apply_replies([data.draw(replies(plan))], base, planned)
    except EditFailed:
        return
    tree = applied(outcome, base)
    assert {change.path for change in outcome.changes} <= planned
    kept = "".join(tree.values())
    assert [path for path in plan.there if path not in plan.gone and f"last {path}" not in kept] == []
    if planned >= {*plan.there, *plan.moves.values(), *plan.fresh}:
        assert tree == plan.tree
