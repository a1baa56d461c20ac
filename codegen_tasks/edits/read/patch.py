"""V4A patches, the format of apply_patch. It knows nothing of the files.

*** Begin Patch
*** Update File: path        *** Add File: path        *** Delete File: path
*** Move to: new path        +line
@@ class Outer
@@     def inner():
 context
-old
+new
*** End Patch
"""

from collections.abc import Sequence

from codegen_tasks.edits.operations import Broken, Delete, Edit, Move, Operation, Write
from codegen_tasks.edits.read.hunks import ends_patch, read_hunks
from codegen_tasks.edits.read.marks import kind_of, mark_in
from codegen_tasks.edits.read.titles import clean


def parse(lines: Sequence[str], at: int, _floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The operations of the patch that begins at a line, and the line after it."""
    if kind_of(lines[at]) not in ("begin", "file"):
        return None
    operations: list[Operation] = []
    at += kind_of(lines[at]) == "begin"
    while at < len(lines):
        if ends_patch(lines, at):
            return tuple(operations), at + 1
        if kind_of(lines[at]) == "file":
            parsed, at = _file(lines, at)
            operations += parsed
        elif lines[at].strip():
            return tuple(operations), at
        else:
            at += 1
    return (*operations, Broken("the patch has no *** End Patch", False, at)), at


def _file(lines: Sequence[str], at: int) -> tuple[list[Operation], int]:
    """The operations for one file, and the line after them."""
    head = mark_in(lines[at])
    verb, path = (head["verb"].title(), clean(head["path"])) if head else ("", "")
    if verb in ("Delete", "Remove"):
        return [Delete((path,), at=at)], at + 1
    if verb in ("Add", "Create", "New"):
        return _added(lines, at, path)
    start, operations = at, list[Operation]()
    at += 1
    if at < len(lines) and (found := mark_in(lines[at])) and found["to"]:
        operations.append(Move((path,), clean(found["to"]), start))
        at += 1
    at = next((i for i in range(at, len(lines)) if lines[i].strip()), at)
    hunks, at = read_hunks(lines, at, bare=True)
    if hunks or not operations:
        operations.append(Edit((path,), hunks, 1, at=start))
    return operations, at


def _added(lines: Sequence[str], at: int, path: str) -> tuple[list[Operation], int]:
    """A new file, and the line after it. Each of its lines begins with +, but blank ones may lack it."""
    stop = next(
        (i for i in range(at + 1, len(lines)) if lines[i].startswith(("*** ", "```")) or ends_patch(lines, i)),
        len(lines),
    )
    last = max((i for i in range(at + 1, stop) if lines[i].startswith("+")), default=at)
    body = lines[at + 1 : min(last + 2, stop)]
    bare = next((i for i, line in enumerate(body, at + 2) if line.strip() and not line.startswith("+")), None)
    if bare is not None:
        return [Broken(f"in the new file {path}, line {bare} of the reply does not begin with +", True, at)], stop
    content = "\n".join(line[1:] for line in lines[at + 1 : last + 1])
    content += "\n" * (last > at and not content.endswith("\n"))
    return [Write((path,), content, True, 1, new=True, at=at)], last + 1
