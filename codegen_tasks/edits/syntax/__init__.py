"""Does a file parse? It judges text by the language of its path and knows no edits and no replies.

Where an exact parser is at hand it is the judge; elsewhere tree-sitter is, which finds errors in some valid files. So
the gate compares: a file may not have more errors after an edit than it had before.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from codegen_tasks.edits.syntax.exact import EXACT, TEMPLATE, Errors
from codegen_tasks.edits.syntax.languages import BRACKETS, COMPARED, TRUSTED, language_of
from codegen_tasks.edits.syntax.trees import LARGEST, tree_of

if TYPE_CHECKING:
    import tree_sitter

_OPENERS = {"(": ")", "[": "]", "{": "}", "${": "}", "#{": "}"}
_REMARK = re.compile(r"^\s*(?://|/\*)", re.MULTILINE)
_NOISE = re.compile(  # what is never closed reaches to the end, so that nothing is read twice
    r"/\*.*?(?:\*/|\Z)|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'"
    r"|^[ \t]*#[ \t]*(?:else|elif).*?(?:^[ \t]*#[ \t]*endif|\Z)",
    re.DOTALL | re.MULTILINE,
)
_SQL_NOISE = re.compile(
    r"--[^\n]*|#[^\n]*|/\*.*?(?:\*/|\Z)|'(?:''|\\.|[^'\\])*'|\"[^\"]*\"|`[^`]*`|\$(\w*)\$.*?(?:\$\1\$|\Z)", re.DOTALL
)
# Valid TypeScript that the grammar takes for an error: import types, generics that begin with `<<`, call signatures.
_GAPS = re.compile(r"\btypeof\s+import\(|\w<<\w|^\s*(?:<[^\n]*>)?\([^)\n]*\):\s", re.MULTILINE)


def parses(path: str, text: str) -> bool | None:
    """Whether `text` is free of syntax errors; None where nobody can tell."""
    errors = _errors(path, text)
    return None if errors is None else not errors


def gate(path: str, before: str | None, after: str) -> str | None:
    """Why `after` may not replace `before` (None: a new file): it has more syntax errors. None: it passes."""
    errors = _errors(path, after)
    known = None if before is None else _errors(path, before)
    if not errors and before is not None:
        errors, known = _new_errors(path, before, after), ()
    if not errors or (before is not None and (known is None or len(errors) <= len(known))):
        return None
    known = known or ()
    said = {what for _, what in known}
    line, what = next((error for error in errors if error[1] not in said), errors[0])
    history = "It parsed before this edit. " if before is not None and not known else ""
    return f"{path}: syntax error in line {line}: {what}. {history}Send text that is complete and parses."


def _new_errors(path: str, before: str, after: str) -> Errors:
    """The errors that a grammar finds which is believed only where it found none before."""
    language = language_of(path)
    if language not in COMPARED or max(len(before), len(after)) > LARGEST or TEMPLATE.search(before + after):
        return ()
    old, new = (tuple(_markup_errors(tree_of(language, text).root_node, text)) for text in (before, after))
    return () if old else new


def _markup_errors(root: "tree_sitter.Node", text: str) -> Iterator[tuple[int, str]]:
    """The errors of a tree, and the end tags that nothing opened."""
    yield from _tree_errors(root, text)
    for leaf in _leaves(root) if "</" in text else ():
        if leaf.type == "erroneous_end_tag_name":
            yield leaf.start_point[0] + 1, f"nothing opened what {_quoted(text, leaf.start_point[0])} closes"


@lru_cache(maxsize=64)
def _errors(path: str, text: str) -> Errors | None:
    """All errors with their lines, or None for a language that is not known."""
    language = language_of(path)
    if language is None or len(text) > LARGEST:
        return None
    text = text.removeprefix("\ufeff")
    if language in EXACT:
        errors = EXACT[language](text)
        commented = language == "json" and _REMARK.search(text)  # JSON that tools read with comments in it
        return () if errors and commented and not _errors(f"{path}c", text) else errors
    if language in TRUSTED:
        if language in {"typescript", "tsx"} and _GAPS.search(text) and _balances(text):
            return None
        return tuple(_tree_errors(tree_of(language, text).root_node, text))
    if language in BRACKETS:
        if _balances(text, _SQL_NOISE if language == "sql" else _NOISE):
            return ()
        root = tree_of(language, text).root_node
        return tuple(_bracket_errors(root, text)) if root.has_error else ()
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


def _balances(text: str, noise: re.Pattern[str] = _NOISE) -> bool:
    """Whether brackets come in pairs when macros, strings and the other branches of `#if` are not looked at."""
    bare = noise.sub("", text)
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
