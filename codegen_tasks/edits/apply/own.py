"""Is one of the two parts of a block written as the file stands, while the other lost indentation? It moves nothing.

SEARCH        REPLACE          file
foo(1);           foo(2);          foo(1);
"""

from collections.abc import Sequence

from codegen_tasks.edits.apply.apart import is_apart
from codegen_tasks.edits.apply.indent import DepthError, Ref
from codegen_tasks.edits.operations import Hunk
from codegen_tasks.edits.view import indent_of


def stands_as_file(hunk: Hunk, refs: Sequence[Ref]) -> bool:
    """Whether new lines begin as far in as the place, while what is quoted is further out.

    Where more than the first line lost its indentation, no new line is at the outermost depth of the quote. Meant by
    the quote, nothing would be left there: so it is not, if a line of that depth stays, or there is no other. Raises
    DepthError where neither is so.
    """
    indents = [indent_of(line) for line in hunk.after if line.strip()]
    if not refs or not hunk.floating or not indents:
        return False
    if is_apart(refs) and all(ref.quoted == ref.file for ref in refs[1:]):
        return indents[0] == refs[0].file
    file, quoted = min((ref.file for ref in refs), key=len), min(len(ref.quoted) for ref in refs)
    if not quoted < len(file) or file not in indents or not all(indent.startswith(file) for indent in indents):
        return False
    outer = {hunk.before[ref.row].strip() for ref in refs if len(ref.quoted) == quoted}
    if not any(line.strip() in outer for line in hunk.after) and any(len(ref.quoted) > quoted for ref in refs):
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
