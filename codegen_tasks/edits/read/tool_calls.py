"""Edits told as calls of a tool, in JSON: a path with content, with old and new text, or to delete. Knows no files.

{"files": [{"path": "path", "content": "content"}]}        {"path": "path", "old_string": "…", "new_string": "…"}

One that asks for something else (to insert at a line, to append) is refused, and never taken for a file.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from codegen_tasks.edits.operations import Broken, Delete, Edit, Hunk, Nested, Operation, Write
from codegen_tasks.edits.read.fences import end_of, fence_in
from codegen_tasks.edits.read.marks import EDITS, kind_of
from codegen_tasks.edits.read.titles import above, clean, in_info, looks_like_path
from codegen_tasks.edits.read.words import LISTS

JSON = set(LISTS["json"])
PATH, OLD, NEW, CONTENT, ALL = (LISTS[name] for name in ("path", "old", "new", "content", "everywhere"))
_OTHERWISE = re.compile("insert|append|prepend|rename|move")
_KEY = re.compile(r"[\[{\s]*\"([^\"]+)\"\s*:")
_KEYS = {"name", *PATH, *OLD, *NEW, *(word for name in ("lists", "inner", "verb", "patches") for word in LISTS[name])}
HALF = "it holds half a character (one of the codes D800 to DFFF alone): send that text anew"
HALVES = re.compile("[\ud800-\udfff]")
_WRAPPED = re.compile(
    r"^\s*(?:(?:<[|\uff5c]?[A-Za-z_][\w:.=|\u2581-]*[|\uff5c]?>|\[[A-Z_]*TOOL[A-Z_]*\])\s*)+(?=[\[{]\s*(?:[\"{]|$))"
)
_END_TAGS = re.compile(r"(?:\s*(?:</[A-Za-z_][\w:.]*>|<\|[\w-]+\|>|\[/[A-Z_]*TOOL[A-Z_]*\]))+\s*$")
LOOK = 3  # lines in which a value must name its first key


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The calls in the JSON value that begins at a line, also in a fence, and the line after it; None: it is a file."""
    line = _WRAPPED.sub("", lines[at]).lstrip() if "[" in lines[at] or "{" in lines[at] else ""
    if line[:1] in ("{", "["):
        return _bare("\n".join([line, *lines[at + 1 :]]), at)
    fence = fence_in(lines[at])
    end = end_of(lines, at, False) if fence and fence.info.split(" ")[0].lower() in JSON | {""} else None
    if fence is None or end is None:
        return None
    titles = in_info(fence.info).titles or above(lines, at, floor).titles
    found = calls_in("\n".join(lines[at + 1 : end]), titles, at)
    data = any(title.rpartition(".")[2] in JSON for title in titles)  # a file of its own, unless it names itself
    if not found or (data and any(isinstance(op, Broken | Nested) or op.names != titles[:1] for op in found)):
        return None
    return found, end + 1


def _bare(text: str, at: int) -> tuple[tuple[Operation, ...], int] | None:
    """The calls in the JSON value that a text begins with, and the line after it."""
    key = _KEY.match("".join(text.split("\n", LOOK)[:LOOK]))
    if key is None or not (plain_key(key[1]) in _KEYS or looks_like_path(key[1])):
        return None
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text)
    except RecursionError:
        return None
    except json.JSONDecodeError as error:
        cut = error.msg.startswith("Unterminated string") or error.pos >= len(error.doc.rstrip())
        return ((Broken("the reply ends inside a call", False, at),), at + text.count("\n") + 1) if cut else None
    rest = _END_TAGS.sub("", text[end:].partition("\n")[0]).strip(", ")
    found = None if rest else _calls(value, (), at)
    return None if found is None else (found, at + text.count("\n", 0, end) + 1)


def calls_in(text: str, titles: tuple[str, ...], at: int) -> tuple[Operation, ...] | None:
    """The calls that a JSON value holds; None: it is no such value. `titles` name the file where they do not."""
    text = text.strip()
    return _calls(_value(text), titles, at) if text.startswith(("{", "[")) and text.endswith(("}", "]")) else None


def _value(text: str) -> Any:
    """The value that a text of JSON says, or None."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _calls(value: Any, titles: tuple[str, ...], at: int) -> tuple[Operation, ...] | None:
    found = [operation_of(entry, titles, at) for entry in _entries(value)]
    return tuple(op for op in found if op) if found and all(found) else None


def _entries(value: Any) -> list[Any]:
    """What may be calls in a JSON value: its list, the mapping of paths to contents, or the value itself."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    outer = unwrapped(value)
    inner = next((outer[key] for key in LISTS["lists"] if isinstance(outer.get(key), list | dict)), None)
    if isinstance(inner, list):
        return [_under(outer, entry) for entry in inner]
    files = value if inner is None else inner
    if all(looks_like_path(key) and isinstance(text, str) for key, text in files.items()):
        return [{"path": key, "content": text} for key, text in files.items()]
    return [value]


