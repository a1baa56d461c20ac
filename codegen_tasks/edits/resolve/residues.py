"""What a reply's envelope left in new text: tags, fences, control tokens, numbers and signs before lines, escapes.

It compares the text with the file. What is certain to be left goes: at an end (`_EDGES`) or before every line
(`_without_numbers`, `_without_signs`). What is doubtful is a refusal that names the line. It places nothing.
"""

import re
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from itertools import pairwise

from msgspec.structs import replace

from codegen_tasks.edits.operations import Edit, Hunk, Write
from codegen_tasks.edits.read.envelopes import CONTROL
from codegen_tasks.edits.read.fences import fence_in
from codegen_tasks.edits.resolve.words import SAYS, WORDS
from codegen_tasks.edits.splices import lines_of
from codegen_tasks.edits.syntax.languages import is_prose, language_of
from codegen_tasks.edits.view import View, view_of

PAGE = 2  # lines of a page in which marks are no example

_PART_OF_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_TOKEN = re.compile(rf"{CONTROL}|</?s>")
_TOKEN_AT_END = re.compile(rf"(?:{CONTROL})\s*$|^\s*(?:{CONTROL})(?:assistant|model|system|user)\s*$")
_FIRST_TAG = re.compile(r"^\s*<(?P<name>[A-Za-z][\w:-]*)(?:\s[^<>]*)?>\s*")
_LAST_TAG = re.compile(r"</(?P<name>[A-Za-z][\w:-]*)>\s*$")
_MARK = re.compile(r"^(?:<{7} |>{7} |\*\*\* (?:Begin Patch|Update File: )|@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@).*")
_SIGN_OF_MARK = re.compile(r"[<>\]]|```|~~~")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#39|#x27);")
_NUMBER = re.compile(
    r"^\s*(?:L(?=\d)|\[(?=\d+\]))?(\d+)(\s*(?:[|\u2502\u2503:]|\u2192|->|=>)|\t|[.)\]](?=\s|$)|(?= ))(\s?)(.*)"
)
_BARS = {"|", "\u2502", "\u2503", "\u2192", "->", "=>"}
_QUOTES = {"\u2502", "\u2503", "\u258f", ">"}
_SIGNS = {"+", " +", "-", " ", *_QUOTES}  # that all lines of a text may begin with
_FIRST = {"+", "-", " ", *_QUOTES}

Lines = list[str]


class Known:
    """What tells a file's text from what is left of an envelope: its lines, those an edit quotes, its language."""

    def __init__(self, path: str, view: View, quoted: Sequence[str] = ()) -> None:
        self.path, self.view, self.quoted = path, view, quoted
        self.prose, self.language = is_prose(path), language_of(path)

    @cached_property
    def lines(self) -> frozenset[str]:
        """The lines without the space behind them."""
        return frozenset(line.rstrip() for lines in (self.view.lines, self.quoted) for line in lines) - {""}

    @cached_property
    def stripped(self) -> Collection[str]:
        """The lines without the space around them."""
        quoted = {line.strip() for line in self.quoted} - {""}
        return self.view.known if quoted <= self.view.known else self.view.known | quoted

    def has(self, pattern: str | re.Pattern[str]) -> bool:
        """Whether a line holds what the pattern says."""
        return any(re.search(pattern, line) for line in self.stripped)

    def fresh(self, lines: Sequence[str]) -> Lines:
        """The lines among some that are not there."""
        return [line for line in lines if line.strip() and line.strip() not in self.stripped]


def cleaned(operation: Write | Edit, path: str, text: str | None) -> Write | Edit | str:
    """The operation without what is certain to be left of an envelope, or why that is not certain."""
    view = view_of(text or "")
    if isinstance(operation, Write):
        sent, known = lines_of(operation.content), Known(path, view)
        lines = sent if operation.sketch else peeled(sent, known, whole=True)
        content = operation.content if lines == sent else "".join(f"{line}\n" for line in lines)
        return _doubt(lines, known, whole=True) or replace(operation, content=content)
    hunks = list[Hunk]()
    for hunk in operation.hunks:
        known = Known(path, view, hunk.before)
        lines = peeled(hunk.after, known) if hunk.floating else list(hunk.after)
        if reason := _doubt(lines, known):
            return reason
        hunks.append(replace(hunk, after=tuple(lines)))
    return replace(operation, hunks=tuple(hunks))


