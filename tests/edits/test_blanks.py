"""Blank lines of a block: which are the file's, which come and go, and where nobody can tell.

A letter is a line, a dot a blank one.
"""

import pytest

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

# the blank lines that are quoted, that the new part has, and that the file has; the line beside them; what it comes to
ENDS = {
    "all-quoted-one-more": (1, 2, 1, "stays", 2),
    "none-quoted-one-shown": (0, 1, 1, "stays", 1),
    "none-quoted-fewer-shown": (0, 1, 2, "stays", 2),
    "none-quoted-more-shown": (0, 2, 1, "stays", None),
    "none-there": (0, 1, 0, "stays", 1),
    "shown-beside-a-change": (0, 1, 1, "changes", None),
    "lost": (1, 0, 1, "stays", None),
    "gone-beside-a-change": (1, 0, 1, "changes", 0),
    "layout": (1, 1, 0, "stays", 0),
    "layout-beside-a-change": (2, 2, 1, "changes", 1),
    "layout-of-search": (1, 0, 0, "stays", 0),
    "layout-or-one-more": (1, 2, 0, "stays", None),
}
BETWEEN = {  # file, SEARCH, REPLACE, result
    "left-out-of-search": ("a.b.c", "abc", "a.b.C", "a.b.C"),
    "left-out-of-search-one-gone": ("a.b.c", "abc", "a.bC", "None"),
    "left-out-of-both": ("a.b.c", "abc", "abC", "a.b.C"),
    "two-as-one": ("a..b.c", "a.b.c", "a.b.C", "a..b.C"),
    "one-more": ("a.b.c", "a.b.c", "a.b..C", "a.b..C"),
    "beside-a-change": ("a.b", "ab", "a.B", "a.B"),
    "line-comes": ("a.bc", "abc", "anbC", "None"),
    "line-comes-between-blank-ones": ("a.b", "ab", "a.n.b", "a.n.b"),
    "line-comes-below-two-as-one": ("a..bc", "a.bc", "a.nbc", "a..nbc"),
    "line-goes": ("a.x.b", "axb", "ab", "a.b"),
    "line-goes-with-its-blank-one": ("a.x.b", "axb", "a.b", "a.b"),
    "line-goes-beside-a-blank-one": ("a.xb", "axb", "ab", "None"),
    "lines-become-lines": ("a.x.yb", "axyb", "aXYb", "None"),
    "lines-become-one": ("a.x.y.b", "axyb", "aXb", "a.X.b"),
    "line-comes-above-layout": ("abz", "ab.", "ab.n.", "ab.nz"),
    "nothing-left-but-layout": ("abz", ".b.", "..", "az"),
    "goes-beside-a-misquoted-line": ("a.bcdefghij", "a.Xcdefghij", "aXcdefghiJ", "None"),
    "one-line-misquoted": ("a.b.cdefghi", "abcdeFghi", "a.b.CdeFghi", "a.b.Cdefghi"),
}


def lines(text: str) -> str:
    return "".join("\n" if line == "." else f"line {line}\n" for line in text)


def edited(file: str, search: str, replace: str) -> str | None:
    """What a block makes of a file, or None if it is refused."""
    reply = f"f.txt\n<<<<<<< SEARCH\n{lines(search)}=======\n{lines(replace)}>>>>>>> REPLACE\n"
    try:
        (change,) = apply_replies([reply], {"f.txt": Blob(lines(file).encode())}).changes
    except EditFailed as refusal:
        assert "which blank lines are to stay around line" in refusal.message
        return None
    return change.after.data.decode() if change.after else None


@pytest.mark.parametrize("end", ["head", "tail"])
@pytest.mark.parametrize(("quoted", "new", "there", "beside", "left"), ENDS.values(), ids=ENDS)
def test_blank_lines_at_an_end(quoted: int, new: int, there: int, beside: str, left: int | None, end: str) -> None:
    search, replace = ("ab", "aB") if beside == "stays" else ("ba", "Ba")
    texts = [
        f"y{'.' * there}{search}z",
        f"{'.' * quoted}{search}",
        f"{'.' * new}{replace}",
        f"y{'.' * (left or 0)}{replace}z",
    ]
    file, search, replace, result = texts if end == "head" else [text[::-1] for text in texts]
    assert edited(file, search, replace) == (None if left is None else lines(result))


@pytest.mark.parametrize(("file", "search", "replace", "result"), BETWEEN.values(), ids=BETWEEN)
def test_blank_lines_between(file: str, search: str, replace: str, result: str) -> None:
    assert edited(file, search, replace) == (None if result == "None" else lines(result))
