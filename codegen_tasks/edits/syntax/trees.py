"""Syntax trees of texts, with errors where a text has some. It knows grammars and judges nothing."""

import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import tree_sitter

LARGEST = 2_000_000  # characters; a larger file is not source that somebody wrote
_OPEN = 100  # comments that are never closed: for each of them a parser looks for the end of the text
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_parsers = threading.local()


def tree_of(language: str, text: str) -> "tree_sitter.Tree":
    """The syntax tree of `text`, with errors where it has some. Each thread keeps its parsers and its last tree."""
    kept = _parsers.__dict__
    if language not in kept:
        import tree_sitter_language_pack as pack

        get_parser = cast("Callable[[str], Any]", pack.get_parser)  # typed for 173 literals; ours come from a table
        kept[language] = get_parser("json" if language == "jsonc" else language)
    if kept.get("last text") != (language, text):
        kept["last tree"] = kept[language].parse(_prepared(language, text).encode("utf-8", "surrogateescape"))
        kept["last text"] = (language, text)
    tree: tree_sitter.Tree = kept["last tree"]
    return tree


def _prepared(language: str, text: str) -> str:
    """The text without what a grammar takes squared time for; all else stands at the same lines and columns."""
    if language == "python":
        return _COMMENT.sub("", text)  # at each line of comment it looks for the next line of code
    return text.replace("/*", "  ") if text.count("/*") > text.count("*/") + _OPEN else text
