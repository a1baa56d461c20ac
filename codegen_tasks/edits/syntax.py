"""Does a file parse, and what does it define? It judges text by the language of its path and knows no edits."""

import ast
from pathlib import PurePosixPath


def language_of(path: str) -> str | None:
    """The language of a path by its name, or None if it is not known."""
    return "python" if PurePosixPath(path).suffix in {".py", ".pyi"} else None


def parses(path: str, text: str) -> bool | None:
    """Whether `text` is free of syntax errors; None for a language that is not known."""
    return None if language_of(path) is None else first_error(path, text) is None


def first_error(path: str, text: str) -> tuple[int, str] | None:
    """The first syntax error: line number (from 1) and what is wrong there; None if there is none or nobody knows."""
    if language_of(path) != "python":
        return None
    try:
        ast.parse(text)
    except (SyntaxError, ValueError) as error:
        return (getattr(error, "lineno", None) or 1, str(error))
    return None


def gate(path: str, before: str | None, after: str) -> str | None:
    """Why `after` may not replace `before` (None: a new file): it has more syntax errors. None: it passes."""
    error = first_error(path, after)
    if error is None or (before is not None and first_error(path, before) is not None):
        return None
    return f"{path}: line {error[0]} does not parse: {error[1]}"


def public_definitions(path: str, text: str) -> frozenset[str]:
    """The names a file defines for others: dotted, `Class.method`; empty for a language that is not known."""
    if language_of(path) != "python" or first_error(path, text) is not None:
        return frozenset()
    return frozenset(
        node.name
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
    )
