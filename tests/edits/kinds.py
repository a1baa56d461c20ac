"""Kinds of replies that once went wrong, each in many forms, files and places. It judges what comes of them."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

Rows = list[tuple[str, str]]  # " ", "-" or "+", and the line


class Case(NamedTuple):
    """A reply to one file, and what that is to become (None: it must be refused)."""

    path: str
    before: str
    reply: str
    after: str | None


FILES = {
    "load.py": """\
def load(path):
    text = read(path)
    if text:
        return parse(text)
    return None


class Store:
    def get(self, key):
        for shelf in self.shelves:
            if key in shelf:
                return shelf[key]
        raise KeyError(key)
""",
    "sites.js": """\
const sites = {
    main: {
        engine: "lite",
        port: 80,
    },
    other: {
        engine: "full",
    },
};

function open(name) {
    const site = sites[name];
    if (!site) {
        throw new Error(name);
    }
    return connect(site);
}
""",
    "Tank.java": """\
class Tank {
    private int level;

    int fill(int more) {
        if (more > 0) {
            level += more;
            report(level);
        }
        return level;
    }
}
""",
    "page.css": """\
.card {
    color: red;
    margin: 0;
}

@media print {
    .card {
        color: black;
        margin: 1px;
    }
}
""",
    "conf.yaml": """\
server:
    port: 80
    hosts:
        main: a.example
        other: b.example
client:
    retries: 3
    pool:
        size: 4
""",
    "run.sh": """\
