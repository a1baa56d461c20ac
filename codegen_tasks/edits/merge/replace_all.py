"""A text that is to change wherever it stands: all its places are one change. It knows no format."""

import msgspec

from codegen_tasks.edits.locate.within import occurrences
from codegen_tasks.edits.merge.merge_hunk import Fit
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.splices import changes, lines_of
from codegen_tasks.edits.view import View

INSIDE = "it is to change everywhere, but in lines {} and {} it stands inside a word and as one: send an edit for each"


def replace_all(view: View, hunk: Hunk) -> Fit | str:
    """What a hunk does at all its places, or why it is not certain which are meant. It must be there."""
    old, new = "\n".join(hunk.before), "\n".join(hunk.after)
    whole, cut = occurrences(view, old, len(view.text))
    if whole and cut:
        return INSIDE.format(cut[0].start + 1, whole[0].start + 1)
    place = msgspec.structs.replace((whole or cut)[0], rung="exact", score=1.0)
    return Fit(hunk, place, changes(view.lines, lines_of(view.text.replace(old, new))))
