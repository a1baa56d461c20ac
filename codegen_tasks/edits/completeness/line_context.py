"""What stands at a line of a text: a quotation, an error, or dots that mean something. It asks the syntax tree."""

import ast
import re
from bisect import bisect_left, bisect_right
from enum import IntEnum
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from codegen_tasks.edits.completeness.remarks import DOTS, is_comment
from codegen_tasks.edits.syntax.languages import is_prose, language_of
from codegen_tasks.edits.syntax.trees import LARGEST, tree_of
from codegen_tasks.edits.view import depth_of

if TYPE_CHECKING:
    import tree_sitter

BRIEF = 80  # characters of code that may do nothing
BY_CONTRACT = re.compile(r"Protocol|ABC|Abstract|Interface")
_IDLE = re.compile(  # code that gives no value or an empty one
    r"(?:.*(?:[:=\[{]|=>|->|\breturn))? ?(?P<value>pass|\[?(?:\.{3}|…)\]?|null|nil|None|undefined|\{ ?\}|\[ ?\]"
    r"|\"\"|''|0(?:\.0)?|(?:raise|throw)\b.*|\w+!\(\))?[ )}\];,]*"
)
_STRINGS = ("string", "heredoc", "block_scalar")
_PLAIN = "string_scalar"  # of YAML: text without quotes
_TEXTS = {"text", "jsx_text"}


class Dots(IntEnum):
    """What `...` is in a line of Python: meant, all of a class or branch, all of a function, one of many."""

    MEANT = 0
    BLOCK = 1
    BODY = 2
    LOST = 3


