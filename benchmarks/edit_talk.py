"""Replies of no use (errors, logs, questions, usage, other files and languages) against twenty kinds of file.

    python edit_talk.py [--show]

Each is tried where the one planned file is there and where it is new. Prints for each form how many were accepted; exit
1 if that is more than one in a thousand.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

FILES = {
    "src/app.py": ("python", "import os\n\n\ndef main():\n    return os.getcwd()\n"),
    "style.css": ("css", "a { color: blue; }\nb { color: red; }\n"),
    "query.sql": ("sql", "SELECT 1;\nSELECT 2;\n"),
    "config.yaml": ("yaml", "port: 80\nhost: a\n"),
    "web/index.ts": ("typescript", "export const a = 1;\nexport const b = 2;\n"),
    "run.sh": ("bash", "#!/bin/sh\nset -e\necho one\n"),
    "pyproject.toml": ("toml", '[project]\nname = "a"\n'),
    "Makefile": ("make", "all:\n\ttrue\n"),
    "main.go": ("go", "package main\n\nfunc main() {\n}\n"),
    "data.json": ("json", '{\n  "a": 1,\n  "b": 2\n}\n'),
    "setup.cfg": ("ini", "[metadata]\nname = a\n"),
    "lib/tool.rb": ("ruby", "def tool\n  1\nend\n"),
    "README.md": ("markdown", "# Title\n\nSome text.\n"),
    "notes.txt": ("text", "one\ntwo\n"),
    "Dockerfile": ("dockerfile", "FROM a\nRUN b\n"),
    "src/lib.rs": ("rust", "pub fn a() -> u8 {\n    1\n}\n"),
    "App.java": ("java", "class App {\n    int a = 1;\n}\n"),
    "page.html": ("html", "<p>one</p>\n<p>two</p>\n"),
    "LICENSE": ("text", "Copyright\nAll rights reserved.\n"),
    "app.vue": ("vue", "<template>\n  <p>a</p>\n</template>\n"),
}
OTHERS = {
    "rust": "fn helper() {\n    let x = 1;\n}",
    "python": "import sys\n\nprint(sys.argv)",
    "yaml": "services:\n  web:\n    image: nginx",
    "json": '{"error": "not found", "code": 404}',
    "sql": "DROP TABLE users;",
}
TRACES = (
    'Traceback (most recent call last):\n  File "a.py", line 1\nKeyError: 1',
    "Error: Cannot find module 'x'\n    at Function.resolve (node:internal:933:15)\n    at require (a.js:1:2)",
    "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()",
    "error[E0382]: borrow of moved value: `x`\n --> src/main.rs:4:5",
)
LOGS = (
    "2026-01-02 10:11:12 INFO started\n2026-01-02 10:11:13 ERROR failed to bind",
    "[INFO] Scanning for projects...\n[ERROR] BUILD FAILURE",
    "npm ERR! code ELIFECYCLE\nnpm ERR! errno 1",
    "$ make\nmake: *** No rule to make target 'all'.  Stop.",
    "tests/test_a.py::test_x FAILED\n===== 1 failed, 3 passed in 0.12s =====",
)
TREES = (
    "src/\n\u251c\u2500\u2500 app.py\n\u2514\u2500\u2500 lib/\n    \u2514\u2500\u2500 util.py",
    ".\n|-- a\n|   `-- b.txt\n`-- c",
)
LEADS = ("I could not test it, this happens:", "When I run it I get this:", "", "Here is what I see in `{path}`:")
QUESTIONS = (
    "Before I change anything: what do you want? It could look like this:",
    "Should I write it like this?",
    "Do you prefer this version?",
    "Which of the two is meant? For instance:",
    "I need more details. Is something like this in `{path}` what you have in mind?",
)
ENDS = ("", "\n\nPlease tell me.", "\n\nLet me know how to go on.")
Reply = tuple[str, str]


def block(language: str, text: str) -> str:
    """A fenced block."""
    return f"```{language}\n{text.rstrip()}\n```"


def used(path: str) -> Iterator[tuple[str, str]]:
    """Examples of how a file is used, each with its language."""
    stem = Path(path).stem
    yield "python", f"from {stem} import go\n\ngo()"
    yield "typescript", f"import {{ go }} from './{stem}';\n\ngo();"
    yield "bash", f"python {path} --help"
    yield "", f"$ ./{path}\nok"


def replies(path: str, language: str, text: str) -> Iterator[Reply]:
    """The form of each reply, and the reply."""
    for lead, trace, mark in product(LEADS, TRACES, ("", "text", language)):
        yield "traceback", f"{lead.format(path=path)}\n\n{block(mark, trace)}\n"
    for lead, log, mark in product(LEADS, LOGS, ("", "log", language)):
        yield "log", f"{lead.format(path=path)}\n\n{block(mark, log)}\n"
    for tree, mark in product(TREES, ("", "text", language)):
        yield "tree of folders", f"The project is laid out so:\n\n{block(mark, tree)}\n"
    for question, end in product(QUESTIONS, ENDS):
        yield "question", f"{question.format(path=path)}\n\n{block(language, text + text)}{end}\n"
        yield "question", f"{question.format(path=path)}\n\n{block('', OTHERS['yaml'])}{end}\n"
    for mark, example in used(path):
        for lead in ("Usage would be:", "I need to know the return type first. Then:", "An example for `{path}`:", ""):
            yield "usage", f"{lead.format(path=path)}\n\n{block(mark, example)}\n"
    for mark, other in OTHERS.items():
        if mark != language:
            for lead in ("Here you go:", "This is what I suggest:", "", "In another language:"):
                yield "other language", f"{lead}\n\n{block(mark, other)}\n"
    for name in ("docker-compose.yml", "other/" + Path(path).name, "src/helpers.py", "Jenkinsfile"):
        for title in ("{}", "### `{}`", "**File:** `{}`", "Here's the complete updated `{}` file:", "`{}` (new file):"):
            yield "other file", f"{title.format(name)}\n\n{block(language, text + text)}\n"
        yield "other file", f"{name}\n<<<<<<< SEARCH\nnot there\n=======\nnew\n>>>>>>> REPLACE\n"
        yield "other file", f"--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-not there\n+new\n"
    for words in (
        "I am sorry, I cannot help with that.",
        "Done!",
        f"I looked at {path}.",
        "Which one?",
    ):
        yield "words", words + "\n"
    for lead in ("The file has this now:", "As you can see in `{path}`:", "This part is wrong:"):
        yield "quotation", f"{lead.format(path=path)}\n\n{block(language, text)}\n"
        yield "quotation", f"{lead.format(path=path)}\n\n{block(language, text.splitlines()[-1])}\n"


def is_accepted(reply: str, path: str, text: str | None) -> bool:
    """Whether a reply changes the file."""
    try:
        return bool(apply_replies([reply], {path: Blob(text.encode()) if text else None}, {path}).changes)
    except EditFailed:
        return False


def main() -> int:
    counts, accepted = Counter[str](), Counter[str]()
    for path, (language, text) in FILES.items():
        for form, reply in replies(path, language, text):
            for there in (text, None):
                counts[form] += 1
                if is_accepted(reply, path, there):
                    accepted[form] += 1
                    if "--show" in sys.argv:
                        print(f"--- {path} {'there' if there else 'new'} ({form})\n{reply}")
    for form, count in counts.items():
        print(f"{form:20s}{count:6d}  accepted {accepted[form]}")
    print(f"{counts.total()} replies, {accepted.total()} accepted ({100 * accepted.total() / counts.total():.2f} %)")
    return 1 if 1000 * accepted.total() > counts.total() else 0


if __name__ == "__main__":
    sys.exit(main())
