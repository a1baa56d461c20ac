"""What came of the replies: changes inside the plan, claims outside it, and what a reviewer should know."""

from codegen_tasks.records import Diagnostic, FileChange, Record


class Outside(Record, frozen=True):
    """What a reply wants to write where it may not: the new content (None: delete), or an edit as it was written."""

    path: str
    data: bytes | None
    reason: str


class Outcome(Record, frozen=True):
    """All or nothing: every change of the accepted replies. `touched` are all paths they name, sorted."""

    changes: tuple[FileChange, ...] = ()
    outside: tuple[Outside, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    touched: tuple[str, ...] = ()
