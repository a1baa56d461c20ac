"""What a finished edit must hold before it counts: nothing left out, no new syntax error, an encoding that can say it.

It asks whether the text is complete and whether it parses; it places nothing and knows no format.
"""

from collections.abc import Iterable

from codegen_tasks.edits import completeness, syntax
from codegen_tasks.edits.completeness.definitions import defined
from codegen_tasks.edits.resolve import Fault
from codegen_tasks.edits.syntax.public import public_definitions
from codegen_tasks.edits.syntax.trees import LARGEST
from codegen_tasks.records import Diagnostic
from codegen_tasks.text import Text, encode, few

NAMED = 10  # lost names that a warning lists


def objections(path: str, before: Text | None, after: Text, *, whole: bool) -> list[Fault]:
    """Why the new text (sent as a `whole`, or made by edits) may not become the file; [] if it may."""
    old = None if before is None else before.text
    reason = (
        _unsayable(after)
        or completeness.check(path, old, after.text, whole=whole)
        or syntax.gate(path, old, after.text)
    )
    return [Fault(path, reason.removeprefix(f"{path}: "))] if reason else []


def lost_names(path: str, before: str, after: str) -> Iterable[Diagnostic]:
    """A warning when public definitions are gone."""
    if max(len(before), len(after)) > LARGEST or defined(before) <= defined(after):
        return
    gone = sorted(public_definitions(path, before) - public_definitions(path, after))
    if gone:
        yield Diagnostic("warning", "definitions_gone", f"no longer defined: {few(gone, NAMED)}", path)


def _unsayable(text: Text) -> str | None:
    """Which character the file's encoding does not have."""
    try:
        encode(text)
    except UnicodeEncodeError as error:
        character = error.object[error.start]
        line = str(error.object).count("\n", 0, error.start) + 1
        return f"line {line} holds {character!r}, for which {text.encoding}, the file's encoding, has no code"
    return None
