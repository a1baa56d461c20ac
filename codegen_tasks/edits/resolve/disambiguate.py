"""Which reading of a block is meant, where its text leaves several open? The files decide. It places nothing."""

from collections.abc import Sequence
from itertools import chain, combinations, pairwise

from msgspec.structs import replace

from codegen_tasks.edits.completeness.placeholders import stands_in
from codegen_tasks.edits.operations import Edit, Hunk, Operation, Write
from codegen_tasks.edits.read import is_patch, read_reply
from codegen_tasks.edits.read.fences import MARKUP
from codegen_tasks.edits.resolve.residues import Known, peeled
from codegen_tasks.edits.signs import runs_of, signs_of
from codegen_tasks.edits.syntax.languages import is_prose
from codegen_tasks.edits.view import View, view_of

MANY = 5  # changes of one hunk that may have been done already: all their combinations are tried


def unpacked(write: Write, path: str, known: bool) -> Sequence[Operation]:
    """What is in a block that looks like a file and is only an envelope; nothing if it is a file.

    That is a patch under the name of a file nobody knows, a whole reply in a block of Markdown where the file (`path`,
    "" if not certain) is of another kind.
    """
    wraps = write.language in MARKUP and not write.titles and not is_prose(path)
    return read_reply(write.content) if wraps or (not known and is_patch(write.names)) else ()


def sketched(reply: str, text: str) -> tuple[Operation, ...]:
    """A reply without an envelope as a file: it holds all lines of the one that is there, or its ends and more."""
    known = view_of(text).known
    lines = [line.strip() for line in reply.split("\n") if line.strip() and not stands_in(line)]
    alike = sum(line in known for line in lines)
    if not alike or 3 * alike < len(lines):
        return ()
    all_there = {lines[0], lines[-1]} <= known or known <= {"", *lines}
    return (Write((), reply, sketch=True),) if all_there else ()


def ending(operation: Operation, text: str) -> str:
    """How the lines of new content end: with CRLF if half of those that hold anything do in the reply (`text`)."""
    if isinstance(operation, Write) and operation.ending != "\n":
        return operation.ending
    if not text or not isinstance(operation, Write | Edit):
        return "\n"
    content = (
        operation.content if isinstance(operation, Write) else "\n".join(x for h in operation.hunks for x in h.after)
    )
    lines = [line for line in content.split("\n") if line]
    return "\r\n" if 2 * sum(line + "\r\n" in text for line in lines) >= len(lines) > 0 else "\n"


def settled(edit: Edit, text: str | None) -> Edit:
    """The edit with one reading for each of its hunks."""
    view = view_of(text or "")
    return replace(edit, hunks=tuple(_settled(hunk, view) for hunk in edit.hunks))


def _settled(hunk: Hunk, view: View) -> Hunk:
    """Of the readings that stand in the file as they are, else of those whose lines all do, the longest.

    Where none does, the first: it is what the refusal will quote. Of a diff's readings only those count that have its
    signs otherwise; a longer quote of a block that is there but for a word was meant, and is not there.
    """
    ways = [hunk] if hunk.signs and holds(view.text, hunk) else [hunk, *hunk.ways]
    if hunk.floating and not any(_stands(view, way) for way in ways):
        ways += _bare(ways, view)
    if hunk.signs and not _stands(view, hunk):
        alike = [way for way in hunk.ways if len(way.signs) == len(hunk.signs) and _stands(view, way)]
        ways = alike[:1] or ways
    fitting = [way for way in ways if _stands(view, way)] or _caught_up(hunk, view)
    fitting = fitting or [way for way in ways if holds(view.text, way)] or ways[:1]
    chosen = max(fitting, key=lambda way: len(way.before))
    longer = [way for way in ways if len(way.before) > len(chosen.before) and not hunk.signs]
    chosen = next((way for way in longer if _resembles(view, way, chosen)), chosen)
    return replace(chosen, ways=()) if chosen.ways else chosen


def _bare(ways: Sequence[Hunk], view: View) -> list[Hunk]:
    """The readings without what may be left of an envelope in both of their parts."""
    known = Known("", view)
    bare = [[tuple(peeled(side, known)) for side in (way.before, way.after)] for way in ways]
    return [replace(ways[0], before=before, after=after, ways=()) for before, after in bare if before]


def _stands(view: View, hunk: Hunk) -> bool:
    """Whether the quoted lines stand in the file as they are."""
    return any(hunk.before) and "\n".join(hunk.before) in view.text


def _resembles(view: View, hunk: Hunk, shorter: Hunk) -> bool:
    """Whether most of what a longer quote adds to a shorter one follows each other in the file, too."""
    pairs = list(pairwise(line.strip() for line in hunk.before))[len(shorter.before) - 1 :]
    below = set(pairwise(view.stripped))
    return 2 * sum(pair in below for pair in pairs) > len(pairs)


def _caught_up(hunk: Hunk, view: View) -> list[Hunk]:
    """The block without those of its changes that the file has already: their new lines are context. [] if none are.

    The file must have all the other lines in place, also those that only move, and another change must be left. A diff
    says too little for that.
    """
    before, after = hunk.before, hunk.after
    if hunk.signs or not _all_in(view, [line for line in before if line in after]):
        return []
    runs = runs_of(signs_of(hunk))
    groups = [(run[0] == " ", before[old.start : old.stop], after[new.start : new.stop]) for run, old, new in runs]
    there = [
        i for i, (stays, _, new) in enumerate(groups) if not stays and any(map(str.strip, new)) and _all_in(view, new)
    ]
    for done in chain.from_iterable(combinations(there[:MANY], count) for count in range(len(there[:MANY]), 0, -1)):
        parts = (new if i in done else old for i, (_, old, new) in enumerate(groups))
        way = replace(hunk, before=tuple(chain.from_iterable(parts)))
        if _stands(view, way):
            return [way] if list(filter(str.strip, way.before)) != list(filter(str.strip, after)) else []
    return []


def _all_in(view: View, lines: Sequence[str]) -> bool:
    return all(line.strip() in view.known for line in lines if line.strip())


def holds(text: str | None, edit: Edit | Hunk) -> bool:
    """Whether a file is there in which each line that is quoted stands somewhere."""
    quoted = [line for hunk in (edit.hunks if isinstance(edit, Edit) else (edit,)) for line in hunk.before]
    return text is not None and any(map(str.strip, quoted)) and _all_in(view_of(text), quoted)
