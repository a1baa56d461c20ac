"""Where a remark stands and what is gone around it, as features. It knows nothing of the words of remarks."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import accumulate

from codegen_tasks.edits.completeness.dangling_names import DanglingNames
from codegen_tasks.edits.completeness.definitions import defined
from codegen_tasks.edits.completeness.line_context import Dots, LineContext
from codegen_tasks.edits.completeness.lost_lines import WORD, LostLines
from codegen_tasks.edits.completeness.remarks import DOTS, Remark, is_comment
from codegen_tasks.edits.syntax.languages import is_prose
from codegen_tasks.edits.view import depth_of

MOST = 300  # lines that are gone around a remark and are looked at
BODY = 3  # lines of code of a body that a remark does not replace
LOST = (1, 2, 3, 4, 5, 8, 12)
CAME = (1, 2, 4, 8)
TIMES = (1, 2, 3, 4, 8)
_CLOSER = re.compile(r"\s*(?:[)\]}]|end\b|</|pass\b|\.\.\.|fi\b|done\b|esac\b|:\s*$)")
_DOC = ('"""', "'''")
_STUB = re.compile(
    r"\s*(?:pass|\.\.\.|return(?: None| null| nil)?;?|(?:raise|throw)\b.*NotImpl.*|(?:todo|unimplemented)!\(\);?)\s*"
)
_REST = re.compile(r"(?:^|[{\[,])\s*(?:\.{2,3}|\*\*)\$?[^\W\d](?!.*[{:]\s*$)")  # the rest of something, in no heading


