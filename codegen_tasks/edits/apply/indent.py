"""How new lines are indented where the found ones are indented otherwise than the quoted. It finds no places.

Nothing is guessed: where lines quoted at one depth stand at several in the file, nobody knows which is meant.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from math import gcd
from typing import NamedTuple

from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.view import Place, View, indent_of

WIDTHS = (4, 8, 2, 3)  # spaces that may stand for a tab, the likeliest first
SURE = 3  # so many quoted lines outweigh one


class DepthError(Exception):
    """What is quoted does not tell how a new line is to be indented."""


class Ref(NamedTuple):
    """A quoted line that was found: its number in the quote, its indentation there and in the file."""

    row: int
    quoted: str
    file: str


def refs_of(view: View, hunk: Hunk, place: Place) -> list[Ref]:
    """What the found lines say about indentation; nothing if it is the same."""
    refs = [
        Ref(row, indent_of(line), indent_of(view.lines[at]))
        for row, (line, at) in enumerate(zip(hunk.before, place.rows, strict=True))
        if at >= 0 and line.strip()
    ]
    return [] if all(ref.quoted == ref.file for ref in refs) else refs


def step_of(hunk: Hunk) -> int:
    """How many spaces a block indents by; 4 if it does not tell."""
    indents = (indent_of(line) for side in (hunk.before, hunk.after) for line in side if line.strip())
    step = gcd(*(len(indent) for indent in indents))
    return step if step > 1 else 4


class Rule(NamedTuple):
    """What the quoted lines say of new ones: those that agree, each once, and the depths at which one slipped."""

    refs: Sequence[Ref]
    even: bool
    slips: Collection[str]


def rule_of(refs: Sequence[Ref]) -> Rule:
    """The rule that the quoted lines make."""
    agreeing = _agreeing(refs)
    slips = {ref.quoted for ref in refs if ref not in agreeing}
    return Rule(list({ref[1:]: ref for ref in agreeing}.values()), _is_even(agreeing), slips)


def moved(line: str, rule: Rule, step: int) -> str:
    """A new line with the indentation of the place.

    It goes by the quoted lines that are indented alike; else, if the file differs from the quote in one way throughout,
    by the next further out, else by the outermost. Raises DepthError where that is not certain.
    """
    if not line.strip():
        return ""
    indent = indent_of(line)
    same = {ref.file for ref in rule.refs if ref.quoted == indent}
    if len(same) > 1 or not (same or rule.even) or indent in rule.slips:
        raise DepthError
    file = same.pop() if same else _extended(indent, rule.refs, step)
    others = (ref for ref in rule.refs if ref.quoted != indent)
    if any((len(ref.quoted) < len(indent)) != (len(ref.file) < len(file)) for ref in others):
        raise DepthError
    return file + line.lstrip()


def _agreeing(refs: Sequence[Ref]) -> Sequence[Ref]:
    """The quoted lines without a single one that three others contradict. Lines without any indentation do so unless
    it may only show another width of it.
    """
    (way, count), *_ = Counter(map(_way, refs)).most_common(1)
    odd = next((ref for ref in refs if _way(ref) != way), refs[0])
    wide = len(odd.file) / max(1, len(odd.quoted)) in (0.5, 1, 2) or bool(width_of([odd]))
    against = [ref for ref in refs if _way(ref) == way and (ref.quoted or not wide)]
    return [ref for ref in refs if ref is not odd] if count == len(refs) - 1 and len(against) >= SURE else refs


def _way(ref: Ref) -> int | None:
    """How much further in a line of the file is; None: it is indented with something else."""
    either = ref.file.endswith(ref.quoted) or ref.quoted.endswith(ref.file)
    return shift_of(ref) if either else None


def has_spaces_for_tabs(refs: Sequence[Ref]) -> bool:
    """Whether spaces are quoted for the tabs of the file, and not by a slip in one line."""
    swapped = sum("\t" in ref.file and "\t" not in ref.quoted for ref in refs)
    return swapped > 1 or bool(swapped and width_of(refs))


def width_of(refs: Sequence[Ref]) -> int:
    """How many spaces of the quoted lines stand for a tab of the file; 0: they show nothing like it."""
    if not any("\t" in ref.file for ref in refs):
        return 0
    fitting = [n for n in WIDTHS if all(ref.quoted == ref.file.replace("\t", " " * n) for ref in refs)]
    return fitting[0] if fitting else 0


def _is_even(refs: Sequence[Ref]) -> bool:
    """Whether the file's lines are all indented by as much more or less than the quoted ones, or by so many times."""
    ways = {_way(ref) for ref in refs}
    times = {len(ref.quoted): len(ref.file) / len(ref.quoted) for ref in refs if ref.quoted}
    scaled = len(times) > 1 and len(set(times.values())) == 1 and not any(ref.file for ref in refs if not ref.quoted)
    return scaled or bool(width_of(refs)) or (len(ways) == 1 and None not in ways)


def _extended(indent: str, refs: Sequence[Ref], step: int) -> str:
    """An indentation that no quoted line has, as the file would have it."""
    surplus = refs[0].quoted.removesuffix(refs[0].file)
    if indent.startswith(surplus) and all(ref.quoted == surplus + ref.file for ref in refs):
        return indent.removeprefix(surplus)
    outer = [ref for ref in refs if indent.startswith(ref.quoted)]
    if outer:
        ref = max(outer, key=lambda ref: len(ref.quoted))
        return ref.file + _converted(indent[len(ref.quoted) :], refs, step)
    ref = min(refs, key=lambda ref: len(ref.quoted))
    if not ref.quoted.startswith(indent):
        raise DepthError
    less = len(_converted(ref.quoted[len(indent) :], refs, step))
    return ref.file[: max(0, len(ref.file) - less)]


def shift_of(ref: Ref) -> int:
    """By how many characters a line of the file is further in than it is quoted."""
    return len(ref.file) - len(ref.quoted)


def _converted(indent: str, refs: Sequence[Ref], step: int) -> str:
    """Further indentation in the file's own kind: tabs where it has tabs, spaces where it has spaces."""
    file = "".join(ref.file for ref in refs)
    quoted = "".join(ref.quoted for ref in refs)
    if "\t" in file and "\t" not in quoted and " " in indent:
        width = max(1, round(len(quoted) / len(file))) if quoted else step
        count, rest = divmod(len(indent), width)
        return "\t" * count + " " * rest
    if "\t" in quoted and "\t" not in file and "\t" in indent:
        width = max(1, round(len(file) / len(quoted)))
        return indent.replace("\t", " " * width)
    return indent
