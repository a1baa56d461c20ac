"""Refuses content that stands for other content: elisions and cut-off files. It knows no format and no reply.

Cheap by order: only lines that the file did not have are looked at, only their remarks are read, and only those whose
words are of the kind are held against the syntax tree and against what the file lost around them.
"""

from codegen_tasks.edits.completeness.elisions import elision
from codegen_tasks.edits.completeness.emptied_blocks import emptied_blocks
from codegen_tasks.edits.completeness.truncation import truncation

_CAUSE = "stands for text that is not there; the file would lose it"


def check(path: str, before: str | None, after: str, *, whole: bool = True) -> str | None:
    """Why `after` may not replace `before` (None: a new file), with the line number; or None: nothing is missing.

    `whole`: it was sent as a whole file. Pure and cheap; what needs a parse of every file is `syntax.gate`.
    """
    if before == after:
        return None
    found = elision(path, before, after)
    if found is None and before:
        found = next(emptied_blocks(path, before, after), None)
    if found is None:
        return truncation(path, before, after, whole=whole)
    line = after.split("\n")[found].strip()
    return f"{path}: line {found + 1}, `{line[:80]}`, {_CAUSE}. Write it all out."
