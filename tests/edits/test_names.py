"""Which path a line of a reply names."""

import pytest

from codegen_tasks.edits import apply_replies
from codegen_tasks.edits.read.titles import Named, above, in_comment, in_info, in_line
from codegen_tasks.edits.resolve.paths import is_safe, resolve
from codegen_tasks.errors import EditFailed

LINES = {
    "bare": ("src/a.py", Named(("src/a.py",))),
    "dot-slash": ("./src/a.py", Named(("src/a.py",))),
    "backslashes": ("src\\a.py", Named(("src/a.py",))),
    "heading": ("### `src/a.py`", Named(("src/a.py",))),
    "bold-with-colon": ("**src/a.py**:", Named(("src/a.py",))),
    "numbered-and-noted": ("2. `a.py` (new file)", Named(("a.py",))),
    "label": ("File: a.py", Named(("a.py",))),
    "label-with-quotes": ("Update file `a.py`:", Named(("a.py",))),
    "without-extension": ("Makefile", Named(("Makefile",))),
    "without-extension-noted": ("`Jenkinsfile` (new file):", Named(("Jenkinsfile",))),
    "word-that-is-no-name": ("Output", Named((), ("Output",))),
    "bold-label": ("**File:** `a.yml`", Named(("a.yml",))),
    "bold-label-and-colon": ("**Filename**: a.yml", Named(("a.yml",))),
    "mark-of-direction": ("\u200fa.css", Named(("a.css",))),
    "no-width": ("\ufeff`a.css`\u200b", Named(("a.css",))),
    "mention": ("Here is the new `a.py` for you:", Named((), ("a.py",))),
    "two-mentions": ("Both a.py and lib/b.py change.", Named((), ("a.py", "lib/b.py"))),
    "no-path": ("That is all.", Named()),
    "bold-between-underscores": ("**__init__.py**", Named(("__init__.py",))),
    "noted": ("### a.py (rewritten in full)", Named(("a.py",))),
    "noted-with-a-path": ("**Entry point (`src/a.py`)**", Named((), ("src/a.py",))),
    "spaces": ("my notes.md", Named((), ("my notes.md", "notes.md"))),
    "group-of-routes": ("app/(auth)/page.tsx", Named(("app/(auth)/page.tsx",))),
    "name-of-a-type": ("src/View{T}Tests.cs", Named(("src/View{T}Tests.cs",))),
    "call-that-looks-like-a-path": ("frame.mean(x).other", Named((), ("frame.mean(x).other",))),
    "link": ("- [a.py](src/a.py)", Named(("a.py",))),
    "decorated": ("──── src/a.py ────", Named(("src/a.py",))),
    "wide-signs": ("**文件：src/a.py（修改）**", Named((), ("src/a.py",))),
    "wide-brackets": ("「src/a.py」", Named(("src/a.py",))),
    "in-brackets": ("<src/a.py>", Named(("src/a.py",))),
    "in-square-brackets": ("[src/a.py]", Named(("src/a.py",))),
    "between-underscores": ("__src/a.py__", Named(("src/a.py",))),
    "route-in-square-brackets": ("app/[id].tsx", Named(("app/[id].tsx",))),
    "at-sign": ("@src/a.py", Named(("@src/a.py",), ("src/a.py",))),
    "wide-colon": ("`a.py`：", Named(("a.py",))),
    "address": ("See https://example.org/a.py for more.", Named()),
}


@pytest.mark.parametrize(("line", "named"), LINES.values(), ids=LINES)
def test_in_line(line: str, named: Named) -> None:
    assert in_line(line) == named


@pytest.mark.parametrize(
    ("info", "titles"),
    [
        ("python", ()),
        ("python src/a.py", ("src/a.py",)),
        ("py:src/a.py", ("src/a.py",)),
        ('python title="a.py"', ("a.py",)),
        ("{.python filename=a.py}", ("a.py",)),
    ],
)
def test_in_info(info: str, titles: tuple[str, ...]) -> None:
    assert in_info(info).titles == titles


@pytest.mark.parametrize(
    ("info", "part"),
    [
        ("8:9:a.py", True),
        ("python a.py:8-9", True),
        ("python a.py:8", True),
        ("python a.py lines 8-9", True),
        ("python a.py (8-9)", True),
        ('python title="a.py" startLine=9', True),
        ("python src/v1-2/a.py", False),
        ("md log/2024-01-02.md", False),
        ("python src/lines/a.py", False),
        ('python {1,3-4} title="a.py" showLineNumbers', False),
        ('python title="a.py" highlight="1-2"', False),
    ],
)
def test_a_range_of_lines_beside_a_path(info: str, part: bool) -> None:
    assert in_info(info).titles
    assert in_info(info).part is part


