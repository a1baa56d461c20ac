"""A reply that stops inside something is known, and is joined with its continuation."""

import re
from contextlib import suppress

import pytest
from test_scenarios import CASES, files_in

from codegen_tasks.edits import apply_replies, is_cut_off, join_continuation
from codegen_tasks.edits.read import read_reply
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

CUT = {
    "fence": "a.py\n```python\nx = 1\n",
    "tag": '<file path="a.py">\nx = 1\n',
    "search-part": "a.py\n<<<<<<< SEARCH\nx = 1\n",
    "replace-part": "a.py\n```\n<<<<<<< SEARCH\nx = 1\n=======\nx =",
    "patch": "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n",
    "diff-in-fence": "```diff\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n",
    "diff-in-tag": "<patch>\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n",
    "diff-with-fewer-rows": "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,4 @@\n x\n+y",
    "diff-in-its-header": "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n--- a/b.py\n",
    "patch-without-begin": "*** Update File: a.py\n@@\n-x\n+y\n",
    "patch-in-a-mark": "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** Upd",
    "empty-replace-part": "a.py\n<<<<<<< SEARCH\nx = 1\n=======\n```py",
    "thoughts": "<think>\na.py\n```\nx = 1\n```\n",
    "thoughts-in-brackets": "[THINK]\na.py\n```\nx = 1\n```\n",
    "tags-of-a-call": "<edit_file>\n<path>a.py</path>\n<old_string>\nx = 1\n",
    "tag-inside-a-tag": '<file path="a.md">\n<file path="b.py">\nx = 1\n</file>\n',
    "json-string": '{"files": [{"path": "a.py", "content": "x = ',
    "second-call": '{"path": "a.py", "content": "x = 1"}\n{"path": "b.py", "content": "y = ',
    "call-below-prose": 'Here:\n{\n  "path": "b.py",\n  "content": "y = 1",\n',
    "json-value": '```json\n{"files": [{"path": "a.py", "content": "x = 1"}',
}
WHOLE = {
    "fence": "a.py\n```python\nx = 1\n```\n",
    "prose": "I cannot do this.",
    "markdown": "a.md\n```markdown\n```\ncode\n```\n```\n",
    "search": "a.py\n```\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n```\n",
    "patch": "*** Begin Patch\n*** Delete File: a.py\n*** End Patch\n",
    "diff": "<patch>\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n</patch>\n",
    "diff-with-context": "--- a/a.py\n+++ b/a.py\n@@ -1,9 +1,9 @@\n-x\n+y\n z\n",
    "diff-with-more-rows": "--- a/a.py\n+++ b/a.py\n@@ -1,1 +1,1 @@\n x\n+y\n",
    "patch-without-begin": "*** Update File: a.py\n@@\n-x\n+y\n*** End Patch\n",
    "removal": "a.py\n<<<<<<< SEARCH\nx = 1\n=======\n>>>>>>> REPLACE\n",
    "thoughts": "<think>\nHm.\n</think>\na.py\n```\nx = 1\n```\n",
    "json": '{"files": []}',
    "two-calls": '{"path": "a.py", "content": "x = 1"}\n{"path": "b.py", "content": "y = 2"}\n',
    "braces-in-prose": "{a} is not JSON",
    "empty": "",
}


def test_a_mark_cut_in_the_middle_is_joined_as_it_was() -> None:
    reply = "a.py\n```\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n```\n"
    for at in range(reply.index("1\n=") + 3, len(reply) - 4):
        assert join_continuation(reply[:at], reply[at:]) == reply


JOINS = {
    "mid-line": ("a.py\n```\nx = 1\ny =", " 2\n```\n"),
    "line-end": ("a.py\n```\nx = 1\n", "y = 2\n```\n"),
    "fence-again": ("a.py\n```\nx = 1\n", "```python\ny = 2\n```\n"),
    "words-and-fence-again": ("a.py\n```\nx = 1\n", "Here is the rest:\n\n```python\ny = 2\n```\n"),
    "line-begun-again": ("a.py\n```\nx = 1\ny =", "y = 2\n```\n"),
    "lines-repeated": ("a.py\n```\nx = 1\ny =", "x = 1\ny = 2\n```\n"),
    "words-without-a-colon": ("a.py\n```\nx = 1\n", "Continuing from there.\n\n```python\ny = 2\n```\n"),
    "words-and-path-again": ("a.py\n```\nx = 1\n", "Here is the rest:\n\na.py\n```python\ny = 2\n```\n"),
    "words-without-a-fence": ("a.py\n```\nx = 1\n", "Continuing:\ny = 2\n```\n"),
    "words-in-brackets": ("a.py\n```\nx = 1\ny", "(continued)\n = 2\n```\n"),
    "from-the-start": ("a.py\n```\nx = 1\ny =", "a.py\n```\nx = 1\ny = 2\n```\n"),
    "fence-again-and-cut-again": ("a.py\n```\nx = 1\n", "```python\ny = 2\n"),
    "only-the-end": ("a.py\n```\nx = 1\ny = 2\n", "```\n"),
}


@pytest.mark.parametrize("text", CUT.values(), ids=CUT)
def test_cut_off(text: str) -> None:
    assert is_cut_off(text)


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_not_cut_off(text: str) -> None:
    assert not is_cut_off(text)


@pytest.mark.parametrize(("first", "more"), JOINS.values(), ids=JOINS)
def test_joined(first: str, more: str) -> None:
    assert is_cut_off(first)
    joined = join_continuation(first, more)
    if is_cut_off(joined):  # cut once more
        joined = join_continuation(joined, "```\n")
    assert not is_cut_off(joined)
    assert apply_replies([joined], {"a.py": None}).changes[0].after == Blob(b"x = 1\ny = 2\n")


def test_json_that_is_nested_by_the_thousand_is_no_crash() -> None:
    deep = "[" * 5000 + "]" * 5000
    assert not is_cut_off(deep)
    assert apply_replies([deep], {}, {"a.py"}).changes == ()


LONG = "".join(f"value_{i} = compute({i})\n" for i in range(400))


@pytest.mark.parametrize("back", [0, 30, 3000])
def test_what_is_repeated_is_dropped_however_long_it_is(back: int) -> None:
    reply = f"a.py\n```\n{LONG}```\n"
    at = len(reply) - 700
    assert join_continuation(reply[:at], reply[at - back :]) == reply


CLOSED = re.compile(r"(?:```|~~~|>>>>>>>).*\s*\Z")


def test_what_is_cut_anywhere_is_never_half_an_edit() -> None:
    half, tried = set(), 0
    for case in CASES:
        reply = (case / "reply.md").read_bytes().decode()
        files = {**dict.fromkeys(files_in(case / "after")), **files_in(case / "before")}
        alone = len(read_reply(reply)) == 1 and not list(case.glob("reply.2.md"))
        envelope = case.parent.name != "udiff" and CLOSED.search(reply)  # raw diffs and bare files have no end
        if (case / "error.txt").exists() or not alone or not envelope:
            continue
        fine = [(), apply_replies([reply], files, set(files)).changes]
        for at in range(1, len(reply.rstrip())):
            begun = reply[:at]
            if is_cut_off(begun):
                continue
            tried += 1
            with suppress(EditFailed):
                changes = apply_replies([begun], files, set(files)).changes
                if CLOSED.match(begun[begun.rstrip().rfind("\n") + 1 :]):
                    fine.append(changes)  # a reply of its own: nobody can tell that more was to come
                elif changes not in fine:
                    half.add(f"{case.parent.name}/{case.name}")
    assert tried > 500
    assert half == set()
