"""Whole files in a reply: fenced blocks with a path, tags, or JSON. It knows nothing of the files that exist.

path                      ### `path`              ```python path         <file path="path">
```python                 ```                     content                content
content                   content                 ```                    </file>
```                       ```

{"files": [{"path": "path", "content": "content"}]}
"""

import json
import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from codegen_tasks.edits.fences import MARKUP, Fence, end_of, fence_in
from codegen_tasks.edits.names import Named, above, clean, in_comment, in_info, looks_like_path
from codegen_tasks.edits.operations import Delete, Edit, Hunk, Operation, Write

_TAG = re.compile(
    r"^\s*<(?P<tag>file|document|(?:create|write|new|edit|update)_file|edit|change)\s[^>]*?(?:path|name|filename|src)\s*=\s*[\"']?(?P<path>[^\"'>]+?)[\"']?\s*>(?P<rest>.*)$",
    re.IGNORECASE,
)
_SWAP = re.compile(
    r"<(search|old|original|find)>\n?(.*?)\n?</\1>\s*<(replace|new|updated|replacement)>\n?(.*?)\n?</\3>\s*", re.DOTALL
)
_PATH_TAG = re.compile(r"^\s*<(path|file_?path|filename)>\s*(.+?)\s*</\1>\s*$", re.IGNORECASE)
_CONTENT_TAG = re.compile(r"^\s*<(content|contents|code|file_text)>(.*)$", re.IGNORECASE)
_JSON_FENCE = re.compile(r"^```json[ \t]*\n(.*)\n```[ \t]*$", re.DOTALL | re.MULTILINE)
_LIST_KEYS = ("files", "edits", "changes")
_PATH_KEYS = ("path", "file", "filename", "file_path", "name")
_CALL_KEYS = ("arguments", "input", "parameters", "args")
_OLD_KEYS = ("old", "old_string", "old_str", "search", "original")
_NEW_KEYS = ("new", "new_string", "new_str", "replace", "updated")


