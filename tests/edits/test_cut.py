"""A reply that stops inside something is known, and is joined with its continuation."""

import pytest

from codegen_tasks.edits import apply_replies, is_cut_off, join_continuation
from codegen_tasks.records import Blob

CUT = {
    "fence": "a.py\n```python\nx = 1\n",
    "tag": '<file path="a.py">\nx = 1\n',
    "search-part": "a.py\n<<<<<<< SEARCH\nx = 1\n",
    "replace-part": "a.py\n```\n<<<<<<< SEARCH\nx = 1\n=======\nx =",
    "patch": "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n",
    "diff-in-fence": "```diff\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n",
    "diff-in-tag": "<patch>\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n",
    "json-string": '{"files": [{"path": "a.py", "content": "x = ',
    "json-value": '```json\n{"files": [{"path": "a.py", "content": "x = 1"}',
}
WHOLE = {
    "fence": "a.py\n```python\nx = 1\n```\n",
    "prose": "I cannot do this.",
    "markdown": "a.md\n```markdown\n```\ncode\n```\n```\n",
    "search": "a.py\n```\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n```\n",
    "patch": "*** Begin Patch\n*** Delete File: a.py\n*** End Patch\n",
    "diff": "<patch>\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n</patch>\n",
    "json": '{"files": []}',
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
    assert not is_cut_off(joined)
    assert apply_replies([joined], {"a.py": None}).changes[0].after == Blob(b"x = 1\ny = 2\n")


def test_json_that_is_nested_by_the_thousand_is_no_crash() -> None:
    deep = "[" * 5000 + "]" * 5000
    assert not is_cut_off(deep)
    assert apply_replies([deep], {}, {"a.py"}).changes == ()
