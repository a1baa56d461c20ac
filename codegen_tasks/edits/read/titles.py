"""Which path does a line of a reply name? It reads titles, labels and prose, and knows no files.

The words it knows stand in `words.toml`.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from codegen_tasks.edits.read.words import LISTS, PATTERNS

_SAYS = {
    name: re.compile(pattern.replace("{first}", PATTERNS["first"]).replace("{rest}", PATTERNS["rest"]), re.IGNORECASE)
    for name, pattern in PATTERNS.items()
}
_LABEL = re.compile("^" + PATTERNS["label"], re.IGNORECASE)
_ALL, _PLAIN, _CODE = (set(LISTS[name]) for name in ("all", "plain", "code"))
_BARE = re.compile("|".join(LISTS["bare"]))
_PATHISH = re.compile(
    r"^(?:[A-Za-z]:(?=/))?(?=.*[A-Za-z0-9_])(?:(?:^|(?<=/))\([\w.-]+\)|\{[\w.]+\}|[^\s\"'`<>|*?:;,(){}])*"
    r"(?:/[^\s\"'`<>|*?:;,(){}/]+|\.[A-Za-z_][\w+-]{0,15})$"
)
_SPACED = re.compile(r"[^`*]{1,80}[^\s.]\.[A-Za-z_]\w{0,15}")
MARKS = re.compile(r"^(?:\s|#{1,6}\s|[-*+>]\s|\d+[.)]\s)*")
_DRESS = (  # what a path may be dressed in, and what stays of that
    (re.compile(r"</?(?:details|summary|code|strong|b|h[1-6])>"), ""),
    (re.compile(r"\[([^\]]+)\]\([^()\s]*\)"), r"\1"),
    (re.compile(r"\b\w+://\S+"), ""),
    (MARKS, ""),
    (re.compile(r"(\w\.[A-Za-z]\w+)\.$"), r"\1"),
    (re.compile(r"^(\[|__?)([^\s\[\]]*\.[^\s\[\]_]+)(?:\]|\1)$"), r"\2"),
    (re.compile(r"^\*\*([A-Za-z][A-Za-z ]{0,24}:?)\*\*(?=\s*:?\s*[`\"'\w./])"), r"\1"),
)
_NOTE = re.compile(r"\s+[(\[](?!.*\b(?:usage|output|result|example|run)\b)[^()\[\]]*[)\]]$", re.IGNORECASE)
_ITEM = re.compile(r"(?:[-*+]|\d+[.)]|\|)\s+[`*\"]*([^\s`*\"|:,]+)")
_LETTERS = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*|\"([^\"\n]+)\"")
_WORD = re.compile(r"[^\s\"'`<>|*?:;,(){}\[\]]+")
_COMMENT = re.compile(r"^\s*(?:#(?!!)|//|--|/\*+|<!--|;+|%)\s*(.*?)\s*(?:\*/|-->)?\s*$")
_VALUE = re.compile(r"[:=][\"']?([\w-]+)")
_WIDE = str.maketrans({
    "\uff1a": ": ", "\uff08": " (", "\uff09": ")", "\uff0c": ",", "\u3010": "<", "\u3011": ">", "\u300c": "<",
    "\u300d": ">", "\u300a": "<", "\u300b": ">",
})  # fmt: skip
_UNSEEN = dict.fromkeys([0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF])

COUNTED = "the block is counted as a part of {}: send the whole file in one"
LISTED = "several files are listed above this block, and no title tells which of them it is"
NEAR = 3
LONGEST = 4000  # characters of a line that may name a path


class Named(NamedTuple):
    """Paths a place of the reply names: titles are meant as paths, mentions count only if such a file is known.

    `part` says that it also tells to do something to a part of the file, `added` to add something to it, `whole` that
    all of it stands below; `doubt` why no block below can be the whole of one file.
    """

    titles: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    part: bool = False
    added: bool = False
    doubt: str = ""
    whole: bool = False


def looks_like_path(word: str) -> bool:
    """Whether a word has the form of a path: a slash or an extension."""
    return bool(_PATHISH.match(word))


def names_file(word: str) -> bool:
    """Whether a word has the form of a path, or is one of the names that files have without an extension."""
    return looks_like_path(word) or _BARE.fullmatch(word) is not None


def clean(name: str) -> str:
    """A path as written in a reply, without quotes, trailing punctuation and a leading `./`."""
    name = name.translate(_UNSEEN).strip().strip("`*\"'").rstrip(":,").strip("`*\"' ").replace("\\", "/")
    while name.startswith("./"):
        name = name[2:]
    return name


def in_line(line: str) -> Named:
    """The paths that one line names; a line nobody reads through names none."""
    if len(line) > LONGEST:
        return Named()
    line = text = line if line.isascii() else line.translate(_WIDE)
    for dress, kept in _DRESS:
        text = dress.sub(kept, text.rstrip(" :"))
    text = text.strip("* ") if text.startswith("**") and text.endswith("**") else text
    name = _LABEL.sub("", text)
    bare, noted = clean(name), clean(_NOTE.sub("", name))
    bare = bare if " " in noted else noted
    if bare and " " not in bare:
        inner = bare if names_file(bare) else bare.strip("<>()")
        if names_file(inner):
            return Named((inner,), (inner[1:],) if inner.startswith("@") else ())
        return Named((), () if bare.endswith(".") else (bare,))
    quoted = ["".join(groups) for groups in _QUOTED.findall(text)]
    words = [word.rstrip(".") for word in _WORD.findall(text)]
    mentions = [clean(q) for q in quoted] + [clean(w) for w in words if looks_like_path(w)]
    spaced = (bare,) if _SPACED.fullmatch(bare) else ()
    alone = len(set(mentions)) == 1 and not _LETTERS.search(text.replace(mentions[0], ""))
    if mentions and names_file(mentions[0]) and (alone or (len(quoted) == 1 and _is_title(line))):
        return Named((mentions[0],))
    return Named((), tuple(dict.fromkeys([*spaced, *mentions])))


def _is_title(line: str) -> bool:
    """A heading or a labelled line around one quoted path is meant as its title."""
    text = MARKS.sub("", line.strip())
    return not _SAYS["aside"].match(text) and (line.strip().startswith("#") or bool(_LABEL.match(text)))


def above(lines: Sequence[str], at: int, floor: int, *, far: bool = False) -> Named:
    """What the lines between `floor` and `at` (a block begins there) name: the nearest title, and nearer mentions.

    A mention counts in the last line only (`far`: in the last that has one), a title in the last NEAR lines; further up
    only a heading does. A fence between that names no file is the block's own; a list of several files names none.
    """
    between, mentions, listed, doubt = list[str](), tuple[str, ...](), False, ""
    for i in range(at - 1, floor - 1, -1):
        line = lines[i].strip()
        fenced = line.startswith(("```", "~~~"))
        near = len(between) < NEAR or line.startswith("#")
        found = in_info(line.lstrip("`~ ")) if fenced else in_line(line if near or far else "")
        listed = listed or _lists_files(lines[max(i - 1, floor) : i + 1])
        doubt = LISTED if listed and not between else doubt
        if not line or (fenced and not found.titles) or (listed and _listed(line)):
            continue
        if found.titles and near:
            counted = COUNTED.format(found.titles[0]) if _SAYS["share"].match(line) else ""
            return _titled(
                found._replace(mentions=found.mentions + mentions, doubt=counted), between, line * (not fenced)
            )
        if not between or (far and not any(map(looks_like_path, mentions))):
            mentions += found.titles + found.mentions
        between += [line] * near
    part, added = (any(map(_SAYS[name].match, between)) for name in ("part", "adds"))
    return Named((), mentions, part, added, "" if any(map(looks_like_path, mentions)) else doubt)


def _titled(named: Named, between: Sequence[str], title: str) -> Named:
    """What a title names, with what it and the lines between it and the block tell of how much stands there."""
    told = [*between, title]
    promised = any(map(_SAYS["whole"].match, told))
    part = not all(map(_is_plain, told)) or any(map(_SAYS["part"].match, told))
    added = any(map(_SAYS["adds"].match, told))
    whole = promised or any(_is_plain(line) and _words(line) & _ALL for line in told)
    return named._replace(part=part and not promised, added=added and not promised, whole=whole)


def _lists_files(lines: Sequence[str]) -> bool:
    """Whether two lines are items of a list or a table of files."""
    paths = {_listed(line.strip()) for line in lines}
    return len(paths) > 1 and "" not in paths


def _listed(line: str) -> str:
    """The path that an item of a list or a row of a table begins with, or ""."""
    found = _ITEM.match(line)
    return found[1] if found and looks_like_path(found[1]) else ""


def _is_plain(line: str) -> bool:
    """Whether a line says nothing but which file stands below: its path, and words for a file as a whole."""
    words = _words(line)
    return words <= _PLAIN | _ALL or bool(words & _ALL and words <= _PLAIN | _ALL | _CODE)


def _words(line: str) -> set[str]:
    """The words of a line that are no part of a path, in small letters."""
    parts = [word for word in _WORD.findall(line[:LONGEST]) if not looks_like_path(word)]
    return {word.lower() for part in parts for word in _LETTERS.findall(part)}


def keeps_rest(lines: Sequence[str]) -> bool:
    """Whether lines below a block say that all else of its file stays."""
    return _SAYS["kept"].match("\n".join(lines)) is not None


def in_info(info: str) -> Named:
    """The paths in what follows the opening of a fence: `python src/a.py`, `make:Makefile`, `title="a.py"`.

    A range of lines beside it says that these are a part of the file.
    """
    words = [clean(word) for word in re.split(r"\{\s*\.\w+|[\s:={}]+", info)]
    named = [*filter(looks_like_path, words), *filter(_BARE.fullmatch, _VALUE.findall(info))]
    return Named(tuple(dict.fromkeys(named)), part=bool(_SAYS["range"].search(info)))


def in_comment(line: str) -> Named:
    """The path that a block's first line names in a comment, as in `# src/a.py`."""
    found = _COMMENT.match(line)
    name = clean(_LABEL.sub("", found[1])) if found else ""
    return Named((), (name,)) if looks_like_path(name) else Named()
