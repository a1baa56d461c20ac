"""Replies as models write them: each file in a style of its own, prose between, and all come out as their parts say."""

from collections.abc import Callable
from difflib import unified_diff
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from codegen_tasks.edits import apply_replies
from codegen_tasks.records import Blob

F = "```"


class File(NamedTuple):
    """A file and what is to be changed in it."""

    path: str
    language: str
    text: str
    old: str
    new: str

    @property
    def after(self) -> str:
        return self.text.replace(self.old, self.new)


FILES = (
    File("src/app/core.py", "python", "def f(x):\n    return x\n", "    return x\n", "    y = x\n    return y\n"),
    File("web/api.ts", "typescript", "export interface U {\n  id: number;\n}\n", "  id: number;\n", "  id: string;\n"),
    File("cmd/main.go", "go", "package main\n\nfunc f() {\n\tif x {\n\t\tg()\n\t}\n}\n", "\t\tg()\n", "\t\th()\n"),
    File("Makefile", "makefile", "all: test\n\ntest:\n\tpytest\n", "\tpytest\n", "\tpytest -q\n\truff check\n"),
    File("docs/guide.md", "markdown", "# Guide\n\n- one\n- two\n\nRun it.\n", "Run it.\n", "Run `x --help`.\n"),
    File("db/schema.sql", "sql", "-- users\nCREATE TABLE u (\n  id INT\n);\n", "  id INT\n", "  id INT,\n  a INT\n"),
    File("static/site.css", "css", "body {\n  margin: 0;\n}\n", "  margin: 0;\n", "  margin: 1px;\n"),
    File(
        "ci.yml", "yaml", "on: push\njobs:\n  test:\n    steps: []\n", "    steps: []\n", "    steps:\n      - run: a\n"
    ),
)
Part = tuple[str, str | None, str | None]


def fenced(info: str, text: str) -> str:
    return f"{F}{info}\n{text}{F}\n"


def diff(file: File) -> str:
    sides = (side.splitlines(keepends=True) for side in (file.text, file.after))
    return "".join(unified_diff(*sides, f"a/{file.path}", f"b/{file.path}", n=2))


def block(file: File, search: str = "SEARCH", replace: str = "REPLACE") -> str:
    return f"<<<<<<< {search}\n{file.old}=======\n{file.new}>>>>>>> {replace}\n"


def added(text: str) -> str:
    return "".join(f"+{line}" for line in text.splitlines(keepends=True))


def patch(verb: str, file: File, body: str) -> str:
    return f"*** Begin Patch\n*** {verb} File: {file.path}\n{body}*** End Patch\n"


def rows(file: File) -> str:
    return diff(file).split("\n", 3)[3]


CHANGES: dict[str, Callable[[File], str]] = {
    "heading": lambda f: f"### `{f.path}`\n\n{fenced(f.language, f.after)}",
    "label": lambda f: f"**File: `{f.path}`**\n{fenced(f.language, f.after)}",
    "info": lambda f: fenced(f"{f.language}:{f.path}", f.after),
    "tag": lambda f: f'<file path="{f.path}">\n{f.after}</file>\n',
    "here-document": lambda f: fenced("bash", f"cat > {f.path} <<'EOF'\n{f.after}EOF\n"),
    "block": lambda f: f"{f.path}\n{block(f)}",
    "fenced block": lambda f: f"`{f.path}`:\n\n{fenced(f.language, block(f))}",
    "small letters": lambda f: f"#### 1. {f.path}\n\n{fenced('', block(f, 'search', 'replace'))}",
    "diff": lambda f: fenced("diff", diff(f)),
    "wrong counts": lambda f: fenced("diff", diff(f).replace("@@ -", "@@ -1")),
    "patch": lambda f: patch("Update", f, f"@@\n{rows(f)}"),
}
OTHERS: dict[str, Callable[[File], Part]] = {
    "new file": lambda f: (f"### `{f.path}` (new)\n\n{fenced(f.language, f.text)}", None, f.text),
    "new by diff": lambda f: (
        fenced("diff", f"--- /dev/null\n+++ b/{f.path}\n@@ -0,0 +1,9 @@\n{added(f.text)}"), None, f.text
    ),
    "new by patch": lambda f: (patch("Add", f, added(f.text)), None, f.text),
    "new and empty": lambda f: (f"{f.path} (empty)\n", None, ""),
    "deleted": lambda f: (fenced("diff", f"--- a/{f.path}\n+++ /dev/null\n"), f.text, None),
    "deleted by patch": lambda f: (patch("Delete", f, ""), f.text, None),
    "unchanged": lambda f: (f"{f.path} (unchanged)\n", f.text, f.text),
    "unchanged in prose": lambda f: (f"`{f.path}` needs no changes.\n", f.text, f.text),
}  # fmt: skip
PROSE = st.sampled_from(
    ["\n", "\nNext:\n\n", "\n---\n\n", "\n## Then\n\nThe second part.\n\n", "\n- done\n- see below\n\n",
     f"\nRun the tests:\n\n{F}bash\nmake test\n{F}\n\n"]
)  # fmt: skip


@st.composite
def parts(draw: st.DrawFn, file: File) -> Part:
    style = draw(st.sampled_from([*CHANGES, *OTHERS]))
    return (CHANGES[style](file), file.text, file.after) if style in CHANGES else OTHERS[style](file)


@settings(max_examples=300)
@given(st.data())
def test_each_part_does_what_it_says(data: st.DataObject) -> None:
    first, *more = data.draw(st.permutations(FILES))[: data.draw(st.integers(1, 4))]
    said = {first.path: (CHANGES[data.draw(st.sampled_from([*CHANGES]))](first), first.text, first.after)}
    said |= {file.path: data.draw(parts(file)) for file in more}
    reply = "Here are the changes.\n\n" + "".join(part + data.draw(PROSE) for part, _, _ in said.values())
    base = {path: None if before is None else Blob(before.encode()) for path, (_, before, _) in said.items()}
    outcome = apply_replies([reply], base, [*said])
    after = {path: blob and blob.data.decode() for path, blob in base.items()}
    after |= {change.path: change.after and change.after.data.decode() for change in outcome.changes}
    assert after == {path: wanted for path, (_, _, wanted) in said.items()}
    assert outcome.touched == tuple(sorted(said))
