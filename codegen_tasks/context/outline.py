"""A file without its bodies: signatures with the documentation that stands at them, in the file's own words and order.

What a definition does inside leaves no trace here, so a change of it changes no byte.
"""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:  # the index is imported where a result is missing
    from tree_sitter import Node

    from codegen_tasks.context.index import Definition

_FIELDS = {"public_field_definition": "value", "property_signature": "value"}
_ALL_INTERFACE = {("go", "type_spec"), ("rust", "struct_item"), ("rust", "enum_item")} | {
    (grammar, node) for grammar in ("typescript", "tsx") for node in ("interface_declaration", "type_alias_declaration")
}  # nothing in them is a body
_WRAPPERS = ("export_statement", "decorated_definition", "lexical_declaration", "variable_declaration",
             "type_declaration", "ambient_declaration")  # fmt: skip


def interface(path: str, data: bytes) -> bytes | None:
    """The definitions of a file with signatures and documentation; None where its language is not known."""
    return _outlined(path, data, ())


def outline(path: str, data: bytes, whole: Collection[str]) -> bytes | None:
    """The same, but definitions that `whole` names stand in full. None where there is nothing to go by."""
    return _outlined(path, data, whole)


def _outlined(path: str, data: bytes, whole: Collection[str]) -> bytes | None:
    from codegen_tasks.context.index.extract import MAX_BYTES, body_of, parser, walk
    from codegen_tasks.context.index.languages import language_of

    language = language_of(path)
    if language is None or not language.code or len(data) > MAX_BYTES:
        return None
    root = parser(language.grammar).parse(data).root_node
    if root.has_error:
        return None
    with_fields = msgspec.structs.replace(language, definitions={**language.definitions, **_FIELDS})
    parts, done = [], 0
    for definition, node in walk(root, with_fields, data):
        if node.end_byte <= done:
            continue  # inside one that stands in full
        full = definition.name in whole or (language.grammar, node.type) in _ALL_INTERFACE
        if full:
            done = node.end_byte
        parts.append(_part(definition, node, data, body_of(node), full))
    return b"".join(parts) if parts else None


def _part(definition: "Definition", node: "Node", data: bytes, body: "Node | None", full: bool) -> bytes:
    above = b"".join(_lines(data, one) for one in _above(node))
    blank = b"" if definition.parent or definition.kind == "value" else b"\n"
    if full:
        return blank + above + _lines(data, node)
    if definition.kind == "value" and body is None:
        return above + data[_line_start(data, node) :].split(b"\n", 1)[0].rstrip() + b"\n"
    end = body.start_byte if body is not None else node.end_byte
    inside = b"".join(_lines(data, one) for one in _documentation(body))
    return blank + above + data[_line_start(data, node) : end].rstrip().rstrip(b"{").rstrip() + b"\n" + inside


def _above(node: "Node") -> "list[Node]":
    """Comments and decorators that stand right above a definition."""
    top = node
    while top.parent is not None and top.parent.type in _WRAPPERS:
        top = top.parent
    found = [child for child in top.named_children if child.type == "decorator"]
    before = top.prev_named_sibling
    while before is not None and "comment" in before.type and before.end_point[0] + 1 >= top.start_point[0]:
        found.insert(0, before)
        top, before = before, before.prev_named_sibling
    return found


def _documentation(body: "Node | None") -> "Iterator[Node]":
    """A docstring at the beginning of a body."""
    first = body.named_children[0] if body is not None and body.named_children else None
    if first is not None and first.type == "expression_statement" and first.named_children:
        first = first.named_children[0]
    if first is not None and first.type == "string":
        yield first


def _lines(data: bytes, node: "Node") -> bytes:
    """The whole lines a node stands in."""
    end = data.find(b"\n", node.end_byte)
    return data[_line_start(data, node) : len(data) if end < 0 else end].rstrip() + b"\n"


def _line_start(data: bytes, node: "Node") -> int:
    return data.rfind(b"\n", 0, node.start_byte) + 1
