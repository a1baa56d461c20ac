"""Entries are put at the end of plan.files.json's list; every other byte stays. It does not judge what is added."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_BLANK = " \t\n\r"
_STEP = 2  # blanks of indentation where nothing tells


class _List(NamedTuple):
    """Where the list of planned files opens, and where each of its elements lies."""

    start: int
    elements: tuple[tuple[int, int], ...]


def with_entries(text: str, entries: Sequence[Mapping[str, str]]) -> str:
    """The text of a plan.files.json that can be read, in any of its three shapes, with these entries more.

    They are laid out as its elements are.
    """
    found = _find_list(text)
    (first, _), (last, end) = found.elements[0], found.elements[-1]
    lead = text[found.start + 1 : first]
    between = text[found.elements[-2][1] : last] if len(found.elements) > 1 else f",{lead or ' '}"
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = between.rpartition("\n")[2] if "\n" in between else ""
    step = _step([text[at:to] for at, to in found.elements], indent)
    added = "".join(f"{between}{_laid_out(entry, indent, step, newline)}" for entry in entries)
    return text[:end] + added + text[end:]


def _laid_out(entry: Mapping[str, str], indent: str, step: str | None, newline: str) -> str:
    if step is None:
        return json.dumps(entry, ensure_ascii=False)
    return json.dumps(entry, ensure_ascii=False, indent=step).replace("\n", f"{newline}{indent}")


def _step(elements: Sequence[str], indent: str) -> str | None:
    """How much deeper the fields of an object stand, where one is laid out over several lines; None: none is."""
    lines = next((text.split("\n") for text in elements if text.startswith("{") and "\n" in text), None)
    if lines is None:
        return None
    inner = lines[1][: len(lines[1]) - len(lines[1].lstrip(_BLANK))]
    return inner.removeprefix(indent) or " " * _STEP


def _find_list(text: str) -> _List:
    at = _skip(text, 0)
    if text[at] == "{":
        at = next(value for key, value in _members(text, at) if key in ("files", "file_plan"))
    return _List(at, tuple(_elements(text, at)))


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    """The keys of an object and where their values begin."""
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = json.JSONDecoder().raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        yield key, at
        at = _next(text, at)


def _elements(text: str, at: int) -> Iterator[tuple[int, int]]:
    at = _skip(text, at + 1)
    while text[at] != "]":
        yield at, json.JSONDecoder().raw_decode(text, at)[1]
        at = _next(text, at)


def _next(text: str, at: int) -> int:
    """Where what follows a value and its comma begins."""
    at = _skip(text, json.JSONDecoder().raw_decode(text, at)[1])
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    while text[at] in _BLANK:
        at += 1
    return at
