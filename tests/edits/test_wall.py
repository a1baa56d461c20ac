"""The wall: placeholders for code that is gone are refused, what only looks like one is not."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen_tasks.edits.completeness import check
from codegen_tasks.edits.completeness.elisions import load_weights, points, weighable
from codegen_tasks.edits.completeness.wording import features_of

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import wall as benchmark

CASES = [case for file in sorted(benchmark.CASES.glob("*.txt")) for case in benchmark.read_cases(file)]
BASE = """import os


def first(path):
    size = os.stat(path).st_size
    return size


def second():
    return 2
"""


# Words that are prose elsewhere ("today", "plus:"), one line that a heading stands for, quoted prose, and ends that are
# gone without a trace; and a remark before `..*self` in a place where much is gone.
MISSED = "fifth-69 fifth-92 fifth-93 fifth-105 fifth-149 fourth-272 fresh-41 second-38 sixth-37".split()
ALARMS = ["eighth-01"]


@pytest.mark.parametrize(("good", "wrong"), [(True, ALARMS), (False, MISSED)], ids=["good", "bad"])
def test_the_labelled_set(good: bool, wrong: list[str]) -> None:
    cases = [case for case in CASES if case.good is good]
    assert len(cases) >= 200
    assert [case.name for case in cases if bool(benchmark.refusal(case)) is good] == wrong


GONE = frozenset(
    {"alone in its line", "ends a block", "lost 1", "lost 2", "lost 3", "lost 4", "shrank", "nothing came"}
)
ANYWHERE, WHERE_LOST, NOWHERE = (True, True), (False, True), (False, False)


@pytest.mark.parametrize(
    ("remark", "refused"),
    [
        ("... existing code ...", ANYWHERE),
        ("...existing code...", ANYWHERE),
        ("rest of the file unchanged", WHERE_LOST),
        ("... остальной код без изменений ...", ANYWHERE),
        ("(其余代码不变)", ANYWHERE),
        ("... (resto del código existente)", ANYWHERE),
        ("le reste du code reste inchangé", WHERE_LOST),
        ("Der Rest des Codes bleibt unverändert...", WHERE_LOST),
        ("[... 残りのコード ...]", ANYWHERE),
        ("restante do código permanece igual", WHERE_LOST),
        ("tests omitted for brevity", ANYWHERE),
        ("existing code", WHERE_LOST),
        ("same as before", WHERE_LOST),
        ("나머지 코드는 동일합니다", WHERE_LOST),
        ("Your code here", ANYWHERE),
        ("TODO: implementation goes here", WHERE_LOST),
        ("(licence header)", WHERE_LOST),
        ("GET and POST actions omitted for clarity", ANYWHERE),
        ("... Delete, Len and Clear follow the same pattern", WHERE_LOST),
        ("ports, environment: same", WHERE_LOST),
        ("and so on for bed and row", NOWHERE),
        ("the file keeps its other keys", WHERE_LOST),
        ("same check as in pop()", WHERE_LOST),
        ("placeholder, keep your implementation", WHERE_LOST),
        ("etc.", WHERE_LOST),
        ("existing code:", WHERE_LOST),
        ("hook, does nothing here", NOWHERE),
        ("TODO: copy f() and g() from the original", WHERE_LOST),
        ("The rest of this function is identical to that on main", NOWHERE),
        ("rows of other months are skipped", NOWHERE),
        ("reuse the existing code path", NOWHERE),
        ("existing sources", WHERE_LOST),
        ("all other fields are optional", NOWHERE),
        ("The remaining bytes must be zero", NOWHERE),
        ("the rest is handled as before", WHERE_LOST),
        ("see above", WHERE_LOST),
        ("more than we can chew...", NOWHERE),
        ("(see above)", WHERE_LOST),
        ("TODO: existing implementation goes here", WHERE_LOST),
        ("steps 1 to 5 as they were", WHERE_LOST),
        ("previously this was a list", NOWHERE),
        ("Existing callers may pass None", NOWHERE),
        ("TODO: the rest of the columns", WHERE_LOST),
        ("Copy the rest of the code", WHERE_LOST),
        ("...one by one, so that listeners see each", NOWHERE),
    ],
)
def test_remarks(remark: str, refused: tuple[bool, bool]) -> None:
    """On a line of its own where nothing is gone, and in place of four lines at the end of a block."""
    words = features_of(remark)
    assert (points(words) > 0, points(words, GONE) > 0) == refused


@pytest.mark.parametrize("text", ["", "----------", "x" * 200])
def test_what_has_no_words_has_no_features(text: str) -> None:
    assert features_of(text) == frozenset()


def test_every_feature_that_has_points_can_be_found() -> None:
    """A feature that was renamed in the rules and not in the data would silently count for nothing."""
    tones = ("dots", "odd, kept", "odd", "kept", "rest", "thing", "names")
    found = set[str]()
    for case in CASES:
        for _, words, place in weighable(case.path, case.before, case.after):
            found |= {*words, *place}
    bare = {name.removeprefix("of ").partition(": ")[2] or name.removeprefix("of ") for name in load_weights()}
    assert bare - {*tones, ""} <= found


def test_the_refusal_names_the_line_and_quotes_it() -> None:
    after = "import os\n\n# ... existing code ...\n\ndef second():\n    return 3\n"
    assert check("a/b.py", BASE, after) == (
        "a/b.py: line 3, `# ... existing code ...`, stands for text that is not there; the file would lose it."
        " Write it all out."
    )


def test_a_placeholder_that_the_file_had_stays() -> None:
    before = BASE + "# ... existing code ...\n"
    assert check("a.py", before, before.replace("return 2", "return 3")) is None


def test_a_weak_remark_counts_only_where_lines_went_away() -> None:
    grown = BASE.replace("    size", "    # as before\n    size")
    shrunk = BASE.replace("    size = os.stat(path).st_size\n    return size\n", "    # as before\n    pass\n")
    assert check("a.py", BASE, grown) is None
    assert check("a.py", BASE, shrunk) is not None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.pyi", "def f() -> int:\n    ...\n"),
        ("a.py", "x = a[..., 0]\ny = ...\n"),
        ("a.py", "class A(Protocol):\n    def f(self) -> int:\n        ...\n"),
        ("a.py", "def f():\n    '''\n    # ... existing code ...\n    '''\n"),
        ("a.py", "@command\ndef f():\n    ...\n"),
        ("a.py", "try:\n    f()\nexcept OSError:\n    ...\n"),
        ("a.c", "int f(int a,\n      ...\n);\n"),
        ("a.lua", "return f(\n  ...\n)\n"),
        ("a.ts", "const a = `\n// ... existing code ...\n`;\n"),
        ("a.md", "```js\n// ... existing code ...\n```\n"),
        ("a.html", "<pre>\n// ... existing code ...\n</pre>\n"),
        ("a.xyz", "...\n"),
    ],
)
def test_dots_that_mean_something(path: str, text: str) -> None:
    assert check(path, None, text) is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "def f():\n    ...\n"),
        ("a.py", "x = 1\n...\ny = 2\n"),
        ("a.go", "package a\n\nfunc f() {\n\t// ...\n}\n"),
        ("a.js", "function f() { /* ... */ }\n"),
        ("a.rs", "fn f() {\n    ...\n}\n"),
        ("a.java", "class A {\n    // Implementation goes here\n}\n"),
    ],
)
def test_new_files_with_holes(path: str, text: str) -> None:
    assert check(path, None, text) is not None


LONG = """import os


