"""Where in a text does a hunk belong? A ladder of rungs, from exact to aligned; it stops at the first with a place.

It knows no format and changes nothing. Never in doubt: several places on a rung are all given back.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from codegen_tasks.edits.locate.align import aligned
from codegen_tasks.edits.locate.stretches import Stretch, stretches
from codegen_tasks.edits.locate.within import LONGEST, within
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.view import Index, Place, View, indent_of, plain, spaced, words


def candidates(view: View, hunk: Hunk) -> list[Place]:
    """The places on the first rung that has any, in the order of the text; [] if it is not there. An empty pattern has
    no place.
    """
    if not any(line.strip() for line in hunk.before):
        return _blank(view, hunk)
    for rung in RUNGS:
        if found := rung(view, hunk):
            return found
    return []


def _blank(view: View, hunk: Hunk) -> list[Place]:
    """The place of a hunk that quotes nothing: only an empty file, or the end it names."""
    if not view.lines or hunk.at_end:
        return [Place((-1,) * len(hunk.before), "end", 1.0, len(view.lines))]
    return []


def _exact(view: View, hunk: Hunk) -> list[Place]:
    """The places of whole lines; a text of a tool call that is one line, and a part of others, has all of these."""
    found = list(_exact_places(view, hunk.before))
    if not hunk.literal or len(found) != 1:
        return found
    inner = [place for place in within(view, hunk) if place.start != found[0].start and not _deeper(view, hunk, place)]
    return sorted([*found, *inner], key=lambda place: place.start)


def _deeper(view: View, hunk: Hunk, place: Place) -> bool:
    """Whether a line that is quoted with its indentation stands there further in."""
    return bool(indent_of(hunk.before[0])) and not view.lines[place.start][: place.column].strip()


@lru_cache(maxsize=16)
def _exact_places(view: View, lines: tuple[str, ...]) -> list[Place]:
    """Kept, since many hunks may quote the same lines and these stand everywhere."""
    if not view.index.holds(map(str.strip, lines)):
        return []
    return [Place(range(at, at + len(lines)), "exact", 1.0, at) for at in view.exact.find(lines)]


def _loose(view: View, hunk: Hunk) -> list[Place]:
    """Lines that differ only in the space around them, in four rungs."""
    count, last, graded = len(hunk.before), list[str](), list[tuple[int, int]]()
    for at in _runs(view.index, map(str.strip, hunk.before)):
        lines = view.lines[at : at + count]
        same = graded and lines == last  # as where all lines are equal: they are graded once
        graded.append((graded[-1][0] if same else _grade(lines, hunk.before, bool(hunk.signs)), at))
        last = lines
    best = min(graded)[0] if graded else 0
    return [Place(range(at, at + count), GRADES[best], 1.0 - best / 50, at) for grade, at in graded if grade == best]


MANY = 50
HEAVY = 100_000  # lines to compare
GRADES = ("trailing space", "indentation", "first line's indentation", "ragged indentation")


def _grade(file: Sequence[str], quoted: Sequence[str], diff: bool) -> int:
    """How the space around the lines differs, as an index of GRADES. A first line loses its own only in a SEARCH."""

    def pairs() -> Iterator[tuple[str, str]]:
        return ((a, b) for a, b in zip(file, quoted, strict=True) if b.strip())

    if all(a.rstrip() == b.rstrip() for a, b in pairs()):
        return 0
    if _shifted(pairs()):
        return 1
    return 2 if not diff and _shifted(islice(pairs(), 1, None)) else 3


def _shifted(pairs: Iterator[tuple[str, str]]) -> bool:
    """Whether one indentation in front of all lines of a side makes the other."""
    a, b = next(pairs, ("", ""))
    a, b = indent_of(a), indent_of(b)
    if a.endswith(b):
        return all(x.rstrip() == a.removesuffix(b) + y.rstrip() for x, y in pairs)
    return b.endswith(a) and all(b.removesuffix(a) + x.rstrip() == y.rstrip() for x, y in pairs)


def _unicode(view: View, hunk: Hunk) -> list[Place]:
    """Lines that differ in typographic quotes, dashes and spaces."""
    quoted = [plain(line) for line in hunk.before]
    if view.plain is view.stripped and quoted == [line.strip() for line in hunk.before]:
        return []
    count = len(quoted)
    found = _runs(view.plain_index, quoted)
    return [Place(range(at, at + count), "quotes and dashes", 0.9, at) for at in found]


def _blanks(view: View, hunk: Hunk) -> list[Place]:
    """The lines that are not blank follow each other, whatever blank lines stand between; [] if they do so everywhere.
    Diffs show blank lines.
    """
    if hunk.signs:
        return _at_end(view, hunk)
    quoted = [line.strip() for line in hunk.before if line.strip()]
    found = _runs(view.dense, quoted)
    if len(found) > MANY:
        return []
    spread = (_spread(view.filled[at : at + len(quoted)], hunk.before) for at in found)
    return [Place(rows, "blank lines", 0.9, view.filled[at]) for at, rows in zip(found, spread, strict=True)]


def _at_end(view: View, hunk: Hunk) -> list[Place]:
    """The last lines of the text for a diff whose two sides have more blank rows at their end than the text has."""
    size, filled = _filled_size(hunk.before), _filled_size(view.lines)
    if len(hunk.before) - size != len(hunk.after) - _filled_size(hunk.after):
        return []
    start, rest = filled - size, len(view.lines) - filled
    quoted = [line.rstrip() for line in hunk.before[:size]]
    if len(hunk.before) - size <= rest or start < 0 or quoted != [line.rstrip() for line in view.lines[start:filled]]:
        return []
    rows = (*range(start, len(view.lines)), *(-1 for _ in range(len(hunk.before) - size - rest)))
    return [Place(rows, "blank lines", 0.9, start)]


def _filled_size(lines: Sequence[str]) -> int:
    """How many lines there are without the blank ones at the end."""
    return next((i for i in range(len(lines), 0, -1) if lines[i - 1].strip()), 0)


def _spaced(view: View, hunk: Hunk) -> list[Place]:
    """Lines that differ in the space between their words and signs, strings aside."""
    if max(map(len, hunk.before)) >= LONGEST:
        return []
    rare, row = max((len(word), word, i) for i, line in enumerate(hunk.before) for word in words(line))[1:]
    rows = [at for at in view.rows_of(rare) if at >= row]
    count, quoted = len(hunk.before), [*map(spaced, hunk.before)] if rows else []
    starts = [at - row for at in rows if spaced(view.lines[at]) == quoted[row]]
    if count * len(starts) > HEAVY:
        same = view.spaced.find(quoted)
    else:
        same = [at for at in starts if [*map(spaced, view.lines[at : at + count])] == quoted]
    return [Place(range(at, at + count), "space between words", 0.85, at) for at in same]


def _spread(rows: Sequence[int], quoted: Sequence[str]) -> tuple[int, ...]:
    """The line of the text for each quoted line; -1 for a blank one that has no counterpart beside its neighbour."""
    numbers, result = iter(rows), list[int]()
    for line in quoted:
        result.append(next(numbers) if line.strip() else -1)
    return tuple(result)


def _runs(index: Index, lines: Iterable[str]) -> list[int]:
    """Where all these lines stand one after the other; [] if they are blank."""
    quoted = list(lines)
    return index.find(quoted) if any(quoted) and index.holds(quoted) else []


def _elided(view: View, hunk: Hunk) -> list[Place]:
    """Stretches of lines around placeholders that both sides of a SEARCH block have: the file's own lines between."""
    chains = _chains(view, stretches(hunk)) if hunk.floating else []
    return sorted((_joined(hunk, chain) for chain in chains), key=lambda place: place.start)


