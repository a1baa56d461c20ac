"""How far in new lines belong where the found ones are indented otherwise than the quoted. It finds no places.

Each part of a block is written in a frame: as the file stands, moved as a whole, or in other units (`frames`). Often
the first line alone lost its indentation, and the others stand as in the file. Candidates are made of these, and one
has to be proved by the lines that both parts share; where several can be meant, nobody knows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, takewhile
from math import gcd

from codegen_tasks.edits.merge.frames import DepthError, Frame, Pair, Rule, is_open, rule_of, unit_of
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.signs import signs_of
from codegen_tasks.edits.view import Place, View, indent_of

_OPENS = re.compile(r"[:{(\[](?:\s*|\s+(?:#|//).*)$")
_CLOSES = re.compile(r"[\s})\];,]+$")  # and nothing else: which one it is, its depth alone tells
_DOCUMENT = re.compile(r"(?<!<)<<[-~]?\s*([\"']?)([A-Za-z_]\w*)\1(?!\w)")
_WHOLE = re.compile(  # a statement, an assignment or an item that nothing further in goes on with
    r"(?:.*;|(?:return|raise|throw|import|from|pass|break|continue)\b.*|[\w.$\[\]]+(?:\s*:\s*[\w.\[\]]+)?\s*[+*/-]?=\s*[^=>\s].*"
    r"|[\"']?[\w-]+[\"']?:\s+[^\s|>&].*)(?<=[\w)\]}\"';,])"
)
DEEP = 8  # what a line opens is not further in than this
_FLAT = {"exact", "trailing space", "part of a line", "end"}  # rungs on which indentation is the same


def reindented(view: View, hunk: Hunk, place: Place, base: Sequence[str]) -> list[str]:
    """The second part of a hunk as the file is indented at the place; lines that stay are those of `base`.

    Raises DepthError where that is not certain.
    """
    pairs = pairs_of(view, hunk, place)
    if all(pair.quoted == pair.file for pair in pairs):
        if lost_depth(hunk):
            raise DepthError
        return list(hunk.after)
    return _with_documents(hunk.after, _framed(view, hunk, place, pairs, base))


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


def _framed(view: View, hunk: Hunk, place: Place, pairs: Sequence[Pair], base: Sequence[str]) -> list[str]:
    """The second part of a hunk whose found lines are indented otherwise, in the frame that is proved."""
    if stands_as_file(hunk, pairs):
        return list(hunk.after)
    if hunk.floating and is_apart(pairs):
        return _split(hunk, pairs)
    rule = rule_of(pairs, step_of(hunk))
    if hunk.signs and place.rung == "ragged indentation" and not _explains(rule, pairs):
        return _as_it_stands(hunk, pairs)
    return _moved(view, hunk, rule, pairs, base)


def pairs_of(view: View, hunk: Hunk, place: Place) -> list[Pair]:
    """The indentation of each found line, as it is quoted and in the file."""
    if place.rung in _FLAT:
        return []
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


def _moved(view: View, hunk: Hunk, rule: Rule, pairs: Sequence[Pair], base: Sequence[str]) -> list[str]:
    """The second part, its new lines moved by a rule; one that replaces a line as far in goes where that is."""
    replaced = _replaced(hunk, {pair.row: pair.file for pair in pairs})
    lines, fresh, stays = list(hunk.after), list[tuple[str, str]](), iter(_staying(hunk, base))
    for new, sign in enumerate(signs_of(hunk).replace("-", "")):
        if sign == " ":
            lines[new] = next(stays)
            continue
        sent = hunk.after[new]
        lines[new] = replaced[new] + sent.lstrip() if new in replaced else _at(sent, rule)
        fresh.append((sent, lines[new]))
    if hunk.signs and rule.frame and not rule.frame.unit and _reads_as_sent(view, hunk, lines, base):
        raise DepthError
    if rule.frame and rule.frame.its == "\t" and is_open(view, len(rule.frame.unit), fresh):
        raise DepthError
    return lines


def _reads_as_sent(view: View, hunk: Hunk, lines: Sequence[str], base: Sequence[str]) -> bool:
    """Whether new lines that were moved would go better with what stands beside them as they were sent: the lines to
    find alone are misquoted.
    """
    unit, row, new, above, gone = unit_of(view), 0, 0, "", ""
    for sign, follows in pairwise(" " + signs_of(hunk)):
        if follows == "+" and lines[new].strip():
            sent, written = len(indent_of(hunk.after[new])), len(indent_of(lines[new]))
            if sign != "+" and sent != written and _suits(sent, above, gone, unit) > _suits(written, above, gone, unit):
                return True
        gone = base[row] if follows == "-" and sign != "-" else gone if follows == "-" or sign == "-" else ""
        above = lines[new] if follows != "-" and lines[new].strip() else above
        row += follows != "+"
        new += follows != "-"
    return False


def _suits(depth: int, above: str, gone: str, unit: int) -> int:
    """How well a new line of this depth goes with the line above it, and the one it replaces."""
    further = depth - len(indent_of(above))
    beside = not above or (further > 0) == bool(_OPENS.search(above))
    return 2 * bool(gone and depth == len(indent_of(gone))) + beside + (not unit or depth % unit == 0)


def _staying(hunk: Hunk, base: Sequence[str]) -> Iterator[str]:
    """The lines of the base that stay."""
    return (line for line, sign in zip(base, signs_of(hunk).replace("+", ""), strict=True) if sign == " ")


def _at(line: str, rule: Rule) -> str:
    """A new line as far in as the rule says. Blank lines that move are empty."""
    if not line.strip():
        return line if rule.frame == Frame() else ""
    return rule.of(indent_of(line)) + line.lstrip()


def _replaced(hunk: Hunk, files: Mapping[int, str]) -> dict[int, str]:
    """The new lines that come one for one for quoted ones, all as far in, and the file's indentation there."""
    found, row, new = dict[int, str](), 0, 0
    for run in re.findall(r" +|[-+]+", signs_of(hunk)):
        gone, came = run.count("-") + run.count(" "), run.count("+") + run.count(" ")
        rows, news = range(row, row + gone), range(new, new + came)
        if (
            gone == came
            and run[0] != " "
            and all(
                indent_of(hunk.before[a]) == indent_of(hunk.after[b]) and hunk.after[b].strip() and a in files
                for a, b in zip(rows, news, strict=True)
            )
        ):
            found |= {b: files[a] for a, b in zip(rows, news, strict=True)}
        row, new = row + gone, new + came
    return found