def first(path):
    size = os.stat(path).st_size
    size = round(size / 1024)
    print(path, "is read")
    return size


def second():
    return 2
"""
BODY = LONG[LONG.index("    size") : LONG.index("\n\n\ndef second")]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        pytest.param("a.py", LONG, LONG.replace(BODY, "    # measure the file"), id="a body is a comment"),
        pytest.param("a.py", LONG, LONG.replace(BODY, "    # measure it\n    pass"), id="a stub"),
        pytest.param(
            "a.py", BASE, BASE.replace("size = os.stat(path).st_size", "# measure it"), id="a name is not set"
        ),
        pytest.param("a.py", BASE, BASE.replace("return 2", 'raise NotImplementedError("as before")'), id="a refusal"),
        pytest.param("a.py", "a = [\n    1,\n    2,\n    3,\n]\n", "a = [\n    1,\n    ...\n]\n", id="an item"),
        pytest.param("a.js", "f(a => {\n  g(a);\n});\n", "f(a => { /* unchanged */ });\n", id="in brackets"),
        pytest.param("a.js", "const a = b.map(c);\n", "const a = /* existing code */ [];\n", id="for a value"),
        pytest.param("a.json", '{\n"a": {\n"b": 1,\n"c": 2\n}}\n', '{\n"a": { "...": "" }}\n', id="a key"),
        pytest.param("a.yaml", "a:\n  - b\n  - c\n", "a: ...\n", id="for a list"),
        pytest.param("a.sql", "select a,\n  b\nfrom c;\n", "select ... from c;\n", id="in a query"),
        pytest.param("a.yaml", "a:\n  b: 1\n  c: 2\n", "a: {...}\n", id="a heading and dots"),
        pytest.param("a.yaml", "a:\n  b: 1\n  c: 2\n", "a: <unchanged>\n", id="a heading and words"),
        pytest.param("a.jsx", "<nav>\n  <A />\n  <B />\n</nav>\n", "<nav>...</nav>\n", id="an element and dots"),
        pytest.param("a.tf", "a {\n  b = 1\n}\n", "a { ... }\n", id="a block and dots"),
        pytest.param("a.js", "a = [\n  b(1),\n  b(2),\n];\n", "a = [\n  ...others,\n  b(3),\n];\n", id="spread"),
        pytest.param("a.py", LONG, LONG.replace(BODY, '    """Measure it."""'), id="a body is a docstring"),
        pytest.param(
            "a.js",
            "function f() {\n  a();\n  b();\n  c();\n}\n",
            "function f() {\n  // a, then b, then c\n}\n\nfunction g() {\n  d();\n}\n\ng();\n",
            id="a body is a comment beside new code",
        ),
        pytest.param("a.toml", 'a = [\n  "b",\n  "c",\n  "d",\n]\n', 'a = ["b", "..."]\n', id="a quoted item"),
        pytest.param(
            "a.json", '{\n"a": 1,\n"b": 2\n}\n', '{\n"a": 1,\n"_comment": "the rest is unchanged"\n}\n', id="a note"
        ),
        pytest.param("a.md", "| a |\n|---|\n| b |\n| c |\n| d |\n", "| a |\n|---|\n| ... |\n", id="a row"),
        pytest.param("a.rb", LONG, LONG.replace(BODY, '    raise Error, "unchanged"'), id="a refusal in Ruby"),
        pytest.param("a.swift", "f {\n  a()\n  b()\n}\n", 'f { fatalError("same as before") }\n', id="in one line"),
        pytest.param(
            "a.py",
            LONG,
            LONG.replace(f"def first(path):\n{BODY}", "# first() ...\nUNITS = 1024"),
            id="a name that is gone",
        ),
        pytest.param(
            "a.py",
            LONG,
            LONG.replace(BODY, "    for line in path:\n        # previous body of first").replace("second", "third"),
            id="a name that is there",
        ),
        pytest.param(
            "a.html",
            "<nav>\n<a>b</a>\n<a>c</a>\n</nav>\n<p>\n",
            "<!-- existing nav -->\n<p>\n",
            id="a word that is gone",
        ),
        pytest.param(
            "a.js",
            "f() {\n  a();\n}\n\ng(b) {\n  c();\n}\n",
            "// f: unchanged\ng(b, ...c) {\n  c();\n}\n",
            id="before a rest of arguments",
        ),
        pytest.param("a.json", "[\n1,\n2,\n3\n]\n", '[\n1,\n"... the others unchanged"\n]\n', id="a string in data"),
        pytest.param("a.json", "[\n1,\n2,\n3\n]\n", '[\n1,\n{"a": "..."}\n]\n', id="a value in data"),
        pytest.param("a.java", LONG, LONG.replace(BODY, "    return null; // unchanged"), id="beside no value"),
    ],
)
def test_what_stands_for_code_whatever_it_says(path: str, before: str, after: str) -> None:
    reason = check(path, before, after)
    assert reason is not None
    assert "stands for text" in reason


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        pytest.param("a.py", LONG, LONG.replace(BODY, "    # nothing to do\n    return 0"), id="meant"),
        pytest.param("a.py", BASE, BASE.replace("size = os.stat(path).st_size", "# now\n    size = 1"), id="set anew"),
        pytest.param(
            "a.py", BASE, "size = 0\n\n" + BASE.replace("size = os.stat(path).st_size", "# now"), id="outside"
        ),
        pytest.param(
            "a.py",
            BASE,
            BASE.replace("(path)", "(path, size)").replace("size = os.stat(path, size).st_size", "# now"),
            id="given",
        ),
        pytest.param("a.js", "f(a => {\n  g(a);\n});\n", "f(a => { /* ignore */ });\n", id="ignored"),
        pytest.param(
            "a.py", "class A:\n    b = 1\n    c = b\n", "class A:\n    # b of all\n    c = b\n", id="what a class has"
        ),
        pytest.param("a.py", "class A: ...\nx = 1\ny = 2\n", "class A: ...\n", id="dots that were there"),
        pytest.param("a.java", LONG, LONG.replace(BODY, "    return size(path); // as before"), id="beside code"),
        pytest.param(
            "a.js", "a = [\n  b(1),\n  b(2),\n];\n", "c = d();\na = [\n  ...c,\n];\n", id="what is spread is there"
        ),
        pytest.param("a.py", LONG, LONG.replace(BODY, '    """Overridden by those who measure."""'), id="a hook"),
        pytest.param(
            "a.py",
            LONG,
            "@measured\n" + LONG.replace(BODY, '    """Measure it."""').partition("\n\n\n")[2],
            id="decorated",
        ),
        pytest.param(
            "a.css",
            "a {\n  border: 1;\n  radius: 2;\n  shadow: 3;\n  padding: 4;\n}\n",
            "a {\n  /* border and shadow removed, padding unchanged */\n  padding: 4;\n}\n",
            id="told",
        ),
        pytest.param(
            "a.go",
            "// First.\nfunc First() {\n\ta()\n\tb()\n\tc()\n}\n",
            "// First returns the same as before.\nfunc First() {\n\td()\n}\n",
            id="what tells of the next line",
        ),
        pytest.param("a.toml", "[a]\nb = 1\nc = 2\nd = 3\n", "[a]\n# the rest is in b.toml\n", id="told where it is"),
        pytest.param("a.json", '{\n"a": 1,\n"b": 2\n}\n', '{\n"more": "..."\n}\n', id="a text of dots"),
        pytest.param(
            "a.rs",
            "f {\n  a: 1,\n  b: 2,\n  c: 3,\n}\n",
            "f {\n  // all other fields as they were\n  ..self\n}\n",
            id="`..`",
        ),
        pytest.param("a.rb", "def f(\n  a,\n  b\n)\nend\n", "def f(...)\nend\n", id="arguments passed on"),
    ],
)
def test_code_that_may_go(path: str, before: str, after: str) -> None:
    assert check(path, before, after) is None


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        pytest.param("a.txt", "one\ntwo three\nfour\n", "one\ntwo th", id="in a word"),
        pytest.param("a.py", BASE, BASE[: BASE.index("    return size")], id="in a block"),
        pytest.param("a.md", "# A\n\n```sh\nx\n```\n", "# A\n\n```sh\nx\ny\n", id="in a fence"),
        pytest.param("a.html", "<body>\n<p>a</p>\n</body>\n", "<body>\n<p>b</p>\n", id="in a page"),
    ],
)
def test_text_that_stops(path: str, before: str, after: str) -> None:
    reason = check(path, before, after)
    assert reason is not None
    assert "ends too early" in reason


def test_the_last_definition_may_go() -> None:
    assert check("a.py", BASE, BASE[: BASE.index("\n\n\ndef second")] + "\n") is None


@given(st.text(), st.text())
def test_any_text_is_judged_and_no_change_is_never_refused(before: str, after: str) -> None:
    for path in ("a.py", "a.md", "a.js", "a.html", "a"):
        check(path, before, after)
        assert check(path, before, before) is None
        assert check(path, before, before + "\nplain = words\n") is None


def test_a_loss_elsewhere_in_a_stretch_is_not_that_of_a_remark() -> None:
    """`x = 1` stands twice, but once above `mid()`: what is gone is gone below it."""
    before = "top()\nx = 1\na = 1\nb = 2\nc = 3\nmid()\nx = 1\n"
    for remark in ("# other values", "# rest of the values"):
        after = f"top()\n{remark}\nx = 1\nmid()\nx = 1\n"
        assert check("a.py", before, after) is None
        assert check("a.py", before, f"top()\nx = 1\n{remark}\nmid()\nx = 1\n") is not None


def test_a_longer_comment_does_not_make_up_for_ten_lines_that_are_gone() -> None:
    before = "// The first part\n" + "".join(f"a{i}();\n" for i in range(10)) + "last();\n"
    assert check("a.js", before, "// The first part\n// of many fonts\n// (unchanged)\nlast();\n") is not None


def test_a_page_that_ends_as_it_did_is_not_cut_off() -> None:
    before = "<template>\n<p>a</p>\n</template>\n<script>\nlet a = 1;\nlet b = 2;\n</script>\n"
    assert check("a.vue", before, before.replace("</template>\n", "")) is None


BODY = "x = 1\ny = 2\n\n\ndef f():\n    return x\n"
MEANT = [
    "content of a.py",
    "the new file",
    "end of file",
    "end of imports",
    "more tests",
    "the rest",
    "settings",
    "new content",
]
STAND_FOR_TEXT = ["... existing code ...", "rest of the file unchanged", "... rest of the code ..."]


@pytest.mark.parametrize("remark", MEANT)
def test_a_remark_where_nothing_is_gone_is_meant(remark: str) -> None:
    line = f"# {remark}\n"
    new = [] if remark in ("the rest", "more tests") else [(None, line), (None, BODY + line), (None, line + BODY)]
    for before, after in [*new, (BODY, BODY + line), (BODY, line + BODY), (BODY, BODY.replace("1", "3") + line)]:
        assert check("a.py", before, after) is None, (before, after)


@pytest.mark.parametrize("remark", STAND_FOR_TEXT)
def test_words_that_stand_for_text_do_so_where_nothing_is_gone(remark: str) -> None:
    for after in (f"# {remark}\n", f"{BODY}# {remark}\n"):
        assert check("a.py", None, after) is not None, after
