"""A text that stops before the end it had is known, an end that is meant to go is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen_tasks.edits.completeness.anchors import anchors
from codegen_tasks.edits.completeness.definitions import defined, named
from codegen_tasks.edits.completeness.lost_lines import Hole, LostLines
from codegen_tasks.edits.completeness.truncation import truncation

SHOP = '''import sys


def main():
    print(total(sys.argv))


def total(items):
    """Adds up."""
    result = 0
    for item in items:
        result += price_of(item)
    return result


def price_of(item):
    name, price = item.split("=")
    if not name:
        raise ValueError(item)
    return int(price)


def report(items):
    for item in items:
        print(item, price_of(item))


if __name__ == "__main__":
    main()
'''
EDITED = SHOP.replace("import sys", "import os\nimport sys")


def until(text: str) -> str:
    return EDITED[: EDITED.index(text)]


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        pytest.param(until("price = item"), "is the beginning of", id="in a line"),
        pytest.param(until("    return int"), "inside a block", id="in a block"),
        pytest.param(until("def total"), "the definition of `total` is missing", id="before what it needs"),
        pytest.param(
            until("def price_of")
            .replace("price_of", "int")
            .replace("main():\n    print(total(sys.argv))", "main(): ..."),
            "the last 10 lines that hold text are missing, from `def price_of(item):` on",
            id="before many things",
        ),
        pytest.param(until("def report").rstrip() + "\n", "with which no other change has to do", id="beside an edit"),
    ],
)
def test_ends_that_are_missing(after: str, reason: str) -> None:
    told = truncation("shop.py", SHOP, after)
    assert told is not None
    assert told.startswith("shop.py: the text ends too early: ")
    assert reason in told


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(EDITED, id="nothing is gone"),
        pytest.param(until("\n\nif __name__"), id="a few lines"),
        pytest.param(SHOP[: SHOP.index("def report")].rstrip() + "\n", id="the last definition"),
        pytest.param(until("def report").replace("os", "report").rstrip() + "\n", id="what a change speaks of"),
        pytest.param(EDITED + "\n\ndef more():\n    pass\n", id="more comes"),
        pytest.param(until("def price_of") + "def other():\n    return 1\n", id="something else comes"),
    ],
)
def test_ends_that_may_go(after: str) -> None:
    assert truncation("shop.py", SHOP, after) is None


@pytest.mark.parametrize(
    ("path", "before", "after", "reason"),
    [
        pytest.param(
            "a.go",
            'package a\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc A() { os.Exit(1) }\n\nfunc B() { fmt.Println() }\n',
            'package a\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc A() { os.Exit(1) }\n',
            "`fmt` is still imported, which only the missing lines used",
            id="an import is left",
        ),
        pytest.param(
            "a.ts",
            'import { x as y, type Z } from "./x";\n\nexport const a: Z = 1;\n\nexport const b = y(2);\n',
            'import { x as y, type Z } from "./x";\n\nexport const a: Z = 1;\n',
            "`y` is still imported",
            id="another name",
        ),
        pytest.param(
            "a.py",
            "from b import (\n    c,\n    d as e,\n)\n\nfirst = c()\n\nsecond = e()\n",
            "from b import (\n    c,\n    d as e,\n)\n\nfirst = c()\n",
            "`e` is still imported",
            id="many lines",
        ),
        pytest.param(
            "a.py", "import b\nimport c\n\nx = 1\n\ny = c.d\n", "import b\nimport c\n\nx = 1\n", None, id="side effects"
        ),
        pytest.param(
            "a.sql",
            "select a\nfrom b\njoin c on b.d = c.d\nwhere c.e > 1;\n",
            "select a\nfrom b\njoin c on b.d = c.d\n",
            "inside a block",
            id="in a statement",
        ),
        pytest.param("a.sql", "select a;\nselect b;\n", "select a;\n", None, id="after a statement"),
    ],
)
def test_what_an_end_leaves_open(path: str, before: str, after: str, reason: str | None) -> None:
    told = truncation(path, before, after)
    assert told is None if reason is None else told is not None and reason in told


def test_what_a_new_line_speaks_of_may_have_moved() -> None:
    before = "def main():\n    return total(1)\n\n\ndef total(item):\n    name = item\n    return name + 1\n"
    after = before[: before.index("\n\n\ndef total")] + "\n"
    assert truncation("a.py", before, after) is not None
    assert truncation("a.py", before, "from totals import total\n\n" + after) is None


def test_what_an_edit_takes_away_was_quoted() -> None:
    assert truncation("shop.py", SHOP, until("def total"), whole=False) is None


def test_the_numbers_of_a_refusal_are_true() -> None:
    after = EDITED[: EDITED.index("    name, price")]
    told = truncation("shop.py", SHOP, after) or ""
    assert f"after line {len(after.rstrip().splitlines())}, `def price_of(item):`" in told


@pytest.mark.parametrize(
    ("old", "new", "row", "hole"),
    [
        pytest.param("a b c d e", "a M e", 1, Hole(3, 0), id="gone"),
        pytest.param("a b c d e", "a M x e", 1, Hole(3, 1), id="gone for less"),
        pytest.param("a b c d e", "a M b c d e", 1, Hole(0, 0), id="beside"),
        pytest.param("a b c d e", "a M d e c b", 1, Hole(0, 0), id="moved"),
        pytest.param("a x x x e", "a M x e", 1, Hole(2, 0), id="equal lines"),
        pytest.param("a b", "M", 0, Hole(2, 0), id="everything"),
        pytest.param("", "M", 0, Hole(0, 0), id="nothing"),
    ],
)
def test_holes(old: str, new: str, row: int, hole: Hole) -> None:
    assert LostLines(old.split(), new.split(), {row}).around(row) == hole


@given(st.lists(st.integers(0, 20)), st.lists(st.integers(0, 20)))
def test_anchors_rise_and_stand_once(old: list[int], new: list[int]) -> None:
    pairs = anchors(old, new)
    assert pairs == sorted(pairs)
    assert len({left for left, _ in pairs}) == len(pairs)
    assert all(old[i] == new[j] and old.count(old[i]) == 1 == new.count(new[j]) for i, j in pairs)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("class A(B):\n    async def f(self): ...\n", {"A", "f"}),
        ("func (s *Server) Run(ctx C) error {\n", {"Run"}),
        ("static int add(int a, int b)\n{\n", {"add"}),
        ("export const f = () => 1\n  render() {\n", {"f", "render"}),
        ("pub fn f<T>() {}\nimpl Show for T {}\n", {"f", "Show"}),
        ("CREATE TABLE IF NOT EXISTS users (\n", {"users"}),
        ("if (x) {\n  while (y) {\n  call(z);\n", set()),
        ("go func() {\n\tdefer func() {\n", set()),
    ],
)
def test_defined(text: str, names: set[str]) -> None:
    assert defined(text) == names


def test_named() -> None:
    assert named("x = 1\ny: int\ndef f(): ...\nreturn z\n") == {"x", "y", "f"}
