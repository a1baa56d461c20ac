"""Syntax errors of Python, JSON, TOML, YAML and XML by the parsers that decide. It knows texts and no paths.

Each tells the first error; none where the text is nested so deep that nobody can tell.
"""

import json
import re
import symtable
import tomllib
import warnings
from itertools import accumulate
from xml.parsers import expat

from codegen_tasks.edits.syntax.trees import tree_of

Errors = tuple[tuple[int, str], ...]  # each with its line, from 1

DEEPEST = 500  # brackets in brackets: a parser of YAML looks at all of them again at each step
_PARTS = re.compile(
    r"(?<![\w\"'.-])(?:[\w\"'-]++\s?\.\s?){99}"
)  # of one key, which are all looked up again at each of them
TEMPLATE = re.compile(r"\{\{|\{%|<%")
# What newer versions of Python allow and this one may not: type statements, generics in brackets, except without ().
_SURE = re.compile("indent|never closed|unterminated|unmatched|does not match")
_NEWER = re.compile(
    r"^\s*(?:type\s+\w+|(?:async\s+)?(?:def|class)\s+\w+\s*\[|except\*?\s+\w[\w.]*\s*,)|\b[fFtT]['\"]", re.M
)


def _python(text: str) -> Errors:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            symtable.symtable(text, "", "exec")  # reads as the compiler does, and makes no objects of the tree
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        message = getattr(error, "msg", None) or str(error)
        if not _SURE.search(message) and _NEWER.search(text) and not tree_of("python", text).root_node.has_error:
            return ()
        return ((getattr(error, "lineno", None) or 1, message),)
    return ()


def _json(text: str) -> Errors:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return ((error.lineno, error.msg),)
    except RecursionError:
        return ()
    return ()


def _toml(text: str) -> Errors:
    if _PARTS.search(text):
        return ()
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        return ((int(at.group(1)) if at else text.count("\n") + 1, str(error)),)
    except RecursionError:
        return ()
    return ()


def _yaml(text: str) -> Errors:
    if TEMPLATE.search(text) or _depth(text) > DEEPEST:
        return ()
    import yaml

    try:
        for _ in yaml.parse(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            pass
    except yaml.MarkedYAMLError as error:
        return ((error.problem_mark.line + 1 if error.problem_mark else 1, error.problem or "not YAML"),)
    except yaml.YAMLError as error:
        return ((1, str(error)),)
    return ()


def _xml(text: str) -> Errors:
    if TEMPLATE.search(text):
        return ()
    parser = expat.ParserCreate("utf-8")
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        return ((error.lineno, expat.ErrorString(error.code)),)
    return ()


def _depth(text: str) -> int:
    """How deep brackets are nested at most, if all of them count."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return 0
    steps = (1 if bracket in "[{" else -1 for bracket in re.findall(r"[\[\]{}]", text))
    return max(accumulate(steps))


EXACT = {"python": _python, "json": _json, "toml": _toml, "yaml": _yaml, "xml": _xml}
