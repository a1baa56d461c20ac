"""The definitions of one file, its imports and the names it uses. It knows one file's bytes, not the repository."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from codegen_tasks.context.index.imports import Import, find_imports
from codegen_tasks.context.index.languages import CLASS, FUNCTION, METHOD, VALUE, Language, language_of
from codegen_tasks.records import Record

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_BYTES = 1_000_000  # a larger file is data, or was generated
_MAX_LINE = 20_000  # bytes: a longer line was not written by hand
_SIGNATURE = 170  # characters of a signature that are kept
_VALUE = 100  # characters of a value that are kept
_DEPTH = 40  # nesting that is followed
_NAME = re.compile(r"[A-Za-z_$][\w$]{2,}")
_WORD = re.compile(r"[A-Za-z_]\w*")
_BLANKS = re.compile(r"\s+")
_GENERATED = re.compile(
    rb"^\s*(?://|#|/?\*|--|<!--|;).{0,80}"
    rb"(?:@generated\b|\bgenerated\b.{0,80}\bdo not (?:edit|modify)|\bauto-?generated\b)",
    re.IGNORECASE | re.MULTILINE,
)
_LINE = re.compile(
    r"^[ \t]*(?:(?:export|default|declare|public|private|protected|static|abstract|async|pub|final|open|override)\s+)*"
    r"(?P<word>def|class|interface|struct|trait|enum|type|module|func(?:\s*\([^)]*\))?|fn|fun|function\*?|const|let|var|val)"
    r"\s+(?P<name>[A-Za-z_$][\w$]*)[^\n]*",
    re.MULTILINE,
)
_WORDS = {
    **dict.fromkeys(("class", "interface", "struct", "trait", "enum", "type", "module"), CLASS),
    **dict.fromkeys(("const", "let", "var", "val"), VALUE),
}


class Definition(Record, frozen=True, array_like=True, gc=False):
    """Something with a name that other files can refer to. `parent` is the class it stands in.

    Its name stands in `line` (from 1), its body ends in `last`.
    """

    name: str
    kind: str
    line: int
    signature: str
    parent: str = ""
    last: int = 0


class Outline(Record, frozen=True, array_like=True, gc=False):
    """What one file defines and imports, and how many names it uses."""

    definitions: tuple[Definition, ...] = ()
    imports: tuple[Import, ...] = ()
    weight: int = 0


def extract(path: str, data: bytes) -> tuple[Outline, frozenset[str]]:
    """The outline of a file and the names it uses; nothing of one that nobody wrote."""
    language = language_of(path)
    if language is None or not _is_written(data):
        return Outline(), frozenset()
    text = data.decode("utf-8", "replace")
    definitions = tuple(_definitions(language, data, text))
    if not language.code:
        return Outline(definitions), frozenset()
    uses = frozenset(_NAME.findall(text))
    return Outline(definitions, find_imports(language.grammar, text), len(uses)), uses


def _is_written(data: bytes) -> bool:
    """Whether a person may have written it: no NUL, no marks of a generator, no endless line, not too large."""
    if len(data) > MAX_BYTES or b"\0" in data or _GENERATED.search(data, 0, 1000):
        return False
    return len(data) < _MAX_LINE or all(len(line) < _MAX_LINE for line in data.split(b"\n"))


def _definitions(language: Language, data: bytes, text: str) -> Iterator[Definition]:
    root = parser(language.grammar).parse(data).root_node
    found = [definition for definition, _ in walk(root, language, data)]
    if root.has_error:  # one construct that the grammar does not know can hide the rest of the file
        seen = {(d.name, d.line) for d in found}
        found += (d for d in _by_lines(text) if (d.name, d.line) not in seen)
        found.sort(key=lambda d: d.line)
    return iter(found)


@lru_cache(maxsize=64)
def parser(grammar: str) -> "Parser":
    """A parser of a grammar that the language pack holds. Raises LookupError."""
    from tree_sitter import Parser
    from tree_sitter_language_pack import get_language

    return Parser(get_language(grammar))  # type: ignore[arg-type] # a literal of hundreds of names


def walk(
    node: "Node", language: Language, data: bytes, parent: str = "", depth: int = 0
) -> Iterator[tuple[Definition, "Node"]]:
    """The definitions below a node, each with its own."""
    for child in node.named_children:
        kind = language.definitions.get(child.type)
        if kind is None:
            if child.type in language.through and depth < _DEPTH:
                yield from walk(child, language, data, parent, depth + 1)
            continue
        for name in _names(child):
            made = _definition(child, name, kind, data, parent)
            if made is None:
                continue
            if child.type != "impl_item":
                yield made, child
            if kind == CLASS and depth < _DEPTH:
                yield from _members(child, language, data, made.name, depth + 1)


def _members(
    node: "Node", language: Language, data: bytes, parent: str, depth: int
) -> Iterator[tuple[Definition, "Node"]]:
    body = node.child_by_field_name("body") or node.child_by_field_name("type")
    if body is not None:
        yield from walk(body, language, data, parent, depth)
        return
    for child in node.named_children:
        if child.type in language.through:
            yield from walk(child, language, data, parent, depth)


def _definition(node: "Node", name: "Node", kind: str, data: bytes, parent: str) -> Definition | None:
    body = body_of(node)
    if kind == VALUE and body is not None and not parent:
        kind = FUNCTION  # const f = () => {…}
    if kind == FUNCTION and parent:
        kind = METHOD
    if node.type in ("assignment_expression", "declaration", "field_declaration") and not _is_function(node, body):
        return None
    start = data.rfind(b"\n", 0, name.start_byte) + 1
    if body is not None and body.start_byte > name.end_byte:
        end = body.end_byte if data[body.start_byte : body.end_byte] == b"{}" and kind == CLASS else body.start_byte
    else:
        end = node.end_byte
    if kind == VALUE or end < name.end_byte:
        end = _line_end(data, name.end_byte)
    raw = data[start : min(end, start + 1000)].decode("utf-8", "replace")
    signature = _BLANKS.sub(" ", raw).strip().rstrip("{").rstrip()
    if (receiver := node.child_by_field_name("receiver")) is not None and (words := _WORD.findall(_text(receiver))):
        parent = words[-1]  # of a Go method
    text = _text(name).strip("\"'")
    cut = _VALUE if kind == VALUE else _SIGNATURE
    line, last = name.start_point[0] + 1, node.end_point[0] + 1
    return Definition(text, kind, line, signature[:cut], parent, last) if text else None


def _text(node: "Node") -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _line_end(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return len(data) if end < 0 else end


def body_of(node: "Node") -> "Node | None":
    """Where the signature ends: the body, that of the function a value is, or the list of a Go type's members."""
    body = node.child_by_field_name("body")
    for field in ("value", "right", "type"):
        if body is not None:
            return body
        held = node.child_by_field_name(field)
        if held is not None:
            body = held.child_by_field_name("body")
            if body is None and held.type in ("struct_type", "interface_type"):
                body = next((c for c in held.children if c.type in ("field_declaration_list", "{")), None)
    return body


