"""Refuses content that stands for other content: elisions and cut-off files. It knows no format and no reply.

Cheap by order: only lines that the file did not have are looked at, only their comments are read, and only a remark
that reads like a placeholder is held against the syntax tree and against what the file lost around it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from codegen_tasks.edits.completeness import weights
from codegen_tasks.edits.completeness.dangling_names import DanglingNames
from codegen_tasks.edits.completeness.definitions import defined, named
from codegen_tasks.edits.completeness.emptied_blocks import emptied_blocks
from codegen_tasks.edits.completeness.line_context import Dots, LineContext, depth_of
from codegen_tasks.edits.completeness.lost_lines import WORD, LostLines
from codegen_tasks.edits.completeness.phrases import MEANT, Strength, judge
from codegen_tasks.edits.completeness.remarks import DOTS, Remark, is_comment, remarks_of
from codegen_tasks.edits.completeness.truncation import truncation
from codegen_tasks.edits.syntax.languages import is_prose, language_of

MOST = 300  # suspects that are looked at closely, the strongest first, and lines that are gone around each
NAMING = 80  # characters of a remark that may name what it leaves out
_SUSPECT = re.compile(
    r"\.\.\.|…|//|/\*|#|--|<!--|^\s*[*;%({\[<_]|\{-|\(\*|^\.\.\s|\b(?:raise|throw|TODO|todo|unimp|panic|fatal)|_comments?\""
)
_CLOSER = re.compile(r"\s*(?:[)\]}]|end\b|</|pass\b|\.\.\.|fi\b|done\b|esac\b|:\s*$)")
_HOLLOW = re.compile(r"\[(?:\.\.\.|…)\]")
_DOC = ('"""', "'''")
_STUB = re.compile(
    r"\s*(?:pass|\.\.\.|return(?: None| null| nil)?;?|(?:raise|throw)\b.*NotImpl.*|(?:todo|unimplemented)!\(\);?)\s*"
)
_REST = re.compile(r"(?:^|[{\[,])\s*(?:\.{2,3}|\*\*)\$?[^\W\d](?!.*[{:]\s*$)")  # the rest of something, in no heading
_DATA = {"json", "jsonc", "toml", "yaml"}
_CAUSE = "stands for text that is not there; the file would lose it"


class _Suspect(NamedTuple):
    """A remark in a new line (from 0) that reads like a placeholder; lone dots are WEAK until their place is known."""

    row: int
    remark: Remark
    strength: Strength


def check(path: str, before: str | None, after: str, *, whole: bool = True) -> str | None:
    """Why `after` may not replace `before` (None: a new file), with the line number; or None: nothing is missing.

    `whole`: it was sent as a whole file. Pure and cheap; what needs a parse of every file is `syntax.gate`.
    """
    if before == after:
        return None
    return elision(path, before, after) or truncation(path, before, after, whole=whole)


def elision(path: str, before: str | None, after: str) -> str | None:
    """Why a line of `after` is a placeholder for text it leaves out, or None."""
    suspects = _suspects(path, before, after)
    judged = sorted(sorted(suspects, key=lambda suspect: -suspect.strength)[:MOST])
    state = _State(path, before, after, suspects) if suspects else None
    if state and (named := [state.seen(suspect) for suspect in judged]) != judged:
        judged, state = named, _State(path, before, after, named)
    found = next((suspect.row for suspect in judged if state and state.lacks_text(suspect)), None)
    if found is None and before:
        found = next(emptied_blocks(path, before, after), None)
    if found is None:
        return None
    line = after.split("\n")[found].strip()
    return f"{path}: line {found + 1}, `{line[:80]}`, {_CAUSE}. Write it all out."


def _suspects(path: str, before: str | None, after: str) -> list[_Suspect]:
    known = Counter(line.strip() for line in (before or "").split("\n"))
    prose, data, gone, lines = is_prose(path), language_of(path) in _DATA, None, after.split("\n")
    dots = Counter(text for line in lines if DOTS.fullmatch(text := line.strip()))
    found = list[_Suspect]()
    for row, line in enumerate(lines):
        if not _SUSPECT.search(line) or ((text := line.strip()) in known and dots[text] <= known[text]):
            continue
        for remark in remarks_of(line, prose=prose, data=data):
            if DOTS.fullmatch(remark.text.strip()):
                found.append(_Suspect(row, remark, Strength.WEAK))
                continue
            strength = judge(remark.text)
            if strength < Strength.WEAK and before and len(remark.text) < NAMING:
                gone = frozenset(named(before) - named(after)) if gone is None else gone
                strength = judge(remark.text, gone) if gone else strength
            if strength is not Strength.NONE or (before and remark.own and not remark.bare):
                found.append(_Suspect(row, remark, strength))
    return found


