"""What a reply's envelope left in new text: tags, fences, control tokens, escapes. It compares it with the file.

What is certain goes (`peeled`), what is doubtful is a refusal that names the line (`doubt`). It places nothing.
"""

import re
from collections.abc import Collection, Sequence

from msgspec.structs import replace

from codegen_tasks.edits.operations import Edit, Hunk, Write
from codegen_tasks.edits.read.envelopes import CONTROL
from codegen_tasks.edits.read.fences import fence_in
from codegen_tasks.edits.resolve.gutters import Known, Lines, gutter_in, without_gutter, without_space
from codegen_tasks.edits.splices import lines_of
from codegen_tasks.edits.syntax.languages import is_prose, language_of
from codegen_tasks.edits.view import view_of

MARKED = (
    "its new text holds the marks of an edit (`{}`), which the file does not have: an edit under its path is a block "
    "that begins with <<<<<<< SEARCH, or a diff; what is sent as the whole file must be plain text"
)
LEFT = "its new text holds `{}`, which belongs to the form of the reply and not to the file: send the text without it"
ESCAPED = "its new text has `{}` where the character itself is meant (`{}`): send it once more without these escapes"
PAGE = 2  # lines of a page in which marks are no example

_TOKEN_LAST = re.compile(rf"\s*(?:{CONTROL}|</s>)\s*$")
_TOKEN_FIRST = re.compile(rf"^\s*(?:{CONTROL}|<s>)(?:(?:assistant|model|system|user)$)?")
_TOKEN_ENDS = re.compile(rf"(?:{CONTROL})\s*$")
_TOKEN_ALONE = re.compile(rf"\s*(?:{CONTROL})(?:assistant|model|system|user)?\s*")
_TOKEN = re.compile(rf"{CONTROL}|</?s>")
_FIRST_TAG = re.compile(r"\s*<(?P<name>[A-Za-z][\w:-]*)(?:\s[^<>]*)?>\s*")
_LAST_TAG = re.compile(r"</(?P<name>[A-Za-z][\w:-]*)>\s*$")
_FORM = re.compile(
    r"(?:(?:old|new|search|replace|replacement|original|updated|find)(?:[-_]?(?:text|string|str|code|content|block|lines?))?"
    r"|(?:write|create|edit|update|replace|insert|delete|modify|apply)[-_](?:to[-_]file|in[-_]file|file|diff|patch|code)"
    r"|files?|file[-_]?(?:contents?|text|path|name)|contents?|full[-_]?content|code(?:[-_]?block|[-_]?content)?|edits?|changes?"
    r"|patch|diff|document(?:[-_]contents?)?|answer|final[-_]?answer|solution|response|result|output|invoke|parameters?|arguments?"
    r"|antml:\w+|function(?:[-_]?calls?)?|tool(?:[-_]?(?:call|use|code))?s?|artifact|ant[-_]?artifact|bolt(?:action|artifact)"
    r"|plandexblock|str_replace(?:_editor)?|think|thinking|reasoning|text|body|value)",
    re.IGNORECASE,
)
_HTML = re.compile(r"(?:code|output|text|body|section|summary)", re.IGNORECASE)  # what pages hold as well
_MARK_LAST = re.compile(r"\s*(?:\*\*\* End (?:of (?:File|Patch)|Patch)\b.*|EOF|\]\]>|>{7} ?(?:REPLACE|UPDATED))\s*")
_DIVIDER = re.compile(r"={5,10}\s*")
_MARK = re.compile(r"(?:<{7} |>{7} |\*\*\* (?:Begin Patch|Update File: )|@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@).*")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#39|#x27);")
_MARKUP = {"html", "xml", "vue", "svelte", "php"}
_TAGGED = {*_MARKUP, "javascript", "tsx"}  # languages that have tags
_TAGLESS = {"bash", "css", "dockerfile", "go", "json", "jsonc", "lua", "python", "ruby", "scss", "sql", "toml", "yaml"}
_FENCELESS = {"css", "scss", "sql", "yaml", "json", "jsonc", "toml", "dockerfile", "xml", "html"}