def _explains(rule: Rule, pairs: Sequence[Pair]) -> bool:
    """Whether a rule says more of a ragged diff than that some lines slipped: it moves them, or has spaces for tabs."""
    return rule.frame not in (None, Frame()) or sum("\t" in p.file and "\t" not in p.quoted for p in pairs) > 1


def _as_it_stands(hunk: Hunk, pairs: Sequence[Pair]) -> list[str]:
    """The second part of a diff whose lines are indented this way and that.

    Raises DepthError if a bracket beside new lines tells otherwise.
    """
    odd = {pair.row for pair in pairs if pair.quoted != pair.file and _CLOSES.match(hunk.before[pair.row])}
    if odd & _beside_new(hunk):
        raise DepthError
    return list(hunk.after)


def _beside_new(hunk: Hunk) -> set[int]:
    """The numbers of the quoted lines right before or behind new ones."""
    beside, row, signs = set[int](), 0, signs_of(hunk)
    for sign, following in zip(signs, signs[1:] + " ", strict=True):
        row += sign != "+"
        if (sign == "+") != (following == "+"):
            beside.add(row - (sign != "+"))
    return beside


def stands_as_file(hunk: Hunk, pairs: Sequence[Pair]) -> bool:
    """Whether new lines begin as far in as the place, while what is quoted is further out.

    Where more than the first line lost its indentation, no new line is at the outermost depth of the quote. Meant by
    the quote, nothing would be left there: so it is not, if a line of that depth stays, or there is no other. Raises
    DepthError where neither is so.
    """
    indents = [indent_of(line) for line in hunk.after if line.strip()]
    if not hunk.floating or not indents:
        return False
    if is_apart(pairs) and all(pair.quoted == pair.file for pair in pairs[1:]):
        return indents[0] == pairs[0].file
    file, quoted = min((pair.file for pair in pairs), key=len), min(len(pair.quoted) for pair in pairs)
    if not quoted < len(file) or file not in indents or not all(indent.startswith(file) for indent in indents):
        return False
    outer = {hunk.before[pair.row].strip() for pair in pairs if len(pair.quoted) == quoted}
    if not any(line.strip() in outer for line in hunk.after) and any(len(pair.quoted) > quoted for pair in pairs):
        raise DepthError
    return True


def lost_depth(hunk: Hunk) -> bool:
    """Whether the new lines alone lost indentation, all of them or the first: at the edge stands what is quoted further
    in, all that stays moved so, or nothing else did, and that is not the whole change.
    """
    before, after = ([line for line in side if line.strip()] for side in (hunk.before, hunk.after))
    stripped = [line.strip() for line in before]
    if not hunk.floating or not before or not after or stripped == [line.strip() for line in after]:
        return False
    depth = min(map(indent_of, before), key=len)
    moved = {line.removeprefix(depth) for line in before}
    first, *kept = [line for i, line in enumerate(after) if not i or line.strip() in stripped]
    if first == before[0].lstrip() != before[0] and set(before).issuperset(kept):
        return True
    return bool(depth) and not all(map(indent_of, after)) and moved.issuperset([first, *kept])


