"""Files and edits in tags: the content between them, or a tag for each thing that is told. It knows no files.

<file path="path">      <edit_file>                        <delete_file>
content                 <path>path</path>                  <path>path</path>
</file>                 <old_string>…</old_string>         </delete_file>
                        <new_string>…</new_string>
                        </edit_file>
"""

import re
from collections.abc import Mapping, Sequence

from codegen_tasks.edits.operations import Broken, Operation, Write
from codegen_tasks.edits.read.titles import clean, names_file
from codegen_tasks.edits.read.tool_calls import ALL, CONTENT, NEW, OLD, PATH, operation_of, plain_key

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


def parse(lines: Sequence[str], at: int, _floor: int) -> tuple[tuple[Operation, ...], int] | None:
    """The file or the edits in the tag that begins at a line, and the line after it."""
    found = _OPEN.match(lines[at]) if lines[at].lstrip().startswith("<") else None
    if found is None:
        return None
    tag, told = found["tag"], {plain_key(key): "".join(values) for key, *values in _VALUE.findall(found["told"])}
    path = _path(told) if _FILE.search(tag) or _holds_file(lines, at, tag, told) else None
    told["tool"] = found["call"] or told.get("name", tag)
    if found["void"]:
        return _wanted(told, path, (), at, at + 1)
    if path is None and not _FIRST.match(found["rest"].strip() or "\n".join(lines[at + 1 : at + 3])):
        return None
    body, end = _content(lines, at, tag, found["rest"])
    if end is None:
        cut = Broken(f"the reply ends inside <{tag}>", False, at)
        return (Write((clean(path),), "\n".join(body) + "\n", False, 1, at=at) if path else cut,), len(lines)
    content = _without_section("\n".join(body))
    children = _children(content)
    if path is None:
        path = _path(dict(children))
    elif not children or {key for key, _ in children} - {*OLD, *NEW, *ALL}:
        told, children = {**told, "content": content + "\n" * (body != [found["rest"]])}, ()
    return _wanted(told, path, children, at, end)


def _wanted(
    told: Mapping[str, str], path: str | None, children: Sequence[tuple[str, str]], at: int, end: int
) -> tuple[tuple[Operation, ...], int] | None:
    """What a tag wants of a file: what calls with each of its pairs of old and new text would, or one without any."""
    if path is None:
        return None
    parts = {key: text + "\n" * (key in CONTENT) for key, text in children}
    olds, news = ([text for key, text in children if key in keys] for keys in (OLD, NEW))
    if len(olds) != len(news):
        parts, olds, news = {"old": ""}, [], []  # is refused: nothing tells which text goes where
    pairs = [{**told, **parts, "path": path, "old": old, "new": new} for old, new in zip(olds, news, strict=True)]
    wanted = [operation_of(pair, (), at, literal=False) for pair in pairs or [{**told, **parts, "path": path}]]
    return (tuple(filter(None, wanted)), end) if all(wanted) else None


def _holds_file(lines: Sequence[str], at: int, tag: str, told: Mapping[str, str]) -> bool:
    """Whether a tag of another name tells a path and is closed in a line of its own, as no element of a page does."""
    path = next((told[key] for key in PATH if key in told and key != "src"), "")
    return names_file(path) and f"</{tag}>" in (line.strip() for line in lines[at + 1 :])


def _path(told: Mapping[str, str]) -> str | None:
    return next((told[key] for key in (*PATH, "name") if key in told), None)


def _content(lines: Sequence[str], at: int, tag: str, rest: str) -> tuple[list[str], int | None]:
    """The lines of a tag without the empty ones beside its marks, and the line after it.

    One of the same name that opens and closes inside is content.
    """
    opens, closes, depth = re.compile(rf"\s*<{re.escape(tag)}[\s>]"), f"</{tag}>", 1
    for i in range(at, len(lines)):
        line = rest if i == at else lines[i]
        opened, closed = opens.match(line) is not None, line.rstrip().endswith(closes)
        depth += opened - closed
        if not depth:
            body = [rest, *lines[at + 1 : i + 1]]
            body[-1] = body[-1].rstrip().removesuffix(closes)
            body = body[1:] if not body[0].strip() and len(body) > 1 else body
            return body[:-1] if not body[-1].strip() and len(body) > 1 else body, i + 1
    return [rest, *lines[at + 1 :]], None


def _children(content: str) -> Sequence[tuple[str, str]]:
    """The tags that a content consists of, each with its text; none if it holds anything else."""
    found, at = list[tuple[str, str]](), 0
    while child := _CHILD.match(content, at):
        found.append((plain_key(child["key"]), _without_section(child["text"])))
        at = child.end()
    return () if content[at:].strip() else found


def _without_section(text: str) -> str:
    """A text without the mark of character data around all of it, which no file consists of."""
    found = _SECTION.fullmatch(text)
    return found["text"] if found else text