class LineContext:
    """A text of a path, and what its lines (from 0) are. Whatever takes a look at the whole text is done once."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.lines = text.split("\n")
        self.language = language_of(path) if len(text) <= LARGEST else None

    def is_quoted(self, row: int, remark: str = "") -> bool:
        """Whether a remark in a line is none: it is part of a string, of a page's text, or quoted in prose."""
        line = self.lines[row]
        if is_prose(self.path):
            return self._fenced[row] or line.startswith(("    ", "\t", ">"))
        for node in self._chain(row, remark):
            if "comment" in node.type.lower() or node.type == "ERROR":
                return False
            if node.type in _TEXTS:
                return DOTS.fullmatch(line.strip()) is None
            if any(word in node.type for word in _STRINGS) and node.type != _PLAIN:
                return True
        return False

    def comment_rows(self, row: int) -> range:
        """The lines of the one comment that a line lies in; empty if it lies in none or nobody knows."""
        if is_prose(self.path):
            return range(0)
        comments = (node for node in self._chain(row) if "comment" in node.type.lower())
        return next((range(node.start_point[0], node.end_point[0] + 1) for node in comments), range(0))

    def comments_around(self, row: int) -> range:
        """The lines of nothing but comment that a line stands among."""
        return range(row, row + 1) if is_prose(self.path) else self._runs[row]

    def code_after(self, row: int) -> str | None:
        """The next line that is neither blank nor nothing but comment."""
        return next((self.lines[at] for at in self._code[bisect_right(self._code, row) :][:1]), None)

    def code_before(self, row: int) -> str | None:
        """The line before that is neither blank nor nothing but comment."""
        return next((self.lines[at] for at in self._code[: bisect_left(self._code, row)][-1:]), None)

    def is_idle(self, row: int, remark: str) -> bool:
        """Whether the code before a remark does nothing: it is no value, or a heading that nothing stands under."""
        beside = " ".join(self.lines[row].partition(remark)[0].rstrip(" /*#<!-").split())
        code = _IDLE.fullmatch(beside) if len(beside) <= BRIEF else None
        below = self.code_after(row)
        opens = below is not None and depth_of(below) > depth_of(self.lines[row])
        return code is not None and (code["value"] is not None or not opens)

    def is_error(self, row: int) -> bool:
        """Whether the grammar makes no sense of a line; False for a language that is not known."""
        return any(node.type == "ERROR" or node.is_missing for node in self._chain(row)[:-1])

    def dots(self, row: int) -> Dots:
        """What the statement `...` in a line of Python is, at worst. In a stub file and as a value it is meant.

        A body is meant where nothing else is to be said: interfaces, overloads, decorated functions, `with`, `except`.
        """
        return self._dots.get(row + 1, Dots.MEANT)

    def is_statement(self, row: int) -> bool:
        """Whether dots in a line of Python are a statement, not an item of a list."""
        return row + 1 in self._dots

    @cached_property
    def _fenced(self) -> list[bool]:
        """Whether each line of a Markdown text comes after a fence that opens."""
        inside, found = False, list[bool]()
        for line in self.lines:
            found.append(inside)
            inside ^= line.lstrip().startswith(("```", "~~~"))
        return found

    @cached_property
    def _code(self) -> list[int]:
        return [at for at, line in enumerate(self.lines) if line.strip() and not is_comment(line)]

    @cached_property
    def _runs(self) -> list[range]:
        """For each line the lines around it that are comments, too."""
        found = list[range]()
        for commented, rows in groupby(range(len(self.lines)), key=lambda at: is_comment(self.lines[at])):
            run = list(rows)
            found += [range(run[0], run[-1] + 1) if commented else range(at, at + 1) for at in run]
        return found

    def _chain(self, row: int, remark: str = "") -> "list[tree_sitter.Node]":
        """The node at the first character of a line, or of a remark in it, and all nodes around it, innermost first."""
        if self.language is None:
            return []
        line = self.lines[row]
        start = max(line.find(remark), 0) or depth_of(line)
        point = (row, len(line[:start].encode("utf-8", "surrogateescape")))
        cursor = tree_of(self.language, self.text).walk()
        chain = [cursor.node]
        while cursor.goto_first_child_for_point(point) is not None:
            while cursor.node and cursor.node.end_point <= point and cursor.goto_next_sibling():
                pass  # a neighbour that ends just before the point is offered as well
            if cursor.node is None or not cursor.node.start_point <= point < cursor.node.end_point:
                break
            chain.append(cursor.node)
        return [node for node in reversed(chain) if node]

    @cached_property
    def _dots(self) -> dict[int, Dots]:
        """What the statements `...` of each line (from 1) of a Python text are."""
        if self.path.endswith(".pyi"):
            return {}
        try:
            tree = ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {}  # the gate says what is wrong
        found = dict[int, Dots]()
        waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
        contracts = set[str]()
        for owner, around in waiting:  # it grows on the way: classes come in the order in which they are written
            promised = around or _is_contract(owner, contracts)
            for node in ast.iter_child_nodes(owner):
                if isinstance(node, ast.Expr) and _is_dots(node):
                    found[node.lineno] = max(found.get(node.lineno, Dots.MEANT), _meaning(owner, promised))
                elif isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
                    waiting.append((node, promised))
        return found


def _is_dots(node: ast.Expr) -> bool:
    return isinstance(node.value, ast.Constant) and node.value.value is ...


def _meaning(owner: ast.AST, promised: bool) -> Dots:
    if isinstance(owner, ast.Module) or sum(not _is_text(node) for node in getattr(owner, "body", ())) > 1:
        return Dots.LOST
    if isinstance(owner, ast.With | ast.AsyncWith | ast.ExceptHandler) or promised:
        return Dots.MEANT
    if isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef):
        return Dots.MEANT if owner.decorator_list else Dots.BODY
    return Dots.BLOCK


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_contract(node: ast.AST, contracts: set[str]) -> bool:
    """A protocol, an abstract class or one made from such, or a branch for type checkers."""
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    if not isinstance(node, ast.ClassDef):
        return False
    parents = " ".join(map(ast.unparse, [*node.bases, *(keyword.value for keyword in node.keywords)]))
    if contracts.isdisjoint(re.findall(r"\w+", parents)) and not BY_CONTRACT.search(parents):
        return False
    contracts.add(node.name)
    return True
