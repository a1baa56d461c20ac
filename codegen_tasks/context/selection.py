"""What to show a unit of the rest of the repository: signatures first, then a few bodies or examples of the style.

It goes by the ranking and a budget. Whatever it shows of a file stands there as `read` gives it, not as the index
remembers it: a planned file that was applied already is shown as before the plan.
"""

from __future__ import annotations  # see the index

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from codegen_tasks.context.definitions import Entry, fill, render_entries
from codegen_tasks.context.facts import Excerpt, Fact
from codegen_tasks.context.truth import facts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from codegen_tasks.context.index import Index
    from codegen_tasks.context.rank import Ranked

_SIGNATURES = 0.7  # of the tokens for signatures; the rest is for bodies and examples
_BODIES = 8  # bodies that are shown at most
_BODY_LINES = 60
_EXAMPLES = 2  # siblings of a new file that are shown as examples
_EXAMPLE_TOKENS = 0.15  # of the tokens for each of them
_LIKELY = -2.5  # logarithm of the odds from which on a body is worth its tokens


class Selection(NamedTuple):
    """Facts in the order they are shown, excerpts, and what there was no room for."""

    facts: tuple[Fact, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    left_out: tuple[str, ...] = ()


def select(
    index: Index,
    planned: Mapping[str, bytes | None],
    plan: str,
    read: Callable[[str], bytes | None],
    tokens: int,
    count: Callable[[str], int],
    shown: Collection[str] = (),
) -> Selection:
    """The selection for the planned files within `tokens`. Files in `shown` are shown already, as a whole."""
    from codegen_tasks.context.rank import rank

    if tokens <= 0:
        return Selection()
    ranked = [one for one in rank(index, planned, plan) if one.path not in shown]
    chosen = fill(_true(index, map(_entry, ranked), read), int(tokens * _SIGNATURES), count)
    left = tokens - count(render_entries(chosen))
    examples = _examples(index, planned, shown, read, min(left, int(tokens * _EXAMPLE_TOKENS)), count)
    left -= sum(_cost(example, count) for example in examples)
    bodies = _bodies(ranked, set(chosen), {example.path for example in examples}, read, left, count)
    over = len(ranked) - len(chosen)
    files = len({one.path for one in ranked} - {entry.path for entry in chosen})
    left_out = (f"{over} definitions of lower rank, among them all of {files} files",) if over else ()
    return Selection(_facts(chosen), (*examples, *bodies), left_out)


def _entry(one: Ranked) -> Entry:
    d = one.definition
    return Entry(one.path, d.line, d.name, d.signature, d.parent)


def _true(index: Index, entries: Iterable[Entry], read: Callable[[str], bytes | None]) -> Iterator[Entry]:
    """Those that stand in their file as `read` gives it: the index knows only what is on disk."""
    there: dict[str, set[Fact] | None] = {}
    for entry in entries:
        if entry.path not in there:
            data = read(entry.path)
            same = data is not None and index.holds(entry.path, data)
            there[entry.path] = None if same else set(facts_of(entry.path, data or b""))
        facts = there[entry.path]
        if facts is None or _fact(entry) in facts:
            yield entry


def _fact(entry: Entry) -> Fact:
    return Fact(entry.path, f"{entry.parent}.{entry.name}" if entry.parent else entry.name, entry.signature)


def _facts(chosen: Sequence[Entry]) -> tuple[Fact, ...]:
    """In the order of their text: files by their best entry, definitions by line."""
    order = {path: number for number, path in enumerate(dict.fromkeys(entry.path for entry in chosen))}
    return tuple(_fact(e) for e in sorted(chosen, key=lambda e: (order[e.path], e.line, e.name)))


def _bodies(
    ranked: Sequence[Ranked],
    chosen: Collection[Entry],
    whole: Collection[str],
    read: Callable[[str], bytes | None],
    tokens: int,
    count: Callable[[str], int],
) -> list[Excerpt]:
    """The bodies of the best, while the tokens last."""
    found: list[Excerpt] = []
    for one in ranked:
        if len(found) == _BODIES or one.score < _LIKELY:
            break
        if _entry(one) not in chosen or one.path in whole or one.definition.kind == "class":
            continue
        lines = (read(one.path) or b"").decode("utf-8", "replace").split("\n")
        start, stop = one.definition.line - 1, one.definition.last
        if not 1 < stop - start <= _BODY_LINES:
            continue
        excerpt = Excerpt(one.path, f"lines {start + 1} to {stop}", "\n".join(lines[start:stop]) + "\n")
        cost = _cost(excerpt, count)
        if cost <= tokens:
            found.append(excerpt)
            tokens -= cost
    return found


def _examples(
    index: Index,
    planned: Mapping[str, bytes | None],
    shown: Collection[str],
    read: Callable[[str], bytes | None],
    tokens: int,
    count: Callable[[str], int],
) -> list[Excerpt]:
    """For new files, whole siblings of the same kind: the largest of each folder that fit, as examples of the style."""
    found: list[Excerpt] = []
    for path in (path for path, data in planned.items() if data is None):
        ending = posixpath.splitext(path)[1]
        for sibling in index.resolver.siblings(path):
            if len(found) == _EXAMPLES:
                return found
            taken = {*planned, *shown, *(one.path for one in found)}
            if not sibling.endswith(ending) or sibling in taken:
                continue
            text = (read(sibling) or b"").decode("utf-8", "replace")
            excerpt = Excerpt(
                sibling, "an example of how files here are written", text if text.endswith("\n") else f"{text}\n"
            )
            if text.strip() and (cost := _cost(excerpt, count)) <= tokens:
                found.append(excerpt)
                tokens -= cost
                break
    return found


def _cost(excerpt: Excerpt, count: Callable[[str], int]) -> int:
    return count(render_excerpt(excerpt))


def render_excerpt(excerpt: Excerpt) -> str:
    """The lines in a fence that nothing in them can close."""
    fence = "```"
    while fence in excerpt.text:
        fence += "`"
    return f"`{excerpt.path}`, {excerpt.what}:\n{fence}\n{excerpt.text}{fence}\n"
