"""A Request as a file that a person can read: a JSON head that tells sizes, then the messages word for word."""

from collections.abc import Sequence

import msgspec

from codegen_tasks.context.facts import Fact
from codegen_tasks.records import Alternative, Message, Record, Request

_HEAD, _END = b"<!-- codegen.request/1\n", b"\n-->\n"


class _Part(Record, frozen=True):
    """One text in the file: what it is, its format if it is an alternative, and its size in bytes."""

    role: str
    bytes: int
    format: str = ""


class Masked(Record, frozen=True):
    """A secret that the question does not show: where it stands, and its kind. Never its value."""

    place: str
    kind: str


class Tokens(Record, frozen=True, omit_defaults=True):
    """How many tokens a question has, and how many of them what it shows: the planned files, those of `context`, those
    it depends on, the definitions and the summary that were chosen."""

    total: int = 0
    planned: int = 0
    context: int = 0
    dependencies: int = 0
    definitions: int = 0
    summary: int = 0


class _Head(Record, frozen=True, omit_defaults=True):
    """`facts` are the definitions shown by the engine's own choice: the package is out of date when one lapses.

    `left_out` says what the budget had no room for.
    """

    unit: str
    paths: tuple[str, ...]
    format: str
    attempt: int
    parts: tuple[_Part, ...]
    facts: tuple[Fact, ...] = ()
    masked: tuple[Masked, ...] = ()
    left_out: tuple[str, ...] = ()
    tokens: Tokens = Tokens()


def write_package(
    request: Request,
    facts: Sequence[Fact] = (),
    masked: Sequence[Masked] = (),
    left_out: Sequence[str] = (),
    tokens: Tokens = Tokens(),  # noqa: B008 (a record never changes)
) -> bytes:
    """The package: the texts stand between comment lines, and the head's sizes tell where each one ends."""
    texts = [(message.role, "", message.content) for message in request.messages]
    texts += [("user", other.format, other.content) for other in request.alternatives]
    parts = tuple(_Part(role, len(text.encode()), name) for role, name, text in texts)
    said = (tuple(facts), tuple(masked), tuple(left_out), tokens)
    head = _Head(request.unit, request.paths, request.format, request.attempt, parts, *said)
    body = b"".join(_mark(role, name) + text.encode() + b"\n" for role, name, text in texts)
    return _HEAD + msgspec.json.format(msgspec.json.encode(head), indent=1) + _END + body


def read_package(data: bytes) -> Request:
    """The Request of a package. Raises ValueError for bytes that `write_package` did not write."""
    head, at = _head(data)
    texts = []
    for part in head.parts:
        at += len(_mark(part.role, part.format))
        texts.append((part, data[at : at + part.bytes].decode()))
        at += part.bytes + 1
    messages = tuple(Message(part.role, text) for part, text in texts if not part.format)
    alternatives = tuple(Alternative(part.format, text) for part, text in texts if part.format)
    return Request(head.unit, head.paths, messages, head.format, head.attempt, alternatives)


def read_facts(data: bytes) -> tuple[Fact, ...]:
    """The facts of a package; none for bytes that `write_package` did not write."""
    return _told(data).facts


def read_masked(data: bytes) -> tuple[Masked, ...]:
    """What a package hides; nothing for bytes that `write_package` did not write."""
    return _told(data).masked


def read_left_out(data: bytes) -> tuple[str, ...]:
    """What a package had no room for; nothing for bytes that `write_package` did not write."""
    return _told(data).left_out


def read_tokens(data: bytes) -> Tokens:
    """The tokens of a package; none for bytes that `write_package` did not write."""
    return _told(data).tokens


def _told(data: bytes) -> _Head:
    try:
        return _head(data)[0]
    except (ValueError, msgspec.MsgspecError):
        return _Head("", (), "", 0, ())


def _head(data: bytes) -> tuple[_Head, int]:
    """The head, and where the texts begin."""
    end = data.index(_END)
    return msgspec.json.decode(data[len(_HEAD) : end], type=_Head), end + len(_END)


def _mark(role: str, name: str) -> bytes:
    return f"<!-- {role}{f', for a model that is asked for {name}' if name else ''} -->\n".encode()
