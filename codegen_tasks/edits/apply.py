"""Operations on base bytes: all or nothing, untouched lines keep their bytes. It knows no format."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath

from codegen_tasks.edits.operations import Delete, Operation, Write
from codegen_tasks.edits.outcome import Outcome, Outside
from codegen_tasks.edits.parse import parse_reply
from codegen_tasks.edits.paths import is_safe, resolve
from codegen_tasks.edits.splices import rewritten
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob, FileChange
from codegen_tasks.text import Text, decode, encode

_COMMANDS = {"bash", "sh", "shell", "console", "text", "txt", "output", "zsh", "powershell"}


def apply_replies(
    replies: Sequence[str], base: Mapping[str, Blob | None], planned: Collection[str] | None = None
) -> Outcome:
    """What the accepted conversation makes of the base. A later reply mends what was refused in the earlier ones.

    `base` maps each path that may be edited to its content (None: absent); operations outside `planned` (if given) are
    set aside. Raises EditFailed when anything cannot be applied safely; its message is written for the model.
    """
    after: dict[str, Blob | None] = {}
    known = list(base) + [path for path in planned or () if path not in base]
    targets = list(known if planned is None else planned)
    for reply in replies:
        for path, operation in _aimed(parse_reply(reply), known, targets):
            after[path] = _apply(operation, base.get(path))
    if not after:
        raise EditFailed("The reply holds no file and no edit.", hint="send every file as a path and a fenced block")
    inside = after if planned is None else {path: blob for path, blob in after.items() if path in planned}
    return Outcome(
        changes=tuple(FileChange(p, base.get(p), b) for p, b in sorted(inside.items()) if b != base.get(p)),
        outside=tuple(
            Outside(p, b.data if b else None, "not in the plan") for p, b in sorted(after.items()) if p not in inside
        ),
        touched=tuple(sorted(after)),
    )


def _aimed(
    operations: Sequence[Operation], known: Sequence[str], targets: Sequence[str]
) -> list[tuple[str, Operation]]:
    """Each operation with the path it means. A block nobody named is the file if only one file and one block can be."""
    aimed, unnamed = list[tuple[str, Operation]](), list[Write]()
    for operation in operations:
        titles = operation.titles if isinstance(operation, Write) else 1
        path = resolve(operation.names, titles, known)
        if path is not None and is_safe(path):
            aimed.append((path, operation))
        elif path is not None:
            raise EditFailed(f"{path}: not a path inside the repository", hint="use paths relative to the repository")
        elif isinstance(operation, Write):
            unnamed.append(operation)
    if not aimed and len(targets) == 1:
        suffix = PurePosixPath(targets[0]).suffix[1:]
        likely = [w for w in unnamed if w.language == suffix or w.language not in _COMMANDS] or unnamed
        if len(likely) > 1:
            raise EditFailed("Several blocks, none of them named.", hint="write the path on the line before the block")
        aimed += [(targets[0], write) for write in likely]
    return aimed


def _apply(operation: Operation, before: Blob | None) -> Blob | None:
    if isinstance(operation, Delete):
        return None
    if not isinstance(operation, Write) or not operation.ended:
        raise EditFailed("The reply ends inside a file.", hint="send the whole file, up to its end")
    text = decode(before.data) if before else Text("")
    result = rewritten(text, operation.content) if before and before.data else Text(operation.content)
    return Blob(encode(result), before.mode if before else 0o100644)
