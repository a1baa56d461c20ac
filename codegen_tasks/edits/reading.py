"""Which reading of a block is meant, where its text leaves several open? The files decide. It places nothing."""

from collections.abc import Sequence

import msgspec

from codegen_tasks.edits.operations import Edit, Hunk, Write
from codegen_tasks.edits.parse import Part, is_patch, parse_reply
from codegen_tasks.edits.view import View


def unpacked(write: Write, known: bool, text: str | None) -> Sequence[Part]:
    """The edits in a block that looks like a file and is only their envelope; none if it is a file.

    That is a patch under the name of a file nobody knows, and a block of conflict marks alone for a file without any.
    """
    merged = write.content.startswith("<<<<<<< ") and text is not None and "\n<<<<<<< " not in f"\n{text}"
    if not merged and (known or not is_patch(write.names)):
        return ()
    parts = parse_reply(write.content)
    if not merged:
        return parts
    edits = [part.operation for part in parts if isinstance(part.operation, Edit)]
    said = sum(len(hunk.before) + len(hunk.after) + 3 for edit in edits for hunk in edit.hunks)
    if said < sum(bool(line.strip()) for line in write.content.split("\n")):
        return ()
    hunks = tuple(hunk for edit in edits for hunk in edit.hunks)
    return (Part(Edit(write.names, hunks, write.titles, at=write.at), write.content),)


def settled(edit: Edit, text: str | None) -> Edit:
    """The edit with one reading for each of its hunks."""
    if not any(hunk.ways for hunk in edit.hunks):
        return edit
    view = View(text or "")
    return msgspec.structs.replace(edit, hunks=tuple(_settled(hunk, view) for hunk in edit.hunks))


def _settled(hunk: Hunk, view: View) -> Hunk:
    """Of the readings that stand in the file as they are, else of those whose lines all do, the longest.

    Where none does, the first: it is what the refusal will quote.
    """
    ways = [hunk, *hunk.ways]
    exact = [way for way in ways if any(way.before) and "\n".join(way.before) in view.text]
    fitting = exact or [way for way in ways if holds(view, [way])] or ways[:1]
    return msgspec.structs.replace(max(fitting, key=lambda way: len(way.before)), ways=())


def holds(view: View, hunks: Sequence[Hunk]) -> bool:
    """Whether each quoted line stands somewhere in the file."""
    return any(line.strip() for hunk in hunks for line in hunk.before) and all(
        line.strip() in view.index for hunk in hunks for line in hunk.before
    )
