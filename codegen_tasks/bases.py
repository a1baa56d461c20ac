"""What each planned file is made from: the working tree, or what was there before our own diff was applied to it.

It does not know models or tasks: it is told what was generated, and compares.
"""

from collections.abc import Callable
from functools import cached_property

from codegen_tasks.errors import BadPlan
from codegen_tasks.records import LINK, Blob, Intent, PlannedFile, Record, digest

ABSENT = "absent"


class Output(Record, frozen=True):
    """What content of a planned file was made from. Kept in the store under `output_key(path, after)`.

    `after` and `before` are sha256 or None for an absent file, `answer` is the sha256 of the unit's replies, `question`
    tells which question, base contents apart, they answer. `edited`: a person made it from what the answer says.
    """

    path: str
    after: str | None
    before: str | None
    before_mode: int
    answer: str
    question: str
    edited: bool = False


class Base:
    """A planned file now and as its unit sees it. They differ only where our own diff has been applied.

    `made`: the working tree holds what we once generated from something else. A step is hashed with it by `key`.
    """

    def __init__(self, path: str, now: Blob | None, before: Blob | None, *, made: bool = False) -> None:
        self.path = path
        self.now = now
        self.before = before
        self.made = made

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What tells it from all others: digests and modes."""
        return (self.path, *_facts(self.now), *self.seen, self.made)

    @cached_property
    def seen(self) -> tuple[str | None, int]:
        """The same of what its unit sees."""
        return _facts(self.before)


def _facts(blob: Blob | None) -> tuple[str | None, int]:
    return (None, 0) if blob is None else (digest(blob.data), blob.mode)


def output_key(path: str, after: str | None, question: str = "") -> str:
    """The store's key for the origin of a content: the last one, or the one that answers `question`."""
    return digest(f"{path}\0{after or ABSENT}\0{question}".encode("utf-8", "surrogateescape"))


def blob_digest(blob: Blob | None) -> str | None:
    """sha256 of the content; None for an absent file."""
    return None if blob is None else digest(blob.data)


def base_of(
    file: PlannedFile,
    now: Blob | None,
    question: str,
    made: Callable[[str], Output | None],
    load: Callable[[str], bytes | None],
) -> Base:
    """What the file's unit sees. Content that we generated counts as applied, and the unit sees what it was made from,
    if that answers the very question asked now, or if the plan's intent holds only from there (a file that was
    created is still to be created). `made` looks up an Output by key, `load` a content by sha256."""
    if now is None and file.intent is not Intent.DELETE:  # only a deletion ever leaves nothing behind
        return Base(file.path, None, None)
    after = blob_digest(now)
    output = made(output_key(file.path, after, question)) or made(output_key(file.path, after))
    if output is None:
        return Base(file.path, now, now)
    if output.after == output.before:
        before = _with_mode_before(file, now, output)
        return Base(file.path, now, before, made=before != now)
    seen = _seen(file, now, output, question, load)
    return Base(file.path, now, seen, made=True)


def _seen(
    file: PlannedFile, now: Blob | None, output: Output, question: str, load: Callable[[str], bytes | None]
) -> Blob | None:
    if output.question != question and not _done(file.intent, output):
        return now
    if output.before is None:
        return None
    data = load(output.before)
    return now if data is None else Blob(data, output.before_mode)


def _with_mode_before(file: PlannedFile, now: Blob | None, output: Output) -> Blob | None:
    """A content that did not change, with the mode it had before the plan's `executable` was applied."""
    if now is None or file.executable is None or now.mode != _mode(file.executable):
        return now
    return Blob(now.data, output.before_mode) if output.before_mode in (_mode(True), _mode(False)) else now


def _done(intent: Intent, output: Output) -> bool:
    if intent is Intent.CREATE:
        return output.before is None
    return intent is Intent.DELETE and output.after is None


def mode_of(file: PlannedFile, base: Base) -> int:
    """The git mode of what was generated: what the plan says (`executable`), else that of the file as it was."""
    if file.executable is not None:
        return _mode(file.executable)
    kept = next((blob.mode for blob in (base.now, base.before) if blob and blob.mode != LINK), None)
    return _mode(False) if kept is None else kept


def _mode(executable: bool) -> int:
    return 0o100755 if executable else 0o100644


def check_intent(file: PlannedFile, before: Blob | None) -> None:
    """Refuses a plan that wants to create what is there, or to change what is not or is a link. Raises BadPlan."""
    if before is not None and before.mode == LINK and file.intent is not Intent.DELETE:
        raise BadPlan(
            f"plan.files.json: {file.path!r} is a symbolic link: it can be deleted, not written",
            hint="plan the file it points to",
        )
    if file.intent is Intent.CREATE and before is not None:
        raise BadPlan(
            f"plan.files.json: {file.path!r} is to be created, but it is there",
            hint="plan it as update or create_or_update, or choose another path",
        )
    if file.intent in (Intent.UPDATE, Intent.DELETE) and before is None:
        raise BadPlan(
            f"plan.files.json: {file.path!r} is to be {file.intent.value}d, but it is not there",
            hint="mend the path, or plan it as create" if file.intent is Intent.UPDATE else "take it out of the plan",
        )