class _State:
    """Both states of a file and where its suspects stand: what a suspect is, is told by its neighbours."""

    def __init__(self, path: str, before: str | None, after: str, suspects: Sequence[_Suspect]) -> None:
        self._context = LineContext(path, after)
        self._language = language_of(path)
        self._is_test = "test" in path
        self._created = before is None
        self._marks = frozenset(suspect.row for suspect in suspects if suspect.strength)
        self.new = [line.strip() for line in self._context.lines]
        self._old = [line.strip() for line in (before or "").split("\n")]
        self._known = frozenset(self._old)
        empty = frozenset(
            row for row, remark, strength in suspects if strength and (remark.own or _HOLLOW.search(self.new[row]))
        )
        self._dangling = DanglingNames(self._context.lines)
        self._lost_lines = LostLines(self._old, self.new, empty)

    def seen(self, suspect: _Suspect) -> _Suspect:
        """The suspect, stronger if words of it are names: of a definition, or of what only lost lines here have."""
        row, remark, strength = suspect
        if strength >= Strength.WEAK or not remark.own or self._lost_lines.around(row).lost < 3:
            return suspect
        own, gone = Counter(WORD.findall(self.new[row])), self._lost_lines.words(row)
        names = frozenset(word for word, count in own.items() if self._words[word] == count and word in gone)
        names |= frozenset(own) & self._defined
        return suspect._replace(strength=max(strength, judge(remark.text, names))) if names else suspect

    @cached_property
    def _defined(self) -> frozenset[str]:
        return frozenset(defined("\n".join(self._context.lines)))

    @cached_property
    def _words(self) -> Counter[str]:
        return Counter(WORD.findall("\n".join(self.new)))

    def lacks_text(self, suspect: _Suspect) -> bool:
        """Whether a remark that reads like a placeholder is one, by where it stands and by what is gone around it."""
        row, remark, strength = suspect
        lost, gained = self._lost_lines.around(row)
        if strength is Strength.NONE:
            return lost > 0 and self._is_missed(row, remark)
        if remark.own and strength < Strength.STRONG and self._tells(row, remark):
            return False
        quoted = not remark.fills and self._context.is_quoted(row, remark.text)
        by = weights.FITTED
        least = (by.gone_faint, by.gone_slight, by.gone_weak, by.gone_strong)[strength - 1] + quoted
        if remark.own and by.times_alone * gained <= lost >= least and self._is_alone(suspect, quoted):
            return True
        if strength < Strength.WEAK:
            return remark.own and not remark.bare and self._is_missed(row, remark)
        shrank = lost > gained or (lost >= by.gone_block and self._ends_block(row))
        if quoted:
            return shrank and lost >= by.gone_quoted and strength is Strength.STRONG
        if DOTS.fullmatch(remark.text.strip()):
            return self._dots_are_alone(row, remark, lost > gained)
        in_comment = not remark.bare or len(self._context.comment_rows(row)) > 0
        if (
            remark.own
            and in_comment
            and not self._is_lone(row)
            and self._is_told(row, fresh=lost >= max(by.gone_block, by.times_around * gained))
        ):
            return shrank and lost >= by.gone_quoted and strength is Strength.STRONG and not self._continues(row)
        if lost and (remark.fills or (remark.own and not remark.bare and self._fills_block(row))):
            return True
        if strength is Strength.STRONG and (remark.own or shrank or DOTS.match(remark.text)):
            return True
        if self._created:
            return self._is_stub(row, remark)
        if not (remark.own or remark.fills or self._context.is_idle(row, remark.text)):
            return False  # the line says something itself
        return lost >= max(1, by.times_around * gained) or (lost >= by.gone_block and self._ends_block(row))

    def _tells(self, row: int, remark: Remark) -> bool:
        """Whether a remark tells of the line below: of `...rest`, or of a definition with whose name it begins."""
        below = self._context.code_after(row) or ""
        rest = not is_prose(self._context.path) and _REST.search(below) is not None
        return rest or not defined(below).isdisjoint(remark.text.split()[:1])

    def _is_alone(self, suspect: _Suspect, quoted: bool) -> bool:
        """Whether a remark is all that came for lines that are gone: no new words beside it, no longer comment."""
        row, remark, strength = suspect
        if remark.bare and (strength < Strength.WEAK or DOTS.fullmatch(remark.text.strip())):
            return False  # its language knows
        lost, gained = self._lost_lines.around(row)
        if (strength is Strength.FAINT and quoted) or (strength < Strength.WEAK and gained):
            return False
        if strength is Strength.FAINT and not self._ends_block(row, alone=True):
            return False
        if len(self._context.comment_rows(row)) > 1 and (lost < weights.FITTED.gone_quoted or strength < Strength.WEAK):
            return False
        return self._is_lone(row) or not self._is_told(row, fresh=True)

    def _is_lone(self, row: int) -> bool:
        """Whether so much is gone around a row that the words of a longer comment cannot make up for it."""
        lost, gained = self._lost_lines.around(row)
        return lost >= weights.FITTED.times_told * max(1, gained)

    def _is_missed(self, row: int, remark: Remark) -> bool:
        """Whether the code that a remark stands for is missed, whatever it says: a body is empty, a name is not set."""
        code = [line for line in self._lost_lines.gone(row)[:MOST] if not is_comment(line)]
        came = self._lost_lines.around(row).gained - (row not in self._marks)
        if not code or self._context.is_quoted(row, remark.text) or len(self._context.comments_around(row)) > 1:
            return False
        if self._fills_block(row) and came <= 1 and len(code) >= weights.FITTED.gone_body:
            return MEANT.search(remark.text) is None
        return 2 * came <= len(code) and self._dangling.below(row, code) != ""

    def _fills_block(self, row: int) -> bool:
        """Whether a line is all that its block holds, but for a stub behind it and a docstring before it."""
        above, below = self._context.code_before(row), self._context.code_after(row)
        depth = depth_of(self._context.lines[row])
        if above is None or below is None or not (depth_of(above) < depth or above.endswith(_DOC)):
            return False
        return depth_of(below) < depth or _STUB.fullmatch(below) is not None

    def _is_stub(self, row: int, remark: Remark) -> bool:
        """Whether a new file leaves a block open: the remark ends it, or stands before a value that stands for all."""
        following = "\n".join(self.new[row + 1 : row + 3]).lstrip()
        stub = re.search(r"\bhere\b", remark.text.casefold()) and following.startswith(("return", "raise", "throw"))
        return remark.own and not remark.bare and (bool(stub) or self._ends_block(row))

    def _ends_block(self, row: int, *, alone: bool = False) -> bool:
        """Whether nothing follows a line in its block: the next line closes it, is a stub, or is indented less.

        `alone`: nothing stands before it either, or it is at the end of the file.
        """
        following = self._context.code_after(row)
        if following is None:
            return True
        depth = depth_of(self._context.lines[row])
        if alone and (above := self._context.code_before(row)) is not None and depth_of(above) >= depth:
            return False
        return _CLOSER.match(following) is not None or depth_of(following) < depth

    def _is_told(self, row: int, *, fresh: bool = False) -> bool:
        """Whether a comment is part of a longer one that says more than marks do; `fresh`: in lines that are new."""
        inside, around = self._context.comment_rows(row) or range(row, row + 1), self._context.comments_around(row)
        told = self._told[fresh]
        return told[max(inside.stop, around.stop)] > told[min(inside.start, around.start)]

    @cached_property
    def _told(self) -> tuple[list[int], list[int]]:
        """How many lines before each one hold words and are no marks: all of them, and those that are new."""
        worded = [WORD.search(line) is not None and at not in self._marks for at, line in enumerate(self.new)]
        fresh = (speaks and line not in self._known for speaks, line in zip(worded, self.new, strict=True))
        return [0, *accumulate(worded)], [0, *accumulate(fresh)]

    def _continues(self, row: int) -> bool:
        """Whether a comment goes on with the sentence of the comment above it."""
        above = self.new[row - 1] if row else ""
        return is_comment(above) and not above.endswith((".", ":", "!", "?", "*/", "-->"))

    def _dots_are_alone(self, row: int, remark: Remark, shrank: bool) -> bool:
        """Whether `...` means nothing where it stands: no stub, no argument list, no part of a longer comment."""
        if not remark.bare or self._context.comment_rows(row):
            return (remark.own or remark.fills) and not self._is_told(row)
        if self._language == "python":
            meaning = self._context.dots(row)
            plain = meaning is Dots.BODY and DOTS.fullmatch(self.new[row]) and not self._is_test
            item = remark.own and not self._context.is_statement(row)
            return meaning is Dots.LOST or bool(plain) or (shrank and (item or meaning is not Dots.MEANT))
        if self._language == "rust":
            return True  # the grammar takes it for a range of an old kind, the compiler does not
        return shrank or (self._language not in {None, "yaml", "perl"} and self._context.is_error(row))
