"""Forms of replies that say an edit: calls, tags, patches and heads of diffs in variants, and what none can do."""

import json

import pytest

from codegen_tasks.edits import apply_replies, is_cut_off
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

BEFORE = {"x.txt": "no\nyes\n", "src/b.ts": "export const d = {\n  a: 1,\n};\n", "lib/a.py": "x = 1\n"}
V4A = "*** Begin Patch\n*** Update File: x.txt\n@@\n-no\n+ok\n yes\n*** End Patch"
UDIFF = "--- a/x.txt\n+++ b/x.txt\n@@ -1,2 +1,2 @@\n-no\n+ok\n yes"
BLOCK = "<<<<<<< SEARCH\nno\n=======\nok\n>>>>>>> REPLACE"
CALL = json.dumps({"name": "str_replace", "arguments": {"path": "x.txt", "old_string": "no", "new_string": "ok"}})
WRITE = json.dumps({"path": "x.txt", "content": "ok\nyes\n"})


def after(*replies: str, planned: set[str] | None = None) -> dict[str, tuple[str | None, int]]:
    base = {path: Blob(text.encode()) for path, text in BEFORE.items()}
    changes = apply_replies(replies, base, planned).changes
    return {c.path: (c.after.data.decode(), c.after.mode) if c.after else (None, 0) for c in changes}


DONE = {
    **{f"call-in-{tag}": f"<{tag}>{CALL}</{tag}>" for tag in ("tool_call", "function_call", "tool_use")},
    "call-in-a-function": f"<function=str_replace>{json.dumps(json.loads(CALL)['arguments'])}</function>",
    "call-in-brackets": f"[TOOL_CALLS] [{CALL}]",
    "call-in-tokens": f"<|tool_call|>{CALL}<|/tool_call|>",
    "call-behind-words": f"I change it.\n<tool_call>{CALL}</tool_call>\nDone.",
    "call-over-lines": f"<tool_call>\n{CALL}\n</tool_call>",
    "write-in-a-line": f"<tool_call>{WRITE}</tool_call>",
    "patch-as-input": json.dumps({"name": "apply_patch", "arguments": {"input": V4A + "\n"}}),
    "patch-as-patch": json.dumps({"patch": V4A}),
    "patch-as-command": json.dumps({"command": ["apply_patch", V4A]}),
    "patch-in-a-string-of-arguments": json.dumps({"name": "apply_patch", "arguments": json.dumps({"input": V4A})}),
    "diff-with-a-path": json.dumps({"path": "x.txt", "diff": UDIFF}),
    "diff-without-a-head": json.dumps({"path": "x.txt", "diff": "@@ -1,2 +1,2 @@\n-no\n+ok\n yes"}),
    "blocks-with-a-path": json.dumps({"file_path": "x.txt", "diff": BLOCK}),
    "call-in-a-fence": "```json\n" + json.dumps({"name": "apply_patch", "arguments": {"input": V4A}}) + "\n```",
    "plandex": '- x.txt:\n\n<PlandexBlock lang="txt" path="x.txt">\nok\nyes\n</PlandexBlock>',
    "artifact": '<antArtifact filename="x.txt">\nok\nyes\n</antArtifact>',
    "code-tag": '<code path="x.txt">\nok\nyes\n</code>',
    "snippet-tag": '<snippet file_path="x.txt">\nok\nyes\n</snippet>',
    "end-behind-a-space": V4A.replace("*** End", " *** End"),
    "end-behind-a-space-in-a-fence": "```\n" + V4A.replace("*** End", " *** End") + "\n```",
    "end-with-more-words": V4A.replace("End Patch", "End of Patch"),
    "end-and-stars": V4A + " ***",
    "small-letters": V4A.replace("Update File", "update file"),
    "modify": V4A.replace("Update", "Modify"),
    "space-before-the-colon": V4A.replace("File:", "File :"),
    "begin-behind-a-space": " " + V4A,
    "mark-of-direction": "\u200fx.txt\n```\nok\nyes\n```\n",
    "tokens-around": f"<|im_start|>assistant\nx.txt\n{BLOCK}<|im_end|>",
    **{f"version-{old}": UDIFF.replace("a/x.txt", f"x.txt{old}").replace("b/x.txt", f"x.txt{new}") for old, new in
       (("-v1", "-v2"), (".orig", ".new"), (".old", ""), ("~", ""), ("_before", "_after"))},
}  # fmt: skip


@pytest.mark.parametrize("reply", DONE.values(), ids=DONE)
def test_it_is_read(reply: str) -> None:
    for planned in (None, {"x.txt"}):
        assert after(reply, planned=planned) == {"x.txt": ("ok\nyes\n", 0o100644)}
    assert not is_cut_off(reply)


