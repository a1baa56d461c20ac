"""How far in new lines belong where the found ones are indented otherwise than the quoted. It finds no places.

The new part is written in a few ways: moved as the pairs of quoted and found lines show, its leading lines by the first
pair alone, or as it was sent. One proof counts what speaks against each, line by line; where the best is not better in
all, nobody knows.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from math import gcd
from typing import NamedTuple

from codegen_tasks.edits.merge.frames import (
    SURE,
    WIDTHS,
    DepthError,
    Frame,
    Pair,
    Rule,
    has_tabs_alone,
    rule_of,
    unit_of,
)
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.view import Place, View, depth_of, indent_of

_OPENS = re.compile(r"[:{(\[](?:\s*|\s+(?:#|//).*)$")
_CLOSES = re.compile(r"[\s})\];,]+$")  # and nothing else: which one it is, its depth alone tells
_GOES_ON = tuple(".?&|=<>)]}:")  # what begins so may be further in than the line above
_SPACED = re.compile(r" +[^\s*-]")
_DOCUMENT = re.compile(r"(?<!<)<<[-~]?\s*([\"']?)([A-Za-z_]\w*)\1(?!\w)")
MANY = 20  # lines at which a block may be cut
DEEP = 8  # what a line opens is not further in than this
# What speaks against a line of a rendering, and how much.
MOVED = 2  # it was quoted word for word, and the file has it elsewhere
OUTSIDE = 20  # it is further out than the whole place, or far too deep below what opens it
EMPTY = 3  # it is not further in than the line above, which opens a block
LOOSE = 1  # it is further in than the line above lets it be, or repeats a quoted one, which the file has elsewhere
REPEATED = 6  # lines that repeat quoted ones are counted: what is put around a block moves all of it
REPLACED = 3  # it stands elsewhere than the line it comes for
CLEAR = {"block": 4, "diff": 6}  # by so much must lines as they were sent be better than moved ones


class Rendering(NamedTuple):
    """A way to write the second part. No line of it may be further out than the `edge`, so many characters."""

    lines: list[str]
    edge: int = 0


class Faults(NamedTuple):
    """What speaks against a rendering: in all, and against each new line; how many lines are outside of the place, and
    how many moved though they were quoted.
    """

    total: int
    fresh: tuple[int, ...]
    outside: int
    moved: int


def reindented(view: View, hunk: Hunk, place: Place, base: Sequence[str]) -> list[str]:
    """The second part of a hunk as the file is indented at the place; lines that stay are those of `base`.

    Raises DepthError where that is not certain.
    """
    pairs = pairs_of(view, hunk, place)
    if all(pair.quoted == pair.file for pair in pairs):
        if lost_depth(hunk):
            raise DepthError
        return _with_tabs(view, hunk, place, base)
    rule = rule_of(pairs, step_of(hunk))
    if hunk.signs and rule.frame in (None, Frame()):
        return _as_it_stands(hunk, pairs)
    renderings = _renderings(hunk, pairs, rule, base)
    best = _proved(hunk, pairs, [_faults(view, hunk, place, base, rendering) for rendering in renderings])
    return _with_documents(hunk.after, renderings[best].lines)


def _with_tabs(view: View, hunk: Hunk, place: Place, base: Sequence[str]) -> list[str]:
    """The second part with tabs for the spaces before new lines where the file has tabs alone, as many as the fewest
    faults tell. Where spaces are quoted, or a line loses its tabs, it is the indentation that changes.
    """
    spaced = {line: depth_of(line) for line in hunk.after if _SPACED.match(line)}
    tabbed = {line.strip() for line in hunk.before if line.startswith("\t")}
    if not spaced or any(map(_SPACED.match, hunk.before)) or not has_tabs_alone(view):
        return list(hunk.after)
    ways = [
        ["\t" * (spaced[line] // width) + line.lstrip() if line in spaced else line for line in hunk.after]
        for width in WIDTHS
        if not any(depth % width or line.strip() in tabbed for line, depth in spaced.items())
    ]
    renderings = [Rendering(lines) for lines in [*ways, list(hunk.after)]]
    *others, sent = (_faults(view, hunk, place, base, rendering).total for rendering in renderings)
    least = min(others, default=sent)
    return ways[others.index(least)] if others and least < max(sent, 1) else list(hunk.after)


def _proved(hunk: Hunk, pairs: Sequence[Pair], faults: Sequence[Faults]) -> int:
    """Which rendering has the fewest faults; of several the first. The last one is as sent.

    Raises DepthError if that is hardly better, or alone and not without fault, or if another is better in a part that
    counts alone.
    """
    own = min(faults, key=lambda its: its.total)
    best = faults.index(own)
    others = [*faults[:best], *faults[best + 1 :]]
    if not others and (hunk.signs or own.outside or own.moved or any(own.fresh)):
        raise DepthError
    if hunk.signs:
        outdone = any(its < ours for other in others for its, ours in zip(other.fresh, own.fresh, strict=True))
    else:
        outdone = own.outside > 0 or (own.moved > 1 and 2 * own.moved >= len(pairs))
    lead = min((its.total - own.total for its in others), default=CLEAR["block"])
    if outdone or (best == len(others) and lead < CLEAR["diff" if hunk.signs else "block"]):
        raise DepthError
    return best


def _with_documents(sent: Sequence[str], written: list[str]) -> list[str]:
    """The new lines, those of here-documents as they were sent if the words that end them stand at the edge."""
    at = 0
    while at < len(sent):
        word = found[2] if (found := _DOCUMENT.search(sent[at])) else ""
        at += 1
        end = next((i for i in range(at, len(sent)) if sent[i].strip() == word), -1) if word else -1
        if end >= 0:
            written[at : end + 1] = (written if indent_of(sent[end]) else sent)[at : end + 1]
            at = end + 1
    return written


def pairs_of(view: View, hunk: Hunk, place: Place) -> list[Pair]:
    """The indentation of each found line, as it is quoted and in the file."""
    return [
        Pair(row, indent_of(line), indent_of(view.lines[at]))
        for row, (line, at) in enumerate(zip(hunk.before, place.rows, strict=True))
        if at >= 0 and line.strip()
    ]


def step_of(hunk: Hunk) -> int:
    """How many spaces a block indents by; 4 if it does not tell."""
    indents = (indent_of(line) for side in (hunk.before, hunk.after) for line in side if line.strip())
    step = gcd(*(len(indent) for indent in indents))
    return step if step > 1 else 4


def _as_it_stands(hunk: Hunk, pairs: Sequence[Pair]) -> list[str]:
    """The second part of a diff whose lines are indented this way and that.

    Raises DepthError where a new line without indentation can be one of those that all lost it alike, or below a
    bracket that is misquoted: only its depth tells which one it is.
    """
    deep = [pair for pair in pairs if pair.quoted or pair.file]
    alike = len(deep) >= max(SURE, len(pairs) - len(deep)) and rule_of(deep, step_of(hunk)).frame not in (None, Frame())
    if alike and any(line[:1].strip() and line not in hunk.before for line in hunk.after):
        raise DepthError
    odd = {pair.row for pair in pairs if pair.quoted != pair.file and _CLOSES.match(hunk.before[pair.row])}
    above = {len(hunk.signs[: place.start()].replace("+", "")) for place in re.finditer(r" (?=\+)", hunk.signs)}
    if odd & above:
        raise DepthError
    return list(hunk.after)


def _renderings(hunk: Hunk, pairs: Sequence[Pair], rule: Rule, base: Sequence[str]) -> list[Rendering]:
    """The ways to write the second part: moved by the rule, cut behind the lines that go by the first, and as sent."""
    edge, step, size = min(len(pair.file) for pair in pairs), step_of(hunk), len(hunk.after)
    found = [(_written(hunk.after, [rule] * size, _known(hunk, base)), 0 if rule.frame else edge)]
    lost, *others = (len(pair.file) - len(pair.quoted) for pair in pairs)
    if hunk.floating and lost > max([0, *others]) and len({*others}) <= 1:
        first, rest = rule_of(pairs[:1], step), rule_of(pairs[1:], step)
        cuts = [[first] * cut + [rest] * (size - cut) for cut in _cuts(hunk.after, pairs[0].quoted)]
        ways = [_written(hunk.after, rules, {}) for rules in cuts]
        found += [(lines, edge) for lines in ways if None not in ways]
    begin = next((indent_of(line) for line in hunk.after if line.strip()), "")
    stands = len(pairs) > 1 and begin == pairs[0].file and all(pair.quoted == pair.file for pair in pairs[1:])
    found.append((list(hunk.after), 0 if stands else edge))
    return [Rendering(lines, edge) for lines, edge in found if lines is not None]


def _cuts(lines: Sequence[str], first: str) -> list[int]:
    """How many new lines may go by the first quoted one: any number of those as far out as that, or all. Of many such
    the first few are tried, and all of them.
    """
    filled = (i for i, line in enumerate(lines) if line.strip())
    leading = [i + 1 for i in takewhile(lambda i: indent_of(lines[i]) == first, filled)]
    return [*leading[:MANY], *leading[-1:], len(lines)]


def _written(sent: Sequence[str], rules: Sequence[Rule], known: Mapping[int, str]) -> list[str] | None:
    """The lines, known ones or each by its rule; None if one cannot be."""
    try:
        return [known[i] if i in known else rules[i].of(line) for i, line in enumerate(sent)]
    except DepthError:
        return None


def _known(hunk: Hunk, base: Sequence[str]) -> dict[int, str]:
    """The new part's lines that stay, and those that come one for one for quoted ones, all as far in: they go where
    these are in the file.
    """
    known, row, new = dict[int, str](), 0, 0
    for run in re.findall(r" +|[-+]+", signs_of(hunk)):
        gone, came = len(run) - run.count("+"), len(run) - run.count("-")
        rows = [*zip(range(row, row + gone), range(new, new + came), strict=False)]
        if run[0] == " ":
            known |= {b: base[a] for a, b in rows}
        elif gone == came and all(_is_like(hunk.before[a], hunk.after[b]) for a, b in rows):
            known |= {b: indent_of(base[a]) + hunk.after[b].lstrip() for a, b in rows}
        row, new = row + gone, new + came
    return known


def _is_like(old: str, new: str) -> bool:
    """Whether a line, not a blank one, is as far in as the one that it comes for."""
    return bool(old.strip() and new.strip()) and indent_of(old) == indent_of(new)


def lost_depth(hunk: Hunk) -> bool:
    """Whether new lines lost indentation: the first repeats a quoted one, further out than any of them, and that is not
    the whole change.
    """
    before, after = ([line for line in side if line.strip()] for side in (hunk.before, hunk.after))
    words, depth = [line.strip() for line in before], min((depth_of(line) for line in before), default=0)
    lost = bool(after) and depth_of(after[0]) < depth and after[0].strip() in words
    return hunk.floating and lost and words != [line.strip() for line in after]


def _faults(view: View, hunk: Hunk, place: Place, base: Sequence[str], rendering: Rendering) -> Faults:
    """What speaks against a rendering of the second part."""
    lines, edge = rendering
    above = next((view.lines[i] for i in range(place.start - 1, -1, -1) if view.stripped[i]), "")
    outside = moved = row = new = 0
    costs, fresh, gone, repeated = list[int](), list[int](), "", 0
    quoted = {line.strip(): indent_of(line) for line in base} if hunk.floating else {}
    for sign in signs_of(hunk):
        row += sign != "+"
        new += sign != "-"
        if sign == "-":
            gone = gone or base[row - 1]
            continue
        line = base[row - 1] if sign == " " and hunk.signs else lines[new - 1]
        if not line.strip():
            continue
        indent, cost = indent_of(line), _beside(line, above, unit_of(view))
        is_mixed = " \t" in indent and " \t" not in view.text
        is_outside = cost == OUTSIDE or is_mixed or (len(indent) < edge and not _CLOSES.match(line))
        is_moved = sign == " " and indent_of(base[row - 1]) != indent
        costs.append((OUTSIDE if is_outside else cost) + MOVED * is_moved)
        if sign == "+":
            repeated += quoted.get(line.strip(), indent) != indent
            costs[-1] += REPLACED * bool(gone and len(indent) != depth_of(gone))
            fresh.append(costs[-1])
            gone = ""
        outside, moved, above = outside + is_outside, moved + is_moved, line
    return Faults(sum(costs) + LOOSE * min(repeated, REPEATED), tuple(fresh), outside, moved)


def _beside(line: str, above: str, unit: int) -> int:
    """What speaks against a line below another: it is further in exactly where that opens a block, and not too far."""
    further, opens = depth_of(line) - depth_of(above), bool(_OPENS.search(above))
    if further <= 0:
        return EMPTY * (opens and not _CLOSES.match(line))
    if opens:
        return OUTSIDE if further > DEEP else LOOSE * (further > (unit or DEEP))
    return LOOSE * (bool(above) and not line.lstrip().startswith(_GOES_ON))