start() {
    if test -f pid; then
        echo running
        exit 1
    fi
    daemon &
}
""",
}


def judge(case: Case) -> tuple[str, str]:
    """How a reply ends (right, refused, or WRONG), and what came of it."""
    try:
        changes = apply_replies([case.reply], {case.path: Blob(case.before.encode())}, {case.path}).changes
    except EditFailed as error:
        return "right" if case.after is None else "refused", str(error)
    blob = changes[0].after if changes else None
    if blob is None:
        return "right" if case.after is None else "refused", "nothing changes"
    return "right" if blob.data.decode() == case.after else "WRONG", blob.data.decode()


# ---- forms


def _diff(path: str, rows: Rows, number: int = 0) -> str:
    old, new = (sum(sign != other for sign, _ in rows) for other in "+-")
    head = f"@@ -{number},{old} +{number},{new} @@" if number else "@@ @@"
    return "\n".join([f"--- a/{path}", f"+++ b/{path}", head, *(sign + line for sign, line in rows), ""])


def _patch(path: str, rows: Rows, _number: int = 0) -> str:
    body = [sign + line for sign, line in rows]
    return "\n".join(["*** Begin Patch", f"*** Update File: {path}", "@@", *body, "*** End Patch", ""])


def _block(path: str, rows: Rows, _number: int = 0) -> str:
    old, new = ([line for sign, line in rows if sign != other] for other in "+-")
    return "\n".join([path, "```", "<<<<<<< SEARCH", *old, "=======", *new, ">>>>>>> REPLACE", "```", ""])


FORMS = (_diff, _patch, _block)
DIFFS = (_diff, _patch)


# ---- indentation


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _unit(line: str, unit: str) -> str:
    """The line, of four spaces, with another unit."""
    body = line.lstrip()
    return unit * ((len(line) - len(body)) // 4) + body


def _fresh(path: str, line: str, number: int = 0) -> str:
    """A new line that may follow another one in a file of this kind, as far in."""
    kind = path.rpartition(".")[2]
    word = f"fresh{number}"
    made = {
        "py": f"{word} = 1", "js": f"{word}: 1," if line.rstrip().endswith(",") else f"{word}();",
        "java": f"int {word};", "css": f"--{word}: 1;", "yaml": f"{word}: 1", "sh": f"echo {word}",
    }  # fmt: skip
    return _indent(line) + made[kind]


def _places(text: str) -> Iterator[int]:
    """The lines below which one may stand that is as far in."""
    lines = _lines(text)
    for i, line in enumerate(lines[:-1]):
        if (
            line.strip()
            and len(_indent(lines[i + 1])) <= len(_indent(line))
            and line.strip()[-1] not in "({[}:"
            and _indent(line)
        ):
            yield i


def _inserted(path: str, text: str, at: int, context: int = 3) -> tuple[Rows, str]:
    """The rows that put a line below another, and the text after that."""
    lines = _lines(text)
    new = _fresh(path, lines[at])
    low, high = max(0, at - context + 1), min(len(lines), at + 1 + context)
    rows = [*((" ", line) for line in lines[low : at + 1]), ("+", new), *((" ", line) for line in lines[at + 1 : high])]
    return rows, "\n".join([*lines[: at + 1], new, *lines[at + 1 :]]) + "\n"


def _in_units(file: str, reply: str) -> Callable[[], Iterator[Case]]:
    """Replies that indent by another unit than the file does, throughout."""

    def make() -> Iterator[Case]:
        for path, text in FILES.items():
            if "\t" in file and path.endswith(("yaml", "py")):
                continue
            its = "\n".join(_unit(line, file) for line in text.split("\n"))
            for at in _places(text):
                rows, after = _inserted(path, text, at, context=4)
                told = [(sign, _unit(line, reply)) for sign, line in rows]
                want = "\n".join(_unit(line, file) for line in after.split("\n"))
                for form in FORMS:
                    yield Case(path, its, form(path, told), want)

    return make


def _out_of_depth() -> Iterator[Case]:
    """One line is quoted at a wrong depth, and the new ones below it stand where the file would have them."""
    for path, text in FILES.items():
        lines = _lines(text)
        for at in _places(text):
            deep = len(_indent(lines[at]))
            wrong = [(depth, quoted) for depth in range(0, deep + 1, 4) for quoted in (depth + 4, deep + 4, deep + 8)]
            for depth, quoted in wrong:
                if quoted == deep:
                    continue
                new = [" " * depth + _fresh(path, "", n) for n in range(2)]
                rows = [(" ", " " * quoted + lines[at].lstrip()), *(("+", line) for line in new)]
                after = "\n".join([*lines[: at + 1], *new, *lines[at + 1 :]]) + "\n"
                for form in DIFFS:
                    yield Case(path, text, form(path, rows, at + 1), after)


def _first_flush() -> Iterator[Case]:
    """The first quoted line lost its indentation, and a new line comes below it as the file has it."""
    for path, text in FILES.items():
        lines = _lines(text)
        for at in _places(text):
            for size in (1, 2, 3):
                quoted = lines[at : at + size]
                if not quoted[-1].strip() or "\n".join(quoted) + "\n" == text:
                    continue
                new = _fresh(path, lines[at])
                old = [quoted[0].lstrip(), *quoted[1:]]
                body = [path, "<<<<<<< SEARCH", *old, "=======", old[0], new, *old[1:], ">>>>>>> REPLACE", ""]
                yield Case(path, text, "\n".join(body), "\n".join([*lines[: at + 1], new, *lines[at + 1 :]]) + "\n")


def _in_place() -> Iterator[Case]:
    """Lines are changed in place; they are quoted at one depth, and stand at several."""
    for path, text in FILES.items():
        lines = _lines(text)
        for at in _places(text):
            quoted = lines[max(0, at - 2) : at + 3]
            if not all(line.strip() for line in quoted):
                continue
            changed = [
                re.sub(r"(\w+)(\W*)$", r"\1\g<1>\2", line) if i in (1, 2) else line for i, line in enumerate(quoted)
            ]
            low = max(0, at - 2)
            after = "\n".join([*lines[:low], *changed, *lines[low + len(quoted) :]]) + "\n"
            body = [
                path,
                "<<<<<<< SEARCH",
                *map(str.lstrip, quoted),
                "=======",
                *map(str.lstrip, changed),
                ">>>>>>> REPLACE",
                "",
            ]
            yield Case(path, text, "\n".join(body), after)


KINDS: dict[str, Callable[[], Iterator[Case]]] = {
    "tabs for four spaces": _in_units("    ", "\t"),
    "tabs for two spaces": _in_units("  ", "\t"),
    "two spaces for four": _in_units("    ", "  "),
    "four spaces for two": _in_units("  ", "    "),
    "four spaces for tabs": _in_units("\t", "    "),
    "two spaces for tabs": _in_units("\t", "  "),
    "further out than a misquoted line": _out_of_depth,
    "first line flush, the rest as in the file": _first_flush,
    "changed in place, quoted without depth": _in_place,
}
