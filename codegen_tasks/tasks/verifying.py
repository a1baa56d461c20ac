"""`doit verify`: everything is rebuilt from the store and compared. It leaves signals and outputs as they are."""

from typing import Any

from codegen_tasks.errors import MissingOutputs
from codegen_tasks.session import Session, read_templates
from codegen_tasks.tasks.commands import attempt
from codegen_tasks.tasks.graph import StepFailed


def verify_task(session: Session) -> dict[str, Any]:
    """The command."""

    def check() -> StepFailed | None:
        if session.failure is not None:
            return StepFailed(session.failure, publish=False)
        return attempt(session, "verify", lambda: _verify(session))

    doc = "rebuild everything from the store, offline and apart, and name what differs"
    return {"basename": "verify", "doc": doc, "actions": [check]}


def _verify(session: Session) -> None:
    from codegen_tasks.verify import verify

    if session.phase is None:
        return
    if not session.run.outputs():
        hint = "run `doit codegen`, or `doit restore NNNN` to put an archived attempt back"
        raise MissingOutputs("there is nothing to verify: code/ holds no attempt", hint=hint)
    found = verify(session.phase, read_templates())
    for one in found:
        session.board.write(f"{one.path} {one.wrong}")
    if found:
        many = "1 thing is" if len(found) == 1 else f"{len(found)} things are"
        raise MissingOutputs(
            f"{many} not as the plan and the store make it",
            hint="`doit codegen` makes outputs again from the store, and takes up what a person edited in code/files",
        )
    session.board.write("verified: everything in code/ is what the plan and the store make")
