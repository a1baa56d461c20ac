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
from codegen_tasks.edits.read.titles import above, clean, in_info, looks_like_path

JSON = {"json", "jsonc", "json5"}
PATH = ("path", "file", "filename", "filepath", "targetfile", "relativepath", "src")
OLD = ("old", "oldstring", "oldstr", "oldtext", "oldcode", "search", "original", "find", "before")
NEW = ("new", "newstring", "newstr", "newtext", "newcode", "replace", "replacement", "updated", "patched", "after")
CONTENT = ("content", "contents", "text", "code", "filetext")
_LISTS = ("files", "edits", "changes", "toolcalls")
_CALL = ("arguments", "input", "parameters", "args", "function")
_VERB = ("action", "op", "operation", "command", "type", "mode", "tool")
_DELETE = {"delete", "deleted", "deletefile", "remove", "removed", "removefile", "rm"}
ALL = ("replaceall", "allowmultiple", "global")
_PLACE = {"line", "lines", "insertline", "startline", "endline", "position", "range", "diff", "patch"}
_OTHERWISE = re.compile("insert|append|prepend|rename|move")
_PATCHES = ("patch", "diff", "input", "patchtext", "patchcontent", "unifieddiff", "changes", "edits", "command", "cmd")
_KEY = re.compile(r"[\[{\s]*\"([^\"]+)\"\s*:")
_KEYS = {*PATH, *OLD, *NEW, *_LISTS, *_CALL, *_VERB, *_PATCHES, "name"}
HALF = "it holds half a character (one of the codes D800 to DFFF alone): send that text anew"
HALVES = re.compile("[\ud800-\udfff]")
_WRAPPED = re.compile(
    r"^\s*(?:(?:<[|\uff5c]?[A-Za-z_][\w:.=|\u2581-]*[|\uff5c]?>|\[[A-Z_]*TOOL[A-Z_]*\])\s*)+(?=[\[{]\s*(?:[\"{]|$))"
)
_END_TAGS = re.compile(r"(?:\s*(?:</[A-Za-z_][\w:.]*>|<\|[\w-]+\|>|\[/[A-Z_]*TOOL[A-Z_]*\]))+\s*$")
_PATCH = re.compile(
    r"^(?: ?\*\*\* (?:Begin Patch|\w+ File:)|@@|diff --git |--- \S|<{5,9} ?(?:SEARCH|ORIGINAL)|-{3,} SEARCH)",
    re.MULTILINE,
)
LOOK = 3  # lines in which a value must name its first key


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The calls in the JSON value that begins at a line, also in a fence, and the line after it; None: it is a file."""
    line = _WRAPPED.sub("", lines[at])
    if line[:1] in ("{", "["):
        return _bare([*lines[:at], line, *lines[at + 1 :]], at)
    fence = fence_in(lines[at])
    if fence is None or fence.info.split(" ")[0].lower() not in JSON | {""}:
        return None
    titles = in_info(fence.info).titles or above(lines, at, floor).titles
    end = end_of(lines, at, False)
    found = None if end is None else calls_in("\n".join(lines[at + 1 : end]), titles, at)
    if found is None or end is None:
        return None
    data = any(title.rpartition(".")[2] in JSON for title in titles)  # a file of its own, unless it names itself
    return None if data and any(_path(operation) not in titles for operation in found) else (found, end + 1)


def _bare(lines: Sequence[str], at: int) -> tuple[tuple[Operation, ...], int] | None:
    """The calls in the JSON value that begins at a line without any fence, and the line after it."""
    key = _KEY.match("".join(lines[at : at + LOOK]))
    if key is None or not (plain_key(key[1]) in _KEYS or looks_like_path(key[1])):
        return None
    text = lines[at].rstrip(", ")
    text = text if text[-1:] in ("}", "]") and calls_in(text) else "\n".join(lines[at:])
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text)
    except RecursionError:
        return None
    except json.JSONDecodeError as error:
        return ((Broken("the reply ends inside a call", False, at),), len(lines)) if is_cut(error) else None
    rest = _END_TAGS.sub("", text[end:].partition("\n")[0]).strip(", ")
    found = None if rest else _calls(value, (), at)
    return None if found is None else (found, at + text.count("\n", 0, end) + 1)


def is_cut(error: json.JSONDecodeError) -> bool:
    """Whether a JSON value is wrong only in that it stops."""
    return error.msg.startswith("Unterminated string") or error.pos >= len(error.doc.rstrip())


def _path(operation: Operation) -> str:
    return "" if isinstance(operation, Broken | Nested) else "".join(operation.names)


def calls_in(text: str, titles: tuple[str, ...] = (), at: int = 0) -> tuple[Operation, ...] | None:
    """The calls that a JSON value holds; None: it is no such value. `titles` name the file where they do not."""
    text = text.strip()
    if not text.startswith(("{", "[")) or not text.endswith(("}", "]")):
        return None
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return _calls(value, titles, at)


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
    inner = next((outer[key] for key in _LISTS if isinstance(outer.get(key), list | dict)), None)
    if isinstance(inner, list):
        return [_under(outer, entry) for entry in inner]
    files = value if inner is None else inner
    if all(looks_like_path(key) and isinstance(text, str) for key, text in files.items()):
        return [{"path": key, "content": text} for key, text in files.items()]
    return [value]


def _under(outer: Mapping[str, Any], entry: Any) -> Any:
    """An entry with the path that stands outside it."""
    path = _paths(outer)
    return {"path": path[0], **entry} if path and isinstance(entry, dict) and not _paths(unwrapped(entry)) else entry


def unwrapped(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A call's arguments with its own name, the keys in small letters and without signs."""
    plain = {plain_key(key): value for key, value in entry.items()}
    inner = next((plain[key] for key in _CALL if isinstance(plain.get(key), dict | str)), None)
    if isinstance(inner, str):
        try:
            inner = json.loads(inner, strict=False)
        except (ValueError, RecursionError):
            inner = None
    if not isinstance(inner, dict):
        return plain
    return {"tool": plain.get("name"), **unwrapped(inner)}


