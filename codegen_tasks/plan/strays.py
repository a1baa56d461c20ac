"""Sections of the plan that seem to be about a file which is not planned. It judges names, and reads no file."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from codegen_tasks.plan.names import Names
from codegen_tasks.records import Section, Stray

_QUOTED = re.compile(r"`+([^`\n]+)`+")
_WORD = re.compile(r"[\w./@+~-]+")
_FILE = re.compile(r"(?:\.{0,2}/)?(?:[\w.@+~-]+/)*[\w@+~-][\w.@+~-]*\.[a-z][a-z0-9]{0,6}")
_BARE = re.compile(r"(?:[\w.@+~-]+/)+[\w@+~-]+")  # a path without an ending: only in quotes
_SITE = re.compile(r"(?:www\.|.*\.(?:com|org|net|io|dev)(?:/|$))", re.IGNORECASE)
_MOST = 50  # strays that are looked for
_NEAR, _VERY_NEAR = 0.6, 0.85  # likeness, as difflib measures it


def find_strays(sections: Sequence[Section], paths: Sequence[str]) -> tuple[Stray, ...]:
    """Headings that look like a path and name no planned file; and paths in the text of sections for all that nearly
    are a planned one."""
    names, found = Names(tuple(paths)), list[Stray]()
    for section in sections:
        if names.within(section.heading, section.heading):
            continue
        for word in _heading(section, paths):
            found.append(Stray(section.line, section.heading, word, _nearest(word, paths, _NEAR)))
        if not section.paths:
            found += _in_text(section, paths)
        if len(found) > _MOST:
            break
    return tuple(found[:_MOST])


def _heading(section: Section, paths: Sequence[str]) -> Iterator[str]:
    """The words of a heading that look like paths."""
    quoted = [word.strip() for word in _QUOTED.findall(section.heading)]
    whole = section.heading.strip().rstrip(":")
    others = [path.rpartition("/")[2] for path in paths]
    endings = set(map(_ending, others))
    for word in dict.fromkeys([*quoted, whole, *_WORD.findall(section.heading)]):
        name = word.rstrip(".").removeprefix("./")
        sure = word in quoted
        if _SITE.match(name) or not (_FILE.fullmatch(name) or (sure and _BARE.fullmatch(name))):
            continue
        if "/" in name or (sure and _ending(name) in endings) or _nearest(name, others, _NEAR):
            yield name
            return


def _ending(name: str) -> str:
    return name.rpartition(".")[2]


def _in_text(section: Section, paths: Sequence[str]) -> Iterator[Stray]:
    text = section.text.partition("\n")[2]
    for word in dict.fromkeys(word.strip().removeprefix("./") for word in _QUOTED.findall(text)):
        if "/" in word and _FILE.fullmatch(word) and (near := _nearest(word, paths, _VERY_NEAR)):
            yield Stray(section.line, section.heading, word, near, in_text=True)


def _nearest(word: str, paths: Sequence[str], likeness: float) -> str:
    """The planned path that is most like it: of the same name if there is one. Empty if none is near."""
    name = word.rpartition("/")[2]
    same = [path for path in paths if path.rpartition("/")[2] == name]
    near = get_close_matches(word, same, 1, 0.0) if likeness < _VERY_NEAR else []
    return next(iter(near or get_close_matches(word, paths, 1, likeness)), "")