def is_apart(pairs: Sequence[Pair]) -> bool:
    """Whether the first quoted line alone lost its indentation, or is alone and may have lost part of it."""
    first, *rest = pairs
    shifts = {_shift(pair) for pair in rest}
    lost = len(first.file) > len(first.quoted)
    return lost and (not rest or (not first.quoted and len(shifts) == 1 and max(shifts) < _shift(first)))


def _shift(pair: Pair) -> int:
    return len(pair.file) - len(pair.quoted)


def _split(hunk: Hunk, pairs: Sequence[Pair]) -> list[str]:
    """All new lines at the place of a quote whose first line is apart: down to a line they go by the first, behind it
    by the others. Of all such lines that one counts at which most of what stays is where the file has it.

    Raises DepthError if several do alike, or the result has lines further out than the place.
    """
    first, *rest = pairs
    step = step_of(hunk)
    head, tail = rule_of([first], step), rule_of(rest, step) if rest else Rule({}, Frame())
    known = {(hunk.before[pair.row].strip(), pair.file) for pair in rest}
    edge = min(len(pair.file) for pair in pairs)
    ways = [(cut, lines) for cut in _cuts(hunk, first) if (lines := _cut(hunk, head, tail, cut)) is not None]
    tried = [
        (sum((line.strip(), indent_of(line)) in known for line in lines), _stands(lines, cut, edge), lines)
        for cut, lines in ways
    ]
    most = max((alike for alike, stands, _ in tried if stands), default=0)
    fitting = [lines for alike, stands, lines in tried if stands and alike == most]
    if not fitting or any(alike > max(most, 1) and 2 * alike > len(rest) for alike, *_ in tried):
        raise DepthError
    return fitting[0] if len(fitting) == 1 else _chosen(hunk, pairs, fitting)


def _cut(hunk: Hunk, head: Rule, tail: Rule, cut: int) -> list[str] | None:
    """The second part with so many lines by one rule and the others by another; None if they cannot be."""
    try:
        return [_at(line, head if i < cut else tail) for i, line in enumerate(hunk.after)]
    except DepthError:
        return None


def _cuts(hunk: Hunk, first: Pair) -> list[int]:
    """How many new lines may go by the first quoted one: any number of those as far out as that, or all."""
    filled = [i for i, line in enumerate(hunk.after) if line.strip()]
    leading = list(takewhile(lambda i: indent_of(hunk.after[i]) == first.quoted, filled))
    return [*(i + 1 for i in leading if i != filled[-1]), len(hunk.after)]


def _stands(lines: Sequence[str], cut: int, edge: int) -> bool:
    """Whether no line is further out than the place, and what is behind an opening line at the cut further in; behind
    the first one not much further.
    """
    above, below = ([line for line in side if line.strip()] for side in (lines[:cut], lines[cut:]))
    if any(len(indent_of(line)) < edge for line in above + below):
        return False
    if len(above) > 1 and _OPENS.search(above[0]) and len(indent_of(above[1])) - len(indent_of(above[0])) > DEEP:
        return False
    if not above or not below or not _OPENS.search(above[-1]):
        return True
    return len(indent_of(below[0])) > len(indent_of(above[-1])) or bool(_CLOSES.match(below[0]))


def _chosen(hunk: Hunk, pairs: Sequence[Pair], fitting: Sequence[list[str]]) -> list[str]:
    """Of several results the one that the first line behind the leading ones tells: in a block they open it is further
    in than the place; else it can be a sibling as the file has it, if the line before it is at its end.

    Raises DepthError if that is not certain.
    """
    first, *rest = pairs
    if rest and hunk.after[: first.row + 1] == hunk.before[: first.row + 1]:
        return fitting[0]
    below = next((i for i, line in enumerate(hunk.after) if line.strip() and indent_of(line) != first.quoted), 0)
    above = [line for line in hunk.after[:below] if line.strip()]
    *_, split, moved = fitting
    if not above:
        raise DepthError
    if _OPENS.search(above[-1]) or rest:
        return split
    if len(indent_of(hunk.after[below])) > len(first.file) or len(above) > 1:
        return moved
    if not hunk.after[below - 1].strip() or _is_whole(above[-1].strip(), hunk.after[below].strip()):
        return split
    raise DepthError


def _is_whole(line: str, below: str) -> bool:
    """Whether a line says all of something, and the one below it begins anew."""
    even = all(line.count(opener) == line.count(closer) for opener, closer in ("()", "[]", "{}"))
    return even and below[0] not in ".?:&|+-*/=<>)]}" and bool(_WHOLE.fullmatch(line))
