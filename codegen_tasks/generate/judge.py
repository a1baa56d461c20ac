"""What decides whether a conversation is accepted: its replies can be applied, and leave no path out."""

from collections.abc import Callable, Sequence

from codegen_tasks.errors import EditFailed, MissingOutputs
from codegen_tasks.records import Outcome, Reply

Refusal = EditFailed | MissingOutputs
Judge = Callable[[Sequence[Reply]], tuple[str, ...] | Refusal]
"""The paths that accepted replies name, or what is wrong with them, written for the model."""


def judge_edits(apply: Callable[[Sequence[str]], Outcome], paths: Sequence[str]) -> Judge:
    """The judge of replies that must write all of `paths`. `apply` makes of their texts what is to be made."""

    def judge(replies: Sequence[Reply]) -> tuple[str, ...] | Refusal:
        if replies[-1].finish == "length":
            return EditFailed("The reply is cut off.", hint="raise max_output_tokens, or plan smaller units")
        try:
            outcome = apply([reply.text for reply in replies])
        except EditFailed as refusal:
            return refusal
        gone = {change.path for change in outcome.changes if change.after is None}
        missing = [path for path in paths if path not in outcome.touched or path in gone]
        if not missing:
            return outcome.touched
        names = "\n".join(f"- {path}" for path in missing)
        if outcome.outside:
            beyond = "\n".join(f"- {outside.path}: {outside.reason}" for outside in outcome.outside)
            names += f"\nIt has others instead:\n{beyond}"
        hint = "run again, or say in plan.md what belongs into these files"
        return MissingOutputs(f"These paths are still missing from the reply:\n{names}", hint=hint)

    return judge
