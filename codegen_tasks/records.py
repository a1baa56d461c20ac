"""The frozen records that travel between stages, and their one byte form: same record, same bytes, same digest."""

from enum import StrEnum
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class Record(msgspec.Struct, frozen=True):
    """Base of all records. Tuples, never lists; paths are relative and `/`-separated; None means absent."""


class Intent(StrEnum):
    """What the plan wants to happen to a file."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    CREATE_OR_UPDATE = "create_or_update"


class PlannedFile(Record, frozen=True, omit_defaults=True):
    """One entry of plan.files.json, checked. `extra` holds unknown fields as sorted (name, JSON text) pairs.

    `interfaces` are those of `depends_on` of which only the definitions are to be seen; `executable` None: as it is.
    """

    path: str
    intent: Intent = Intent.CREATE_OR_UPDATE
    role: str = ""
    summary: str = ""
    notes: str = ""
    depends_on: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    group: str | None = None
    adopt: str | None = None
    executable: bool | None = None
    interfaces: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()


class Section(Record, frozen=True):
    """A heading of plan.md with its own text. `paths` are the planned files it names; empty: it is for all."""

    heading: str
    text: str
    line: int
    paths: tuple[str, ...] = ()


class Stray(Record, frozen=True):
    """A path that a section's heading, or its text, seems to mean, but which is not planned; the `nearest` that is."""

    line: int
    heading: str
    path: str
    nearest: str
    in_text: bool = False


class Unit(Record, frozen=True):
    """One question, one reply. `needs` are planned paths of other units whose generated content it must see."""

    name: str
    files: tuple[PlannedFile, ...]
    needs: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """All planned paths of the unit, in plan order."""
        return tuple(file.path for file in self.files)

    @property
    def writes(self) -> tuple[str, ...]:
        """The paths a model must write: deletions and adopted files need none."""
        return tuple(f.path for f in self.files if f.intent is not Intent.DELETE and f.adopt is None)

    @property
    def updates(self) -> tuple[str, ...]:
        """Those of them that the plan wants changed, and no less."""
        return tuple(f.path for f in self.files if f.intent is Intent.UPDATE and f.adopt is None)


class Plan(Record, frozen=True):
    """Sections in the order of plan.md, units in dependency order."""

    sections: tuple[Section, ...]
    units: tuple[Unit, ...]
    strays: tuple[Stray, ...] = ()

    @property
    def files(self) -> tuple[PlannedFile, ...]:
        """All planned files, unit by unit."""
        return tuple(file for unit in self.units for file in unit.files)


class ModelSpec(Record, frozen=True):
    """One link of the provider chain: `model` (a LiteLLM name or local/…) or `command` (a program). Seconds, tokens.

    What is None is not sent. `params` are further parameters of the model, plain JSON values under sorted names.
    """

    model: str = ""
    command: tuple[str, ...] = ()
    api_base: str | None = None
    api_key_env: str | None = None
    format: str = "auto"
    temperature: float | None = 0.0
    max_output_tokens: int | None = 16000
    params: dict[str, Any] = {}
    timeout_s: float = 300.0
    retries: int = 2

    @property
    def name(self) -> str:
        """What messages call this model."""
        return self.model or " ".join(self.command)


class Message(Record, frozen=True):
    """`role` is system, user or assistant."""

    role: str
    content: str


class Alternative(Record, frozen=True):
    """The last message of a Request as it stands for a model that is asked for another edit format."""

    format: str
    content: str


class Request(Record, frozen=True):
    """A question: everything that can shape the answer but the model. `format` is the edit format asked for."""

    unit: str
    paths: tuple[str, ...]
    messages: tuple[Message, ...]
    format: str
    attempt: int
    alternatives: tuple[Alternative, ...] = ()

    def in_format(self, name: str) -> "Request":
        """The same question as it is put to a model that is asked for edit format `name`. Raises KeyError.

        `auto` leaves the format as it is.
        """
        if name in (self.format, "auto"):
            return msgspec.structs.replace(self, alternatives=())
        last = {other.format: other.content for other in self.alternatives}[name]
        messages = (*self.messages[:-1], Message(self.messages[-1].role, last))
        return Request(self.unit, self.paths, messages, name, self.attempt)


class Reply(Record, frozen=True):
    """What a model said. `finish` is stop, length or content_filter; `counted` marks usage we counted ourselves."""

    model: str
    text: str
    finish: str = "stop"
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float | None = None
    counted: bool = False


class Answer(Record, frozen=True, omit_defaults=True):
    """The accepted conversation of a unit: replies in order, a later one mends what was refused in the earlier.

    `request` is the sha256 of the context package, `touched` names every path the replies want to write, `withdrawn`
    those beyond the plan that they want no more since they were told so.
    """

    unit: str
    request: str
    attempt: int
    replies: tuple[Reply, ...]
    touched: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()


LINK = 0o120000  # git's mode of a symbolic link


class Blob(Record, frozen=True):
    """A file's content and its git mode: 0o100644, 0o100755 or 0o120000 (a link; the data is its target)."""

    data: bytes
    mode: int = 0o100644


class FileChange(Record, frozen=True):
    """One file before and after. None means absent, b"" means empty."""

    path: str
    before: Blob | None
    after: Blob | None


MODE = "mode_not_planned"  # the code of a diagnostic: a mode that a reply wants and the plan does not set


class Diagnostic(Record, frozen=True):
    """Something a reviewer should know. `severity` is info, warning or error."""

    severity: str
    code: str
    message: str
    path: str = ""


class Outside(Record, frozen=True):
    """What a conversation wants to write where it may not: the new content (None: delete).

    `applied` is False where nobody knows that content: the file is not at hand, or the edit does not fit it. `reply` is
    the last one that wants it, from 0.
    """

    path: str
    data: bytes | None
    reason: str
    applied: bool = True
    reply: int = 0


class Accepted(Record, frozen=True):
    """A file beyond the plan that scope.allow lets `unit` write: the sha256 of its content, None to delete it."""

    path: str
    unit: str
    sha256: str | None


class Outcome(Record, frozen=True):
    """All or nothing: every change of the accepted replies. `touched` are all paths they name, sorted."""

    changes: tuple[FileChange, ...] = ()
    outside: tuple[Outside, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    touched: tuple[str, ...] = ()


def encode(record: Any) -> bytes:
    """The canonical JSON of a record: two-space indent, fields as declared, mapping keys sorted, final LF."""
    return msgspec.json.format(msgspec.json.encode(record, order="deterministic"), indent=2) + b"\n"


def decode(data: bytes, kind: type[T]) -> T:
    """The record that `encode` wrote. Raises msgspec.ValidationError or DecodeError with the JSON path."""
    return msgspec.json.decode(data, type=kind)


def digest(data: bytes) -> str:
    """sha256, 64 hex digits: for everything shared or published."""
    return sha256(data).hexdigest()