def _under(outer: Mapping[str, Any], entry: Any) -> Any:
    """An entry with the path that stands outside it."""
    path = _text(outer, PATH)
    return {"path": path, **entry} if path and isinstance(entry, dict) and not _text(unwrapped(entry), PATH) else entry


def unwrapped(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A call's arguments with its own name, the keys in small letters and without signs."""
    plain = {plain_key(key): value for key, value in entry.items()}
    inner = next((plain[key] for key in LISTS["inner"] if isinstance(plain.get(key), dict | str)), None)
    inner = _value(inner) if isinstance(inner, str) else inner
    return {"tool": plain.get("name"), **unwrapped(inner)} if isinstance(inner, dict) else plain


def plain_key(key: str) -> str:
    """The name of an argument in small letters and without signs: `old_string` and `oldString` are one."""
    return "".join(filter(str.isalnum, key)).lower()


def operation_of(entry: Any, titles: tuple[str, ...], at: int, *, literal: bool = True) -> Operation | None:
    """What a call wants of a file; None if it says nothing of one. Old text may be a part of a word if `literal`."""
    if not isinstance(entry, Mapping):
        return None
    told = unwrapped(entry)
    old, new, content = (_text(told, keys) for keys in (OLD, NEW, CONTENT))
    names = tuple(map(clean, filter(None, [_text(told, PATH)]))) or (titles[:1] if old is not None else ())
    if HALVES.search("".join(filter(None, (old, new, content, *names)))):
        return Broken(HALF, True, at)
    if old is not None and new is not None and content is None:
        before, after = _lines(plain_ends(old), plain_ends(new))
        everywhere = any(str(told.get(key)).strip().lower() == "true" for key in ALL)
        hunk = Hunk(
            before, after if new or literal else (), floating=True, literal=literal, everywhere=everywhere, at=at
        )
        return Edit(names, (hunk,), len(names), at=at)
    if patch := next((text for key in LISTS["patches"] if (text := _patch(told.get(key)))), ""):
        return Nested(patch, names, at)
    verbs = {"".join(filter(str.isalpha, str(told.get(key, "")))).lower() for key in LISTS["verb"]}
    otherwise = (
        old is not None or new is not None or told.keys() & set(LISTS["place"]) or any(map(_OTHERWISE.match, verbs))
    )
    otherwise = otherwise or any(isinstance(told.get(key), list | dict) for key in CONTENT)
    if names and (otherwise or told.get("encoding") == "base64"):
        return Broken(f"what it asks for {names[0]} is no whole file, and no text to find with one instead", True, at)
    if names and not content and (told.get("delete") is True or verbs & set(LISTS["delete"])):
        return Delete(names, at=at)
    if not names or content is None:
        return None
    ending = "\r\n" if "\n" in content and content.count("\r\n") == content.count("\n") else "\n"
    return Write(names, plain_ends(content), titles=len(names), ending=ending, at=at)


def _lines(old: str, new: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines of old and new text; an LF that both begin or end with quotes no blank line."""
    if old.strip("\n") and old.endswith("\n") and not new:
        return tuple(old.removesuffix("\n").split("\n")), ()
    if old.strip("\n") and old.endswith("\n") and new.endswith("\n"):
        old, new = old.removesuffix("\n"), new.removesuffix("\n")
    if old.strip("\n") and old.startswith("\n") and new.startswith("\n"):
        old, new = old.removeprefix("\n"), new.removeprefix("\n")
    return tuple(old.split("\n")), tuple(new.split("\n"))


def plain_ends(text: str) -> str:
    """A text of a string with LF for the end of each line: CRLF of a model is how it writes, not what the file has."""
    text = text if "\n" in text else text.replace("\r", "\n")
    return text.replace("\r\n", "\n").removesuffix("\r")


def _patch(value: Any) -> str:
    """The patch or the blocks that a value is, also as the argument of a command; "" if it is none."""
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        value = value[-1] if "patch" in value[0] else "\n".join(value)
    marked = isinstance(value, str) and any(kind_of(line) in (*EDITS, "hunk") for line in value.split("\n"))
    return value if marked else ""


def _text(told: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    return next((told[key] for key in keys if isinstance(told.get(key), str)), None)
