"""The remarks of a line: its comments without their marks, and lines that are no code. It judges none of them."""

import re
from typing import NamedTuple

DOTS = re.compile(r"\s*[\[(<{*_]{0,2}\s*(?:\.{3,6}|…|\. \. \.|⋮)[\s\])>}*_,;]*")
_OPENERS = (
    r"<!--|\{/\*|/\*+|\{-|--\[=*\[|\(\*(?!\))|\{#|<%--|@\*|///?!?|--+(?=[\s.…(\[])|#(?![!\[({]|include\b|define\b|if|endif|else|pragma\b|region\b|endregion\b)+"
    r"|;+(?=\s)|%+(?=\s)|\*(?=\s)|\brem\s"
)
_OPENS = re.compile(rf"\s*(?:{_OPENERS})", re.IGNORECASE)
_CLOSES = re.compile(r"\s*(?:\*/\}?|-->|-\}|\]=*\]|\*\)|#\}|--%>|\*@)\s*$")
_AGAIN = re.compile(r"^\s*(?://|#)(?=\s)")  # a comment in a comment: a line of another language, quoted
_INSIDE = re.compile(
    r"/\*(?P<a>.*?)\*/|<!--(?P<b>.*?)-->|(?<![\w:'\"/])//(?P<c>.*)$|(?<=\s)#(?P<d>[\s.…(\[].*)$|(?<=\s)--\s(?P<e>.*)$"
)
_ROW = re.compile(r"\|(?:\s*(?:\.{3}|…)\s*\|)+")  # of a table, with nothing but dots
_STRESSED = re.compile(r"([*_]{1,2})[^*_|]+\1")
_BARE = re.compile(r"(?:\.{3,}|…)\s+\S.*|[*_]*[\[(<](?=.*\s)[\w\s.…,:;'`-]*[\])>]\.?[*_]*")
_ASIDE = re.compile(r"[*_]*[\[(]\w+[\])]\.?[*_]*")
_VALUE = re.compile(  # dots for a key, for a value, for a clause of a query
    r"(?:^|[{,])\s*[\"'](?:\.{3}|…)[\"']\s*:|^[\"']?[\w.-]+[\"']?:\s+(?:\.{3}|…)$|^(?:select|values|from|where|set)\s+(?:\.{3}|…)",
    re.IGNORECASE,
)
_DOTTED_ITEM = re.compile(r"[\[,]\s*([\"'])(?:\.{3}|…)\1\s*[,\]]")
_NOTE = re.compile(r"[\"'](?://|_+comments?|#)[\"']\s*:\s*[\"']([^\"']+)[\"']\s*[,}]?$", re.IGNORECASE)
_QUOTED = re.compile(r"(?:- )?[\"'](?:\.{3}|…|//|#)")  # a string that begins like a remark
_QUOTED_DOTS = re.compile(r"\{.*:\s*[\"'](?:\.{3}|…)[\"']")
_REFUSING = re.compile(  # a body that only says why it is none
    r"(?:^|=>?\s*|->\s*|\{\s|\breturn\s+)(?:raise\s+[\w.:]*(?:NotImplemented\w*|Error)|throw\s+(?:new\s+)?[\w\\.]*(?:Error|Exception)|todo!?|unimplemented!|panic!?|fatalError)"
    r"(?:\(|,\s*)[\"']([^\"']+)[\"']\)?;?(?:\s\})?$",
    re.IGNORECASE,
)
_BEFORE_FILL = re.compile(  # what is left open, or holds nothing
    r"(?:[{(\[]|=>?|\breturn)\s*$|^pass\s*$|(?:=|->|\breturn)\s*(?:undefined|null|nil|None|NotImplemented|\?\?\?);?\s*$"
)
_AFTER_FILL = re.compile(r"\s*(?:\[\]|\{\}|null|nil|\"\"|'')?\s*[})\]]*[;,]?$")
_RST = re.compile(r"\.\.\s+(?![\w:|-]+::|\|.*::|_|\[)")  # no directive, target, footnote
_MARKS = re.compile(r"[\"':,/#-]+")
_ITEM = re.compile(r"[-*+]\s+|\d+[.)]\s+")
_HOLLOW = re.compile(r"(?:async\s+def|def|class)\s.*:\s*\.\.\.")


class Remark(NamedTuple):
    """What a line says beside code.

    `own`: it has the line for itself; `bare`: without any comment mark; `fills`: it stands for a value or a body.
    """

    text: str
    own: bool = True
    bare: bool = False
    fills: bool = False


def remarks_of(line: str, *, prose: bool, data: bool = False) -> list[Remark]:
    """The remarks of one line, in order. In prose only comments, dots and bracketed lines, in data strings as well."""
    text = line.strip()
    if prose and (opened := _RST.match(text)):
        return [Remark(text[opened.end() :])]
    item = _ITEM.match(text) if prose or text.startswith("- (") else None
    if DOTS.fullmatch(text, item.end() if item else 0) or (prose and _ROW.fullmatch(text)):
        return [Remark("...", bare=True)]
    if not prose and (dots := _VALUE.search(text)):
        return [Remark("...", own=not dots.start(), bare=True, fills=True)]
    if _HOLLOW.fullmatch(text):
        return [Remark("...", own=False, bare=True)]
    opened = _OPENS.match(text)
    if opened and (not prose or text.startswith("<!--")):
        inner = _AGAIN.sub("", text[opened.end() :])
        closed = _CLOSES.search(inner)
        return [Remark(inner[: closed.start()] if closed else inner)]
    if _BARE.fullmatch(text, item.end() if item else 0):
        return [Remark(text[item.end() :] if item else text, bare=True)]
    if prose:
        return [Remark(text, bare=True)] if _ASIDE.fullmatch(text) or _STRESSED.fullmatch(text) else []
    if quoted := _in_string(text, data=data):
        return [quoted]
    if refusing := _REFUSING.search(text):
        return [Remark(refusing.group(1), own=False, fills=True)]
    return [
        _inside(text, found) for found in _INSIDE.finditer(text) if any(map(str.strip, filter(None, found.groups())))
    ]


def _in_string(text: str, *, data: bool) -> Remark | None:
    """The remark that a string in a line is: dots among items, a note, or what begins like a comment in data."""
    if data and _QUOTED.match(text):
        return Remark(_MARKS.sub(" ", text), own=False, fills=True)
    if note := _NOTE.search(text):
        return Remark(note.group(1), own=False, fills=True)
    if _DOTTED_ITEM.search(text) or (data and _QUOTED_DOTS.match(text)):
        return Remark("...", own=False, bare=True, fills=True)
    return None


def _inside(text: str, found: re.Match[str]) -> Remark:
    """The remark of a comment in a line of code."""
    before, after = text[: found.start()], text[found.end() :]
    item = before.rstrip().endswith(("[", "{", "(", ",")) and after.lstrip()[:1] == ","
    fills = item or (_BEFORE_FILL.search(before) and _AFTER_FILL.fullmatch(after))
    return Remark("".join(filter(None, found.groups())), own=False, fills=bool(fills))


def is_comment(line: str) -> bool:
    """Whether a line is nothing but a comment, or a line within one."""
    return _OPENS.match(line) is not None
