"""Two contents become the hunks git prints between them. It knows no paths, no modes and no headers."""

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pygit2

_NO_NEWLINE = b"\n\\ No newline at end of file\n"
_TRIM = 1024
_FEEDS = b"\f\v"
_PLAIN_CODES = bytes([*range(1, 9), *range(14, 32), 127])
_HEADER = re.compile(rb"(?:\A|(?<=\n))@@ -([0-9]+)(?:,([0-9]+))? \+[0-9,]+ @@([^\n]*)")
_ODD_HEADER = re.compile(rb"@@ -[0-9,]+ \+[0-9,]+ @@ (?:[^\n]{78}|[^\n]*[\x80-\xff])")
_NOT_A_CHARACTER = re.compile("[\ufffe\uffff]")
_FUNCTION = re.compile(rb"[A-Za-z_$]")


class Hunks(NamedTuple):
    """Hunks as text, and both contents' git ids if they fell out on the way."""

    text: bytes
    ids: tuple[bytes, bytes] | None = None


def make_hunks(old: bytes, new: bytes, context_lines: int) -> Hunks:
    """The hunks between two different contents: Myers with the indent heuristic, as git has it by default."""
    return _changed(old, new, context_lines) if old and new else _whole(old, new)


def _whole(old: bytes, new: bytes) -> Hunks:
    """The one hunk of a content that comes or goes."""
    data, sign = (new, b"+") if new else (old, b"-")
    text = data.replace(b"\n", b"\n" + sign)
    ended = data.endswith(b"\n")
    lines = len(text) - len(data) + (not ended)
    span = b"1" if lines == 1 else b"1,%d" % lines
    header = (b"@@ -0,0 +%s @@\n+" if new else b"@@ -%s +0,0 @@\n-") % span
    return Hunks(header + (text[:-1] if ended else text + _NO_NEWLINE))


def _changed(old: bytes, new: bytes, context_lines: int) -> Hunks:
    aside = _feeds_aside(old, new)
    if aside is None:
        return _changed_lines(old, new, context_lines)
    there, back = aside
    hunks = _changed_lines(old.translate(there), new.translate(there), context_lines)
    return Hunks(hunks.text.translate(back))


def _feeds_aside(old: bytes, new: bytes) -> tuple[bytes, bytes] | None:
    """Tables that put two free control codes in the place of form feed and vertical tab, and these back.

    They are blanks to libgit2 and none to git, and where a hunk slides to depends on blanks.
    """
    if not any(feed in data for feed in _FEEDS for data in (old, new)):
        return None
    free = bytes(code for code in _PLAIN_CODES if code not in old and code not in new)[:2]
    if len(free) < 2:
        return None
    return bytes.maketrans(_FEEDS, free), bytes.maketrans(free, _FEEDS)


def _changed_lines(old: bytes, new: bytes, context_lines: int) -> Hunks:
    import pygit2  # here: a run that has nothing to diff should not load it

    untrimmed = len(old)
    if context_lines == 0:
        old, new = _without_common_tail(old, new)
    heuristic = pygit2.enums.DiffOption.INDENT_HEURISTIC  # git's default since 2.14
    patch = pygit2.Patch.create_from(
        old, new, old_as_path="x", new_as_path="x", flag=heuristic, context_lines=context_lines
    )
    data: bytes = patch.data
    text = data[data.index(b"\n@@ ") + 1 :]
    if _ODD_HEADER.search(text):
        text = _with_function_text(text, old)
    return Hunks(text, _ids(patch) if len(old) == untrimmed else None)


def _ids(patch: "pygit2.Patch") -> tuple[bytes, bytes]:
    """Libgit2 hashes what it compares, and that is half of its time: nobody should do it again."""
    old, new = patch.delta.old_file, patch.delta.new_file
    return str(old.id).encode(), str(new.id).encode()


def _without_common_tail(old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Git drops the common tail, in blocks and up to a line end, before it diffs without context."""
    smaller, trimmed = min(len(old), len(new)), 0
    while trimmed + _TRIM <= smaller and old.endswith(new[len(new) - trimmed - _TRIM :]):
        trimmed += _TRIM
    kept = old.find(b"\n", len(old) - trimmed) + 1 if trimmed else 0
    cut = len(old) - kept if kept else 0
    return old[: len(old) - cut], new[: len(new) - cut]


def _with_function_text(text: bytes, old: bytes) -> bytes:
    """Hunk headers with the function text that git prints.

    Libgit2 strips blanks before it cuts, where git cuts first, and is easier on what is not UTF-8.
    """
    lines = old.split(b"\n")
    found, seen = b"", 0

    def header(match: re.Match[bytes]) -> bytes:
        nonlocal found, seen
        first = int(match[1]) - (match[2] != b"0")
        for line in reversed(lines[seen:first]):
            if _FUNCTION.match(line):
                found = _without_odd_end(line[:80].rstrip(b" \t\r\n"))
                break
        seen = first
        return match[0][: len(match[0]) - len(match[3])] + (b" " + found if found else b"")

    return _HEADER.sub(header, text)


def _without_odd_end(text: bytes) -> bytes:
    """`text` up to where it stops being UTF-8 as git sees it: the cut may fall into a character."""
    try:
        whole = text.decode()
    except UnicodeDecodeError as bad:
        whole = text[: bad.start].decode()
    return _NOT_A_CHARACTER.split(whole, maxsplit=1)[0].encode()
