"""A text that is to change wherever it stands: all its places are one change. It knows no format."""

import re

from codegen_tasks.edits.locate.within import is_cut
from codegen_tasks.edits.merge.merge_hunk import Fit
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.splices import Splice, compared, lines_of
from codegen_tasks.edits.view import Place, View

INSIDE = "it is to change everywhere, but in lines {} and {} it stands inside a word and as one: send an edit for each"


def replace_all(view: View, hunk: Hunk) -> Fit | str:
    """What a hunk does at all its places, or why it is not certain which are meant. It must be there."""
    old, new = "\n".join(hunk.before), "\n".join(hunk.after)
    whole, inside = list[int](), list[int]()
    for found in re.finditer(re.escape(old), view.text):
        (line, column), (last, stop) = view.position(found.start()), view.position(found.end())
        cut = is_cut(view.lines[line], column) or (last < len(view.lines) and is_cut(view.lines[last], stop))
        (inside if cut else whole).append(line)
    if whole and inside:
        return INSIDE.format(inside[0] + 1, whole[0] + 1)
    after = lines_of(view.text.replace(old, new))
    codes = compared(view.lines, after).get_opcodes()
    splices = [Splice(a, b, after[c:d]) for tag, a, b, c, d in codes if tag != "equal"]
    first = min(whole + inside)
    return Fit(hunk, Place(range(first, first + len(hunk.before)), "exact", 1.0, first), splices)
