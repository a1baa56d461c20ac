"""Files and edits in tags: the content between them, or a tag for each thing that is told. It knows no files.

<file path="path">      <edit_file>                        <delete_file>
content                 <path>path</path>                  <path>path</path>
</file>                 <old_string>…</old_string>         </delete_file>
                        <new_string>…</new_string>
                        </edit_file>
"""

import re
from collections.abc import Mapping, Sequence

from codegen_tasks.edits.operations import Broken, Edit, Hunk, Operation, Write
from codegen_tasks.edits.read.titles import clean, names_file
from codegen_tasks.edits.read.tool_calls import ALL, CONTENT, NEW, OLD, PATH, is_everywhere, operation_of, plain_key

Read = tuple[tuple[Operation, ...], int]

_ATTRIBUTE = r"[\w-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)"
_OPEN = re.compile(
    rf"^\s*<(?P<tag>[A-Za-z][\w-]*)(?:=(?P<call>[\w-]+))?(?P<told>(?:\s+{_ATTRIBUTE})*)\s*(?P<void>/?)>(?P<rest>.*)$"
)
_VALUE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_FILE = re.compile(r"(?:^|[-_])(?:file|document|edit|change|write|delete)(?:$|[-_])|^boltAction$", re.IGNORECASE)
_FIRST = re.compile(r"\s*<(?:parameter(?:=| name=\"))?(?:path|file|file_?path|file_?name|target_file|name|command)\"?>")
_CHILD = re.compile(
    r"\s*<(?:(parameter)(?:=| name=\"))?(?P<key>[\w-]+)\"?>\n?(?P<text>.*?)\n?</(?(1)\1|(?P=key))>\s*(?=<\w|\Z)",
    re.DOTALL,
)
_SECTION = re.compile(r"\s*<!\[CDATA\[\n?(?P<text>(?:(?!\]\]>|<!\[CDATA\[).)*?)\n?\]\]>\s*", re.DOTALL)
_AROUND = re.compile(r"^\s*</?(?:edit|change|replacement|hunk)>[ \t]*\n?", re.MULTILINE)


def parse(lines: Sequence[str], at: int, _floor: int) -> Read | None:
    """The file or the edits in the tag that begins at a line, and the line after it."""
    found = _OPEN.match(lines[at]) if lines[at].lstrip().startswith("<") else None
    if found is None:
        return None
    told = {plain_key(key): "".join(values) for key, *values in _VALUE.findall(found["told"])}
    path = _path(told) if _FILE.search(found["tag"]) or _holds_file(lines, at, found["tag"], told) else None
    name = found["call"] or told.get("name", found["tag"])
    if found["void"]:
        return _wanted({**told, "tool": name}, path, (), at, at + 1)
    if path is None and not _FIRST.match(found["rest"].strip() or "\n".join(lines[at + 1 : at + 3])):
        return None
    body, end = _content(lines, at, found["tag"], found["rest"])
    content = _without_section("\n".join(_inner(body) if end else body))
    if end is None:
        cut = Broken(f"the reply ends inside <{found['tag']}>", False, at)
        return (Write((clean(path),), content + "\n", False, 1, at=at) if path else cut,), len(lines)
    children = _children(_AROUND.sub("", content)) or []
    if path is None:
        path = None if "diff" in dict(children) else _path(dict(children))  # those who read diffs do so
    elif not children or {key for key, _ in children} - {*OLD, *NEW, *ALL}:
        told, children = {**told, "content": content + "\n" * bool(body)}, []
    return _wanted({**told, "tool": name}, path, children, at, end)


def _wanted(
    told: Mapping[str, str], path: str | None, children: Sequence[tuple[str, str]], at: int, end: int
) -> Read | None:
    """What a tag wants of a file: edits, if it holds pairs of old and new text, else what a call would."""
    if path is None:
        return None
    parts = {key: text + "\n" * (key in CONTENT) for key, text in children}
    told = {**told, **parts, "path": path}
    pairs = [child for child in children if child[0] in OLD + NEW]
    wanted = _edit(path, pairs, at, is_everywhere(told)) or operation_of(told, at=at)
    return ((wanted,), end) if wanted else None


def _holds_file(lines: Sequence[str], at: int, tag: str, told: Mapping[str, str]) -> bool:
    """Whether a tag of another name tells a path and is closed in a line of its own, as no element of a page does."""
    path = next((told[key] for key in PATH if key in told and key != "src"), "")
    return names_file(path) and f"</{tag}>" in (line.strip() for line in lines[at + 1 :])


def _inner(body: Sequence[str]) -> Sequence[str]:
    """The lines of a tag without the empty ones beside its two marks."""
    body = body[1:] if not body[0].strip() and len(body) > 1 else body
    return body[:-1] if not body[-1].strip() and len(body) > 1 else body


def _path(told: Mapping[str, str]) -> str | None:
    return next((told[key] for key in (*PATH, "name") if key in told), None)


def _content(lines: Sequence[str], at: int, tag: str, rest: str) -> tuple[list[str], int | None]:
    """The lines of a tag and the line after it. One of the same name that opens and closes inside is content."""
    opens, closes, depth = re.compile(rf"\s*<{re.escape(tag)}[\s>]"), f"</{tag}>", 1
    for i in range(at, len(lines)):
        line = rest if i == at else lines[i]
        depth += (opens.match(line) is not None and closes not in line) - (
            line.rstrip().endswith(closes) and opens.match(line) is None
        )
        if not depth:
            last = line.rstrip().removesuffix(closes)
            return ([rest, *lines[at + 1 : i], last] if i > at else [last]), i + 1
    return [rest, *lines[at + 1 :]], None


def _children(content: str) -> list[tuple[str, str]] | None:
    """The tags that a content consists of, each with its text; None if it holds anything else."""
    found, at = list[tuple[str, str]](), 0
    while child := _CHILD.match(content, at):
        found.append((plain_key(child["key"]), _without_section(child["text"])))
        at = child.end()
    return None if content[at:].strip() else found


def _without_section(text: str) -> str:
    """A text without the mark of character data around all of it, which no file consists of."""
    found = _SECTION.fullmatch(text)
    return found["text"] if found else text


def _edit(path: str, children: Sequence[tuple[str, str]], at: int, everywhere: bool) -> Edit | None:
    """The edit that pairs of old and new text make."""
    hunks = list[Hunk]()
    for (old, text), (new, instead) in zip(children[::2], children[1::2], strict=False):
        if old not in OLD or new not in NEW:
            return None
        before, after = tuple(text.split("\n")), tuple(instead.split("\n")) if instead else ()
        hunks.append(Hunk(before, after, floating=True, everywhere=everywhere, at=at))
    return Edit((clean(path),), tuple(hunks), 1, at=at) if hunks and len(children) % 2 == 0 else None
