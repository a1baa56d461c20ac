"""The names a text defines, told by its lines: in any language, also in a part of a file that does not parse."""

import re

_WORDS = (
    "class|const|def|defp|defmodule|enum|extension|fn|fun|func|function|impl|interface|let|macro_rules!|mod|module|namespace"
    "|object|protocol|record|struct|sub|trait|type|typedef|union|val|var|TABLE|VIEW|FUNCTION|PROCEDURE|INDEX|TRIGGER"
)
_VERBS = (
    "assert|await|case|catch|delete|do|echo|elif|else|except|for|if|lock|match|new|print|raise|return|switch|throw"
    "|using|while|with|yield"
)
_DEFINED = re.compile(
    rf"\b(?:{_WORDS})[ \t]++(?:IF NOT EXISTS )?[\"'`*&]?(?:\([^()\n]{{0,80}}\) ?)?(?:self\.)?([^\W\d]\w*)"
    rf"|^[ \t]*+(?!(?:{_VERBS})\b)"
    r"(?:[\w<>\[\],.?*&:]++[ \t]++){1,6}+[*&]?([^\W\d]\w*)\([^;\n]{0,200}(?:\{|$)"  # int main(...) {
    r"|^[ \t]*+(?:async |static |get |set |#)?([^\W\d]\w*)[ \t]*+\([^;\n]{0,200}\)[^;\n=]{0,80}\{[ \t]*$",  # render() {
    re.MULTILINE,
)
_ASSIGNED = re.compile(r"^[ \t]*+([^\W\d]\w*)[ \t]*+(?:=|:(?!:))", re.MULTILINE)
_NO_NAMES = {*_VERBS.split("|"), *_WORDS.split("|")}


def defined(text: str) -> set[str]:
    """Names of functions, types and the like that a text defines, each without what it belongs to."""
    return {name for groups in _DEFINED.findall(text) for name in groups if name} - _NO_NAMES


def named(text: str) -> set[str]:
    """Names that definitions, assignments and keys of a text give."""
    return defined(text) | set(_ASSIGNED.findall(text))