class Surroundings:
    """Both states of a file. `marks` are rows of remarks that say little: no new words, nor, in `empty`, new lines."""

    def __init__(
        self, path: str, before: str | None, after: str, marks: Collection[int], empty: Collection[int]
    ) -> None:
        self._context = LineContext(path, after)
        self._is_new = before is None
        self._marks = marks
        self._lines = [line.strip() for line in self._context.lines]
        old = [line.strip() for line in (before or "").split("\n")]
        self._known = frozenset(old)
        self._dangling = DanglingNames(self._context.lines)
        self._lost_lines = LostLines(old, self._lines, empty)

    def names(self, row: int) -> frozenset[str]:
        """Words of a row that are names: of a definition, or of what only lost lines here have."""
        if self._lost_lines.around(row).lost < BODY:
            return frozenset()
        own, gone = Counter(WORD.findall(self._lines[row])), self._lost_lines.words(row)
        names = {word for word, count in own.items() if self._words[word] == count and word in gone}
        return frozenset(names | (own.keys() & self._defined))

    def features_of(self, row: int, remark: Remark) -> frozenset[str]:
        """What the place of a remark tells."""
        found = {*self._standing(row, remark), *self._loss(row)}
        if remark.own:
            found.update(self._alone(row, remark))
        if DOTS.fullmatch(remark.text.strip()):
            found.add("dots for nothing else" if self._dots_are_alone(row, remark) else "dots may be meant")
        return frozenset(found)

    def misses(self, row: int, remark: Remark) -> frozenset[str]:
        """Whether the code that a remark stands for is missed, whatever it says: a body is empty, a name is not set."""
        code = [line for line in self._lost_lines.gone(row)[:MOST] if not is_comment(line)]
        if not remark.own or remark.bare or not code or len(self._context.comments_around(row)) > 1:
            return frozenset()
        came = self._lost_lines.around(row).gained - (row not in self._marks)
        found = {
            "all of a body": self._fills_block(row) and came <= 1 and len(code) >= BODY,
            "a name is missed": 2 * came <= len(code) and self._dangling.below(row, code) != "",
        }
        return frozenset(name for name, holds in found.items() if holds)

    def _standing(self, row: int, remark: Remark) -> Iterator[str]:
        """How a remark stands in its line and in what."""
        if remark.own:
            yield "alone in its line"
        elif remark.fills:
            yield "for a value"
        else:
            yield "beside idle code" if self._context.is_idle(row, remark.text) else "beside code"
        if not remark.fills and self._context.is_quoted(row, remark.text):
            yield "quoted"
        if remark.bare:
            yield "without a mark"
        if is_prose(self._context.path):
            yield "in prose"
        if self._is_new:
            yield "in a new file"

    def _alone(self, row: int, remark: Remark) -> Iterator[str]:
        """What stands around a remark that has a line for itself."""
        if len(self._context.comment_rows(row)) > 1 or len(self._context.comments_around(row)) > 1:
            yield "in a longer comment"
        if self._is_told(row, fresh=False):
            yield "in a comment that says more"
        if self._is_told(row, fresh=True):
            yield "in a new comment that says more"
        if self._tells(row, remark):
            yield "tells of the next line"
        if self._context.code_after(row) is None:
            yield "at the end"
        elif self._ends_block(row):
            yield "ends a block"
        if self._fills_block(row):
            yield "fills a block"
        following = "\n".join(self._lines[row + 1 : row + 3]).lstrip()
        stub = self._ends_block(row) or following.startswith(("return", "raise", "throw"))
        if self._is_new and stub and not remark.bare:
            yield "ends a new block"

    def _loss(self, row: int) -> Iterator[str]:
        """How many lines are gone around a row, and how many came."""
        lost, came = self._lost_lines.around(row)
        yield from (f"lost {least}" for least in LOST if lost >= least)
        yield from (f"came {least}" for least in CAME if came >= least)
        yield from (f"lost {times} for one" for times in TIMES if came and lost >= times * came)
        if lost > came:
            yield "shrank"
        if lost and not came:
            yield "nothing came"

    def _tells(self, row: int, remark: Remark) -> bool:
        """Whether a remark tells of the line below: of `...rest`, or of a definition with whose name it begins."""
        below = self._context.code_after(row) or ""
        rest = not is_prose(self._context.path) and _REST.search(below) is not None
        return rest or not defined(below).isdisjoint(remark.text.split()[:1])

    def _fills_block(self, row: int) -> bool:
        """Whether a line is all that its block holds, but for a stub behind it and a docstring before it."""
        above, below = self._context.code_before(row), self._context.code_after(row)
        depth = depth_of(self._context.lines[row])
        if above is None or below is None or not (depth_of(above) < depth or above.endswith(_DOC)):
            return False
        return depth_of(below) < depth or _STUB.fullmatch(below) is not None

    def _ends_block(self, row: int) -> bool:
        """Whether nothing follows a line in its block: the next line closes it, is a stub, or is indented less."""
        below = self._context.code_after(row)
        return below is None or _CLOSER.match(below) is not None or depth_of(below) < depth_of(self._context.lines[row])

    def _is_told(self, row: int, *, fresh: bool) -> bool:
        """Whether a comment is part of a longer one that says more than marks do; `fresh`: in lines that are new."""
        inside, around = self._context.comment_rows(row) or range(row, row + 1), self._context.comments_around(row)
        told = self._told[fresh]
        return told[max(inside.stop, around.stop)] > told[min(inside.start, around.start)]

    def _dots_are_alone(self, row: int, remark: Remark) -> bool:
        """Whether `...` means nothing where it stands: no stub, no argument list, no part of a longer comment."""
        if not remark.bare or self._context.comment_rows(row):
            return (remark.own or remark.fills) and not self._is_told(row, fresh=False)
        lost, came = self._lost_lines.around(row)
        if self._context.language == "python":
            meaning = self._context.dots(row)
            body = meaning is Dots.BODY and DOTS.fullmatch(self._lines[row]) and "test" not in self._context.path
            item = remark.own and not self._context.is_statement(row)
            return meaning is Dots.LOST or bool(body) or (lost > came and (item or meaning is not Dots.MEANT))
        if self._context.language == "rust":
            return True  # the grammar takes it for a range of an old kind, the compiler does not
        return lost > came or (self._context.language not in {None, "yaml", "perl"} and self._context.is_error(row))

    @cached_property
    def _defined(self) -> frozenset[str]:
        return frozenset(defined("\n".join(self._context.lines)))

    @cached_property
    def _words(self) -> Counter[str]:
        return Counter(WORD.findall("\n".join(self._lines)))

    @cached_property
    def _told(self) -> tuple[list[int], list[int]]:
        """How many lines before each one hold words and are no marks: all of them, and those that are new."""
        worded = [WORD.search(line) is not None and at not in self._marks for at, line in enumerate(self._lines)]
        fresh = (speaks and line not in self._known for speaks, line in zip(worded, self._lines, strict=True))
        return [0, *accumulate(worded)], [0, *accumulate(fresh)]
