"""Replies become changes: what is inside the plan, what is outside, what is refused."""

import pytest

from codegen_tasks.edits import apply_replies, is_cut_off, join_continuation
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob, Diagnostic, FileChange, Outside

WHOLE = {
    "path-line": "a.py\n```python\nx = 1\n```\n",
    "heading": "### `a.py`\n\n```python\nx = 1\n```\n",
    "bold": "Here you go.\n\n**a.py**\n\n```\nx = 1\n```\nDone.",
    "label": "File: a.py\n```python\nx = 1\n```",
    "info": "```python a.py\nx = 1\n```",
    "info-colon": "```py:a.py\nx = 1\n```",
    "tag": '<file path="a.py">\nx = 1\n</file>',
    "tag-and-fence": '<file path="a.py">\n```python\nx = 1\n```\n</file>',
    "json": '{"files": [{"path": "a.py", "content": "x = 1\\n"}]}',
    "fenced-json": '```json\n{"files": [{"path": "a.py", "content": "x = 1\\n"}]}\n```',
    "mention": "Here is the new `a.py`:\n\n```\nx = 1\n```",
    "only-fence": "```python\nx = 1\n```",
    "crlf": "a.py\r\n```python\r\nx = 1\r\n```\r\n",
    "later-claim-wins": "a.py\n```\nx = 0\n```\na.py\n```\nx = 1\n```",
    "command-after": "```python\nx = 1\n```\nRun it:\n```bash\npython a.py\n```",
}


@pytest.mark.parametrize("reply", WHOLE.values(), ids=WHOLE)
def test_a_whole_file_is_found(reply: str) -> None:
    outcome = apply_replies([reply], {"a.py": None}, ["a.py"])
    assert outcome.changes == (FileChange("a.py", None, Blob(b"x = 1\n")),)
    assert outcome.touched == ("a.py",)
    assert outcome.outside == ()


def test_fences_inside_a_markdown_file_survive() -> None:
    text = "# Title\n\n```bash\nrun\n```\n\n```\nout\n```\n"
    outcome = apply_replies([f"README.md\n```markdown\n{text}```\n"], {"README.md": None}, ["README.md"])
    assert outcome.changes[0].after == Blob(text.encode())


def test_what_is_outside_the_plan_is_set_aside() -> None:
    reply = "a.py\n```\nx\n```\nb.py\n```\ny\n```\n"
    outcome = apply_replies([reply], {"a.py": None}, ["a.py"])
    assert [c.path for c in outcome.changes] == ["a.py"]
    assert outcome.outside == (Outside("b.py", b"y\n", "not in the plan"),)
    assert outcome.touched == ("a.py", "b.py")


def test_bytes_of_the_old_file_are_kept() -> None:
    before = Blob("\ufeffa\r\nb\nc".encode(), 0o100755)
    outcome = apply_replies(["f\n```\na\nB\nc\n```"], {"f": before})
    assert outcome.changes == (FileChange("f", before, Blob("\ufeffa\r\nB\nc".encode(), 0o100755)),)


@pytest.mark.parametrize("reply", ["", "I cannot do that.", "a.py\n```\nx = 1\n", "../a.py\n```\nx\n```"])
def test_nothing_usable_is_refused(reply: str) -> None:
    with pytest.raises(EditFailed):
        apply_replies([reply], {"a.py": None})


@pytest.mark.parametrize(
    ("first", "more"),
    [
        pytest.param("a.py\n```\nx = 1\ny =", " 2\n```\n", id="mid-line"),
        pytest.param("a.py\n```\nx = 1\n", "y = 2\n```\n", id="line-end"),
        pytest.param("a.py\n```\nx = 1\n", "```python\ny = 2\n```\n", id="fence-again"),
    ],
)
def test_a_cut_off_reply_is_joined(first: str, more: str) -> None:
    assert is_cut_off(first)
    joined = join_continuation(first, more)
    assert not is_cut_off(joined)
    assert apply_replies([joined], {"a.py": None}).changes[0].after == Blob(b"x = 1\ny = 2\n")


def edit_of(path: str, old: str, new: str) -> str:
    return f"{path}\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n"


def test_an_edit_outside_the_plan_stops_nothing_else() -> None:
    known, far = edit_of("b.py", "y = 1", "y = 2"), edit_of("lib/far.py", "z = 1", "z = 2")
    base = {"a.py": Blob(b"x = 1\n"), "b.py": Blob(b"y = 1\n")}
    outcome = apply_replies([edit_of("a.py", "x = 1", "x = 2") + known + far], base, {"a.py"})
    assert outcome.changes == (FileChange("a.py", Blob(b"x = 1\n"), Blob(b"x = 2\n")),)
    assert outcome.outside == (
        Outside("b.py", b"y = 2\n", "not in the plan"),
        Outside("lib/far.py", None, "not in the plan, and an edit of a file that is not at hand", applied=False),
    )
    assert outcome.touched == ("a.py", "b.py", "lib/far.py")


def test_edits_that_are_not_exact_are_told() -> None:
    before = Blob(b"def f():\n    return 1\n")
    outcome = apply_replies([edit_of("a.py", "return 1", "return 2")], {"a.py": before})
    assert outcome.diagnostics == (
        Diagnostic("info", "edit_not_exact", "lines 2-2: matched by indentation, score 0.98", "a.py"),
    )


