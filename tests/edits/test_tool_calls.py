"""Edits that come as strings of JSON: their line ends, and what no string may hold."""

import json

import pytest

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

FILES = {
    "lf": b"a: 1\nb: 2\nc: 3\n",
    "crlf": b"a: 1\r\nb: 2\r\nc: 3\r\n",
    "cr": b"a: 1\rb: 2\rc: 3\r",
    "mixed": b"a: 1\r\nb: 2\nc: 3\r\n",
    "no-final-end": b"a: 1\r\nb: 2\r\nc: 3",
}
CALLS = {
    "content": {"path": "f.yaml", "content": "a: 1\nb: 9\nc: 3\n"},
    "old-and-new": {"path": "f.yaml", "old_string": "a: 1\nb: 2\n", "new_string": "a: 1\nb: 9\n"},
    "old-and-new-of-one-line": {"path": "f.yaml", "old_str": "b: 2\n", "new_str": "b: 9\n"},
    "list-of-files": {"files": [{"path": "f.yaml", "content": "a: 1\nb: 9\nc: 3\n"}]},
    "arguments": {"name": "write_file", "arguments": {"file_path": "f.yaml", "text": "a: 1\nb: 9\nc: 3\n"}},
}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("before", FILES.values(), ids=FILES)
def test_the_file_keeps_its_line_ends(before: bytes, call: object, end: str) -> None:
    reply = json.dumps(call).replace("\\n", json.dumps(end)[1:-1])
    (change,) = apply_replies([reply], {"f.yaml": Blob(before)}).changes
    assert change.after == Blob(before.replace(b"b: 2", b"b: 9"))


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_new_file_gets_the_line_ends_of_its_string(end: str) -> None:
    (change,) = apply_replies([json.dumps({"path": "n.bat", "content": f"a{end}b{end}"})], {"n.bat": None}).changes
    assert change.after == Blob(f"a{end}b{end}".encode())


HALF = {
    "path": {"path": "s\ud83d.txt", "content": "x\n"},
    "content": {"path": "s.txt", "content": "x\udc00\n"},
    "old": {"path": "s.txt", "old_string": "a\ud83d", "new_string": "b"},
    "new": {"path": "s.txt", "old_string": "a", "new_string": "b\ud83d"},
    "outside": {"path": "other.txt", "content": "\udfff"},
}


@pytest.mark.parametrize("planned", [None, {"s.txt"}], ids=["free", "planned"])
@pytest.mark.parametrize("call", HALF.values(), ids=HALF)
def test_half_a_character_is_refused_in_words_that_can_be_written(call: object, planned: set[str] | None) -> None:
    for reply in (json.dumps(call), f"```json\n{json.dumps(call)}\n```", f"s.txt\n```\n{call}\ud800\n```\n"):
        with pytest.raises(EditFailed) as refusal:
            apply_replies([reply], {"s.txt": Blob(b"a\n")}, planned)
        refusal.value.message.encode()


TWO = "def a():\n    x = 1\n    return x\n\n\ndef b():\n    x = 1\n\n    return x\n"
WITH_ENDS = {
    "the end of a line is no blank line below it": ("    x = 1\n", "    x = 2\n", TWO, None),
    "nor is the end of the line above": ("\n    x = 1", "\n    x = 2", TWO, None),
    "a blank line is one": ("    x = 1\n\n", "    x = 2\n\n", TWO, TWO.replace("x = 1\n\n", "x = 2\n\n")),
    "a line goes with its end": ("b = 2\n", "", "a = 1\nb = 2\nc = 3\n", "a = 1\nc = 3\n"),
    "a line becomes a blank one": ("b = 2\n", "\n", "a = 1\nb = 2\nc = 3\n", "a = 1\n\nc = 3\n"),
    "a blank line comes": ("b = 2\n", "b = 2\n\n", "a = 1\nb = 2\nc = 3\n", "a = 1\nb = 2\n\nc = 3\n"),
    "a line and the blank one below go": ("b = 2\n\n", "", "a\nb = 2\n\nc\n", "a\nc\n"),
}


@pytest.mark.parametrize(("old", "new", "before", "after"), WITH_ENDS.values(), ids=WITH_ENDS)
def test_a_line_feed_at_an_end_of_both_strings(old: str, new: str, before: str, after: str | None) -> None:
    reply = json.dumps({"path": "f.txt", "old_string": old, "new_string": new})
    if after is None:
        with pytest.raises(EditFailed, match="several places: lines 2, 7"):
            apply_replies([reply], {"f.txt": Blob(before.encode())})
        return
    outcome = apply_replies([reply], {"f.txt": Blob(before.encode())})
    assert [change.after for change in outcome.changes] == [Blob(after.encode())]
    assert not outcome.diagnostics


def test_a_call_may_stand_behind_a_space() -> None:
    (change,) = apply_replies([" " + json.dumps({"path": "f.txt", "content": "b\n"})], {"f.txt": Blob(b"a\n")}).changes
    assert change.after == Blob(b"b\n")
