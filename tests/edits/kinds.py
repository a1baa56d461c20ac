"""Kinds of replies that once went wrong, each in many forms, files and places. It judges what comes of them."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

Rows = list[tuple[str, str]]  # " ", "-" or "+", and the line


class Case(NamedTuple):
    """A reply to one file, and what that is to become (None: it must be refused).

    `earlier` are replies that it repairs, `others` files that must stay as they are, `mode` is what the file ends with,
    `to` the path it gets.
    """

    path: str
    before: str
    reply: str
    after: str | None
    earlier: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    mode: int = 0o100644
    to: str = ""


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
    base = {path: Blob(text.encode()) for path, text in ((case.path, case.before), *case.others)}
    try:
        changes = apply_replies([*case.earlier, case.reply], base, {*base, case.to} - {""}).changes
    except EditFailed as error:
        return "right" if case.after is None else "refused", str(error)
    if not changes:
        return "right" if case.after in (None, case.before) else "refused", "nothing changes"
    wanted = None if case.after is None else Blob(case.after.encode(), case.mode)
    moved = {case.path: None} if case.to else {}
    right = wanted is not None and {c.path: c.after for c in changes} == {**moved, case.to or case.path: wanted}
    return "right" if right else "WRONG", "\n".join(f"{c.path} {c.after}" for c in changes)


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
                by = quoted - deep
                if at and by > 0 and len(_indent(lines[at - 1])) != deep and depth < len(_indent(lines[at - 1])) + by:
                    rows = [(" ", " " * by + lines[at - 1]), *rows]
                    yield from (Case(path, text, form(path, rows, at), after) for form in DIFFS)


def _body_out_of_depth() -> Iterator[Case]:
    """The first line of a call lost its indentation, and becomes the head of a block whose body goes by it."""
    for depth in (4, 8, 12):
        for arguments in (1, 2, 3):
            for last in (".run()", "", ".all(1)"):
                edge = " " * depth
                inner = [f"{edge}    a{i}=a{i}," for i in range(arguments)]
                call = ["each(", *inner, f"{edge}){last}"]
                body = ["    if x:", "        x.save()"]
                new = ["for x in each(", *inner, f"{edge}):", *body]
                head = [f"{' ' * 4 * i}with a{i}:" for i in range(depth // 4)]
                text = "\n".join([*head, edge + call[0], *call[1:], "done()"]) + "\n"
                moved = [edge + new[0], *inner, f"{edge}):", *(edge + line for line in body)]
                after = "\n".join([*head, *moved, "done()"]) + "\n"
                rows = [("-", line) for line in call] + [("+", line) for line in new]
                yield Case("m.py", text, _block("m.py", rows), after)
                if arguments > 1:
                    told = [new[0], inner[0] + "  # one"]
                    rows = [("-", line) for line in call[:2]] + [("+", line) for line in told]
                    after = text.replace("each(", "for x in each(").replace(inner[0], told[1])
                    yield Case("m.py", text, _block("m.py", rows), after)


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


# ---- what is there, and where the file ends


def _there_already() -> Iterator[Case]:
    """New lines that stand right below, or above, the place already."""
    for path, text in FILES.items():
        lines = _lines(text)
        for at in range(1, len(lines) - 3):
            for size in (1, 2):
                if any(re.search(r"\w\W+\w", line) is None for line in lines[at : at + size]):
                    continue
                above = [(" ", line) for line in lines[max(0, at - 3) : at]]
                below = [(" ", line) for line in lines[at + size : at + size + 3]]
                told = {line.strip() for line in lines[at : at + size]}
                new = [("+", line) for line in lines[at : at + size]]
                for rows in ([*above, *new], [*new, *below]):
                    if told & {line.strip() for sign, line in rows if sign == " "}:
                        continue
                    if not any(line.strip() for sign, line in rows if sign == " "):
                        continue
                    for form in FORMS:
                        yield Case(path, text, form(path, rows), None)


def _blank_rows_at_the_end() -> Iterator[Case]:
    """Both sides end in blank rows that the file does not have."""
    for path, text in FILES.items():
        lines = _lines(text)
        for size in (1, 2, 3):
            for count in (1, 2):
                old, blank = lines[-size:], [""] * count
                if "\n".join([*old, *blank, ""]) in text:
                    continue
                new = [*old[:-1], _fresh(path, old[-1]), *old[-1:]]
                rows = [("-", line) for line in [*old, *blank]] + [("+", line) for line in [*new, *blank]]
                for form in FORMS:
                    yield Case(path, text, form(path, rows), "\n".join([*lines[:-size], *new]) + "\n")


def _last_newline() -> Iterator[Case]:
    """A diff that changes whether the file ends with a newline, beside a change or without one."""
    mark = ("\\", " No newline at end of file")
    for path, text in FILES.items():
        lines = _lines(text)
        above, last = lines[-2:]
        fresh = _fresh(path, above if _indent(above) else last)
        for more in ([], [fresh]):
            head, after = [(" ", above), *(("+", line) for line in more)], "\n".join([*lines[:-1], *more, last])
            for had in (True, False):
                rows = [*head, ("-", last), *[mark] * (not had), ("+", last), *[mark] * had]
                yield Case(path, text if had else text[:-1], _diff(path, rows), after if had else after + "\n")
            kept = [*head, ("-", last), mark, ("+", last), mark]
            yield from [Case(path, text[:-1], _diff(path, kept), after)] * bool(more)
            yield from [Case(path, text[:-1], _diff(path, [*head, (" ", last), mark]), after)] * bool(more)


# ---- what lines hold


def _space_in_lines() -> Iterator[Case]:
    """Quoted with other space between the words than the file has; strings stay."""
    for path, text in FILES.items():
        lines = _lines(text)
        for at in _places(text):
            low = max(0, at - 1)
            quoted, new = lines[low : at + 1], _fresh(path, lines[at])
            after = "\n".join([*lines[: at + 1], new, *lines[at + 1 :]]) + "\n"
            for wide in (r"(?<=\w) (?=\w)", r"(?<=[\w,]) (?=[\w+=<>])"):
                odd = [_indent(line) + re.sub(wide, "   ", line.lstrip()) for line in quoted]
                if odd == quoted:
                    continue
                rows = [*((" ", line) for line in odd), ("+", new)]
                for form in FORMS:
                    yield Case(path, text, form(path, rows), after)
                rows = [*(("-", line) for line in odd), *(("+", line) for line in [*quoted, new])]
                for form in FORMS:
                    yield Case(path, text, form(path, rows), after)


def _space_in_strings() -> Iterator[Case]:
    """Quoted with other space in a string: that is another line."""
    for path, line in {"a.py": "x = 'a b'", "a.js": 'x("a b");', "a.sh": "echo 'a b'", "a.yaml": 'x: "a b"'}.items():
        for at in range(4):
            lines = [f"y{i} = {i}" for i in range(at)] + [line] + [f"z{i} = {i}" for i in range(2)]
            rows = [("-", line.replace("a b", "a  b")), ("+", line.replace("a b", "c"))]
            for form in FORMS:
                yield Case(path + ".txt", "\n".join(lines) + "\n", form(path + ".txt", rows), None)


def _here_documents() -> Iterator[Case]:
    """A block that is quoted further out brings a here-document."""
    for depth in (2, 4, 8):
        for mark, word in (("<<", "END"), ("<<", "'EOF'"), ("<< ", '"X1"'), ("<<-", "EOT")):
            for size in (1, 2, 3):
                end = word.strip("'\"")
                inner = ["if a; then", *(f"  b{i}" for i in range(size)), "fi"]
                new = ["if a; then", f"  cat {mark}{word}", "text", "  more", end, *inner[1:]]
                text = "\n".join(["f() {", *(" " * depth + line for line in inner), "}"]) + "\n"
                rows = [("-", line) for line in inner] + [("+", line) for line in new]
                document = range(2, 5)
                moved = [line if i in document else " " * depth + line for i, line in enumerate(new)]
                after = "\n".join(["f() {", *moved, "}"]) + "\n"
                for form in FORMS:
                    yield Case("r.sh", text, form("r.sh", rows), after)


# ---- what a file may become


def _new_over_old() -> Iterator[Case]:
    """A file that is said to be new, where there is one of which it keeps next to nothing."""
    for path, text in FILES.items():
        for size in (1, 3, 5):
            new = [_fresh(path, "", i) for i in range(size)]
            rows = "".join(f"+{line}\n" for line in new)
            head = f"*** Begin Patch\n*** Add File: {path}\n"
            yield Case(path, text, f"{head}{rows}*** End Patch\n", None)
            yield Case(path, text, f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{size} @@\n{rows}", None)
            git = f"diff --git a/{path} b/{path}\nnew file mode 100644\n"
            yield Case(path, text, f"{git}--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{size} @@\n{rows}", None)


PARSED = {
    "n.ipynb": ('{\n "cells": [\n  {"source": ["r = 3\\n", "print(r)"]}\n ]\n}\n', "r = 3", 'r = "3"'),
    "a.json": ('{\n  "a": "one",\n  "b": [1, 2]\n}\n', '"one",', '"one"'),
    "a.svg": ('<svg>\n  <g id="a"/>\n  <g id="b"/>\n</svg>\n', '<g id="a"/>', '<g id="a">'),
    "a.toml": ('[a]\nb = "c"\nd = 1\n', 'b = "c"', 'b = "c'),
    "a.yaml": ("a:\n  b: 1\n  c: 2\n", "  b: 1", "   b: 1"),
    "a.css": ("a {\n  color: red;\n}\nb { margin: 0 }\n", "  color: red;", "  color: red; }"),
    "a.vue": ("<template>\n  <p>a</p>\n  <b>c</b>\n</template>\n", "  <p>a</p>", "  <p>a</div>"),
    "a.sql": ("SELECT (1);\nSELECT 2;\n", "SELECT (1);", "SELECT (1;"),
    "a.lua": ("function f()\n  g()\nend\n", "  g()", "  if g() then"),
    "a.graphql": ("type A {\n  id: ID\n  b: Int\n}\n", "  id: ID", "  id: ID }"),
}


def _broken() -> Iterator[Case]:
    """A change after which the file does not parse any more."""
    for path, (text, old, new) in PARSED.items():
        line = next(line for line in _lines(text) if old in line)
        rows = [("-", line), ("+", line.replace(old, new))]
        for form in FORMS:
            yield Case(path, text, form(path, rows), None)
            yield Case(
                path, text, form(path, [(" ", _lines(text)[0]), *rows] if _lines(text)[1] == line else rows), None
            )
        yield Case(path, text, f"{path}\n```\n{text.replace(old, new, 1)}```\n", None)


KINDS: dict[str, Callable[[], Iterator[Case]]] = {
    "tabs for four spaces": _in_units("    ", "\t"),
    "tabs for two spaces": _in_units("  ", "\t"),
    "two spaces for four": _in_units("    ", "  "),
    "four spaces for two": _in_units("  ", "    "),
    "four spaces for tabs": _in_units("\t", "    "),
    "two spaces for tabs": _in_units("\t", "  "),
    "further out than a misquoted line": _out_of_depth,
    "a body that goes by a first line without depth": _body_out_of_depth,
    "first line flush, the rest as in the file": _first_flush,
    "changed in place, quoted without depth": _in_place,
    "new lines that are there already": _there_already,
    "blank rows beyond the end": _blank_rows_at_the_end,
    "newline at the end": _last_newline,
    "space between words": _space_in_lines,
    "space in strings": _space_in_strings,
    "here-documents in a block that moves": _here_documents,
    "a new file over an old one": _new_over_old,
    "does not parse any more": _broken,
}
