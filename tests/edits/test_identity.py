"""A block belongs to a file because the reply says so: names, titles, talk."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob, Outcome

TALK = Path(__file__).parent.parent.parent / "benchmarks" / "edit_talk.py"
GOOD = "```\nGOOD\n```\n"


def block(path: str, text: str = "EVIL") -> str:
    return f"{path}\n```\n{text}\n```\n"


def apply(base: dict[str, str | None], *replies: str) -> Outcome:
    blobs = {path: None if text is None else Blob(text.encode()) for path, text in base.items()}
    return apply_replies(replies, blobs, frozenset(base))


def test_talk_is_no_file() -> None:
    spec = importlib.util.spec_from_file_location("edit_talk", TALK)
    assert spec and spec.loader
    talk = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(talk)
    tried = [
        (path, form, talk.is_accepted(reply, path, there))
        for path, (language, text) in list(talk.FILES.items())[::4]
        for form, reply in talk.replies(path, language, text)
        for there in (text, None)
    ]
    assert len(tried) > 2000
    assert [(path, form) for path, form, accepted in tried if accepted] == []


OTHERS = ["a.txt", "lib/src/a.txt", "other/a.txt", "Makefile", "LICENSE", "Jenkinsfile", "id_rsa", "src/b.txt"]


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("first", [True, False], ids=["before", "behind"])
def test_another_file_of_the_reply_is_never_the_planned_one(other: str, *, first: bool) -> None:
    parts = [block("src/a.txt", "GOOD"), block(other)]
    outcome = apply({"src/a.txt": "old\n"}, "\n".join(parts[:: -1 if first else 1]))
    assert [(change.path, change.after) for change in outcome.changes] == [("src/a.txt", Blob(b"GOOD\n"))]
    assert [(outside.path, outside.data) for outside in outcome.outside] == [(other, b"EVIL\n")]


def search(path: str, old: str = "import os", new: str = "import evil") -> str:
    return f"{path}\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n"


def diff(path: str) -> str:
    return f"```diff\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-import os\n+import evil\n```\n"


def patch(path: str) -> str:
    return f"*** Begin Patch\n*** Update File: {path}\n@@\n-import os\n+import evil\n*** End Patch\n"


CONFIG = {"src/config.py": "import os\nLIMIT = 10\n"}
GOOD_EDIT = search("src/config.py", "LIMIT = 10", "LIMIT = 20") + "\n"
ALIKE = ["tests/src/config.py", "config.py", "/etc/src/config.py", "C:\\x\\src\\config.py", "src/config.py.bak"]
BEYOND = [".git/config", "../src/config.py", "docs/../../out.md", "/etc/passwd", "C:/x/y.py", "src/.git/hooks/pre-push"]


@pytest.mark.parametrize("form", [search, diff, patch, block])
@pytest.mark.parametrize("other", [*ALIKE, *BEYOND])
def test_what_is_for_another_file_is_set_aside_and_the_rest_is_kept(other: str, form: Callable[[str], str]) -> None:
    for reply in (GOOD_EDIT + form(other), form(other) + "\n" + GOOD_EDIT):
        outcome = apply(CONFIG, reply)
        assert [change.after for change in outcome.changes] == [Blob(b"import os\nLIMIT = 20\n")]
        assert [outside.path for outside in outcome.outside] == [other.replace("\\", "/")]
        assert ("inside the repository" in outcome.outside[0].reason) == (
            other not in ALIKE or ":" in other or other[0] == "/"
        )


@pytest.mark.parametrize("form", [search, diff, patch, block])
@pytest.mark.parametrize("other", ["tests/src/config.py", "app/src/config.py", "src/config.py.bak", "src/config2.py"])
def test_the_only_file_of_a_reply_may_be_another_one(other: str, form: Callable[[str], str]) -> None:
    outcome = apply(CONFIG, form(other))
    assert (outcome.changes, [outside.path for outside in outcome.outside]) == ((), [other])


def test_another_file_is_neither_deleted_nor_moved_in_the_place_of_the_planned_one() -> None:
    for reply in (
        "*** Delete File: tests/src/config.py\n",
        "*** Update File: tests/src/config.py\n*** Move to: x.py\n",
    ):
        outcome = apply(CONFIG, f"*** Begin Patch\n{reply}*** End Patch\n")
        assert outcome.changes == ()
        assert "tests/src/config.py" in outcome.touched


def test_a_block_of_another_file_that_cannot_be_cleaned_is_named() -> None:
    spoilt = block("src/b.py", "x = 1\n<|im_end|>\ny = 2")
    outcome = apply({"src/a.txt": "old\n"}, block("src/a.txt", "GOOD") + spoilt)
    assert [change.path for change in outcome.changes] == ["src/a.txt"]
    (outside,) = outcome.outside
    assert (outside.path, outside.data, outside.applied) == ("src/b.py", None, False)
    assert outside.reason.startswith("not in the plan, and its new text holds `<|im_end|>`")
    for replies, number in (((spoilt,), 0), ((block("src/a.txt"), spoilt), 1), ((spoilt, block("src/a.txt")), 0)):
        (outside,) = apply({"src/a.txt": "old\n"}, *replies).outside
        assert (outside.path, outside.reply) == ("src/b.py", number)


@pytest.mark.parametrize("name", ["repo/src/config.py", "a/src/config.py", "/workspace/src/config.py"])
def test_a_made_up_folder_beside_the_path_itself_is_the_same_file(name: str) -> None:
    outcome = apply(CONFIG, GOOD_EDIT + search(name))
    assert [change.after for change in outcome.changes] == [Blob(b"import evil\nLIMIT = 20\n")]
    assert outcome.outside == ()


def test_two_paths_that_end_like_one_are_both_other_files() -> None:
    outcome = apply(
        CONFIG, search("app/src/config.py") + "\n" + search("tests/src/config.py", "LIMIT = 10", "LIMIT = 1")
    )
    assert outcome.changes == ()
    assert [outside.path for outside in outcome.outside] == ["app/src/config.py", "tests/src/config.py"]


def test_a_path_that_is_corrected_later_is_not_outside_the_plan() -> None:
    outcome = apply({"src/a.txt": None}, block("shop/src/a.txt", "x"), block("src/a.txt", "x"))
    assert (len(outcome.changes), outcome.outside) == (1, ())


NAMELESS = {
    "only-block": "```python\nx = 2\n```\n",
    "plain-words": "Here is the new file:\n\n```python\nx = 2\n```\n\nAll done.\n",
    "a-library-of-that-name": "This is the new file for Node.js:\n\n```python\nx = 2\n```\n",
    "corrected": "I've made the requested changes, the corrected `a.py` is below:\n\n```python\nx = 2\n```\n",
    "words-below": "Here is the new file:\n\n```python\nx = 2\n```\n\nIt used to crash; now it returns early.\n",
    "commands-below": "```python\nx = 2\n```\n\nThen run it:\n\n```bash\npython a.py\n```\n",
    "no-language": "Here it is:\n\n```\nx = 2\n```\n",
}
UNCERTAIN = {
    "asks": "Is this right?\n\n```python\nx = 2\n```\n",
    "asks-below": "Here it is.\n\n```python\nx = 2\n```\n\nShall I go on?\n",
    "another-file": "This goes with `b.py`:\n\n```python\nx = 2\n```\n",
    "another-file-without-extension": "This is for the Makefile:\n\n```python\nx = 2\n```\n",
    "another-language": "Here is the new file:\n\n```rust\nlet x = 2;\n```\n",
    "two-blocks": "```python\nx = 2\n```\n\n```python\nx = 3\n```\n",
    "usage": "```python\nimport a\na.go()\n```\n",
    "example": "An example:\n\n```python\nx = 2\n```\n",
    "mention-that-asks": "Should `a.py` be so?\n```python\nx = 2\n```\n",
    "mention-of-usage": "You would use `a.py` so:\n```python\nx = 2\n```\n",
    "mention-of-what-it-prints": "This time `a.py` prints:\n```\nx = 2\n```\n",
    "mention-of-an-old-version": "Here is `a.py` before the change:\n```python\nx = 2\n```\n",
    "mention-that-forbids": "Never write `a.py` as:\n```python\nx = 2\n```\n",
    "not-the-file": "Not this:\n\n```python\nx = 2\n```\n",
    "mention-of-two": "As in `b.py`, `a.py` becomes:\n```python\nx = 2\n```\n",
}


@pytest.mark.parametrize("reply", NAMELESS.values(), ids=NAMELESS)
def test_a_block_without_a_name_can_be_the_only_file(reply: str) -> None:
    (change,) = apply({"a.py": None}, reply).changes
    assert change.after == Blob(b"x = 2\n")


@pytest.mark.parametrize("reply", UNCERTAIN.values(), ids=UNCERTAIN)
def test_a_block_without_a_name_is_refused_where_the_reply_says_otherwise(reply: str) -> None:
    for old in (None, "x = 1\n"):
        with pytest.raises(EditFailed) as refusal:
            apply({"a.py": old}, reply)
        assert "names no file" in refusal.value.message or "none of them named" in refusal.value.message


@pytest.mark.parametrize("title", ["a.py (empty)", "a.py (new, empty)", "Create an empty `a.py`."])
def test_a_file_is_not_empty_if_a_block_below_shows_what_it_holds(title: str) -> None:
    (change,) = apply_replies([f"{title}\n\n```\nx = 1\n```\n"], {"a.py": None}, {"a.py"}).changes
    assert change.after == Blob(b"x = 1\n")


def test_what_a_model_thought_is_no_word_about_its_block() -> None:
    thought = "<think>\nIs it `b.py`? No.\n```\nx = 1\n```\n</think>\n"
    reply = f"{thought}Here is the new `a.py`:\n\n```\ndef f():\n    return 2\n```\n"
    outcome = apply({"a.py": "Original content\n"}, reply)
    assert [change.after and change.after.data for change in outcome.changes] == [b"def f():\n    return 2\n"]