@pytest.mark.parametrize("line", ["# src/a.py", "// File: src/a.py", "<!-- src/a.py -->", "/* src/a.py */"])
def test_in_comment(line: str) -> None:
    assert in_comment(line) == Named((), ("src/a.py",))


def test_the_line_that_names_the_program_of_a_script_names_no_file() -> None:
    assert in_comment("#!/bin/bash") == Named()


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        pytest.param(["a.py", "```"], Named(("a.py",)), id="title"),
        pytest.param(
            ["### a.py", "", "It", "does", "a", "lot.", "```"], Named(("a.py",), part=True), id="heading-far-above"
        ),
        pytest.param(["- a.py", "It", "does", "a", "lot.", "```"], Named(), id="list-far-above"),
        pytest.param(
            ["`a.py` is old and stays.", "What follows is the new `b.py`:", "```"],
            Named((), ("b.py",)),
            id="last-line-only",
        ),
    ],
)
def test_above(lines: list[str], named: Named) -> None:
    assert above(lines, len(lines) - 1, 0) == named


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("### 2. New file: `a.py`", False),
        ("**a.py** (updated)", False),
        ("Create `a.py`:", False),
        ("### `a.py` (complete replacement)", False),
        ("### Changes in `a.py`", True),
        ("### Updated function in `a.py`", True),
        ("File: `a.py`, lines 9-12", True),
        ("### `a.py`\n\nHere is the full code:", False),
        ("### Fix for `a.py`\n\nYou find the complete new file below.", False),
        ("### `a.py`\n\nThis is not the complete file:", True),
        ("### `a.py`\n\n(only changed parts shown)", True),
    ],
)
def test_what_promises_a_whole_file(title: str, part: bool) -> None:
    lines = [*title.split("\n"), "```"]
    named = above(lines, len(lines) - 1, 0)
    assert named.titles == ("a.py",)
    assert named.part is part


@pytest.mark.parametrize(
    ("title", "share"),
    [
        ("### a.py (part 2 of 3)", True),
        ("`a.py` (1/2):", True),
        ("**a.py (continued)**", True),
        ("### File 1 of 2: `a.py`", False),
        ("### part_1.py", False),
    ],
)
def test_what_is_counted_as_a_part(title: str, share: bool) -> None:
    assert (above([title, "```"], 1, 0).doubt != "") is share


@pytest.mark.parametrize(
    ("name", "known", "path"),
    [
        pytest.param("a.py", ["a.py", "x/a.py"], "a.py", id="known"),
        pytest.param("pkg/a.py", ["src/pkg/a.py", "b.py"], "src/pkg/a.py", id="suffix"),
        pytest.param("a.py", ["src/a.py", "lib/a.py"], "a.py", id="two-of-that-name"),
        pytest.param("/home/me/src/a.py", ["src/a.py", "b.py"], "src/a.py", id="absolute"),
        pytest.param("path/to/a.py", ["a.py", "b.py"], "a.py", id="made-up-folder"),
        pytest.param("tests/a.py", ["a.py", "b.py"], "tests/a.py", id="another-folder-is-another-file"),
        pytest.param("../a.py", ["a.py"], "../a.py", id="climbs-out"),
        pytest.param("shop/src/a.py", ["src/a.py"], "shop/src/a.py", id="below-another-folder-it-may-be-another-file"),
        pytest.param("samples/a.py", ["a.py"], "samples/a.py", id="the-only-file-has-no-folder"),
    ],
)
def test_resolve(name: str, known: list[str], path: str) -> None:
    assert resolve((name,), 1, known) == path


@pytest.mark.parametrize("path", ["/a", "../a", "a/../b", "a//b", ".git/config", "C:/a", "a\nb", "", "./a"])
def test_not_safe(path: str) -> None:
    assert not is_safe(path)


@pytest.mark.parametrize("title", ["### Error in `a.html`", "The file `a.html` prints:", "In `a.html` we see:"])
def test_a_new_file_is_of_its_kind_where_its_title_says_more(title: str) -> None:
    with pytest.raises(EditFailed):
        apply_replies([f"{title}\n\n```\nhello world\n```\n"], {"a.html": None})
    (change,) = apply_replies([f"{title}\n\n```html\n<p>a</p>\n```\n"], {"a.html": None}).changes
    assert change.path == "a.html"
