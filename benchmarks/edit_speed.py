"""How does the time of one reply grow with its size? Prints a table: shape, milliseconds at each size, growth.

    python edit_speed.py [WORD]      only shapes whose name holds the word

Growth is the exponent between the last two sizes: 1 is linear, 2 quadratic. A shape is not tried at more than ten
times the size that took a second. Each shape is a reply, the file it is meant for, and what is hard about it.
"""

import json
import math
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from codegen_tasks.edits import apply_replies, is_cut_off, join_continuation
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

SIZES = (1000, 2000, 4000, 8000)
Shape = tuple[str, str | None, str]  # path, the file as it is, the reply


def lines_of(n: int, form: str = "value_{} = {}") -> list[str]:
    return [form.format(i, i % 7) for i in range(n)]


def text_of(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def whole(path: str, before: str | None, after: str) -> Shape:
    return path, before, f"{path}\n``````\n{after}``````\n"


def remarks(n: int, form: str) -> Shape:
    """Code whose every line becomes a remark."""
    return whole("a.py", text_of(lines_of(n)), text_of(["x = 1", *lines_of(n, form)]))


def beside(n: int, form: str, path: str = "a.py") -> Shape:
    """Code with a remark above each line."""
    code = lines_of(n)
    return whole(path, text_of(code), text_of([line for i in range(n) for line in (form.format(i, i), code[i])]))


def blocks(n: int, count: int, kind: str) -> Shape:
    """A file of n lines and `count` hunks spread over it."""
    code = [f"value_{i} = compute({i}, {i % 13})" for i in range(n)]
    spots = range(n // (2 * count), n, max(1, n // count))[:count]
    if kind == "blocks":
        parts = (
            f"<<<<<<< SEARCH\n{code[i]}\n{code[i + 1]}\n=======\n{code[i]}\nchanged_{i} = 1\n>>>>>>> REPLACE\n"
            for i in spots
        )
        return "a.py", text_of(code), "a.py\n```\n" + "".join(parts) + "```\n"
    rows = (f"@@ -{i + 1},2 +{i + 1},2 @@\n {code[i]}\n-{code[i + 1]}\n+changed_{i} = 1\n" for i in spots)
    if kind == "diff":
        return "a.py", text_of(code), "--- a/a.py\n+++ b/a.py\n" + "".join(rows)
    marks = (f"@@\n {code[i]}\n-{code[i + 1]}\n+changed_{i} = 1\n" for i in spots)
    return "a.py", text_of(code), "*** Begin Patch\n*** Update File: a.py\n" + "".join(marks) + "*** End Patch\n"


def absent(n: int) -> Shape:
    """A block of a tenth of the file's lines, none of which is quite there."""
    code = lines_of(n, "    total += weight[{}] * {}")
    quoted = [
        line.replace("+=", "-=") if i % 5 == 0 else line for i, line in enumerate(code[n // 2 : n // 2 + n // 10])
    ]
    return "a.py", text_of(code), f"a.py\n```\n<<<<<<< SEARCH\n{text_of(quoted)}=======\nx = 1\n>>>>>>> REPLACE\n```\n"


def same_blocks(n: int) -> Shape:
    """Blocks that quote a line that stands everywhere."""
    block = "<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n"
    return "a.py", "x = 1\n" * n, "a.py\n```\n" + block * (n // 20) + "```\n"


def searched(n: int, line: str, old: str, new: str, *, count: int = 1) -> Shape:
    """A file of one piece again and again, and one or more blocks."""
    block = f"<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n"
    return "a.py", line * n + "end\n", "a.py\n````\n" + block * count + "````\n"


def many_hunks(n: int, form: str) -> Shape:
    """Ten hunks for each line of a file of the same lines."""
    rows = {"diff": "@@ -{i},1 +{i},1 @@\n-x = 1\n+x = {i}\n", "patch": "@@\n-x = 1\n+x = {i}\n"}[form]
    body = "".join(rows.format(i=i) for i in range(1, 10 * n))
    head = {"diff": "--- a/a.py\n+++ b/a.py\n", "patch": "*** Begin Patch\n*** Update File: a.py\n"}[form]
    return "a.py", "x = 1\n" * n, head + body + "*** End Patch\n" * (form == "patch")


def dug_in(n: int, step: str) -> Shape:
    """Lines further and further in, quoted with another step."""
    code = [step * (i % 500) + f"f({i})" for i in range(n)]
    old = ["  " * (i % 500) + f"f({i})" for i in range(n // 2, n // 2 + n // 10)]
    new = [part for line in old for part in (line, line.replace("f", "g"))]
    return "a.py", text_of(code), f"a.py\n<<<<<<< SEARCH\n{text_of(old)}=======\n{text_of(new)}>>>>>>> REPLACE\n"


def sketch(n: int, holes: int, line: str) -> Shape:
    """A file sent without an envelope, with placeholders for most of it."""
    code = [line.format(i) for i in range(n)]
    step = n // holes
    kept = [part for i in range(0, n, step) for part in (code[i], code[i + 1], "# ... existing code ...")]
    return "a.py", text_of(code), text_of([*kept, code[-1]])


def gaps(n: int) -> Shape:
    """One block with placeholders on both sides of each tenth line."""
    code = lines_of(n)
    old = [part for i in range(0, n, 10) for part in (code[i], "# ...")]
    new = [part.replace("=", "= 1 +") if part.startswith("value_5") else part for part in old]
    return (
        "a.py",
        text_of(code),
        f"a.py\n```\n<<<<<<< SEARCH\n{text_of(old)}=======\n{text_of(new)}>>>>>>> REPLACE\n```\n",
    )


def repeated(n: int, line: str, path: str = "a.py", tail: str = "") -> Shape:
    """A reply of one line again and again, before a file."""
    return path, "x = 1\n", (line + "\n") * n + f"{path}\n```\nx = 2\n```\n{tail}"


def nested(n: int, path: str, opener: str, closer: str, inner: str = "") -> Shape:
    return whole(path, None, opener * n + inner + closer * n + "\n")


def shuffled(n: int) -> Shape:
    """A file whose lines all move."""
    code = lines_of(n)
    moved = random.Random(1).sample(code, n)
    return whole("a.py", text_of(code), text_of(moved))


def long_line(n: int, path: str, piece: str) -> Shape:
    """A file of one line of 2.5 kB times n."""
    body = piece * (2500 * n // len(piece))
    return whole(path, body + "1\n", body + "2\n")


def minified(n: int) -> Shape:
    data = json.dumps({f"key{i}": {"a": [i, str(i)], "b": None} for i in range(n * 10)})
    return whole("a.json", data, data.replace("key7", "kex7"))


SHAPES: dict[str, Callable[[int], Shape]] = {
    "50 lines a hunk, blocks": lambda n: blocks(n, max(1, n // 50), "blocks"),
    "50 lines a hunk, diff": lambda n: blocks(n, max(1, n // 50), "diff"),
    "50 lines a hunk, patch": lambda n: blocks(n, max(1, n // 50), "patch"),
    "remarks instead of code": lambda n: remarks(n, "# the value {} is {} now"),
    "weak remarks instead": lambda n: remarks(n, "# as before {} {}"),
    "weak remarks beside code": lambda n: beside(n, "# existing value {}"),
    "weak remarks in Go": lambda n: beside(n, "// other values {}", "a.go"),
    "weak remarks in C": lambda n: beside(n, "// other values {}", "a.c"),
    "names in remarks": lambda n: beside(n, "# value_{} and the rest"),
    "dots beside code": lambda n: beside(n, "..."),
    "dots in comments": lambda n: beside(n, "# ..."),
    "new file of remarks": lambda n: whole("a.py", None, text_of(lines_of(n, "# all other items {}"))),
    "new file of dots": lambda n: whole("a.py", None, "def f():\n    ...\n" * n),
    "new protocol": lambda n: whole(
        "a.py", None, "class P(Protocol):\n" + text_of(lines_of(n, "    def f{}(self): ..."))
    ),
    "equal lines": lambda n: whole("a.py", "x = 1\n" * n, "x = 1\n" * (n - 1) + "x = 2\n"),
    "equal lines, half": lambda n: whole("a.py", "x = 1\ny = 2\n" * n, "x = 1\ny = 2\n" * (n // 2)),
    "equal lines, mixed ends": lambda n: (
        "a.py",
        "x = 1\r\ny = 2\n" * n,
        "a.py\n```\n" + "x = 1\ny = 3\n" * n + "```\n",
    ),
    "moved lines": shuffled,
    "cut in the last line": lambda n: whole("a.txt", "a b c\n" * n + "z\n", "a b c\n" * (n - 1) + "a"),
    "block not found": absent,
    "blocks that stand everywhere": same_blocks,
    "equal and blank lines": lambda n: searched(n, "x = 1\n\n", "x = 1\n" * (n // 2), "x = 2\n" * (n // 2)),
    "equal lines, indented": lambda n: searched(n, "    x = 1\n", "x = 1\n" * (n // 2), "x = 2\n" * (n // 2)),
    "equal lines, and one more": lambda n: searched(n, "x = 1\n", "x = 1\n" * (n // 2) + "y\n", "x = 2\n"),
    "lines in turn, one wrong": lambda n: searched(n, "x\ny\n", "x\ny\n" * (n // 2) + "x\nx\n", "z\n"),
    "curly quotes everywhere": lambda n: searched(n, "f('a')\n", "f(\u2019a\u2019)\n" * (n // 2), "g(\u2019a\u2019)\n"),
    "parts of a long line": lambda n: searched(1, "f(a, b); " * n, "f(a, b)\n", "f(b, a)\n", count=n // 20),
    "the same block again": lambda n: searched(n, "x = 1\ny = 2\n", "x = 1\n", "x = 3\n", count=n),
    "many hunks, diff": lambda n: many_hunks(n, "diff"),
    "many hunks, patch": lambda n: many_hunks(n, "patch"),
    "deep lines, other step": lambda n: dug_in(n, "    "),
    "deep lines, tabs": lambda n: dug_in(n, "\t"),
    "placeholders between equal lines": lambda n: searched(
        n, "x = 1\n", "x = 1\n# ...\n" * (n // 10), "x = 2\n# ...\n" * (n // 10)
    ),
    "sketch, 20 holes": lambda n: sketch(n, 20, "value_{} = 1"),
    "sketch, 20 holes, equal lines": lambda n: sketch(n, 20, "x = 1"),
    "sketch, many holes": lambda n: sketch(n, n // 10, "value_{} = 1"),
    "sketch, many holes, equal": lambda n: sketch(n, n // 10, "x = 1"),
    "block of placeholders": gaps,
    "fences": lambda n: repeated(n, "```"),
    "named fences": lambda n: repeated(n, "```python b.py"),
    "tildes": lambda n: repeated(n, "~~~"),
    "paths": lambda n: repeated(n, "src/b.py"),
    "headings": lambda n: repeated(n, "### `src/b.py`"),
    "open blocks": lambda n: repeated(n, "<<<<<<< SEARCH"),
    "dividers": lambda n: repeated(n, "=======", tail="<<<<<<< SEARCH\nx\n" + "=======\n" * n + ">>>>>>> REPLACE\n"),
    "ends of blocks": lambda n: repeated(n, ">>>>>>> REPLACE"),
    "hunk headers": lambda n: repeated(n, "@@ -1,2 +1,2 @@"),
    "diff headers": lambda n: repeated(n, "--- a/b.py\n+++ b/b.py"),
    "patch headers": lambda n: repeated(n, "*** Update File: b.py"),
    "patch begins": lambda n: repeated(n, "*** Begin Patch"),
    "file tags": lambda n: repeated(n, '<file path="b.py">'),
    "brackets in prose": lambda n: repeated(n, "[" * 40),
    "spaces": lambda n: repeated(1, " " * n * 100),
    "dots in one line": lambda n: whole("a.py", "x = 1\n", "x = 2  # " + "." * n * 100 + "\n"),
    "words in one line": lambda n: whole("a.py", "x = 1\n", "x = 2  # " + "the rest of " * n * 10 + "\n"),
    "quotes in one line": lambda n: whole("a.ts", "let x = 1\n", "let x = 2 //" + "'\"`" * n * 30 + "\n"),
    "JSON reply": lambda n: ("a.py", "x\n", json.dumps({"files": [{"path": "a.py", "content": "x = 1\n" * n}]})),
    "JSON reply, deep": lambda n: ("a.py", "x\n", "[" * n + "]" * n),
    "deep JSON": lambda n: nested(n, "a.json", "[", "]"),
    "deep YAML": lambda n: nested(n, "a.yaml", "[", "]"),
    "deep YAML maps": lambda n: nested(n, "a.yaml", "{a: ", "}"),
    "open YAML": lambda n: nested(n, "a.yaml", "[", ""),
    "deep TOML": lambda n: nested(n, "a.toml", "[", "]", "\n"),
    "deep TOML value": lambda n: whole("a.toml", None, "a = " + "[" * n + "]" * n + "\n"),
    "TOML keys": lambda n: whole("a.toml", None, "a" + ".a" * n + " = 1\n"),
    "TOML tables": lambda n: whole("a.toml", None, text_of(lines_of(n, "[a.b{}]\nx = {}"))),
    "deep Python": lambda n: nested(n, "a.py", "(", ")", "1"),
    "deep Python blocks": lambda n: whole(
        "a.py", None, text_of([" " * i + "if x:" for i in range(n // 10)]) + " " * (n // 10) + "pass\n"
    ),
    "deep JavaScript": lambda n: nested(n, "a.js", "{", "}"),
    "deep JavaScript calls": lambda n: nested(n, "a.js", "f(", ")"),
    "open JavaScript": lambda n: nested(n * 5, "a.js", "f({", ""),
    "closed JavaScript": lambda n: nested(n * 5, "a.js", "", "})"),
    "open C": lambda n: nested(n, "a.c", "if (x) {\n", ""),
    "open comments in C": lambda n: nested(n * 5, "a.c", "/* ", "", "{"),
    "else branches in C": lambda n: whole("a.c", None, "#if A\n" + "#else\n" * n + "void f() {\n"),
    "deep HTML": lambda n: nested(n, "a.html", "<div>", "</div>"),
    "deep HTML, remarks": lambda n: nested(n, "a.html", "<div>\n<!-- other items -->\n", "</div>\n"),
    "garbage in Go": lambda n: whole("a.go", None, ")]}{[( func ; " * n + "\n"),
    "garbage in Rust": lambda n: whole("a.rs", None, "fn < > ' \" & ; " * n + "\n"),
    "garbage in PHP": lambda n: whole("a.php", None, "<?php $ -> { ' ;\n" * n),
    "garbage in Ruby": lambda n: whole("a.rb", None, "def { |x| <<A %w[ \n" * n),
    "garbage in TypeScript": lambda n: whole("a.tsx", None, "<a b={<c>} / ( `${ \n" * n),
    "garbage in shell": lambda n: whole("a.sh", None, "if ((; then ${a[; case <<E \n" * n),
    "long line of JavaScript": lambda n: long_line(n, "a.js", "f(1,[2,{a:3}]);"),
    "long line of text": lambda n: long_line(n, "a.txt", "word and "),
    "long line of Python": lambda n: long_line(n, "a.py", "x = 1; "),
    "minified JSON": minified,
}


def seconds(shape: Shape) -> float:
    path, before, reply = shape
    started = time.perf_counter()
    cut = is_cut_off(reply)
    with suppress(EditFailed):
        apply_replies([reply], {path: None if before is None else Blob(before.encode())}, [path])
    if cut:
        join_continuation(reply, reply[-200:])
    return time.perf_counter() - started


def main() -> None:
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    print(f"{'milliseconds':30} {''.join(f'{n:>8}' for n in SIZES)} {'growth':>7}")
    for name, make in SHAPES.items():
        if word not in name:
            continue
        times = list[float]()
        for n in SIZES:
            if times and times[-1] > 5:
                break
            times.append(seconds(make(n)))
        growth = math.log2(times[-1] / times[-2]) if len(times) > 1 else math.inf
        print(f"{name:30} {''.join(f'{1000 * t:8.0f}' for t in times):32} {growth:7.1f}", flush=True)
    if not word:
        for kind in ("blocks", "diff", "patch"):
            print(f"50,000 lines, 200 hunks, {kind:8}{1000 * seconds(blocks(50_000, 200, kind)):8.0f}")


if __name__ == "__main__":
    main()