def peeled(lines: Sequence[str], known: Known, *, whole: bool = False) -> Lines:
    """Lines without what an envelope left at their ends or before each of them."""
    kept = list(lines)
    while (less := _without_edge(kept, known)) != kept:
        kept = less
    kept = _without_numbers(kept, known) or kept
    return _without_signs(kept, known, whole=whole) or kept


def _without_edge(lines: Lines, known: Known) -> Lines:
    """The lines without one mark at an end."""
    filled = [i for i, line in enumerate(lines) if line.strip()]
    for end, pattern, is_left in _EDGES if filled else ():
        at = filled[end]
        line = lines[at]
        if line.strip() not in known.stripped and (found := pattern.search(line)) and is_left(found, lines, known):
            rest = line[: found.start()] + line[found.end() :]
            kept = [rest] if rest.strip() else []
            return [*lines[:at], *kept] if end else [*kept, *lines[at + 1 :]]
    return lines


def _is_only_token(found: re.Match[str], lines: Sequence[str], known: Known) -> bool:
    alike = re.compile(r"</?s>") if found[0].strip() in ("<s>", "</s>") else _TOKEN
    return len(alike.findall("\n".join(lines))) == 1 and not known.has(alike)


def _is_left_tag(found: re.Match[str], lines: Sequence[str], known: Known) -> bool:
    """Whether a tag at an end is of the envelope: the file has none of the name, the text no other or only its pair.

    It is called as tags of a reply are, or it can be no text of the file, whose language has none.
    """
    name, text = found["name"], "\n".join(lines).strip()
    told = _is_form(name) or known.language in WORDS["tagless"]
    foreign = not (known.prose or known.language in WORDS["tagged"] or known.has("</")) and found[0].strip()[1] == "/"
    if not (told or foreign) or known.has(f"</?{re.escape(name)}"):
        return False
    opened, closed = len(re.findall(rf"<{re.escape(name)}(?:\s[^<>]*)?>", text)), text.count(f"</{name}>")
    if opened != closed:
        return (opened > closed) is (found[0].strip()[1] != "/")
    if not told or not _is_around(name, text):
        return False
    if known.language in WORDS["markup"]:  # what no element holds stands between them
        return text.partition(">")[2].lstrip().lower().startswith(("<?xml", "<!doctype"))
    return not (known.prose and name.lower() in WORDS["pages"])


def _is_around(name: str, text: str) -> bool:
    """Whether a text begins and ends with a pair of tags of a name, and holds no other that opens."""
    opened = len(re.findall(rf"<{re.escape(name)}(?:\s[^<>]*)?>", text))
    return text.startswith(f"<{name}") and text.endswith(f"</{name}>") and opened == 1


def _is_form(name: str) -> bool:
    """Whether a tag has a name that the tags of edit forms have."""
    return {word.lower() for word in _PART_OF_NAME.findall(name)} <= WORDS["form"]


def _is_end_mark(_: re.Match[str], lines: Sequence[str], known: Known) -> bool:
    return not known.prose and not any("<<" in line for line in lines)


def _is_divider(_: re.Match[str], lines: Sequence[str], known: Known) -> bool:
    return not (known.prose and _underlines(lines, max(i for i, line in enumerate(lines) if line.strip())))


def _is_half_a_fence(_: re.Match[str], lines: Sequence[str], known: Known) -> bool:
    filled = [line for line in lines if line.strip()]
    return not known.prose and sum(fence_in(line) is not None for line in filled[1:-1]) % 2 == 0