def plain_key(key: str) -> str:
    """The name of an argument in small letters and without signs: `old_string` and `oldString` are one."""
    return "".join(filter(str.isalnum, key)).lower()


def operation_of(entry: Any, titles: tuple[str, ...] = (), at: int = 0) -> Operation | None:
    """What a call wants of a file; None if it says nothing of one."""
    if not isinstance(entry, Mapping):
        return None
    entry = unwrapped(entry)
    old, new, content = _text(entry, OLD), _text(entry, NEW), _text(entry, CONTENT)
    names = _paths(entry) or (titles[:1] if old is not None else ())
    if any(map(HALVES.search, filter(None, (old, new, content, *names)))):
        return Broken(HALF, True, at)
    verbs = {"".join(filter(str.isalpha, str(entry.get(key, "")))).lower() for key in _VERB}
    if old is not None and new is not None and content is None:
        sides = tuple(plain_ends(old).split("\n")), tuple(plain_ends(new).split("\n"))
        hunk = Hunk(*sides, floating=True, literal=True, everywhere=is_everywhere(entry), at=at)
        return Edit(names, (hunk,), len(names), at=at)
    patch = next((text for key in _PATCHES if (text := _patch(entry.get(key)))), "")
    if patch:
        return Nested(patch, names, at)
    if not names:
        return None
    if entry.get("encoding") == "base64":
        return Broken(f"the content of {names[0]} is encoded: send it as it is", True, at)
    if old is not None or new is not None or _PLACE & entry.keys() or any(map(_OTHERWISE.match, verbs)):
        return Broken(f"what it asks for {names[0]} is no whole file, and no text to find with one instead", True, at)
    if (entry.get("delete") is True or verbs & _DELETE) and not content:
        return Delete(names, at=at)
    if content is None:
        return None
    return Write(names, plain_ends(content), titles=len(names), ending=_ending(content), at=at)


def plain_ends(text: str) -> str:
    """A text of a string with LF for the end of each line: CRLF of a model is how it writes, not what the file has."""
    text = text if "\n" in text else text.replace("\r", "\n")
    return text.replace("\r\n", "\n").removesuffix("\r")


def _ending(text: str) -> str:
    return "\r\n" if "\n" in text and text.count("\r\n") == text.count("\n") else "\n"


def _patch(value: Any) -> str:
    """The patch or the blocks that a value is, also as the argument of a command; "" if it is none."""
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        value = value[-1] if "patch" in value[0] else "\n".join(value)
    return value if isinstance(value, str) and _PATCH.search(value) else ""


def is_everywhere(entry: Mapping[str, Any]) -> bool:
    """Whether a call asks for all places of the old text."""
    return any(str(entry.get(key)).strip().lower() == "true" for key in ALL)


def _paths(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The path that a call names; a name is one only in the form of a path."""
    path = next((entry[key] for key in PATH if isinstance(entry.get(key), str)), None)
    name = entry.get("name")
    if path is None and isinstance(name, str) and looks_like_path(name):
        path = name
    return () if path is None else (clean(path),)


def _text(entry: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    return next((text for key in keys if (text := _joined(entry.get(key))) is not None), None)


def _joined(value: Any) -> str | None:
    """A text, also one that is told as the list of its lines."""
    if isinstance(value, list) and value and all(isinstance(line, str) and "\n" not in line[:-1] for line in value):
        ended = all(line.endswith("\n") for line in value)
        return "".join(value) if ended else None if "\n" in "".join(value) else "\n".join(value)
    return value if isinstance(value, str) else None