def _chains(view: View, parts: Sequence[Stretch]) -> list[dict[Stretch, int]]:
    """All ways to find the stretches one after the other that change other lines; [] if there are too many.

    A stretch in which nothing changes is where it comes first: only that it is there matters.
    """
    chains: dict[tuple[int, ...], tuple[dict[Stretch, int], int]] = {(): ({}, 0)}
    for part in parts:
        starts = _runs(view.index, map(str.strip, part.before))
        grown: dict[tuple[int, ...], tuple[dict[Stretch, int], int]] = {}
        for changed, (chain, end) in chains.items():
            behind = [at for at in starts if at >= end]
            for at in behind if part.before != part.after else behind[:1]:
                key = (*changed, at) if part.before != part.after else changed
                grown[key] = ({**chain, part: at}, at + len(part.before))
        if len(grown) > MANY:
            return []
        chains = grown
    return [chain for chain, _ in chains.values() if chain]


def _joined(hunk: Hunk, chain: Mapping[Stretch, int]) -> Place:
    rows = [-1] * len(hunk.before)
    for part, at in chain.items():
        rows[part.start : part.end] = range(at, at + len(part.before))
    return Place(tuple(rows), "elision", 0.9, min(chain.values()))


RUNGS: tuple[Callable[[View, Hunk], list[Place]], ...] = (
    _exact, _loose, within, _unicode, _spaced, _blanks, _elided, aligned,
)  # fmt: skip
