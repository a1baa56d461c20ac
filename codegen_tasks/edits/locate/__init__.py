"""Where in a text does a hunk belong? A ladder of rungs, from exact to aligned; it stops at the first with a place.

It knows no format and changes nothing. Never in doubt: several places on a rung are all given back.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from codegen_tasks.edits.locate.align import aligned
from codegen_tasks.edits.locate.stretches import Stretch, stretches
from codegen_tasks.edits.locate.within import within
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.view import Place, View, amid_blanks, indent_of, plain, spaced, squeezed

Span = tuple[int, int]  # the first line and the one after the last

MANY = 50  # places at which blank lines do not count; where there are more, they stand everywhere
INDENTED = 0.98  # the score of lines that differ in nothing but the space around them, or more


def candidates(view: View, hunk: Hunk) -> list[Place]:
    """The places on the first rung that has any, in the order of the text; [] if it is not there. An empty pattern has
    no place.
    """
    if not any(line.strip() for line in hunk.before):
        return _blank(view, hunk)
    if found := _anywhere(view, hunk) or _exact(view, hunk):
        return found
    alike = _alike(view, hunk)
    if alike and alike[0].score >= INDENTED:
        return alike
    return within(view, hunk) or alike or _elided(view, hunk) or aligned(view, hunk)


def _blank(view: View, hunk: Hunk) -> list[Place]:
    """The place of a hunk that quotes nothing: only an empty file, or the end it names."""
    if not view.lines or hunk.at_end:
        return [Place((-1,) * len(hunk.before), "end", 1.0, len(view.lines))]
    return []


def _anywhere(view: View, hunk: Hunk) -> list[Place]:
    """The first place of a text that is to change at all of them."""
    at = view.text.find("\n".join(hunk.before)) if hunk.everywhere else -1
    return [Place((view.position(at)[0],), "exact", 1.0, view.position(at)[0])] if at >= 0 else []


def _exact(view: View, hunk: Hunk) -> list[Place]:
    """The places of whole lines; a text of a tool call that is one line, and a part of others, has all of these, unless
    it begins with that line's indentation.
    """
    found = _exact_places(view, hunk.before)
    if not hunk.literal or len(found) != 1 or indent_of(hunk.before[0]):
        return list(found)
    inner = [place for place in within(view, hunk) if place.start != found[0].start]
    return sorted([*found, *inner], key=lambda place: place.start)


@lru_cache(maxsize=16)
def _exact_places(view: View, lines: tuple[str, ...]) -> tuple[Place, ...]:
    """Kept, since many hunks may quote the same lines and these stand everywhere."""
    return tuple(Place(range(at, at + len(lines)), "exact", 1.0, at) for at in view.exact.find(lines))


class Rung(NamedTuple):
    """What may differ, the score if it does, and whether the file's lines are the quoted ones but for that."""

    name: str
    score: float
    holds: Callable[[Sequence[str], Sequence[str]], bool]


def _same(norm: Callable[[str], str]) -> Callable[[Sequence[str], Sequence[str]], bool]:
    """Whether all lines are the same in a normal form."""
    return lambda file, quoted: all(a == b or norm(a) == norm(b) for a, b in zip(file, quoted, strict=True))


RUNGS = (
    Rung("trailing space", 1.0, _same(str.rstrip)),
    Rung("indentation", INDENTED, _same(str.strip)),
    Rung("quotes and dashes", 0.9, _same(plain)),
    Rung("space between words", 0.88, _same(spaced)),
)
BLANKS = Rung("blank lines", 0.86, _same(str.strip))


def _alike(view: View, hunk: Hunk) -> list[Place]:
    """The places of lines that differ in space and typography: on the highest rung that one of them is on."""
    rows = [row for row, line in enumerate(hunk.before) if line.strip()]
    found = view.dense.find([squeezed(hunk.before[row]) for row in rows])
    places, last, rung = list[Place](), list[str](), None
    for at in found:
        start, count = view.filled[at] - rows[0], len(hunk.before)
        lines = view.lines[max(0, start) : start + count]
        if lines != last:  # where all lines are equal, they are looked at once
            rung, last = _rung(lines, hunk.before), lines
        if rung:
            places.append(Place(range(start, start + count), rung.name, rung.score, start))
        elif len(found) <= MANY and (loose := _amid_blanks(view, hunk, start, view.filled[at : at + len(rows)])):
            places.append(Place(loose, BLANKS.name, BLANKS.score, view.filled[at]))
    best = max((place.score for place in places), default=0)
    return [place for place in places if place.score == best]


def _rung(lines: Sequence[str], quoted: Sequence[str]) -> Rung | None:
    """The first rung that these lines of the file are on, blank ones where the quoted ones are."""
    if [not line.strip() for line in lines] != [not line.strip() for line in quoted]:
        return None
    return next((rung for rung in RUNGS if rung.holds(lines, quoted)), None)


def _amid_blanks(view: View, hunk: Hunk, start: int, filled: Sequence[int]) -> tuple[int, ...]:
    """The line of the text for each quoted one, whatever blank lines stand between; -1 for a blank one; () if others
    differ too. Diffs show blank lines: theirs may only stand for the end of the text, on both sides.
    """
    if hunk.signs:
        lines, beyond = view.lines[start:], start + len(hunk.before) - len(view.lines)
        if beyond <= 0 or hunk.after[-beyond:] != hunk.before[-beyond:]:
            return ()
        at_end = RUNGS[0].holds([*lines, *[""] * beyond], hunk.before)
        return (*range(start, len(view.lines)), *[-1] * beyond) if at_end else ()
    if not BLANKS.holds([view.lines[row] for row in filled], [line for line in hunk.before if line.strip()]):
        return ()
    return amid_blanks(filled, hunk.before)


def _elided(view: View, hunk: Hunk) -> list[Place]:
    """Stretches of lines around placeholders that both sides of a SEARCH block have, one after the other.

    One that changes stands at one place alone; of one in which nothing changes it only matters that it is there.
    """
    parts, way, end = stretches(hunk) if hunk.floating else [], list[Span](), 0
    for part in parts:
        spans = [(at.start, at.end) for at in _alike(view, Hunk(part.before, ())) if at.score >= INDENTED]
        below = [span for span in spans if span[0] >= end]
        if part.before != part.after and len(spans) > 1:
            return [_joined(hunk, [part], [span]) for span in spans]
        if not below:
            return []
        way.append(below[0])
        end = below[0][1]
    return [_joined(hunk, parts, way)] if parts else []


def _joined(hunk: Hunk, parts: Sequence[Stretch], way: Sequence[Span]) -> Place:
    rows = [-1] * len(hunk.before)
    for part, span in zip(parts, way, strict=True):
        rows[part.start : part.end] = range(*span)
    return Place(tuple(rows), "elision", 0.9, way[0][0])