def cleaned(operation: Write | Edit, path: str, text: str | None) -> Write | Edit | str:
    """The operation without what is certain to be left of an envelope, or why that is not certain."""
    known = Known(view_of(text or ""))
    if isinstance(operation, Write):
        lines = lines_of(operation.content)
        bare = lines if operation.sketch else without_space(peeled(lines, path, known), known)
        content = operation.content if bare == lines else "".join(f"{line}\n" for line in bare)
        return doubt(bare, path, known, whole=True) or replace(operation, content=content)
    hunks = []
    for hunk in operation.hunks:
        bare = peeled(hunk.after, path, known) if hunk.floating else list(hunk.after)
        if reason := doubt(bare, path, Known(known.view, hunk.before), whole=False):
            return reason
        hunks.append(replace(hunk, after=tuple(bare)))
    return replace(operation, hunks=tuple(hunks))


def with_bare_ways(edit: Edit, text: str | None) -> Edit:
    """The edit with one more way to read each block: without what may be left of an envelope in both of its parts."""
    known = Known(view_of(text or ""))
    return replace(edit, hunks=tuple(_with_bare_ways(hunk, known) if hunk.floating else hunk for hunk in edit.hunks))


def _with_bare_ways(hunk: Hunk, known: Known) -> Hunk:
    there = (hunk, *hunk.ways)
    bare = [[tuple(peeled(side, "", known)) for side in (way.before, way.after)] for way in there]
    ways = [replace(hunk, before=before, after=after, ways=()) for before, after in bare if before]
    return replace(hunk, ways=(*hunk.ways, *(way for way in ways if way not in there)))


def peeled(lines: Sequence[str], path: str, known: Known) -> Lines:
    """Lines without what an envelope left at their ends or before each of them."""
    kept = list(lines)
    while (less := _without_edge(kept, path, known.stripped)) != kept:
        kept = less
    return without_gutter(kept, path, known)


def _without_edge(lines: Lines, path: str, known: Collection[str]) -> Lines:
    """The lines without one mark at an end, or around all of them."""
    filled = [i for i, line in enumerate(lines) if line.strip()]
    if not filled:
        return lines
    first, last = filled[0], filled[-1]
    if lines[last].strip() not in known:
        found = _TOKEN_LAST.search(lines[last]) or _LAST_TAG.search(lines[last])
        if found and _is_left(found, lines, path, known):
            rest = lines[last][: found.start()]
            return [*lines[:last], *([rest] if rest.strip() else [])]
        mark = _MARK_LAST.fullmatch(lines[last]) and not is_prose(path) and not any("<<" in line for line in lines)
        if mark or (_DIVIDER.fullmatch(lines[last]) and not (is_prose(path) and _underlines(lines, last))):
            return lines[:last]
    if lines[first].strip() not in known:
        if "<![CDATA[" in lines[first] and "]]>" not in "".join(lines):
            return [*([rest] if (rest := lines[first].replace("<![CDATA[", "")).strip() else []), *lines[first + 1 :]]
        found = _TOKEN_FIRST.match(lines[first]) or _FIRST_TAG.match(lines[first])
        if found and _is_left(found, lines, path, known):
            rest = lines[first][found.end() :]
            return [*([rest] if rest.strip() else []), *lines[first + 1 :]]
    return _without_fences(lines, first, last, path, known)


def _is_left(found: re.Match[str], lines: Sequence[str], path: str, known: Collection[str]) -> bool:
    """Whether a token or a tag at an end of new text is of the envelope: neither the file nor the text has others."""
    name = found.groupdict().get("name")
    if name is None:
        alike = re.compile(r"</?s>") if found[0].strip() in ("<s>", "</s>") else _TOKEN
        return sum(len(alike.findall(line)) for line in lines) == 1 and not any(map(alike.search, known))
    if not (_FORM.fullmatch(name) or _is_foreign_tag(found, path, known)):
        return False
    if any(f"<{name}" in line or f"</{name}" in line for line in known):
        return False
    opened = sum(len(re.findall(rf"<{re.escape(name)}(?:\s[^<>]*)?>", line)) for line in lines)
    closed = sum(line.count(f"</{name}>") for line in lines)
    if opened != closed:
        return (opened > closed) is (found[0].strip()[1] != "/")
    filled = [line.strip() for line in lines if line.strip()]
    around = filled[0].startswith(f"<{name}") and filled[-1].endswith(f"</{name}>") and opened == 1
    return around and language_of(path) not in _MARKUP and not (is_prose(path) and _HTML.fullmatch(name) is not None)


