"""The edges of a diff, one row each: two trees, and what GNU patch cannot do with the patch between them."""

from typing import NamedTuple

from codegen_tasks.records import Blob
from tests.diff_trees import LINK, SCRIPT, Tree

NUMBERS = [b"%d line\n" % number for number in range(1, 61)]
TEXT = b"".join(NUMBERS)
BYTES = bytes(range(256)) * 40


class Case(NamedTuple):
    """A row. `gnu` is why GNU patch 2.7 fails on it, None if it must not."""

    name: str
    before: Tree
    after: Tree
    context_lines: int = 3
    gnu: str | None = None


def text(name: str, before: bytes, after: bytes, context_lines: int = 3, gnu: str | None = None) -> Case:
    return Case(name, {"f.txt": Blob(before)}, {"f.txt": Blob(after)}, context_lines, gnu)


def named(name: str, path: str, gnu: str | None = None) -> Case:
    return Case(name, {path: Blob(b"old\n")}, {path: Blob(b"new\n")}, 3, gnu)


def replaced(*numbers: int) -> bytes:
    return b"".join(b"changed %d\n" % n if n in numbers else line for n, line in enumerate(NUMBERS, start=1))


NO_BINARY = "no binary patches"
NO_FOLDER = "no file for folder"
CODES = bytes([*range(1, 32), 127])
FUNCTION = b"def f(" + b"x" * 72 + b"  ):\n" + TEXT

