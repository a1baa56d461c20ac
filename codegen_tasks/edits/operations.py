"""What a reply wants, in records that no longer tell its format: whole files, hunks, deletions, moves. Knows no files.

A path in a reply is a claim. `names` holds the candidates: first `titles` ones that are meant as the path, then such
as are only mentioned nearby and count if a file of that name is known. `at` is the (0-based) line of the reply.
"""

from codegen_tasks.records import Record


class Hunk(Record, frozen=True):
    """Lines to find and the lines that take their place.

    `signs` says for each row of a diff what it is (" ", "-", "+"); "" when only the two sides are known.
    `number` is the line a header claims (1-based, 0: none); `anchors` are lines that come before, outermost first;
    `at_end` ties it to the end of the file; `floating` (SEARCH blocks) may begin and end inside a line, `literal`
    (strings of a tool call) even inside a word; `everywhere` is for all places at once. `at` is the line of the reply.
    `bare` are the sides of a diff (of "-" and "+") whose last line is said to have no newline.
    `ways` are other ways to read the lines, where they leave that open (which line divides the block, is a fence part
    of it, where does a diff end): the file decides.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    signs: str = ""
    number: int = 0
    anchors: tuple[str, ...] = ()
    at_end: bool = False
    floating: bool = False
    literal: bool = False
    everywhere: bool = False
    bare: str = ""
    at: int = 0
    ways: "tuple[Hunk, ...]" = ()


class Write(Record, frozen=True):
    """The whole content of a file. `ended` is False when its block was never closed; a `sketch` came without any.

    It may be a `part` of the file: what stands above it tells to replace or change something, or to add it (`added`).
    Under a path with numbers of lines it shows no more than these (`numbered`). It is said to be all of it (`whole`),
    or to be `new`: that there is no such file.
    `ending` is how its lines end where that is said apart from the reply's own lines, as in a string of JSON; `mode`
    its bits, 0 where nothing is said of them.
    """

    names: tuple[str, ...]
    content: str
    ended: bool = True
    titles: int = 0
    language: str = ""
    sketch: bool = False
    part: bool = False
    added: bool = False
    numbered: bool = False
    whole: bool = False
    new: bool = False
    ending: str = "\n"
    mode: int = 0
    at: int = 0


class Edit(Record, frozen=True):
    """Hunks for one file, or (`mode`) other bits for it."""

    names: tuple[str, ...]
    hunks: tuple[Hunk, ...]
    titles: int = 0
    ended: bool = True
    mode: int = 0
    at: int = 0


class Delete(Record, frozen=True):
    """A file goes away. `quoted` are the lines that a diff shows of it; None: nothing is quoted, or it says so."""

    names: tuple[str, ...]
    quoted: tuple[str, ...] | None = None
    at: int = 0


class Move(Record, frozen=True):
    """A file gets another path; edits of either path apply to it."""

    names: tuple[str, ...]
    to: str
    at: int = 0


class Stated(Record, frozen=True):
    """The reply says of a file that it stays as it is, or (`empty`) that it is a new one without content.

    It does so in `plain` words for this, or in passing, which counts beside a change only.
    """

    names: tuple[str, ...]
    empty: bool
    plain: bool
    at: int = 0


class Broken(Record, frozen=True):
    """A part that can not be read. `ended` is False when the reply stops inside it."""

    reason: str
    ended: bool
    at: int = 0


class Nested(Record, frozen=True):
    """A text that holds edits of its own, as a patch in a call; `names` are for those that name none."""

    text: str
    names: tuple[str, ...]
    at: int = 0


Operation = Nested | Write | Edit | Delete | Move | Stated | Broken