def _is_foreign_tag(found: re.Match[str], path: str, known: Collection[str]) -> bool:
    """Whether a tag of any name can be no text of the file: none of its lines has one, and its language has none."""
    if is_prose(path) or language_of(path) in _TAGGED or any("</" in line for line in known):
        return False
    return language_of(path) in _TAGLESS or found[0].lstrip()[1] == "/"


def _without_fences(lines: Lines, first: int, last: int, path: str, known: Collection[str]) -> Lines:
    """The lines without a fence around all of them, or half of one at an end."""
    top, end = fence_in(lines[first]), fence_in(lines[last])
    inside = [fence for line in lines[first + 1 : last] if (fence := fence_in(line))]
    if top and end and first < last and not end.info and not len(inside) % 2:
        own = not is_prose(path) or top.info.split(" ")[0].lower() in ("md", "markdown")
        return lines[first + 1 : last] if own else lines
    if inside or is_prose(path) or {lines[first].strip() if top else "", lines[last].strip() if end else ""} & {*known}:
        return lines
    return lines[first + 1 :] if top else lines[:last] if end and not end.info else lines


def _underlines(lines: Sequence[str], at: int) -> bool:
    """Whether a row of signs can stand below a heading of about its length."""
    return at > 0 and 0 < len(lines[at - 1].strip()) <= len(lines[at].strip()) + 2


def doubt(lines: Sequence[str], path: str, known: Known, *, whole: bool) -> str:
    """What in new text is no text of the file, or "". A `whole` file may be a page that explains such marks."""
    first = lines[:PAGE] if whole and is_prose(path) else lines
    mark = next(filter(_MARK.fullmatch, first), "") if whole and known.lines else ""
    if mark and not any(map(_MARK.match, known.stripped)):
        return MARKED.format(mark)
    fresh = [line for line in lines if line.strip() and line.strip() not in known.stripped]
    if reason := gutter_in(lines, path, known, whole=whole):
        return reason
    alone = next((line for line in fresh if _is_foreign(line, path)), "") or _divider_in(lines, path, known.stripped)
    return LEFT.format(alone.strip()) if alone else _escaped(fresh, path, known.stripped)


def _is_foreign(line: str, path: str) -> bool:
    """Whether a line is nothing but a mark that files of this kind do not have."""
    if is_prose(path):
        return False
    tag = _FIRST_TAG.fullmatch(line) or _LAST_TAG.fullmatch(line.strip())
    marked = tag and _FORM.fullmatch(tag["name"]) and language_of(path) not in _TAGGED
    if _TOKEN_ENDS.search(line) or _TOKEN_ALONE.fullmatch(line) or marked:
        return True
    return bool(fence_in(line)) and not line.startswith((" ", "\t")) and language_of(path) in _FENCELESS


def _divider_in(lines: Sequence[str], path: str, known: Collection[str]) -> str:
    """A row of equals signs that the file does not have, and that stands below no heading."""
    rows = [] if "=======" in known else [i for i, line in enumerate(lines) if line.rstrip() == "======="]
    return "" if is_prose(path) or all(_underlines(lines, i) for i in rows) else lines[rows[0]]


def _escaped(lines: Sequence[str], path: str, known: Collection[str]) -> str:
    """Why new lines were escaped once too often: line breaks, quotes or the signs of markup stand there as escapes."""
    text = "\n".join(lines)
    parts = text.split("\\n")
    closed = all(part.count(quote) % 2 == 0 for part in parts for quote in "\"'`")
    if "\n" not in text and len(parts) > 2 and closed and not path.endswith((".tex", ".sty", ".bib")):
        return ESCAPED.format("\\n", "a line break")
    if text.count('\\"') > 1 and text.count('\\"') == text.count('"') and not any('\\"' in line for line in known):
        return ESCAPED.format('\\"', '"')
    raw = re.search(r"[<>&]", _ENTITY.sub("", text))
    if language_of(path) not in (*_MARKUP, None) and not is_prose(path) and not raw and len(_ENTITY.findall(text)) > 0:
        there = any(map(_ENTITY.search, known))
        return "" if there else ESCAPED.format(_ENTITY.findall(text)[0], "the sign")
    return ""
