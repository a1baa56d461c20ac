"""Ranked definitions as text within a budget: signatures, grouped under the path of their file. It ranks nothing.

src/shop/tax.py:
  class Tax(Rule):
    def on(self, price: Price) -> Price
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from codegen_tasks.context.facts import Fact

_TRIES = 25  # entries too long for what is left, until it counts as full


class Entry(NamedTuple):
    """A definition as it is shown. `parent` is the class it stands in."""

    path: str
    line: int
    name: str
    signature: str
    parent: str = ""


def fill(ranked: Iterable[Entry], budget: int, count: Callable[[str], int]) -> list[Entry]:
    """The first of the ranked entries whose text fits into a budget of tokens; one that is too long is passed over."""
    chosen: list[Entry] = []
    used, too_long, open_ = 0, 0, set()
    for entry in ranked:
        heads = [head for head in _heads(entry) if head not in open_]
        cost = sum(count(text) for text, _ in heads) + count(_line(entry))
        if used + cost > budget:
            too_long += 1
            if too_long == _TRIES:
                break
            continue
        used += cost
        open_.update(heads)
        chosen.append(entry)
    while chosen and count(render_entries(chosen)) > budget:
        chosen.pop()
    return chosen


def render_entries(entries: Sequence[Entry]) -> str:
    """The text of entries: files in order of their best entry, definitions in order of their lines."""
    files: dict[str, list[Entry]] = {}
    for entry in entries:
        files.setdefault(entry.path, []).append(entry)
    return "".join(line for path, found in files.items() for line in _file(path, found))


def render_facts(facts: Sequence[Fact]) -> str:
    """The text of facts as they were rendered when they were chosen: their order is that of their lines."""
    entries = []
    for number, fact in enumerate(facts):
        parent, _, name = fact.name.rpartition(".")
        entries.append(Entry(fact.path, number, name, fact.signature, parent))
    return render_entries(entries)


def _file(path: str, entries: list[Entry]) -> Iterator[str]:
    yield f"{path}:\n"
    shown, inside = {entry.name for entry in entries if not entry.parent}, ""
    for entry in sorted(entries, key=lambda e: (e.line, e.name)):
        if entry.parent and entry.parent != inside and entry.parent not in shown:
            yield _parent(entry)
        inside = entry.parent or entry.name
        yield _line(entry)


def _heads(entry: Entry) -> list[tuple[str, str]]:
    """The lines that a first entry of a file or of a class needs above it, each with the file it belongs to."""
    heads = [(f"{entry.path}:\n", "")]
    if entry.parent:
        heads.append((_parent(entry), entry.path))
    return heads


def _parent(entry: Entry) -> str:
    return f"  in {entry.parent}:\n"


def _line(entry: Entry) -> str:
    return f"{'    ' if entry.parent else '  '}{entry.signature}\n"
