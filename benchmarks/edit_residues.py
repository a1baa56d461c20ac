"""Replies whose envelope leaves something in the text, in all forms and kinds of file: does a wrong byte ever land?

    python edit_residues.py [KIND ...]

Prints for each kind how many replies came out right, how many were refused, and how many WRONG; exit 1 if any did.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob


class File(NamedTuple):
    """A file before, the stretch of it that changes, and what comes for that."""

    path: str
    text: str
    old: str
    new: str

    @property
    def after(self) -> str:
        """The file as it must come out."""
        return self.text.replace(self.old, self.new)


FILES = tuple(
    File(path, top + old + end, old, new)
    for path, top, old, new, end in (
        ("m.py", "import os\n\n\ndef a():\n", "    b = 1\n    return b\n", "    b = 2\n    return b + 1\n", ""),
        ("p.css", "", "a { color: blue; }\nb { top: 1; }\n", "a { color: red; }\nb { top: 2; }\n", "c { top: 0; }\n"),
        ("q.sql", "", "SELECT 1;\nSELECT 2;\n", "SELECT 10;\nSELECT 20;\n", "SELECT 3;\n"),
        ("c.yaml", "top:\n", "  a: 1\n  b: 2\n", "  a: 7\n  b: 8\n", "end: 3\n"),
        ("a.ts", "", "let x = 1;\nlet y = 2;\n", "let x = 5;\nlet y = 6;\n", "let z = 3;\n"),
        ("r.sh", "set -e\n", "echo one\necho two\n", "echo three\necho four\n", "exit 0\n"),
        ("t.toml", "[a]\n", "b = 1\nc = 2\n", "b = 3\nc = 4\n", ""),
        ("Makefile", "all:\n", "\ttrue\n\techo a\n", "\tfalse\n\techo b\n", "end:\n\ttrue\n"),
        ("g.go", "package g\n\n", "var a = 1\nvar b = 2\n", "var a = 3\nvar b = 4\n", ""),
        ("j.json", "{\n", '  "a": 1,\n  "b": 2\n', '  "a": 3,\n  "b": 4\n', "}\n"),
        ("d.ini", "[s]\n", "a=1\nb=2\n", "a=5\nb=6\n", "c=3\n"),
        ("n.rb", "", "def a\n  1\nend\n", "def a\n  3 + 1\nend\n", "\ndef b\n  2\nend\n"),
    )
)
Envelope = Callable[[File, Callable[[str], str]], str]


def fenced(file: File, spoil: Callable[[str], str]) -> str:
    return f"{file.path}\n~~~~\n{spoil(file.after)}~~~~\n"


def fenced_code(file: File, spoil: Callable[[str], str]) -> str:
    return f"### `{file.path}`\n\n````\n{spoil(file.after)}````\n\nDone.\n"


def file_tag(file: File, spoil: Callable[[str], str]) -> str:
    return f'<file path="{file.path}">\n{spoil(file.after)}</file>\n'


def write_tag(file: File, spoil: Callable[[str], str]) -> str:
    return f"<write_to_file>\n<path>{file.path}</path>\n<content>\n{spoil(file.after)}</content>\n</write_to_file>\n"


def call(file: File, spoil: Callable[[str], str]) -> str:
    return json.dumps({"path": file.path, "content": spoil(file.after)})


def heredoc(file: File, spoil: Callable[[str], str]) -> str:
    return f"~~~bash\ncat > {file.path} <<'END_OF_IT'\n{spoil(file.after)}END_OF_IT\n~~~\n"


def block(file: File, spoil: Callable[[str], str]) -> str:
    return f"{file.path}\n<<<<<<< SEARCH\n{file.old}=======\n{spoil(file.new)}>>>>>>> REPLACE\n"


def block_in_a_fence(file: File, spoil: Callable[[str], str]) -> str:
    return f"Change it:\n\n{file.path}\n~~~\n<<<<<<< SEARCH\n{file.old}=======\n{spoil(file.new)}>>>>>>> REPLACE\n~~~\n"


def pair_call(file: File, spoil: Callable[[str], str]) -> str:
    return json.dumps({"path": file.path, "old_string": file.old, "new_string": spoil(file.new)})


def pair_tags(file: File, spoil: Callable[[str], str]) -> str:
    told = f"<path>{file.path}</path>\n<old_text>\n{file.old}</old_text>\n<new_text>\n{spoil(file.new)}</new_text>"
    return f"<edit_file>\n{told}\n</edit_file>\n"


WHOLE: tuple[Envelope, ...] = (fenced, fenced_code, file_tag, write_tag, call, heredoc)
PARTS: tuple[Envelope, ...] = (block, block_in_a_fence, pair_call, pair_tags)
ALL = WHOLE + PARTS
TAGS = (
    *("content", "new_text", "file_content", "replace", "code_block", "new_string"),
    *("answer", "parameter", "edit"),
)
MARKS = ("*** End Patch", "*** End of File", "EOF", "]]>")
TOKENS = (
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "</s>",
    "<\uff5cend\u2581of\u2581sentence\uff5c>",
    "<end_of_turn>",
)


def numbered(sign: str) -> Callable[[str], str]:
    """Puts a sign, which may hold its number, before each line."""
    return lambda text: "".join(f"{sign.format(i)}{line}\n" for i, line in enumerate(text.splitlines(), 1))


def escaped(text: str) -> str:
    return text.replace("\n", "\\n")


SPOILS: dict[str, tuple[tuple[Envelope, ...], list[Callable[[str], str]]]] = {
    "end tag": (ALL, [lambda t, tag=tag: f"{t}</{tag}>\n" for tag in (*TAGS, "code_edit", "AnswerText")]),  # type: ignore[misc]
    "end tag in the line": (ALL, [lambda t, tag=tag: f"{t[:-1]}</{tag}>\n" for tag in TAGS]),  # type: ignore[misc]
    "pair of tags": (ALL, [lambda t, tag=tag: f"<{tag}>\n{t}</{tag}>\n" for tag in TAGS]),  # type: ignore[misc]
    "two end tags": (ALL, [lambda t, tag=tag: f"{t}</{tag}>\n</file>\n" for tag in TAGS[:3]]),  # type: ignore[misc]
    "fence": (ALL, [lambda t, info=info: f"```{info}\n{t}```\n" for info in ("", "text", "css")]),  # type: ignore[misc]
    "half a fence": (ALL, [lambda t: f"{t}```\n", lambda t: f"```py\n{t}"]),
    "token": (ALL, [lambda t, token=token: f"{t}{token}\n" for token in TOKENS]),  # type: ignore[misc]
    "token in the line": (ALL, [lambda t, token=token: f"{t[:-1]}{token}\n" for token in TOKENS]),  # type: ignore[misc]
    "numbers and arrows": (ALL, [numbered("{:5}\u2192"), numbered("{}\u2192")]),
    "numbers and bars": (ALL, [numbered("{:3} | "), numbered("{}\u2502 "), numbered("{}|")]),
    "numbers and tabs": (ALL, [numbered("{:6}\t"), numbered("{}\t")]),
    "numbers otherwise": (ALL, [numbered("{}: "), numbered("L{}: "), numbered("[{}] ")]),
    "plus signs": (ALL, [numbered("+")]),
    "rows of a diff": (WHOLE, [lambda t: "".join(f" {line}\n" for line in t.splitlines())]),
    "marks at the end": (ALL, [lambda t, mark=mark: f"{t}{mark}\n" for mark in MARKS]),  # type: ignore[misc]
    "open tag": (ALL, [lambda t, tag=tag: f"<{tag}>\n{t}" for tag in TAGS]),  # type: ignore[misc]
    "bars": (ALL, [numbered("\u2502 "), numbered("> ")]),
    "second divider": (PARTS, [lambda t: f"{t}=======\n", lambda t: f"{t}======\n"]),
    "escaped line breaks": ((call, file_tag, write_tag, pair_call, pair_tags), [escaped]),
    "half a character": ((call, pair_call), [lambda t: f"{t[:-1]} \ud83d\n"]),
    "line ends": ((call, pair_call), [lambda t: t.replace("\n", "\r\n")]),
}  # fmt: skip

REFUSED = {"escaped line breaks", "half a character"}  # never read, always refused


def cases(kind: str) -> Iterator[tuple[str, File]]:
    """The replies of a kind, each with the file it is for."""
    envelopes, spoils = SPOILS[kind]
    for file in FILES:
        for envelope in envelopes:
            for spoil in spoils:
                yield envelope(file, spoil), file


def verdict(reply: str, file: File) -> str:
    """What became of the file: right, refused or WRONG."""
    try:
        changes = apply_replies([reply], {file.path: Blob(file.text.encode())}, {file.path}).changes
    except EditFailed:
        return "refused"
    after = {change.path: change.after and change.after.data for change in changes}
    return "refused" if not after else "right" if after == {file.path: file.after.encode()} else "WRONG"


def main() -> int:
    wrong = 0
    for kind in sys.argv[1:] or SPOILS:
        counts = Counter[str]()
        for reply, file in cases(kind):
            came = verdict(reply, file)
            counts[came] += 1
            if came == "WRONG" and counts[came] < 4:
                print(repr(reply)[:400])
        wrong += counts["WRONG"]
        print(
            f"{kind:24s}{counts.total():5d}  "
            + "  ".join(f"{name} {counts[name]}" for name in ("right", "refused", "WRONG"))
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
