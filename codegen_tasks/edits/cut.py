"""Was a reply cut off, and how do its two parts join? Knows only what opens and closes, no files."""

import json
import re

from codegen_tasks.edits.operations import Broken, Edit, Write
from codegen_tasks.edits.parse import parse_reply

_OVERLAP = 2000  # characters of the end that may be repeated
_SURE = 20  # so many repeated characters are no accident
_FENCE = re.compile(r"^\s*(?:`{3,}|~{3,})[\w+-]*\s*$")
_TAG = re.compile(r"^<(patch|diff|answer|edits|files|changes)>\s*$", re.MULTILINE)
_JSON = re.compile(r"^(?:```json\s*)?[{\[]\s*[\"{\[]")


def is_cut_off(text: str) -> bool:
    """Whether the reply ends inside a fence, a tag, a block or a JSON value."""
    operations = (part.operation for part in parse_reply(text))
    if any(isinstance(operation, Write | Edit | Broken) and not operation.ended for operation in operations):
        return True
    return any(f"</{tag}>" not in text for tag in _TAG.findall(text)) or _is_cut_json(text.strip())


def join_continuation(first: str, more: str) -> str:
    """The reply that was cut off with what the model sent when asked to go on.

    A fence the model opened again is dropped, and so is what it repeated of the end.
    """
    if is_cut_off(first):
        more = _without_new_fence(more)
    last = first[first.rfind("\n") + 1 :]
    if len(last.strip()) > 1 and any(map(str.isalnum, last)) and more.startswith(last):
        return first + more[len(last) :]
    for size in range(min(len(first), len(more), _OVERLAP), 0, -1):
        if first.endswith(more[:size]) and (size >= _SURE or "\n" in more[:size].strip("\n")):
            return first + more[size:]
    return first + more


def _is_cut_json(text: str) -> bool:
    """Whether a reply that is one JSON value stops inside it."""
    if not _JSON.match(text):
        return False
    body = text.removeprefix("```json").strip().removesuffix("```").strip()
    try:
        json.loads(body, strict=False)
    except json.JSONDecodeError as error:
        return error.msg.startswith("Unterminated string") or error.pos >= len(body)
    except RecursionError:
        return False  # nested by the thousand: no reply that anybody could go on with
    return False


def _without_new_fence(more: str) -> str:
    """The continuation without a fence it opens at once, after a line of words at most."""
    lines = more.split("\n")
    start = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[start].rstrip().endswith(":") and start + 1 < len(lines):
        start = next((i for i in range(start + 1, len(lines)) if lines[i].strip()), start)
    closed = sum(bool(_FENCE.match(line)) for line in lines[start + 1 :])
    if _FENCE.match(lines[start]) and start + 1 < len(lines) and closed:
        return "\n".join(lines[start + 1 :])
    return more