CASES = [
    text("one line", TEXT, replaced(30)),
    text("first line", TEXT, replaced(1)),
    text("last line", TEXT, replaced(60)),
    text("line before the first", TEXT, b"zero\n" + TEXT),
    text("line behind the last", TEXT, TEXT + b"more\n"),
    text("first line gone", TEXT, TEXT.partition(b"\n")[2]),
    text("every line", TEXT, TEXT.upper()),
    text("two far hunks", TEXT, replaced(10, 50)),
    text("two hunks that touch", TEXT, replaced(10, 17)),
    text("two hunks one line apart", TEXT, replaced(10, 18)),
    text("slider among equal lines", b"a\n}\n\n" * 9, b"a\n}\n\n" * 10),
    text(
        "slider among indented blocks", b"if a:\n  x\n\n" * 3, b"if a:\n  x\n\nif b:\n  y\n\n" + b"if a:\n  x\n\n" * 2
    ),
    text("text to empty", TEXT, b""),
    text("empty to text", b"", TEXT),
    text("empty to one line", b"", b"x\n"),
    text("no newline before", b"a\nb", b"a\nb\n"),
    text("no newline after", b"a\nb\n", b"a\nb"),
    text("no newline on both sides", b"a\nb", b"a\nc"),
    text("no newline, far from the change", TEXT + b"end", replaced(3) + b"end"),
    text("no newline, in the context", b"a\nb\nc", b"x\nb\nc"),
    text("no newline, line added", b"a", b"a\nb"),
    text("CRLF", TEXT.replace(b"\n", b"\r\n"), replaced(30).replace(b"\n", b"\r\n")),
    text("LF to CRLF", TEXT, TEXT.replace(b"\n", b"\r\n")),
    text("mixed line ends", b"a\r\nb\nc\r\nd\n", b"a\r\nb\r\nc\nd\n"),
    text("lone CR", b"a\rb\rc\nd\n", b"a\rB\rc\nd\n"),
    text(
        "form feed and vertical tab",
        b"\x0cdef f():\x0c\n  a\n\x0b\n  b\n",
        b"\x0cdef f():\x0c\n  a\n\x0b\n\x0c\n  b\x0b\n",
    ),
    text("form feed beside every other code", CODES + b"a\n\x0c\nb\n", CODES + b"a\n\x0c\nc\n"),
    text("line separators of Unicode", "a\u2028b\x85c\n".encode(), "a\u2028B\x85c\n".encode()),
    text("blanks at line ends", b"a \nb\t\nc\n", b"a\nb\nc  \n"),
    text("blank lines", b"a\n\n\nb\n", b"a\n\nb\n\n"),
    text("byte order mark added", b"a\n", b"\xef\xbb\xbfa\n"),
    text("not UTF-8", b"caf\xe9\n", b"th\xe9\n"),
    text("UTF-16", "a\nb\n".encode("utf-16"), "a\nc\n".encode("utf-16"), gnu=NO_BINARY),
    text("NUL", b"a\0b\n", b"a\0c\n", gnu=NO_BINARY),
    text("NUL as byte 8000", b"a" * 7999 + b"\0\n", b"b" * 7999 + b"\0\n", gnu=NO_BINARY),
    text("NUL as byte 8001", b"a" * 8000 + b"\0\n", b"b" * 8000 + b"\0\n"),
    text("text to binary", b"a\n", BYTES, gnu=NO_BINARY),
    text("binary to text", BYTES, b"a\n", gnu=NO_BINARY),
    text("binary to empty", b"\0", b"", gnu=NO_BINARY),
    text("binary, nearly the same", BYTES, BYTES + b"x", gnu=NO_BINARY),
    text("one long line", b"x" * 100_000, b"x" * 99_999 + b"y"),
    text(
        "lines like a patch",
        b"a\n-- \n--- a/f\n+++ b/f\n@@ -1 +1 @@\n",
        b"-- \n--- a/f\n@@ -1 +1 @@\ndiff --git a/f b/f\n",
    ),
    text("line like the note on newlines", b"a\n\\ No newline at end of file\n", b"b\n\\ No newline at end of file"),
    text("function text cut at 80", FUNCTION, FUNCTION.replace(b"50 line\n", b"")),
    text("function text not UTF-8", b"def \xff\n" + TEXT, b"def \xff\n" + replaced(30)),
    text("function text cut in a character", b"_" + "é".encode() * 45 + TEXT, b"_" + "é".encode() * 45 + replaced(30)),
    text("function text git takes for no character", b"f \xef\xbf\xbe\n" + TEXT, b"f \xef\xbf\xbe\n" + replaced(30)),
    text("no context", TEXT, replaced(20, 22), 0),
    text("no context, line added", TEXT, TEXT.replace(b"9 line\n", b"9 line\nmore\n", 1), 0),
    text("no context, long tail", b"x\n" + b"same\n" * 600, b"x\n" + b"same\n" * 601, 0),
    text("one line of context", TEXT, replaced(20, 22, 40), 1),
    text("more context than lines", TEXT, replaced(20), 100),
    Case("new file", {}, {"f": Blob(TEXT)}),
    Case("new file without newline", {}, {"f": Blob(b"a\nb")}),
    Case("new empty file", {}, {"f": Blob(b"")}),
    Case("new script", {}, {"f": Blob(b"#!/bin/sh\n", SCRIPT)}),
    Case("new binary file", {}, {"f": Blob(BYTES)}, gnu=NO_BINARY),
    Case("new file in new folders", {}, {"a/b/c": Blob(b"x\n")}),
    Case("file gone", {"f": Blob(TEXT)}, {}),
    Case("empty file gone", {"f": Blob(b"")}, {}),
    Case("script gone", {"f": Blob(b"#!/bin/sh\n", SCRIPT)}, {}),
    Case("binary file gone", {"f": Blob(BYTES)}, {}, gnu=NO_BINARY),
    Case("only the mode", {"f": Blob(TEXT)}, {"f": Blob(TEXT, SCRIPT)}),
    Case("only the mode, empty file", {"f": Blob(b"", SCRIPT)}, {"f": Blob(b"")}),
    Case("mode and content", {"f": Blob(TEXT)}, {"f": Blob(replaced(30), SCRIPT)}),
    Case("mode and binary content", {"f": Blob(BYTES)}, {"f": Blob(b"\0", SCRIPT)}, gnu=NO_BINARY),
    Case("new link", {}, {"l": Blob(b"to/nowhere", LINK)}),
    Case("link elsewhere", {"l": Blob(b"a", LINK)}, {"l": Blob(b"b", LINK)}),
    Case("link gone", {"l": Blob(b"a", LINK)}, {}),
    Case("file to link", {"l": Blob(b"a\n")}, {"l": Blob(b"a", LINK)}),
    Case("link to file", {"l": Blob(b"a", LINK)}, {"l": Blob(b"a\n")}),
    Case("link to folder", {"l": Blob(b"a", LINK)}, {"l/f": Blob(b"a\n")}, gnu=NO_FOLDER),
    Case("file to folder", {"f": Blob(b"a\n")}, {"f/g": Blob(b"a\n")}, gnu=NO_FOLDER),
    Case("folder to file", {"f/g": Blob(b"a\n")}, {"f": Blob(b"a\n")}, gnu=NO_FOLDER),
    Case(
        "order of paths",
        {"a": Blob(b"")},
        {path: Blob(b"x\n") for path in ("é", "a/b", "a-b", "a.b", "A", "b")},
        gnu=NO_FOLDER,
    ),
    named("space in the name", "a b.txt"),
    named("space before and behind", " a ", "drops the last space"),
    named("quote in the name", 'a"b'),
    named("backslash in the name", "a\\b"),
    named("TAB in the name", "a\tb"),
    named("newline in the name", "a\nb"),
    named("quoted name with a space", "a \tb"),
    named("other letters", "é/ü.txt"),
    named("not UTF-8 in the name", "a\udcffb"),
    named("control codes in the name", "a\x01\x7f\x1bb"),
    named("name like an option", "-R"),
    named("name with b/ inside", "x b/x"),
    named("name with a/ before", "a/b/a"),
    named("name like the absent one", "dev/null"),
    named("star and brackets", "a*[b]?{c}"),
    Case("mode of a name with b/ inside", {"x b/x": Blob(b"")}, {"x b/x": Blob(b"", SCRIPT)}, gnu="cuts at the space"),
]
