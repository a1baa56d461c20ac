"""What decides whether a conversation is accepted: its replies can be applied, and leave no path out."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from codegen_tasks.errors import EditFailed, MissingOutputs, ScopeMismatch
from codegen_tasks.records import FileChange, Outcome, Outside, Reply
from codegen_tasks.text import few

SHOWN = 20  # paths that are named to a person; the model is told all


class Usable(NamedTuple):
    """Replies that can be applied and leave out nothing: the paths they name, and what they want beyond the unit's own.

    `strays`: something of that would be refused.
    """

    touched: tuple[str, ...]
    beyond: tuple[Outside, ...] = ()
    strays: bool = False


Refusal = EditFailed | MissingOutputs
Judge = Callable[[Sequence[Reply]], Usable | Refusal]
"""Whether replies can be used, or what is wrong with them, in words for the user and for the model."""


def strayed(beyond: Sequence[Outside]) -> ScopeMismatch:
    """What a model is told whose replies can be used but for what they want beyond its files."""
    names = "\n".join(f"- {outside.path}: {outside.reason}" for outside in beyond)
    return ScopeMismatch(
        f"It also wants to write what it was not asked for, and that is left out:\n{names}\n"
        "Send again those of the files you were asked for that must change to do without it. If none must, answer with"
        " the word DONE and no block. If they cannot do without it, send it again: then a person decides.",
        hint="",
    )


def judge_edits(
    apply: Callable[[Sequence[str]], Outcome],
    paths: Sequence[str],
    updates: Collection[str] = (),
    strays: Callable[[Sequence[Reply], Outcome], bool] = lambda *_: False,
) -> Judge:
    """The judge of replies that must write all of `paths`, and may not leave those to be updated empty.

    `apply` makes of their texts what is to be made; `strays` says whether something beyond that would be refused.
    """

    def judge(replies: Sequence[Reply]) -> Usable | Refusal:
        if replies[-1].finish == "length":
            return EditFailed("The reply is cut off.", hint="raise max_output_tokens, or plan smaller units")
        try:
            outcome = apply([reply.text for reply in replies])
        except EditFailed as refusal:
            return refusal
        gone = {change.path for change in outcome.changes if change.after is None}
        missing = [path for path in paths if path not in outcome.touched or path in gone]
        if missing:
            return _left_out(missing, outcome.outside)
        emptied = [change.path for change in outcome.changes if _is_emptied(change) and change.path in updates]
        if emptied:
            return _emptied(emptied)
        return Usable(outcome.touched, outcome.outside, bool(outcome.outside) and strays(replies, outcome))

    return judge


def _left_out(missing: Sequence[str], outside: Sequence[Outside]) -> MissingOutputs:
    said = f"the reply has no content for {few(missing, SHOWN)}"
    told = f"These paths are still missing from the reply:\n{_listed(missing)}"
    if outside:
        said += f"; instead it has {few([f'{one.path} ({one.reason})' for one in outside], SHOWN)}"
        told += f"\nIt has others instead:\n{_listed([f'{one.path}: {one.reason}' for one in outside])}"
    return MissingOutputs(said, hint="run again, or say in plan.md what belongs into these files", told=told)


def _emptied(paths: Sequence[str]) -> MissingOutputs:
    hint = "run again, or plan these files as create_or_update or delete"
    told = f"These files are to be updated, and the reply empties them:\n{_listed(paths)}"
    return MissingOutputs(f"the reply empties files that are to be updated: {few(paths, SHOWN)}", hint=hint, told=told)


def _listed(names: Sequence[str]) -> str:
    return "\n".join(f"- {name}" for name in names)


def _is_emptied(change: FileChange) -> bool:
    return bool(change.before and change.before.data) and change.after is not None and not change.after.data