UNCHANGED = {
    "our-word": "b.py (unchanged)",
    "sentence": "`b.py` needs no changes.",
    "sentence-among-others": "I looked at both. `b.py` requires no modifications.",
    "reason": "`b.py` does not need any changes because it only calls it.",
    "label": "**b.py**: no changes needed.",
    "under-its-heading": "### `b.py`\n\nNo changes needed.",
    "shown-all-the-same": "### b.py (unchanged)\n\n```python\ny = 1\n```",
    "search-equals-replace": edit_of("b.py", "y = 1", "y = 1"),
}


@pytest.mark.parametrize("said", UNCHANGED.values(), ids=UNCHANGED)
def test_a_file_that_needs_no_change_is_not_missing(said: str) -> None:
    base = {"a.py": Blob(b"x = 1\n"), "b.py": Blob(b"y = 1\n")}
    outcome = apply_replies([f"{edit_of('a.py', 'x = 1', 'x = 2')}\n{said}\n"], base, ["a.py", "b.py"])
    assert [change.path for change in outcome.changes] == ["a.py"]
    assert outcome.touched == ("a.py", "b.py")
    assert outcome.diagnostics == (Diagnostic("info", "unchanged", "the reply leaves it as it is", "b.py"),)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("The rest of `b.py` remains unchanged.", id="the-rest"),
        pytest.param("`foo()` in `b.py` remains unchanged.", id="a-function"),
        pytest.param("`a.py` and `b.py` need no changes except the new value.", id="except"),
        pytest.param("Does `b.py` need no changes?", id="a-question"),
        pytest.param("c.py (unchanged)", id="no-such-file"),
    ],
)
def test_what_is_said_of_less_than_a_file_does_not_count(said: str) -> None:
    base = {"a.py": Blob(b"x = 1\n"), "b.py": Blob(b"y = 1\n"), "c.py": None}
    outcome = apply_replies([f"{edit_of('a.py', 'x = 1', 'x = 2')}\n{said}\n"], base, ["a.py", "b.py", "c.py"])
    assert outcome.touched == ("a.py",)


@pytest.mark.parametrize(
    ("said", "touched"),
    [
        pytest.param("a.py (unchanged)", ("a.py",), id="the-word-for-it"),
        pytest.param("I see nothing to do: `a.py` needs no changes.", (), id="in-passing"),
    ],
)
def test_a_reply_without_any_change_needs_the_word_for_it(said: str, touched: tuple[str, ...]) -> None:
    outcome = apply_replies([said], {"a.py": Blob(b"x = 1\n")}, ["a.py"])
    assert (outcome.changes, outcome.touched) == ((), touched)


def test_what_only_a_later_reply_calls_unchanged_stays_refused() -> None:
    base = {"a.py": Blob(b"x = 1\n"), "b.py": Blob(b"y = 1\n")}
    replies = [edit_of("a.py", "x = 1", "x = 2") + edit_of("b.py", "z = 1", "z = 2"), "b.py (unchanged)"]
    with pytest.raises(EditFailed, match=r"b\.py"):
        apply_replies(replies, base, ["a.py", "b.py"])


EMPTY = {
    "note": "Also `pkg/__init__.py` (empty).",
    "heading": "### `pkg/__init__.py` (new, empty file)",
    "sentence": "Create an empty `pkg/__init__.py`.",
    "under-its-heading": "### `pkg/__init__.py`\n\n(empty)",
    "block": "**pkg/__init__.py** (empty)\n```python\n```",
}


@pytest.mark.parametrize("said", EMPTY.values(), ids=EMPTY)
def test_a_new_file_may_be_called_empty(said: str) -> None:
    reply, paths = f"pkg/a.py\n```\nx = 1\n```\n\n{said}\n", ["pkg/a.py", "pkg/__init__.py"]
    outcome = apply_replies([reply], dict.fromkeys(paths), paths)
    assert [change.path for change in outcome.changes] == sorted(paths)
    assert outcome.changes[0].after == Blob(b"")
    full = Blob(b"y = 1\n")
    assert [
        c.path for c in apply_replies([reply.split("**")[0]], {paths[0]: None, paths[1]: full}, paths).changes
    ] == paths[:1]


def test_lost_definitions_are_a_warning() -> None:
    before = Blob(b"def f():\n    return 1\n\n\ndef g():\n    return 2\n")
    outcome = apply_replies([edit_of("a.py", "def g():", "def h():")], {"a.py": before})
    assert outcome.diagnostics == (Diagnostic("warning", "definitions_gone", "no longer defined: g", "a.py"),)


def test_a_character_the_encoding_lacks_is_refused() -> None:
    before = Blob("# déjà vu, naïve façade\nx = 1\n".encode("cp1252"))
    with pytest.raises(EditFailed, match="cp1252"):
        apply_replies([edit_of("a.py", "x = 1", "x = '→'")], {"a.py": before})


def test_a_mode_stays_also_through_a_rename() -> None:
    reply = "diff --git a/a.sh b/b.sh\nrename from a.sh\nrename to b.sh\n"
    before = Blob(b"echo\n", 0o100755)
    assert apply_replies([reply], {"a.sh": before}).changes == (
        FileChange("a.sh", before, None),
        FileChange("b.sh", None, before),
    )


def test_a_rename_out_of_the_plan_leaves_the_file() -> None:
    reply = "diff --git a/a.txt b/b.txt\nrename from a.txt\nrename to b.txt\n"
    outcome = apply_replies([reply], {"a.txt": Blob(b"x\n")}, ["a.txt"])
    assert outcome.changes == ()
    assert outcome.outside == (Outside("b.txt", b"x\n", "not in the plan"),)
