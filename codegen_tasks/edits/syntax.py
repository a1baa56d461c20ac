"""Does a file parse? It judges text by the language of its path and knows no edits and no replies.

Where an exact parser is at hand it is the judge; elsewhere tree-sitter is, which finds errors in some valid files. So
the gate compares: a file may not have more errors after an edit than it had before.
"""

import ast
import json
import re
import threading
import tomllib
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from codegen_tasks.edits.languages import BRACKETS, TRUSTED, language_of

if TYPE_CHECKING:
    import tree_sitter

Errors = tuple[tuple[int, str], ...]

LARGEST = 2_000_000  # characters; a larger file is not source that somebody wrote
_OPENERS = {"(": ")", "[": "]", "{": "}", "${": "}", "#{": "}"}
_TEMPLATE = re.compile(r"\{\{|\{%|<%")
# What newer versions of Python allow and this one may not: type statements, generics in brackets, except without ().
_SURE = re.compile("indent|never closed|unterminated|unmatched|does not match")
_NEWER = re.compile(
    r"^\s*(?:type\s+\w+|(?:async\s+)?(?:def|class)\s+\w+\s*\[|except\*?\s+\w[\w.]*\s*,)|\b[fFtT]['\"]", re.M
)
_DEFINES = re.compile(
    r"(?:function|method|class|struct|enum|interface|trait|object|type_alias|type)_?\w*"
    r"(?:definition|declaration|item|spec|signature)$|^(?:class|module|method|singleton_method)$"
)
_HOLDS = re.compile(
    r"(?:body|block|body_statement|decorated_definition|export_statement|declaration|namespace\w*|module|impl_item|list|export)$"
)
_REMARK = re.compile(r"^\s*(?://|/\*)", re.MULTILINE)
_NOISE = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'"
    r"|^[ \t]*#[ \t]*(?:else|elif).*?^[ \t]*#[ \t]*endif",
    re.DOTALL | re.MULTILINE,
)
# Valid TypeScript that the grammar takes for an error: import types, generics that begin with `<<`, call signatures.
_GAPS = re.compile(r"\btypeof\s+import\(|\w<<\w|^\s*(?:<[^\n]*>)?\([^)\n]*\):\s", re.MULTILINE)
_parsers = threading.local()


def parses(path: str, text: str) -> bool | None:
    """Whether `text` is free of syntax errors; None where nobody can tell."""
    errors = _errors(path, text)
    return None if errors is None else not errors


def first_error(path: str, text: str) -> tuple[int, str] | None:
    """The first syntax error: line number (from 1) and what is wrong there; None if there is none or nobody knows."""
    return next(iter(_errors(path, text) or ()), None)


def gate(path: str, before: str | None, after: str) -> str | None:
    """Why `after` may not replace `before` (None: a new file): it has more syntax errors. None: it passes."""
    errors = _errors(path, after)
    if not errors:
        return None
    known = () if before is None else _errors(path, before)
    if known is None or len(errors) <= len(known):
        return None
    said = {what for _, what in known}
    line, what = next((error for error in errors if error[1] not in said), errors[0])
    history = "It parsed before this edit. " if before is not None and not known else ""
    return f"{path}: syntax error in line {line}: {what}. {history}Send text that is complete and parses."


def tree_of(language: str, text: str) -> "tree_sitter.Tree":
    """The syntax tree of `text`, with errors where it has some. Each thread keeps its parsers and its last tree."""
    kept = _parsers.__dict__
    if language not in kept:
        import tree_sitter_language_pack as pack

        get_parser = cast("Callable[[str], Any]", pack.get_parser)  # typed for 173 literals; ours come from a table
        kept[language] = get_parser("json" if language == "jsonc" else language)
    if kept.get("last text") != (language, text):
        kept["last tree"] = kept[language].parse(text.encode("utf-8", "surrogateescape"))
        kept["last text"] = (language, text)
    tree: tree_sitter.Tree = kept["last tree"]
    return tree


