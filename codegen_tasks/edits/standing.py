"""What stands at a line of a text: a quotation, an error, or dots that mean something. It asks the syntax tree."""

import ast
from typing import TYPE_CHECKING

from codegen_tasks.edits.languages import is_prose, language_of
from codegen_tasks.edits.syntax import tree_of

if TYPE_CHECKING:
    import tree_sitter

_BY_CONTRACT = {"Protocol", "ABC", "ABCMeta", "Interface"}
_STRINGS = ("string", "heredoc", "template_string", "raw_text", "block_scalar")


def is_quoted(path: str, text: str, row: int) -> bool:
    """Whether line `row` (from 0) lies inside a string or comment of several lines or, in prose, inside a quotation."""
    lines = text.split("\n")
    if is_prose(path):
        fences = sum(line.lstrip().startswith(("```", "~~~")) for line in lines[:row])
        return fences % 2 == 1 or lines[row].startswith(("    ", "\t", ">"))
    language = language_of(path)
    if language is None:
        return False
    node: tree_sitter.Node | None = _node_at(language, text, row)
    while node is not None:
        spans = node.start_point[0] < row
        if spans and (any(word in node.type for word in _STRINGS) or node.type == "comment"):
            return True
        node = node.parent
    return False


def is_error(language: str, text: str, row: int) -> bool:
    """Whether the grammar makes no sense of line `row` (from 0)."""
    node: tree_sitter.Node | None = _node_at(language, text, row)
    while node is not None and node.parent is not None:
        if node.type == "ERROR" or node.is_missing:
            return True
        node = node.parent
    return False


def _node_at(language: str, text: str, row: int) -> "tree_sitter.Node | None":
    line = text.split("\n")[row]
    column = len(line[: len(line) - len(line.lstrip())].encode())
    return tree_of(language, text).root_node.descendant_for_point_range((row, column), (row, column + 1))


def is_stub(path: str, text: str, line: int) -> bool:
    """Whether `...` in `line` (from 1) of a Python file is all there is to say: an interface, an overload, a default.

    True as well for a file that does not parse, and for dots that are a value and not a statement.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return True
    if path.endswith(".pyi"):
        return True
    return all(_says_all(parents) for parents in _statements(tree, line))


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


def _says_all(chain: list[ast.AST]) -> bool:
    owner = chain[-1]
    body = [node for node in getattr(owner, "body", []) if not _is_text(node)]
    if isinstance(owner, ast.Module) or len(body) > 1:
        return False
    if not isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef):
        return True
    return bool(owner.decorator_list) or any(map(_is_contract, chain)) or _is_text(owner.body[0])


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