Edge = tuple[int, re.Pattern[str], Callable[[re.Match[str], Sequence[str], Known], bool]]
_EDGES: tuple[Edge, ...] = (  # at the last line (-1) or the first (0): what may be left, and whether it is
    (-1, re.compile(rf"\s*(?:{CONTROL}|</s>)\s*$"), _is_only_token),
    (-1, _LAST_TAG, _is_left_tag),
    (-1, re.compile(r"^\s*(?:\*\*\* End (?:of|Patch)\b.*|EOF|\]\]>|>{7} ?(?:REPLACE|UPDATED))\s*$"), _is_end_mark),
    (-1, re.compile(r"^={5,10}\s*$"), _is_divider),
    (-1, re.compile(r"^\s*(?:`{3,}|~{3,})\s*$"), _is_half_a_fence),
    (0, re.compile(rf"^\s*(?:{CONTROL}|<s>)(?:(?:assistant|model|system|user)$)?"), _is_only_token),
    (0, _FIRST_TAG, _is_left_tag),
    (0, re.compile(r"^\s*<!\[CDATA\[\s*$"), _is_end_mark),
    (0, re.compile(r"^\s*(?:`{3,}[^`]*|~{3,}.*)$"), _is_half_a_fence),
)


def _underlines(lines: Sequence[str], at: int) -> bool:
    """Whether a row of signs can stand below a heading of about its length."""
    return at > 0 and 0 < len(lines[at - 1].strip()) <= len(lines[at].strip()) + 2


def _without_numbers(lines: Lines, known: Known) -> Lines | None:
    """The lines without the numbers of a listing before each; None if they may be one.

    It is certain if they count, and a bar stands behind them or the file has half of the lines without them.
    """
    fresh = known.fresh(lines)
    rows = [found for found in map(_NUMBER.fullmatch, fresh) if found] if any(map(_NUMBER.match, fresh[:1])) else []
    signs = {row[2].strip(" ") for row in rows}
    if not rows or len(rows) < len(fresh) or (known.prose and signs & {".", ")", ""}):  # a page's own list
        return lines
    texts = [row[4].strip() for row in rows if row[4].strip()]
    told = bool(texts) and 2 * sum(text in known.stripped for text in texts) >= len(texts)
    barred = not signs - _BARS
    steps = {int(following[1]) - int(row[1]) for row, following in pairwise(rows)}
    certain = told or (barred and len(rows) > 1 and known.language is not None)
    if certain and not steps - {1} and len(rows) == len(lines):
        return _behind_numbers(rows, known)
    labelled = signs == {"\t"} or all(row[0].lstrip()[0] in "L[" for row in rows)
    coded = "" not in signs and not known.prose and known.language not in WORDS["numbers"]
    odd = (labelled or coded) and bool(known.stripped) and not known.has(_NUMBER)
    rising = min(steps, default=1) > 0 and len(rows) > (signs != {"\u2192"})
    return None if rising and (told or barred or odd) else lines


def _behind_numbers(rows: Sequence[re.Match[str]], known: Known) -> Lines | None:
    """The lines behind numbers; None if one space may be the file's or the listing's."""
    filled = [row for row in rows if row[4].strip()]
    spaced = all(row[3] for row in filled) and not {row[2].strip(" ") for row in rows} & {"\u2192", "\t"}
    if spaced and all(row[4][0].isspace() for row in filled):
        spaced = not known.lines.isdisjoint(row[4].rstrip() for row in filled)
        if not spaced and known.lines.isdisjoint((row[3] + row[4]).rstrip() for row in filled):
            return None
    return [(row[4] if spaced else row[3] + row[4]).rstrip() if row[4].strip() else "" for row in rows]


def _without_signs(lines: Lines, known: Known, *, whole: bool) -> Lines | None:
    """The lines without the sign of a diff, a bar or (in a `whole` file) a space before each; None if it may be one.

    Behind a space or a minus stand lines of the file, in which none begins with the sign.
    """
    filled = [line for line in lines if line.strip()]
    signs = "".join(sorted({line[0] for line in filled})) if filled and filled[0][0] in _FIRST else ""
    if signs not in _SIGNS or (not whole if signs == " " else known.prose):
        return lines
    if known.path.endswith((".diff", ".patch")) or any(line.rstrip() in known.lines for line in filled):
        return lines
    own = [line[1:].rstrip() in known.lines for line in filled if line[0] in " -"]
    if signs == " ":
        doubtful = any(own) and any(line[0] != " " for line in known.lines)
        return [line[1:] for line in lines] if 2 * sum(own) >= len(own) else None if doubtful else lines
    if known.has("^" + re.escape(signs.strip())):
        return lines
    if signs in _QUOTES:
        behind = 2 if all(line[1:2] in ("", " ") for line in filled) else 1
        return [line[behind:] for line in lines] if len(filled) > 1 else lines
    return [line[1:] for line in lines] if all(own) else lines


