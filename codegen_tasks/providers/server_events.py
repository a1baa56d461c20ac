"""Server-sent events: the lines of a streamed answer and the JSON objects in them. It does not know what these mean."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from codegen_tasks.call import QUOTED, ProviderFault

LONGEST = 1 << 24  # bytes of a line, or characters of an event; one that never ends is stopped
OTHER = re.compile(r"(?!data:|event:|id:|retry:|error:)[A-Za-z][\w-]*:[^{]*")  # a field of somebody's own
FIELDS = frozenset({"", "data", "event", "id", "retry", "error"})  # the last is llama.cpp's own
BOM = "\ufeff"
BREATH = 1000  # lines


@dataclass(frozen=True)
class Event:
    """One event, or the whole body of an answer that is no stream. `value` is None for a comment and for the end."""

    name: str
    value: dict[str, Any] | None


COMMENT = Event(":", None)
DONE = Event("[DONE]", None)


async def lines_of(pieces: AsyncIterator[bytes]) -> AsyncGenerator[str, None]:
    """The lines of an answer, ended by LF, CR or both.

    Raises ProviderFault for what is no UTF-8: other readers put U+FFFD there, and nobody knows.
    """
    rest: list[bytes] = []
    try:
        async for piece in pieces:
            if rest and rest[-1].endswith(b"\r"):
                piece = b"\r" + piece
                rest[-1] = rest[-1][:-1]
            ended, held = (piece[:-1], b"\r") if piece.endswith(b"\r") else (piece, b"")
            first, *more = ended.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
            rest.append(first)
            for number, line in enumerate(more, 1):
                yield b"".join(rest).decode()
                rest = [line]
                if number % BREATH == 0:  # what is unpacked may be huge: others must get their turn
                    await asyncio.sleep(0)
            rest[-1] += held
            if sum(map(len, rest)) > LONGEST:
                raise ProviderFault(f"the stream holds a line of more than {LONGEST} bytes", transient=False)
        yield b"".join(rest).decode().removesuffix("\r")
    except UnicodeDecodeError as error:
        raise ProviderFault(f"the stream is not UTF-8: {error.reason}", transient=True) from error


async def events_of(lines: AsyncIterator[str]) -> AsyncGenerator[Event, None]:
    """The events of an answer; the body of one that is no stream counts as its one event.

    Raises ProviderFault for a line that is no part of an event: what it says would be lost, and nobody know.
    """
    name, held, is_first = "", StringIO(), True
    async for line in lines:
        line = line.removeprefix(BOM) if is_first else line
        field, _, text = line.partition(":")
        if not line.strip():
            for event in _event(name, held.getvalue()) if held.tell() else ():
                yield event
            name, held = "", StringIO() if held.tell() else held
        elif not is_first and OTHER.fullmatch(line):
            continue
        elif field not in FIELDS:
            if not is_first:
                raise ProviderFault(f"the stream holds a line that is no event: {line[:QUOTED]}", transient=True)
            yield Event("", await _body(line, lines))
            return
        elif field == "data":
            for event in _begun(name, text.strip(), held):
                yield event
        elif field == "event":
            name = text.strip()
        elif field == "error":
            yield _named(field, object_in(text) or {"error": text.strip()})
        elif field == "":
            yield COMMENT
        is_first = is_first and not line.strip()
    for event in _event(name, held.getvalue()):
        yield event


def object_in(text: str) -> dict[str, Any] | None:
    """The JSON object that a text is; None if it is none, or not whole."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def no_object() -> ProviderFault:
    """The fault of an event that cannot be read."""
    return ProviderFault("the stream holds an event that is no JSON object", transient=True)


def _begun(name: str, text: str, held: StringIO) -> list[Event]:
    """What a line of data makes whole; else it is added to `held`. Some servers leave out the empty line after it."""
    if text == "[DONE]":
        return [DONE]
    value = object_in(text) if not held.tell() and text.endswith("}") else None
    if value is not None:
        return [_named(name, value)]
    held.write(text)
    if held.tell() > LONGEST:
        raise ProviderFault(f"the stream holds an event of more than {LONGEST} characters", transient=False)
    return []


def _event(name: str, text: str) -> list[Event]:
    """The event whose data are `text`, if it says anything."""
    if text in ("", "null") or name == "ping":
        return []
    value = object_in(text)
    if value is None and name == "error":
        value = {"error": text}
    if value is None:
        raise no_object()
    return [_named(name, value)]


def _named(name: str, value: dict[str, Any]) -> Event:
    """An event that is called an error holds one, whatever its shape."""
    return Event(name, {"error": value} if name == "error" and "error" not in value else value)


async def _body(line: str, lines: AsyncIterator[str]) -> dict[str, Any]:
    """The JSON object that all of an answer is, from its first line on. Raises ProviderFault if it is none."""
    value, text = object_in(line), StringIO()
    if value is not None:
        return value
    text.write(line)
    async for more in lines:
        text.write("\n" + more)
        if text.tell() > LONGEST:
            break
    value = object_in(text.getvalue())
    if value is None:
        said = " ".join(text.getvalue()[:QUOTED].split())
        hint = "check api_base, and name a model and an api_base that stream"
        raise ProviderFault(f"the server does not stream, it says: {said}", transient=True, hint=hint)
    return value