def _is_function(node: "Node", body: "Node | None") -> bool:
    if node.type == "assignment_expression":
        return body is not None
    at = node.child_by_field_name("declarator")
    while at is not None:
        if at.type == "function_declarator":
            return True
        at = at.child_by_field_name("declarator")
    return False


_NAME_FIELDS = ("name", "declarator", "left", "pattern", "property", "key", "type")
_NAME_TYPES = (
    "identifier",
    "_identifier",
    "name",
    "constant",
    "_key",
    "inline",
    "string_content",
    "word",
    "string_scalar",
)


def _names(node: "Node") -> "list[Node]":
    """The nodes that hold the names a definition gives: `var a, b` gives two."""
    many = node.children_by_field_name("name")
    if len(many) > 1 and node.type in ("const_spec", "var_spec"):
        return many
    found = _named(node, 0)
    return [] if found is None else [found]


def _named(node: "Node", depth: int) -> "Node | None":
    if depth and node.type.endswith(_NAME_TYPES) and not node.named_child_count:
        return node
    if depth > 6 or node.type in ("subscript", "pattern_list", "object_pattern", "array_pattern", "attribute"):
        return None
    for field in _NAME_FIELDS:
        if (held := node.child_by_field_name(field)) is not None:
            return _named(held, depth + 1)
    for child in node.named_children:
        if child.type in ("modifiers", "modifier", "decorator", "visibility_modifier"):
            continue
        if (found := _named(child, depth + 1)) is not None:
            return found
    return None


def _by_lines(text: str) -> Iterator[Definition]:
    line, at = 1, 0
    for match in _LINE.finditer(text):
        line += text.count("\n", at, match.start("name"))
        at = match.start("name")
        kind = _WORDS.get(match["word"], FUNCTION)
        signature = _BLANKS.sub(" ", match[0]).strip().rstrip("{").rstrip()
        yield Definition(match["name"], kind, line, signature[: _VALUE if kind == VALUE else _SIGNATURE])