def _doubt(lines: Sequence[str], known: Known, *, whole: bool = False) -> str:
    """What in new text is no text of the file, or "". A `whole` file may be a page that explains such marks."""
    first = lines[:PAGE] if whole and known.prose else lines
    mark = next(filter(_MARK.match, first), "") if whole and known.lines else ""
    if mark and not known.has(_MARK):
        return SAYS["marked"].format(mark)
    fresh = known.fresh(lines)
    gone = [line for line in fresh if line[0] == "-" and line[1:].rstrip() in known.lines]
    if gone and any(line[0] == "+" for line in fresh):
        return SAYS["signed"].format(gone[0])
    if _without_signs([*lines], known, whole=whole) is None:
        return SAYS["spaced"]
    if _without_numbers([*lines], known) != lines:
        return SAYS["numbered"].format(fresh[0])
    left = next((line for line in fresh if _is_foreign(line, known)), "") or _divider_in(lines, known)
    left = left or (_other_root(lines, known) if whole else "")
    return SAYS["left"].format(left.strip()) if left else _escaped(fresh, known)


def _is_foreign(line: str, known: Known) -> bool:
    """Whether a line is nothing but a mark that files of this kind do not have."""
    if known.prose or not _SIGN_OF_MARK.search(line):
        return False
    tag = _FIRST_TAG.fullmatch(line) or _LAST_TAG.fullmatch(line.strip())
    if _TOKEN_AT_END.search(line) or (tag and _is_form(tag["name"]) and known.language not in WORDS["tagged"]):
        return True
    return bool(fence_in(line)) and not line.startswith((" ", "\t")) and known.language in WORDS["fenceless"]


def _other_root(lines: Sequence[str], known: Known) -> str:
    """A tag of an edit form around all of a file of tags, which has none of the name and begins otherwise, or ""."""
    text = "\n".join(lines).strip()
    found, first = _FIRST_TAG.match(text), next(filter(None, map(str.strip, known.view.lines)), "")
    if not found or known.language not in WORDS["markup"] or not first or first in text:
        return ""
    name = found["name"]
    other = _is_form(name) and name.lower() not in WORDS["pages"] and not known.has(f"</?{re.escape(name)}")
    return found[0] if other and _is_around(name, text) else ""


def _divider_in(lines: Sequence[str], known: Known) -> str:
    """A row of equals signs that the file does not have, and that stands below no heading."""
    rows = [i for i, line in enumerate(lines) if line.rstrip() == "======="]
    stays = known.prose or "=======" in known.stripped or all(_underlines(lines, i) for i in rows)
    return "" if stays else lines[rows[0]]


def _escaped(lines: Sequence[str], known: Known) -> str:
    """Why new lines were escaped once too often: line breaks, quotes or the signs of markup stand there as escapes."""
    text = "\n".join(lines)
    parts = text.split("\\n")
    closed = len(parts) > 2 and all(part.count(quote) % 2 == 0 for part in parts for quote in "\"'`")
    if "\n" not in text and closed and not known.path.endswith((".tex", ".sty", ".bib")):
        return SAYS["escaped"].format("\\n", "a line break")
    if text.count('\\"') > 1 and text.count('\\"') == text.count('"') and '\\"' not in known.view.text:
        return SAYS["escaped"].format('\\"', '"')
    signs, raw = _ENTITY.findall(text), re.search(r"[<>&]", _ENTITY.sub("", text))
    if signs and not raw and not known.prose and known.language not in (*WORDS["markup"], None):
        return "" if _ENTITY.search(known.view.text) else SAYS["escaped"].format(signs[0], "the sign")
    return ""
