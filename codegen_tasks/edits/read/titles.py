"""Which path does a line of a reply name? It reads titles, labels and prose, and knows no files."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_LABEL = re.compile(
    r"^(?:(?:new|updated?|modified|changed|full|complete|the)\s+)*(?:file(?:\s?name|\s?path)?|path|in|create|update|edit|modify)"
    r"\s*(?:[:=]\s*|\s+(?=[`*\"']))",
    re.IGNORECASE,
)
MARKS = re.compile(r"^(?:\s|#{1,6}\s|[-*+>]\s|\d+[.)]\s)*")
_NOTE = re.compile(r"\s+[(\[](?!.*\b(?:usage|output|result|example|run)\b)[^()\[\]]*[)\]]$", re.IGNORECASE)
_SHARE = re.compile(
    r"\W(?:(?:part|chunk|section)\s+\d+(?:\s*(?:/|of)\s*\d+)?|\d+\s*(?:/|of)\s*\d+|cont(?:inued|inuation|\.|d\.?))\W*$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:sample |expected )?(?:output|result|usage|run|example|verif|try)"
    r"|(?:how to|testing|using|calling|notes?|original|old|previous)\b",
    re.IGNORECASE,
)
_FIRST = r"(?:\W|\d|then\b|also\b|next\b|now\b|and\b|first\b|finally\b|please\b|in it\b)*"
_ADDS = re.compile(
    rf"(?:{_FIRST}|.*[:,;\u2013\u2014-]\s*)(?:add|insert|append|prepend|put|place|extend)\b", re.IGNORECASE
)
_PART = re.compile(
    rf"{_FIRST}(?:add|insert|append|prepend|put|place|replace|change|modify|update|remove|find|locate|extend|in)\b"
    r"|.*\b(?:current(?:ly)?|existing|relevant|snippet|excerpt|(?:only|just) the|(?:this|the) (?:part|lines?))\b",
    re.IGNORECASE,
)
_ALL = {"full", "complete", "completed", "entire", "whole"}
_CODE = {"code", "replacement", "rewrite", "source", "version"}
_PLAIN = _ALL | {
    "a", "an", "and", "are", "as", "below", "changed", "content", "contents", "create", "created", "file", "filename",
    "filepath", "final", "follows", "for", "here", "in", "is", "modified", "name", "new", "now", "of", "path",
    "revised", "rewritten", "s", "step", "the", "this", "to", "updated", "with",
}  # fmt: skip
_WHOLE = re.compile(
    r"\b(?:full|complete|entire|whole)\s+(?:\w+\s+){0,2}?(?:file|contents?|module|script)\b", re.IGNORECASE
)
_NOT = re.compile(r"\b(?:not|no|never|only|just|rather|instead|without|parts?)\b|n't\b", re.IGNORECASE)
_RANGE = re.compile(
    r"^\d+[:-]\d+[:,]|\w[:#]L?\d+(?:-L?\d+)?(?=[\s)]|$)|[\s(]L?\d+-L?\d+(?=[\s)]|$)|[\s(,]lines?[\s:=]+[\"']?\d"
    r"|\b(?:start|end)_?line\s*[:=]",
    re.IGNORECASE,
)
_ITEM = re.compile(r"(?:[-*+]|\d+[.)]|\|)\s+[`*\"]*([^\s`*\"|:,]+)")
_LETTERS = re.compile(r"[^\W\d_]+")
_PATHISH = re.compile(
    r"^(?=.*[A-Za-z0-9_])(?:(?:^|(?<=/))\([\w.-]+\)|\{[\w.]+\}|[^\s\"'`<>|*?:;,(){}])*"
    r"(?:/[^\s\"'`<>|*?:;,(){}/]+|\.[A-Za-z_][\w+-]{0,15})$"
)
_DRIVE = re.compile(r"^[A-Za-z]:(?=/)")
_SPACED = re.compile(r"[^`*]{1,80}[^\s.]\.[A-Za-z_]\w{0,15}")
_BARE = re.compile(
    r"[A-Z][A-Za-z]*file|[a-z]+file|README|LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|AUTHORS|CONTRIBUTORS|CONTRIBUTING|CODEOWNERS"
    r"|CHANGELOG|CHANGES|NEWS|HISTORY|INSTALL|VERSION|MAINTAINERS|OWNERS|BUILD|WORKSPACE|MANIFEST|PATENTS|SECURITY|PKGBUILD"
    r"|Kconfig|SCons(?:truct|cript)|id_(?:rsa|dsa|ecdsa|ed25519)|authorized_keys|known_hosts|gradlew|mvnw|configure"
    r"|artisan|crontab|passwd|sudoers|wscript|pre-commit|post-merge|CNAME|TODO"
)
_STOPPED = re.compile(r"\w\.[A-Za-z]\w+\.$")
_QUOTED = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*|\"([^\"\n]+)\"")
_AROUND = re.compile(r"^(\[|__?)([^\s\[\]]*\.[^\s\[\]_]+)(?:\]|\1)$")
_WIDE = str.maketrans({
    "\uff1a": ": ", "\uff08": " (", "\uff09": ")", "\uff0c": ",", "\u3010": "<", "\u3011": ">", "\u300c": "<",
    "\u300d": ">", "\u300a": "<", "\u300b": ">",
})  # fmt: skip
_UNSEEN = dict.fromkeys([0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF])
_BOLD_LABEL = re.compile(r"^\*\*([A-Za-z][A-Za-z ]{0,24}:?)\*\*(?=\s*:?\s*[`\"'\w./])")
_LINK = re.compile(r"\[([^\]]+)\]\([^()\s]*\)")
_TAGS = re.compile(r"</?(?:details|summary|code|strong|b|h[1-6])>")
_ADDRESS = re.compile(r"\b\w+://\S+")
_TOLD = re.compile(r"^[\w+#-]+:([A-Za-z]\w+)$|\b(?:title|file(?:name)?|path)=[\"']?([A-Za-z]\w+)\b")
_VALUE = re.compile(r"=([\"'])(.+?)\1")
_CLASS = re.compile(r"\{\s*\.\w+")
_WORD = re.compile(r"[^\s\"'`<>|*?:;,(){}\[\]]+")
_COMMENT = re.compile(r"^\s*(?:#|//|--|/\*+|<!--|;+|%)\s*(.*?)\s*(?:\*/|-->)?\s*$")


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
    return bool(_PATHISH.match(_DRIVE.sub("", word))) and "://" not in word


def names_file(word: str) -> bool:
    """Whether a word has the form of a path, or is one of the names that files have without an extension."""
    return looks_like_path(word) or _BARE.fullmatch(word) is not None


def is_name(line: str) -> bool:
    """Whether a line is nothing but what may be the name of a file: a path, one word, or words with an extension."""
    return bool(in_line(line).titles) or line.strip() in in_line(line).mentions


def clean(name: str) -> str:
    """A path as written in a reply, without quotes, trailing punctuation and a leading `./`."""
    name = name.translate(_UNSEEN).strip().strip("`*\"'").rstrip(":,").strip("`*\"' ").replace("\\", "/")
    while name.startswith("./"):
        name = name[2:]
    return name


def in_line(line: str) -> Named:
    """The paths that one line names; a line nobody reads through names none."""
    if len(line) > LONGEST:
        return Named((), ())
    line = line if line.isascii() else line.translate(_WIDE)
    text = MARKS.sub("", _ADDRESS.sub("", _LINK.sub(r"\1", _TAGS.sub("", line))).strip()).rstrip(" :")
    text = _BOLD_LABEL.sub(r"\1", text)
    text = text.strip("* ") if text.startswith("**") and text.endswith("**") else text
    text = _AROUND.sub(r"\2", text)
    bare = clean(_LABEL.sub("", text))
    noted = clean(_NOTE.sub("", _LABEL.sub("", text)))
    bare = bare if " " in noted else noted
    if bare and " " not in bare:
        inner = bare if names_file(bare) else bare.strip("<>()")
        inner = inner[:-1] if _STOPPED.search(inner) else inner
        if names_file(inner):
            return Named((inner,), (inner[1:],) if inner.startswith("@") else ())
        return Named((), () if bare.endswith(".") else (bare,))
    quoted = ["".join(groups) for groups in _QUOTED.findall(text)]
    words = [word.rstrip(".") for word in _WORD.findall(text)]
    mentions = [clean(q) for q in quoted] + [clean(w) for w in words if looks_like_path(w)]
    spaced = (bare,) if _SPACED.fullmatch(bare) else ()
    alone = len(set(mentions)) == 1 and not _LETTERS.search(text.replace(mentions[0], ""))
    if mentions and names_file(mentions[0]) and (alone or (len(quoted) == 1 and _is_title(line, quoted[0]))):
        return Named((mentions[0],))
    return Named((), tuple(dict.fromkeys([*spaced, *mentions])))


def _is_title(line: str, name: str) -> bool:
    """A heading or a bold or labelled line around one quoted path is meant as its title."""
    text = line.strip()
    if _ASIDE.match(MARKS.sub("", text)):
        return False
    return text.startswith("#") or bool(_LABEL.match(MARKS.sub("", text))) or len(text) <= len(name) + 12


def above(lines: Sequence[str], at: int, floor: int, *, far: bool = False) -> Named:
    """What the lines between `floor` and `at` (a block begins there) name: the nearest title, and nearer mentions.

    A mention counts in the last line only (`far`: in the last that has one), a title in the last NEAR lines; further up
    only a heading does. A fence between that names no file is the block's own; a list of several files names none.
    """
    mentions: tuple[str, ...] = ()
    seen, part, added, plain, promised, whole, listed, doubt = 0, False, False, True, False, False, False, ""
    for i in range(at - 1, floor - 1, -1):
        line = lines[i].strip()
        fenced = line.startswith(("```", "~~~"))
        near = seen < NEAR or line.startswith("#")
        found = in_info(line.lstrip("`~ ")) if fenced else in_line(line if near or far else "")
        listed = listed or _lists_files(lines[max(i - 1, floor) : i + 1])
        doubt = LISTED if listed and not seen else doubt
        if not line or (fenced and not found.titles) or (listed and _listed(line)):
            continue
        plain, promised = plain and (fenced or _is_plain(line)), promised or _promises_all(line)
        whole = whole or promised or (_is_plain(line) and bool(_words(line) & _ALL))
        part, added = part or (near and bool(_PART.match(line))), added or (near and bool(_ADDS.match(line)))
        if found.titles and near:
            doubt = COUNTED.format(found.titles[0]) if _SHARE.search(line) else ""
            part, added = not promised and (part or not plain), added and not promised
            return Named(found.titles, found.mentions + mentions, part, added, doubt, whole)
        if not seen or (far and not any(map(looks_like_path, mentions))):
            mentions += found.titles + found.mentions
        seen += 1
    return Named((), mentions, part, added, "" if any(map(looks_like_path, mentions)) else doubt)


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
    return words <= _PLAIN or bool(words & _ALL and words <= _PLAIN | _CODE)


def _words(line: str) -> set[str]:
    """The words of a line that are no part of a path, in small letters."""
    parts = [word for word in _WORD.findall(line[:LONGEST]) if not looks_like_path(word)]
    return {word.lower() for part in parts for word in _LETTERS.findall(part)}


def _promises_all(line: str) -> bool:
    """Whether a line says in other words that the whole file stands below."""
    return bool(_WHOLE.search(line)) and not _NOT.search(line)


def in_info(info: str) -> Named:
    """The paths in what follows the opening of a fence: `python src/a.py`, `make:Makefile`, `title="a.py"`.

    A range of lines beside it says that these are a part of the file. All behind the language may be one path.
    """
    told = [value for _, value in _VALUE.findall(info) if _SPACED.fullmatch(value)]
    told = told or [clean("".join(found)) for found in _TOLD.findall(info)]
    words = [clean(word) for word in re.split(r"[\s:={}]+", _CLASS.sub("", info))]
    rest = clean(info.partition(" ")[2])
    mentions = (rest,) if _SPACED.fullmatch(rest) and not looks_like_path(rest) else ()
    titles = tuple(dict.fromkeys([*told, *filter(looks_like_path, words)]))
    return Named(titles, mentions, part=bool(_RANGE.search(info)))


def in_comment(line: str) -> Named:
    """The path that a block's first line names in a comment, as in `# src/a.py`."""
    found = _COMMENT.match(line)
    name = clean(_LABEL.sub("", found[1])) if found else ""
    return Named((), (name,)) if looks_like_path(name) else Named()
