"""Every number in a refusal is true."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

NEAREST = re.compile(r"Nearest: lines (\d+)-(\d+), where (\d+) of (\d+) lines are the same\.\n +(\S+)")


def refused(lines: list[str], quoted: list[str]) -> str:
    block = "\n".join(["<<<<<<< SEARCH", *quoted, "=======", "z = 1", ">>>>>>> REPLACE"])
    try:
        apply_replies([f"a.py\n`````\n{block}\n`````\n"], {"a.py": Blob("".join(f"{x}\n" for x in lines).encode())})
    except EditFailed as error:
        return error.message
    return ""


@given(
    st.lists(st.sampled_from(["a = 1", "b = 2", "    c = 3", ""]), min_size=1, max_size=12),
    st.lists(st.sampled_from(["a = 1", "b = 2", "c = 3", "", "x = 0"]), min_size=1, max_size=30),
)
def test_the_nearest_lines_are_lines_of_the_file(lines: list[str], quoted: list[str]) -> None:
    told = refused(lines, quoted)
    if found := NEAREST.search(told):
        first, last, same, count = map(int, found.groups()[:4])
        assert 1 <= first <= last <= len(lines)
        assert same <= count == sum(bool(line) for line in quoted)
    if "None of these lines is in the file" in told:
        assert {line.strip() for line in lines}.isdisjoint(set(quoted) - {""})


@pytest.mark.parametrize(
    ("lines", "quoted", "expected"),
    [
        (["x"] * 41, ["x"] * 400, "Nearest: lines 1-41, where 41 of 400 lines are the same."),
        (["if a:", "    b()", "    c()"], ["b()", "    c()", "    d()"], "Nearest: lines 2-3, where 2 of 3"),
    ],
    ids=["more than there are", "beyond the end"],
)
def test_numbers(lines: list[str], quoted: list[str], expected: str) -> None:
    assert expected in refused(lines, quoted)


@pytest.mark.parametrize(
    ("lines", "patch", "expected"),
    [
        (["b = 2", "a = 1"], "@@\n-a = 1\n-\n+z", "They differ in blank lines."),
        (["b = 2", "", "a = 1"], "@@\n-a = 1\n-\n-b = 2\n+z", "in the file, but apart or in another order."),
    ],
    ids=["a blank line that is not there", "another order"],
)
def test_what_differs_is_said(lines: list[str], patch: str, expected: str) -> None:
    with pytest.raises(EditFailed, match="Not found") as refusal:
        apply_replies([f"--- a/a.txt\n+++ b/a.txt\n{patch}\n"], {"a.txt": Blob("\n".join([*lines, ""]).encode())})
    assert expected in refusal.value.message


def test_files_of_the_same_name_are_named() -> None:
    base: dict[str, Blob | None] = {path: Blob(b"a = 1\n") for path in ("b/x.py", "a/x.py", "a/y.py")}
    with pytest.raises(EditFailed, match=r"There is no such file, but there is a/x\.py, b/x\.py\. Write"):
        apply_replies(["x.py\n```\n<<<<<<< SEARCH\na = 1\n=======\na = 2\n>>>>>>> REPLACE\n```\n"], base)


UNREAD = {
    "other-marks": ("<<<<<< OLD\na\n======\nb\n>>>>>> NEW\n", "<<<<<<< SEARCH"),
    "words": ("SEARCH:\na\nREPLACE:\nb\n", "<<<<<<< SEARCH"),
    "two-stars": ("** Update File a.py\nb\n", "*** Begin Patch"),
    "rows-alone": ("Do this:\n\n-a\n+b\n", "@@"),
    "sed": ("s/a/b/g\n", "@@"),
    "lines-by-number": ("Replace lines 1-2 by:\n\nb\n", "<<<<<<< SEARCH"),
    "unknown-tag": ("<modification>\nb\n</modification>\n", "fence"),
    "unknown-call": ('{"todo": "change a to b"}\n', "fence"),
}


@pytest.mark.parametrize(("reply", "wanted"), UNREAD.values(), ids=UNREAD)
def test_what_is_not_read_is_answered_with_what_was_seen_and_what_is_wanted(reply: str, wanted: str) -> None:
    with pytest.raises(EditFailed) as refusal:
        apply_replies([reply], {"a.py": Blob(b"x = 1\n"), "b.py": None}, {"a.py", "b.py"})
    assert "It holds no file and no edit that can be read" in refusal.value.message
    assert wanted in refusal.value.message
    assert reply.split("\n")[2 if reply.startswith("Do") else 0] in refusal.value.message


def test_words_alone_are_no_edit() -> None:
    assert apply_replies(["I have done nothing."], {"a.py": Blob(b"x = 1\n")}, {"a.py"}).touched == ()