@lru_cache(maxsize=64)
def _errors(path: str, text: str) -> Errors | None:
    """All errors with their lines, or None for a language that is not known."""
    language = language_of(path)
    if language is None or len(text) > LARGEST:
        return None
    text = text.removeprefix("\ufeff")
    if language in {"python", "json", "toml", "yaml"}:
        error = {"python": _python, "json": _json, "toml": _toml, "yaml": _yaml}[language](text)
        commented = language == "json" and _REMARK.search(text)  # JSON that tools read with comments in it
        return () if error is None or (commented and not _errors(f"{path}c", text)) else (error,)
    if language in TRUSTED:
        if language in {"typescript", "tsx"} and _GAPS.search(text) and _balances(text):
            return None
        return tuple(_tree_errors(tree_of(language, text).root_node, text))
    if language in BRACKETS:
        root = tree_of(language, text).root_node
        return tuple(_bracket_errors(root, text)) if root.has_error and not _balances(text) else ()
    return None


def _python(text: str) -> tuple[int, str] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        message = getattr(error, "msg", None) or str(error)
        if not _SURE.search(message) and _NEWER.search(text) and not tree_of("python", text).root_node.has_error:
            return None
        return getattr(error, "lineno", None) or 1, message
    return None


def _json(text: str) -> tuple[int, str] | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno, error.msg
    except RecursionError:
        return None
    return None


def _toml(text: str) -> tuple[int, str] | None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        return int(at.group(1)) if at else text.count("\n") + 1, str(error)
    return None


def _yaml(text: str) -> tuple[int, str] | None:
    if _TEMPLATE.search(text):
        return None
    import yaml

    try:
        for _ in yaml.parse(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            pass
    except yaml.MarkedYAMLError as error:
        return error.problem_mark.line + 1 if error.problem_mark else 1, error.problem or "not YAML"
    except yaml.YAMLError as error:
        return 1, str(error)
    return None


def _tree_errors(root: "tree_sitter.Node", text: str) -> Iterator[tuple[int, str]]:
    """Each outermost error node, in the order of the text."""
    waiting = [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        if node.is_missing:
            yield node.start_point[0] + 1, f"`{node.type}` is missing"
        elif node.type == "ERROR":
            yield node.start_point[0] + 1, _quoted(text, node.start_point[0])
        elif node.has_error:
            waiting.extend(reversed(node.children))


def _bracket_errors(root: "tree_sitter.Node", text: str) -> Iterator[tuple[int, str]]:
    """The first bracket that does not close or was never opened. Brackets in strings and comments are no tokens."""
    opened = list["tree_sitter.Node"]()
    for leaf in _leaves(root):
        if leaf.type in _OPENERS and not leaf.is_missing:
            opened.append(leaf)
        elif leaf.type not in {")", "]", "}"} or leaf.is_missing:
            continue
        elif not opened or _OPENERS[opened.pop().type] != leaf.type:
            yield leaf.start_point[0] + 1, f"`{leaf.type}` closes nothing: {_quoted(text, leaf.start_point[0])}"
            return
    if opened:
        row = opened[-1].start_point[0]
        yield row + 1, f"`{opened[-1].type}` is never closed: {_quoted(text, row)}"


def _balances(text: str) -> bool:
    """Whether brackets come in pairs when macros, strings and the other branches of `#if` are not looked at."""
    bare = _NOISE.sub("", text)
    return all(bare.count(opener) == bare.count(closer) for opener, closer in ("()", "[]", "{}"))


def _leaves(root: "tree_sitter.Node") -> Iterator["tree_sitter.Node"]:
    cursor = root.walk()
    while True:
        if cursor.goto_first_child():
            continue
        if cursor.node is not None:
            yield cursor.node
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def _quoted(text: str, row: int) -> str:
    lines = text.split("\n")
    return f"`{lines[row].strip()[:80]}`" if row < len(lines) and lines[row].strip() else "the file ends too early"


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
