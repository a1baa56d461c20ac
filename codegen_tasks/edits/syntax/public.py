"""The public names a file defines, dotted (`Class.method`), told by its syntax tree. It knows one text at a time."""

import re
from typing import TYPE_CHECKING

from codegen_tasks.edits.syntax.languages import TRUSTED, language_of
from codegen_tasks.edits.syntax.trees import LARGEST, tree_of

if TYPE_CHECKING:
    import tree_sitter

_DEFINES = re.compile(
    r"(?:function|method|class|struct|enum|interface|trait|object|type_alias|type)_?\w*"
    r"(?:definition|declaration|item|spec|signature)$|^(?:class|module|method|singleton_method)$"
)
_HOLDS = re.compile(
    r"(?:body|block|body_statement|decorated_definition|export_statement|declaration|namespace\w*|module|impl_item|list|export)$"
)


def public_definitions(path: str, text: str) -> frozenset[str]:
    """The names a file defines for others, dotted (`Class.method`); empty for a language that is not known.

    Private by the language's own custom does not count: `_name`, a lower-case Go name, `private`, no `pub`, no export.
    """
    language = language_of(path)
    if language not in TRUSTED | {"python", "csharp"} or len(text) > LARGEST:
        return frozenset()
    names = set[str]()
    waiting = [(tree_of(language, text).root_node, "")]
    while waiting:
        node, prefix = waiting.pop()
        for child in node.named_children:
            name = child.child_by_field_name("name")
            if not _DEFINES.search(child.type) or name is None or name.text is None:
                if _HOLDS.search(child.type):
                    waiting.append((child, prefix))
                continue
            full = prefix + name.text.decode("utf-8", "replace")
            if _is_public(language, child, full.rpartition(".")[2]):
                names.add(full)
                waiting.append((child, f"{full}."))
    return frozenset(names)


def _is_public(language: str, node: "tree_sitter.Node", name: str) -> bool:
    head = (node.text or b"")[:80].decode("utf-8", "replace").split("{")[0]
    if language == "go":
        return name[:1].isupper()
    if language == "rust":
        return head.startswith("pub")
    if language in {"javascript", "typescript", "tsx"}:
        outer = node.parent and node.parent.type in {"export_statement", "class_body", "interface_body"}
        return bool(outer) and not name.startswith(("_", "#")) and not head.startswith("private")
    return not name.startswith("_") and not re.search(r"\b(?:private|fileprivate)\b", head)
