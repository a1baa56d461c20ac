"""What stands at a line of a text: a quotation, an error, or dots that mean something. It asks the syntax tree."""

import ast
from collections.abc import Iterator
from enum import IntEnum
from typing import TYPE_CHECKING

from codegen_tasks.edits.languages import is_prose, language_of
from codegen_tasks.edits.remarks import DOTS, KEY
from codegen_tasks.edits.syntax import tree_of

if TYPE_CHECKING:
    import tree_sitter

_BY_CONTRACT = {"Protocol", "ABC", "ABCMeta", "Interface"}
_STRINGS = ("string", "heredoc", "block_scalar")
_TEXTS = {"text", "jsx_text"}


def is_quoted(path: str, text: str, row: int, remark: str = "") -> bool:
    """Whether a remark in line `row` (from 0) is none: it is part of a string, of a page's text, or quoted in prose."""
    lines = text.split("\n")
    if is_prose(path):
        fences = sum(line.lstrip().startswith(("```", "~~~")) for line in lines[:row])
        return fences % 2 == 1 or lines[row].startswith(("    ", "\t", ">"))
    language = language_of(path)
    if language is None:
        return False
    for node in _chain_at(language, text, row, remark):
        if "comment" in node.type.lower() or node.type == "ERROR":
            return False
        if node.type in _TEXTS:
            return DOTS.fullmatch(lines[row].strip()) is None
        if any(word in node.type for word in _STRINGS):
            return node.start_point[0] < row or KEY.match(lines[row].strip()) is None
    return False


def comment_rows(path: str, text: str, row: int) -> range:
    """The lines (from 0) of the one comment that line `row` lies in; empty if it lies in none or nobody knows."""
    language = language_of(path)
    if language is None or is_prose(path):
        return range(0)
    comments = (node for node in _chain_at(language, text, row) if "comment" in node.type.lower())
    return next((range(node.start_point[0], node.end_point[0] + 1) for node in comments), range(0))


def is_error(path: str, text: str, row: int) -> bool:
    """Whether the grammar makes no sense of line `row` (from 0); False for a language that is not known."""
    language = language_of(path)
    return language is not None and any(
        node.parent and (node.type == "ERROR" or node.is_missing) for node in _chain_at(language, text, row)
    )


def _chain_at(language: str, text: str, row: int, remark: str = "") -> "Iterator[tree_sitter.Node]":
    """The node at the first character of a line, or of a remark in it, and all nodes around it, the innermost first."""
    line = text.split("\n")[row]
    start = max(line.find(remark), 0) or len(line) - len(line.lstrip())
    column = len(line[:start].encode("utf-8", "surrogateescape"))
    node = tree_of(language, text).root_node.descendant_for_point_range((row, column), (row, column + 1))
    while node is not None:
        yield node
        node = node.parent


class Dots(IntEnum):
    """What `...` is in a line of Python: meant, all of a class or branch, all of a function, one of many."""

    MEANT = 0
    BLOCK = 1
    BODY = 2
    LOST = 3


def python_dots(path: str, text: str, row: int) -> Dots:
    """What the statement `...` in line `row` (from 0) is, at worst. In a stub file and as a value it is meant.

    A body is meant where nothing else is to be said: interfaces, overloads, decorated functions, `with` and `except`.
    """
    if path.endswith(".pyi"):
        return Dots.MEANT
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return Dots.MEANT  # the gate says what is wrong
    return max(map(_meaning, _statements(tree, row + 1)), default=Dots.MEANT)


def _statements(tree: ast.Module, line: int) -> list[list[ast.AST]]:
    """The chain of nodes down to each statement `...` of a line."""
    found = list[list[ast.AST]]()
    waiting: list[list[ast.AST]] = [[tree]]
    while waiting:
        chain = waiting.pop()
        for node in ast.iter_child_nodes(chain[-1]):
            if isinstance(node, ast.Expr) and node.lineno == line and _is_dots(node):
                found.append(chain)
            elif isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
                waiting.append([*chain, node])
    return found


def _is_dots(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...


def _meaning(chain: list[ast.AST]) -> Dots:
    owner = chain[-1]
    if isinstance(owner, ast.Module) or sum(not _is_text(node) for node in getattr(owner, "body", ())) > 1:
        return Dots.LOST
    if isinstance(owner, ast.With | ast.AsyncWith | ast.Try | ast.ExceptHandler) or any(map(_is_contract, chain)):
        return Dots.MEANT
    if isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef):
        return Dots.MEANT if owner.decorator_list else Dots.BODY
    return Dots.BLOCK


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_contract(node: ast.AST) -> bool:
    """A protocol, an abstract class, or a branch for type checkers."""
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    if not isinstance(node, ast.ClassDef):
        return False
    parents = [*node.bases, *(keyword.value for keyword in node.keywords)]
    return any(name in ast.unparse(parent) for parent in parents for name in _BY_CONTRACT)
