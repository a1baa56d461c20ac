"""plan.md becomes sections, and each section knows which planned files it names. It does not know units."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from codegen_tasks.records import Section

_WORD = re.compile(r"[\w./+@%~$-]+")
_ODD = re.compile(r"[^\w./+@%~$-]")
_QUOTED = re.compile(r"`+([^`\n]+)`+|\"([^\"\n]+)\"|\*\*([^*\n]+)\*\*")


def split_sections(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Yields (line, level, heading, text) per section of CommonMark text; level 0 stands before the first heading.

    A section is a heading with its own text, up to the next heading of any level. Headings in code fences, quotes,
    lists and front matter do not count. The texts joined are the input.
    """
    from markdown_it import MarkdownIt

    lines = text.split("\n")
    body = _without_front_matter(lines)
    tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(body))
    starts = [
        (token.map[0], int(token.tag[1]), following.content)
        for token, following in pairwise(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]
    if not starts or starts[0][0] > 0:
        starts.insert(0, (0, 0, ""))
    ends = [start[0] for start in starts[1:]] + [len(lines)]
    for (line, level, heading), end in zip(starts, ends, strict=True):
        own = "\n".join(lines[line:end]) + ("\n" if end < len(lines) else "")
        if own.strip():
            yield line + 1, level, heading, own


def _without_front_matter(lines: list[str]) -> list[str]:
    """The lines with YAML front matter blanked, so that its fence is not read as an underlined heading."""
    if lines[0].rstrip() != "---":
        return lines
    for i, line in enumerate(lines[1:], 1):
        if line.rstrip() in ("---", "..."):
            return [""] * (i + 1) + lines[i + 1 :]
    return lines


def parse_sections(text: str, paths: Iterable[str]) -> tuple[Section, ...]:
    """The sections of plan.md. One that names planned files is for these only; a section below a heading that names
    files, and names none itself, belongs to them too; every other section is for all. What stands below the title
    belongs to the whole document, whatever the title names."""
    names = _Names(tuple(paths))
    above: list[tuple[int, frozenset[str]]] = []
    sections = []
    parts = list(split_sections(text))
    title = _title([level for _, level, _, _ in parts if level])
    for line, level, heading, own in parts:
        above = [(depth, found) for depth, found in above if depth < level]
        found = names.within(own, heading) if level else frozenset[str]()
        inherited = next((up for _, up in reversed(above) if up), frozenset[str]())
        above.append((level, frozenset() if level == title else names.within(heading, heading)))
        sections.append(Section(heading, own, line, tuple(sorted(found or inherited))))
    return tuple(sections)


def _title(levels: Sequence[int]) -> int | None:
    """The level of a document's title: its only heading of the top level. None without one."""
    top = min(levels, default=0)
    return top if levels.count(top) == 1 and len(levels) > 1 and levels[0] == top else None


class _Names:
    """Finds planned files in prose: by path, or by file name where only one planned file has it."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        self._known: dict[str, str | None] = {}
        for path in paths:
            name = path.rpartition("/")[2]
            self._known[name] = path if name not in self._known else None
        self._known |= {path: path for path in paths}
        self._odd = [name for name in self._known if _ODD.search(name)]

    def within(self, text: str, heading: str) -> frozenset[str]:
        sure = {part.strip() for found in _QUOTED.findall(text) for part in found} | {heading.strip()}
        words = (self._path(word, word in sure) for word in {*_WORD.findall(text), *sure})
        odd = (self._known[name] for name in self._odd if _stands_in(name, text))
        return frozenset(path for path in (*words, *odd) if path)

    def _path(self, word: str, sure: bool) -> str | None:
        for spelling in (word, word.rstrip("."), word.strip("_").rstrip("."), word.lstrip("@/").rstrip(".")):
            name = spelling.removeprefix("./")
            if path := self._known.get(name):
                return path if sure or _distinct(name) else None
        return None


def _distinct(name: str) -> bool:
    """Whether a bare word can only mean the file: `run` is prose too, `run.py`, `bin/run` and `Makefile` are not."""
    return "." in name or "/" in name or name != name.lower()


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w/-]|\.\w)", text) is not None