HEAD = "diff --git a/x.txt b/x.txt\n"
MODES = {
    "alone": (f"{HEAD}old mode 100644\nnew mode 100755\n", "no\nyes\n"),
    "with-rows": (f"{HEAD}old mode 100644\nnew mode 100755\nindex 1..2\n{UDIFF}\n", "ok\nyes\n"),
    "in-a-fence": (f"```diff\n{HEAD}old mode 100644\nnew mode 100755\n```\n", "no\nyes\n"),
}


@pytest.mark.parametrize(("reply", "text"), MODES.values(), ids=MODES)
def test_a_mode_is_given(reply: str, text: str) -> None:
    assert after(reply) == {"x.txt": (text, 0o100755)}


def test_a_new_file_gets_its_mode() -> None:
    rows = "new file mode 100755\n--- /dev/null\n+++ b/n.sh\n@@ -0,0 +1 @@\n+echo\n"
    assert after(f"diff --git a/n.sh b/n.sh\n{rows}") == {"n.sh": ("echo\n", 0o100755)}


@pytest.mark.parametrize(("bits", "told"), [(0o100644, ["mode_not_planned"]), (0o100755, [])], ids=["new", "same"])
def test_a_mode_that_is_new_is_told(bits: int, told: list[str]) -> None:
    reply = f"{HEAD}old mode 100644\nnew mode 100755\nindex 1..2\n{UDIFF}\n"
    outcome = apply_replies([reply], {"x.txt": Blob(b"no\nyes\n", bits)}, {"x.txt"})
    assert [note.code for note in outcome.diagnostics] == told


NEW = "diff --git a/n.py b/n.py\nnew file mode {}\n--- /dev/null\n+++ b/n.py\n"
RENAME = f"{HEAD}similarity index 57%\nrename from x.txt\nrename to y.txt\n"
REFUSED = {
    "binary": (f"{HEAD}index 1..2 100644\nBinary files a/x.txt and b/x.txt differ\n", "binary"),
    "binary-with-a-rename": (f"{RENAME}Binary files a/x.txt and b/y.txt differ\n", "binary"),
    "binary-patch": (f"{HEAD}index 1..2 100644\nGIT binary patch\nliteral 3\nKcmZ\n", "binary"),
    "new-link": (f"{NEW.format(120000)}@@ -0,0 +1 @@\n+x.txt\n", "symbolic link"),
    "changed-link": (f"{HEAD}index 1..2 120000\n{UDIFF}\n", "symbolic link"),
    "file-made-a-link": (f"{HEAD}old mode 100644\nnew mode 120000\n", "symbolic link"),
    "submodule": (f"{NEW.format(160000)}@@ -0,0 +1 @@\n+Subproject commit 1\n", "submodule"),
    "rows-that-are-missing": (f"{NEW.format(100644)}@@ -0,0 +1,12 @@\n", "holds none"),
    "rows-missing-below-dev-null": ("--- /dev/null\n+++ b/n.py\n@@ -0,0 +1,2 @@\n\nThat is all.\n", "holds none"),
    "folder-deleted": (V4A.replace("*** Update", "*** Delete File: lib\n*** Update"), "is a folder"),
    "folder-moved": ("diff --git a/src b/source\nrename from src\nrename to source\n", "is a folder"),
    "call-without-an-edit": (json.dumps({"path": "x.txt", "diff": "@@ nothing"}), "no edit that can be read"),
}


@pytest.mark.parametrize(("reply", "told"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused(reply: str, told: str) -> None:
    with pytest.raises(EditFailed) as refusal:
        after(reply)
    assert told in refusal.value.message


BAD = {
    "marks": "x.txt\n```\nok\n<<<<<<< ours\n```\n",
    "listing": "x.txt\n```\n1: no\n7: yes\n```\n",
    "empty": "x.txt\n```\n```\n",
    "cut": "x.txt\n```\nok\n",
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_refused_file_is_no_base_for_a_repair(bad: str) -> None:
    for repair in (f"x.txt\n{BLOCK}\n", UDIFF, V4A, CALL):
        assert after(bad, repair) == {"x.txt": ("ok\nyes\n", 0o100644)}
    with pytest.raises(EditFailed) as refusal:
        after(bad, "x.txt\n<<<<<<< SEARCH\nok\n=======\nfine\n>>>>>>> REPLACE\n")
    assert "..." not in refusal.value.message


def test_a_refusal_is_told_once() -> None:
    with pytest.raises(EditFailed) as refusal:
        after("x.txt\n<<<<<<< SEARCH\nnot there\n=======\nok\n>>>>>>> REPLACE\n" * 3)
    assert refusal.value.message.count("not there") == 1