def parse(lines: Sequence[str], at: int, floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The file that begins at a line, and the line after it. Lines from `floor` on may name it."""
    line = lines[at]
    if fence := fence_in(line):
        return _fenced(lines, at, fence, above(lines, at, floor))
    if "<" in line:
        return _tagged(lines, at)
    return None


def _fenced(lines: Sequence[str], at: int, fence: Fence, named: Named) -> tuple[tuple[Operation, ...], int]:
    inside = in_info(fence.info)
    first = in_comment(lines[at + 1]) if at + 1 < len(lines) else Named()
    titles = inside.titles or named.titles
    language = re.split(r"[\s:{]", fence.info.lower())[0]
    markup = language in MARKUP or any(PurePosixPath(t).suffix[1:] in MARKUP for t in titles)
    end = end_of(lines, at, markup)
    body = lines[at + 1 : len(lines) if end is None else end]
    if not titles and not named.mentions and language in ("json", "jsonc") and first.mentions:
        body = body[1:]  # JSON has no comments: this one only says the path
    content = "\n".join(body) if any(body) else ""
    told = (
        first.mentions if not titles and set(first.mentions) & set(named.mentions) else named.mentions + first.mentions
    )
    names = titles + told
    content += "\n" * any(body)
    closed, after = end is not None, len(lines) if end is None else end + 1
    part, numbered = named.part, inside.part
    return (Write(names, content, closed, len(titles), language, part=part, numbered=numbered, at=at),), after


def _tagged(lines: Sequence[str], at: int) -> tuple[tuple[Operation, ...], int] | None:
    if found := _TAG.match(lines[at]):
        return _until(lines, at, found["tag"], found["rest"], found["path"])
    if not (found := _PATH_TAG.match(lines[at])) or at + 1 >= len(lines):
        return None
    content = _CONTENT_TAG.match(lines[at + 1])
    return _until(lines, at + 1, content[1], content[2], found[2]) if content else None


def _until(lines: Sequence[str], at: int, tag: str, rest: str, path: str) -> tuple[tuple[Operation, ...], int]:
    """The content from a tag to its end: to the last end tag before the next file's."""
    end = next((i for i in range(at, len(lines)) if lines[i].rstrip().endswith(f"</{tag}>")), None)
    body = [rest, *lines[at + 1 : len(lines) if end is None else end + 1]]
    if end is not None:
        body[-1] = body[-1].rstrip().removesuffix(f"</{tag}>")
    body = body[1:] if not body[0].strip() and len(body) > 1 else body
    body = body[:-1] if end is not None and not body[-1].strip() else body
    if len(body) > 1 and fence_in(body[0]) and end_of(body, 0, True) == len(body) - 1:
        body = body[1:-1]
    content = "\n".join(body) + "\n" * bool(body)
    after = len(lines) if end is None else end + 1
    if end is not None and (hunks := _swaps(content, at)):
        return (Edit((clean(path),), hunks, 1, at=at),), after
    return (Write((clean(path),), content, end is not None, 1, at=at),), after


def _swaps(content: str, at: int) -> tuple[Hunk, ...]:
    """The edits in the content of a tag that holds nothing but old and new text in tags of their own."""
    found = _SWAP.findall(content)
    if not found or _SWAP.sub("", content).strip():
        return ()
    sides = [(tuple(old.split("\n")), tuple(new.split("\n")) if new else ()) for _, old, _, new in found]
    return tuple(Hunk(old, new, floating=True, at=at) for old, new in sides)


def parse_json(reply: str) -> tuple[Operation, ...] | None:
    """Files, or edits by old and new text, in a reply that is a JSON value, or holds one in a fence; None: no such."""
    text = reply.strip()
    if fenced := _JSON_FENCE.search(text):
        before = text[: fenced.start()].split("\n")
        text = "" if above(before, len(before), 0).titles else fenced[1].strip()
    if not text.startswith(("{", "[")) or not text.endswith(("}", "]")):
        return None
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    found = [_entry(entry) for entry in _entries(value)]
    return tuple(op for op in found if op) if found and all(found) else None


def _entries(value: Any) -> list[Any]:
    """What may be files or edits in a JSON value: its list, the mapping of paths to contents, or the value itself."""
    if not isinstance(value, dict):
        return value if isinstance(value, list) else []
    inner = next((value[key] for key in _LIST_KEYS if isinstance(value.get(key), list | dict)), None)
    if isinstance(inner, list):
        return [_under(value, entry) for entry in inner]
    files = value if inner is None else inner
    if all(looks_like_path(key) and isinstance(text, str) for key, text in files.items()):
        return [{"path": key, "content": text} for key, text in files.items()]
    return [value]


def _under(outer: dict[str, Any], entry: Any) -> Any:
    """An entry with the path that stands outside it."""
    path = _first_text(outer, _PATH_KEYS)
    return {"path": path, **entry} if path and isinstance(entry, dict) and not _first_text(entry, _PATH_KEYS) else entry


def _entry(entry: Any) -> Operation | None:
    """One element of a JSON reply: {path, content}, {path, old, new} or {path, delete: true}."""
    if not isinstance(entry, dict):
        return None
    entry = next((entry[key] for key in _CALL_KEYS if isinstance(entry.get(key), dict)), entry)
    names = tuple(clean(entry[key]) for key in _PATH_KEYS if isinstance(entry.get(key), str))[:1]
    old, new = _first_text(entry, _OLD_KEYS), _first_text(entry, _NEW_KEYS)
    if old is not None and new is not None:
        return Edit(names, (Hunk(tuple(old.split("\n")), tuple(new.split("\n")), floating=True, literal=True),))
    if names and (entry.get("delete") is True or entry.get("op") == "delete"):
        return Delete(names)
    content = _first_text(entry, ("content", "contents", "text", "code"))
    return Write(names, content, titles=len(names)) if names and content is not None else None


def _first_text(entry: dict[str, Any], keys: Sequence[str]) -> str | None:
    return next((entry[key] for key in keys if isinstance(entry.get(key), str)), None)
