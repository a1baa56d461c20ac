"""Which path does a line of a reply name? It reads titles, labels and prose, and knows no files."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_LABEL = re.compile(
    r"^(?:(?:new|updated?|modified|changed|full|complete|the)\s+)*(?:file(?:\s?name|\s?path)?|path|in|create|update|edit|modify)"
    r"\s*(?:[:=]\s*|\s+(?=[`*\"']))",
    re.IGNORECASE,
)
_MARKS = re.compile(r"^(?:\s|#{1,6}\s|[-*+>]\s|\d+[.)]\s)*")
_NOTE = re.compile(r"\s*[(\[](?:new|updated?|modified|changed|created?|full|file)[^)\]]*[)\]]\s*$", re.IGNORECASE)
_ASIDE = re.compile(r"(?:sample |expected )?(?:output|result|usage|run|example|verif|try)", re.IGNORECASE)
_PART = re.compile(
    r"(?:\W|\d|then\b|also\b|next\b|and\b|first\b|finally\b|in it\b)*"
    r"(?:add|insert|append|prepend|put|place|replace|change|modify|update|remove|find|locate|extend|in)\b"
    r"|.*\b(?:current(?:ly)?|existing|relevant|snippet|excerpt|(?:only|just) the|(?:this|the) (?:part|lines?))\b",
    re.IGNORECASE,
)
_PATHISH = re.compile(r"^(?=.*[A-Za-z0-9_])[^\s\"'`<>|*?:;,(){}]*(?:/[^\s\"'`<>|*?:;,(){}/]+|\.[A-Za-z_][\w+-]{0,15})$")
_QUOTED = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*|\"([^\"\n]+)\"")
_ADDRESS = re.compile(r"\b\w+://\S+")
_TOLD = re.compile(r"^[\w+#-]+:([A-Za-z]\w+)$|\b(?:title|file(?:name)?|path)=[\"']?([A-Za-z]\w+)\b")
_CLASS = re.compile(r"\{\s*\.\w+")
_WORD = re.compile(r"[^\s\"'`<>|*?:;,(){}\[\]]+")
_COMMENT = re.compile(r"^\s*(?:#|//|--|/\*+|<!--|;+|%)\s*(.*?)\s*(?:\*/|-->)?\s*$")


NEAR = 3
LONGEST = 4000  # characters of a line that may name a path


class Named(NamedTuple):
    """Paths a place of the reply names: titles are meant as paths, mentions count only if such a file is known.

    `part` says that it also tells to do something to a part of the file.
    """

    titles: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    part: bool = False


def looks_like_path(word: str) -> bool:
    """Whether a word has the form of a path: a slash or an extension."""
    return bool(_PATHISH.match(word)) and "://" not in word


def clean(name: str) -> str:
    """A path as written in a reply, without quotes, trailing punctuation and a leading `./`."""
    name = name.strip().strip("`*\"'").rstrip(":,").strip("`*\"' ").replace("\\", "/")
    while name.startswith("./"):
        name = name[2:]
    return name


def in_line(line: str) -> Named:
    """The paths that one line names; a line nobody reads through names none."""
    if len(line) > LONGEST:
        return Named((), ())
    text = _MARKS.sub("", _ADDRESS.sub("", line).strip())
    text = _NOTE.sub("", text.rstrip(" :"))
    text = text.strip("*_ ") if text.startswith(("**", "__")) and text.endswith(text[:2]) else text
    bare = clean(_LABEL.sub("", text))
    if bare and " " not in bare:
        return Named((bare,)) if looks_like_path(bare) else Named((), () if bare.endswith(".") else (bare,))
    quoted = ["".join(groups) for groups in _QUOTED.findall(text)]
    words = [word.rstrip(".") for word in _WORD.findall(text)]
    mentions = [clean(q) for q in quoted] + [clean(w) for w in words if looks_like_path(w)]
    if len(quoted) == 1 and looks_like_path(mentions[0]) and _is_title(line, quoted[0]):
        return Named((mentions[0],))
    return Named((), tuple(dict.fromkeys(mentions)))


def _is_title(line: str, name: str) -> bool:
    """A heading or a bold or labelled line around one quoted path is meant as its title."""
    text = line.strip()
    if _ASIDE.match(_MARKS.sub("", text)):
        return False
    return text.startswith("#") or bool(_LABEL.match(_MARKS.sub("", text))) or len(text) <= len(name) + 12


def above(lines: Sequence[str], at: int, floor: int) -> Named:
    """What the lines between `floor` and `at` (a block begins there) name: the nearest title, and nearer mentions.

    A mention counts in the last line only, a title in the last NEAR lines; further up only a heading does.
    """
    mentions: tuple[str, ...] = ()
    seen, part = 0, False
    for i in range(at - 1, floor - 1, -1):
        line = lines[i].strip()
        if not line or (seen >= NEAR and not line.startswith("#")):
            continue
        found = in_info(line.lstrip("`~ ")) if line.startswith(("```", "~~~")) else in_line(line)
        part = part or bool(_PART.match(line))
        if found.titles:
            return Named(found.titles, mentions, part)
        mentions = mentions if seen else found.mentions
        seen += 1
    return Named((), mentions, part)


def in_info(info: str) -> Named:
    """The paths in what follows the opening of a fence: `python src/a.py`, `make:Makefile`, `title="a.py"`."""
    told = [clean("".join(found)) for found in _TOLD.findall(info)]
    words = [clean(word) for word in re.split(r"[\s:={}]+", _CLASS.sub("", info))]
    return Named(tuple(dict.fromkeys([*told, *filter(looks_like_path, words)])))


def in_comment(line: str) -> Named:
    """The path that a block's first line names in a comment, as in `# src/a.py`."""
    found = _COMMENT.match(line)
    name = clean(_LABEL.sub("", found[1])) if found else ""
    return Named((), (name,)) if looks_like_path(name) else Named()
