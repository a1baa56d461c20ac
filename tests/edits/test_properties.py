"""Laws of the edit engine, on random files and replies."""

import importlib.util
from difflib import unified_diff
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from codegen_tasks.edits.apply import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

MATRIX = Path(__file__).parent.parent.parent / "benchmarks" / "edit_matrix.py"
PIECES = st.sampled_from(
    [
        "a.txt\n", "```\n", "```python\n", "<<<<<<< SEARCH\n", "=======\n", ">>>>>>> REPLACE\n", "one\n", "two\n",
        "--- a/a.txt\n", "+++ b/a.txt\n", "@@ -1,2 +1,2 @@\n", "-one\n", "+1\n", " two\n", "*** Begin Patch\n",
        "*** Update File: a.txt\n", "*** End Patch\n", "*** Add File: b.txt\n", "\n", "# ... existing code ...\n",
        "  two\n", "prose here\n",
    ]
)  # fmt: skip
WORDS = st.text("abc (){}:=#'\"\u00e9\u2019\t", max_size=12).filter(lambda line: not line.startswith(("```", "~~~")))
LINES = st.lists(WORDS, min_size=1, max_size=12)
ENDS = st.sampled_from(["\n", "\r\n"])


def after(reply: str, before: bytes, path: str = "a.txt") -> bytes:
    """What the only file becomes. It may come out as it was."""
    changes = apply_replies([reply], {path: Blob(before)}, [path]).changes
    return before if not changes or changes[0].after is None else changes[0].after.data


@given(st.lists(PIECES, max_size=25).map("".join), st.lists(PIECES, max_size=8).map("".join))
def test_any_reply_is_applied_to_what_it_names_or_refused(reply: str, content: str) -> None:
    base: dict[str, Blob | None] = {"a.txt": Blob(content.encode()), "z.txt": Blob(b"zzz\n")}
    copy = dict(base)
    try:
        outcome = apply_replies([reply], base)
    except EditFailed as refusal:
        assert refusal.message.strip()
        return
    finally:
        assert base == copy
    assert {change.path for change in outcome.changes} <= set(outcome.touched)
    assert all(change.before == base.get(change.path) != change.after for change in outcome.changes)


@given(st.data())
def test_untouched_lines_keep_their_bytes(data: st.DataObject) -> None:
    lines = data.draw(LINES)
    ends = data.draw(st.lists(ENDS, min_size=len(lines), max_size=len(lines)))
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = "the only line of its kind"
    raw = [line + end for line, end in zip(lines, ends, strict=True)]
    reply = f"a.txt\n<<<<<<< SEARCH\n{lines[at]}\n=======\nanother line\n>>>>>>> REPLACE\n"
    wanted = [*raw[:at], "another line" + ends[at], *raw[at + 1 :]]
    assert after(reply, "".join(raw).encode()) == "".join(wanted).encode()


@given(st.data())
def test_lines_elsewhere_change_nothing_about_an_exact_edit(data: st.DataObject) -> None:
    lines = [f"{'    ' * data.draw(st.integers(0, 2))}name_{i} = {i}" for i in range(data.draw(st.integers(4, 12)))]
    at = data.draw(st.integers(0, len(lines) - 3))
    old, new = lines[at : at + 2], [lines[at], "fresh = 1"]
    cut = data.draw(st.sampled_from([i for i in range(len(lines) + 1) if i != at + 1]))
    extra = data.draw(st.lists(st.sampled_from(["", "pass", "    return", "}", "other()"]), max_size=6))
    wide = [*lines[:cut], *extra, *lines[cut:]]
    start = at + (len(extra) if cut <= at else 0)
    wanted = [*wide[:start], *new, *wide[start + 2 :]]
    block = "\n".join(["a.txt", "<<<<<<< SEARCH", *old, "=======", *new, ">>>>>>> REPLACE", ""])
    diff = "\n".join(["--- a/a.txt", "+++ b/a.txt", "@@ @@", f" {old[0]}", f"-{old[1]}", f"+{new[1]}", ""])
    for reply in (block, diff):
        assert after(reply, ("\n".join(wide) + "\n").encode()) == ("\n".join(wanted) + "\n").encode()


@given(LINES, LINES)
def test_a_true_diff_gives_the_other_file_or_is_refused(old: list[str], new: list[str]) -> None:
    """But for spaces in new lines where the file has tabs: these become tabs."""
    rows = [line.rstrip("\n") for line in unified_diff(old, new, "a/a.txt", "b/a.txt", lineterm="", n=3)]
    assume(rows and any(line.strip() for line in old))
    assume(not any(line[0] == "\t" for line in old if line) or not any(line[0] == " " for line in new if line))
    reply = "\n".join(rows) + "\n"
    try:
        got = after(reply, ("\n".join(old) + "\n").encode())
    except EditFailed:
        return
    assert got == ("\n".join(new) + "\n").encode()


@given(LINES.filter(lambda lines: any(line.strip() for line in lines)))
def test_a_whole_file_is_what_stands_in_the_fence(lines: list[str]) -> None:
    content = "\n".join(lines) + "\n"
    assert after(f"a.txt\n```\n{content}```\n", b"12345\n") == content.encode()


def test_every_encoding_ending_and_format_keeps_the_other_bytes() -> None:
    spec = importlib.util.spec_from_file_location("edit_matrix", MATRIX)
    assert spec and spec.loader
    matrix = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(matrix)
    cells = list(matrix.cells())
    assert len(cells) == 384
    assert [cell[:4] for cell in cells if matrix.result(cell[4], cell[6]) != cell[5]] == []


def test_a_long_file_takes_many_hunks() -> None:
    lines = [f"value_{i} = {i}" for i in range(50_000)]
    rows = [
        row for i in range(100, 50_000, 250) for row in ("@@ @@", f" {lines[i]}", f"-{lines[i + 1]}", "+changed = 1")
    ]
    reply = "\n".join(["--- a/a.txt", "+++ b/a.txt", *rows, ""])
    got = after(reply, ("\n".join(lines) + "\n").encode()).decode().split("\n")
    assert got.count("changed = 1") == 200
    assert [i for i, line in enumerate(got) if line == "changed = 1"] == [i + 1 for i in range(100, 50_000, 250)]


@pytest.mark.parametrize("path", ["/etc/passwd", "../up.txt", ".git/config"])
def test_no_rename_leads_out(path: str) -> None:
    reply = f"diff --git a/a.txt b/{path}\nrename from a.txt\nrename to {path}\n"
    with pytest.raises(EditFailed, match="path inside"):
        apply_replies([reply], {"a.txt": Blob(b"x\n")})


@pytest.mark.parametrize("path", ["/etc/passwd", "../up.txt", ".git/config", "a/../../b"])
def test_no_path_leads_out(path: str) -> None:
    with pytest.raises(EditFailed, match="path inside"):
        apply_replies([f"{path}\n```\nx\n```\n"], {})
