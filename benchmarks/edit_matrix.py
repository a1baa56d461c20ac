"""A one-line edit in every encoding, line ending, final newline and format: how many bytes outside the line change?

    python edit_matrix.py

Prints one row for each encoding and format; anything but "ok" names the endings that failed.
"""

import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from codegen_tasks.edits import apply_replies
from codegen_tasks.records import Blob

WORDS = {
    "utf-8": "naïve → 文",
    "utf-8-sig": "naïve → 文",
    "utf-16": "naïve → 文",
    "cp1252": "naïve façade, déjà vu, Größe",
    "shift_jis": "これは設定を読み込むテストです",
    "gbk": "这是一个读取配置的测试文件",
}
ENDINGS = {"LF": ["\n"] * 5, "CRLF": ["\r\n"] * 5, "CR": ["\r"] * 5, "mixed": ["\r\n", "\n", "\n", "\r\n", "\n"]}
FORMATS = ("whole", "search_replace", "udiff", "patch")
CALLS = {"json_file": "\n", "json_file_crlf": "\r\n", "json_edit": "\n", "json_edit_crlf": "\r\n"}


def lines_of(words: str) -> list[str]:
    """Five lines of a text; the third will be changed."""
    return [f"# {words} 1", "alpha = 1", "beta = 2", f"# {words} 4", "gamma = 5"]


def reply_for(form: str, lines: list[str]) -> str:
    """A reply that changes the third line, as a model writes it that sees the text."""
    if form in CALLS:
        return call_for(form, lines)
    if form == "whole":
        return "f.txt\n```\n" + "\n".join([*lines[:2], "beta = 22", *lines[3:]]) + "\n```\n"
    if form == "search_replace":
        return "f.txt\n<<<<<<< SEARCH\nalpha = 1\nbeta = 2\n=======\nalpha = 1\nbeta = 22\n>>>>>>> REPLACE\n"
    rows = f" alpha = 1\n-beta = 2\n+beta = 22\n {lines[3]}\n"
    if form == "udiff":
        return f"--- a/f.txt\n+++ b/f.txt\n@@ -2,3 +2,3 @@\n{rows}"
    return f"*** Begin Patch\n*** Update File: f.txt\n@@\n{rows}*** End Patch\n"


def call_for(form: str, lines: list[str]) -> str:
    """The same as a call of a tool in JSON, whose strings end their lines in a way of their own."""
    if form.startswith("json_file"):
        call = {"content": "".join(f"{line}\n" for line in [*lines[:2], "beta = 22", *lines[3:]])}
    else:
        call = {"old_string": "alpha = 1\nbeta = 2\n", "new_string": "alpha = 1\nbeta = 22\n"}
    return json.dumps({"path": "f.txt"} | {key: text.replace("\n", CALLS[form]) for key, text in call.items()})


def encoded(lines: list[str], ends: list[str], final: bool, codec: str) -> bytes:
    """The bytes of a file with these lines."""
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    return (text if final else text.removesuffix(ends[-1])).encode(codec)


def cells() -> Iterator[tuple[str, str, str, bool, bytes, bytes, str]]:
    """All combinations: codec, format, ending, final newline, bytes before, bytes that must come out, reply."""
    for codec, form, (ending, ends), final in product(WORDS, (*FORMATS, *CALLS), ENDINGS.items(), (True, False)):
        lines = lines_of(WORDS[codec])
        after = [*lines[:2], "beta = 22", *lines[3:]]
        before, wanted = encoded(lines, ends, final, codec), encoded(after, ends, final, codec)
        yield codec, form, ending, final, before, wanted, reply_for(form, lines)


def result(before: bytes, reply: str) -> bytes | None:
    """The bytes that the engine makes of the file."""
    (change,) = apply_replies([reply], {"f.txt": Blob(before)}).changes
    return change.after.data if change.after else None


def main() -> None:
    failed: dict[tuple[str, str], list[str]] = {}
    for codec, form, ending, final, before, wanted, reply in cells():
        bad = failed.setdefault((codec, form), [])
        if result(before, reply) != wanted:
            bad.append(ending + ("" if final else " without final newline"))
    for (codec, form), bad in failed.items():
        print(f"{codec:12s}{form:16s}{', '.join(bad) or 'ok'}")
    print(f"{sum(map(bool, failed.values()))} of {len(failed)} rows failed, {len(failed) * 8} combinations")


if __name__ == "__main__":
    main()
