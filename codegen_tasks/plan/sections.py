"""plan.md becomes sections, and each section knows which planned files it names. It does not know units."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from codegen_tasks.plan.names import Names
from codegen_tasks.records import Section


def split_sections(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Yields (line, level, heading, text) per section of CommonMark text; level 0 stands before the first heading.

    A section is a heading with its own text, up to the next heading of any level. Headings in code fences, quotes,
    lists and front matter do not count. The texts joined are the input.
    """
    from markdown_it import MarkdownIt

    lines = text.split("\n")
    body = _without_front_matter(lines)
    tokens = MarkdownIt("commonmark").enable("table").disable("inline").parse("\n".join(body))
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
    names = Names(tuple(paths))
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
