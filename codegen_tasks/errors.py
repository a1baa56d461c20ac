"""What can go wrong, in the user's words: the contract's kinds, their exit codes, and what comes next."""

from typing import ClassVar, NamedTuple

import msgspec


class Meaning(NamedTuple):
    """What a kind of failure means to an orchestrator."""

    exit: int
    next: str
    retryable: bool


MEANINGS = {
    "scope_mismatch": Meaning(10, "planning", False),
    "missing_outputs": Meaning(11, "codegen", True),
    "provider_error": Meaning(12, "codegen", True),
    "provider_refused": Meaning(13, "fix_config", False),
    "budget_exceeded": Meaning(14, "fix_config", False),
    "edit_failed": Meaning(15, "codegen", True),
    "base_moved": Meaning(16, "codegen", True),
    "locked": Meaning(17, "wait", True),
    "empty_diff": Meaning(18, "plan_review", False),
    "checks_failed": Meaning(19, "codegen", True),
    "bad_plan": Meaning(65, "planning", False),
    "bug": Meaning(70, "report", False),
    "bad_config": Meaning(78, "fix_config", False),
    "interrupted": Meaning(130, "codegen", True),
    "terminated": Meaning(143, "codegen", True),
}


class Try(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request to one model that did not end in an accepted reply. `seconds` is wall time."""

    model: str
    fault: str
    seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0


class Failure(msgspec.Struct, frozen=True):
    """One entry of failure.json's `failures`."""

    kind: str
    stage: str
    unit: str
    message: str
    hint: str
    attempts: tuple[Try, ...] = ()


class CodegenError(Exception):
    """Expected trouble: what is wrong and where (`message`), and what to do about it (`hint`).

    `told` are the words of a repair, for the model, where they are not the message's.
    """

    kind: ClassVar[str]

    def __init__(self, message: str, *, hint: str, told: str = "", attempts: tuple[Try, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.told = told or message
        self.attempts = attempts

    def failure(self, stage: str, unit: str) -> Failure:
        """This error as an entry of failure.json."""
        return Failure(self.kind, stage, unit, self.message, self.hint, self.attempts)


class BadPlan(CodegenError):
    kind = "bad_plan"


class BadConfig(CodegenError):
    kind = "bad_config"


class ScopeMismatch(CodegenError):
    kind = "scope_mismatch"


class MissingOutputs(CodegenError):
    kind = "missing_outputs"


class ProviderError(CodegenError):
    kind = "provider_error"


class ProviderRefused(CodegenError):
    kind = "provider_refused"


class BudgetExceeded(CodegenError):
    kind = "budget_exceeded"


class EditFailed(CodegenError):
    """A reply that cannot be applied. What is told of it teaches: it goes back to the model in a repair."""

    kind = "edit_failed"


class EditBug(EditFailed):
    """A fault of ours that a reply brought to light: the reply is refused like any other, the fault told as ours."""

    kind = "bug"


class BaseMoved(CodegenError):
    kind = "base_moved"


class Locked(CodegenError):
    kind = "locked"


class EmptyDiff(CodegenError):
    kind = "empty_diff"


class NoSandbox(BadConfig):
    """This machine cannot keep a command from the rest of it."""


class ChecksFailed(CodegenError):
    kind = "checks_failed"


class Interrupted(CodegenError):
    """The run is ending: what was in flight is given up, what is finished is kept."""

    kind = "interrupted"


def worst(failures: tuple[Failure, ...]) -> str:
    """The kind that stands for several failures: a bug if there is one, else the lowest exit code."""
    return min((f.kind for f in failures), key=lambda kind: (kind != "bug", MEANINGS[kind].exit))
