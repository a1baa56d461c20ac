"""What decides whether a conversation is accepted: its replies can be applied, and leave no path out."""

from collections.abc import Callable, Collection, Sequence

from codegen_tasks.errors import EditFailed, MissingOutputs
from codegen_tasks.records import FileChange, Outcome, Reply

Refusal = EditFailed | MissingOutputs
Judge = Callable[[Sequence[Reply]], tuple[str, ...] | Refusal]
"""The paths that accepted replies name, or what is wrong with them, written for the model."""


def judge_edits(
    apply: Callable[[Sequence[str]], Outcome], paths: Sequence[str], updates: Collection[str] = ()
) -> Judge:
    """The judge of replies that must write all of `paths`, and may not leave those to be updated empty.

    `apply` makes of their texts what is to be made.
    """

    def judge(replies: Sequence[Reply]) -> tuple[str, ...] | Refusal:
        if replies[-1].finish == "length":
            return EditFailed("The reply is cut off.", hint="raise max_output_tokens, or plan smaller units")
        try:
            outcome = apply([reply.text for reply in replies])
        except EditFailed as refusal:
            return refusal
        gone = {change.path for change in outcome.changes if change.after is None}
        missing = [path for path in paths if path not in outcome.touched or path in gone]
        emptied = [change.path for change in outcome.changes if _is_emptied(change) and change.path in updates]
        if emptied and not missing:
            names = "\n".join(f"- {path}" for path in emptied)
            hint = "run again, or plan these files as create_or_update or delete"
            return MissingOutputs(f"These files are to be updated, and the reply empties them:\n{names}", hint=hint)
        if not missing:
            return outcome.touched
        names = "\n".join(f"- {path}" for path in missing)
        if outcome.outside:
            beyond = "\n".join(f"- {outside.path}: {outside.reason}" for outside in outcome.outside)
            names += f"\nIt has others instead:\n{beyond}"
        hint = "run again, or say in plan.md what belongs into these files"
        return MissingOutputs(f"These paths are still missing from the reply:\n{names}", hint=hint)

    return judge


def _is_emptied(change: FileChange) -> bool:
    return bool(change.before and change.before.data) and change.after is not None and not change.after.data
