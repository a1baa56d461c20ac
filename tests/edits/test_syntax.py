"""The gate compares: more errors after than before are refused, errors that were there are not."""

import pytest

from codegen_tasks.edits.syntax import gate, parses
from codegen_tasks.edits.syntax.public import public_definitions

GOOD = {
    "a.py": "def f(x):\n    return x\n",
    "a.json": '{"a": [1, 2]}\n',
    "tsconfig.json": '{\n  // for the editor\n  "a": 1\n}\n',
    "settings.json": '{\n  // JSON that tools read with comments\n  "a": 1\n}\n',
    "a.toml": 'a = [1, 2]\n[b]\nc = "d"\n',
    "a.yaml": "a: 1\n---\nb: [1, 2]\n",
    "a.js": "const f = (...args) => ({ ...args });\n",
    "a.ts": "export function f<T>(x: T): T { return x; }\n",
    "a.tsx": "export const A = () => <p>...</p>;\n",
    "a.go": "package a\n\nfunc f(args ...int) []int { return append([]int{}, args...) }\n",
    "a.rs": "fn f(x: &[i32]) -> bool { matches!(x, [1, .., 2]) }\n",
    "A.java": "class A { int f(int... x) { return x.length; } }\n",
    "a.php": "<?php\nfunction f(...$x) { return $x; }\n",
    "a.rb": "def f(...)\n  g(...)\nend\n",
    "a.c": "int f(const char *s, ...) { return s[0] == '{'; }\n",
    "a.cpp": 'auto s = "}";\ntemplate <class... T> void f(T... x) {}\n',
    "a.cs": "class A { int[] F() => [1, 2]; }\n",
    "a.css": "a { color: red }\n",
    "a.sh": "f() { echo ${x:-)}; }\n",
    "a.ipynb": '{"cells": [{"source": ["x = 1"]}]}\n',
    "a.svg": '<svg><path d="{1}" id="("/></svg>\n',
    "a.sql": "-- it's (\nINSERT INTO t (a) VALUES ('it''s (');\n",
    "a.lua": "local function f(...) return { ... } end\n",
}


@pytest.mark.parametrize("path", GOOD)
def test_good_text_parses_and_its_first_half_does_not(path: str) -> None:
    text = GOOD[path]
    assert parses(path, text) is True
    assert gate(path, None, text) is None
    broken = text[
        : text.rindex("[" if "[" in text and path.endswith(("toml", "yaml")) else "{" if "{" in text else "(") + 1
    ]
    if path in {"a.rb", "a.py"}:
        broken = text[: text.index("(") + 1]
    assert parses(path, broken) is False
    reason = gate(path, text, broken)
    assert reason is not None
    assert reason.startswith(f"{path}: syntax error in line ")
    assert "It parsed before this edit." in reason


@pytest.mark.parametrize("path", ["notes.txt", "a.unknown", "Makefile", "a.ini"])
def test_unknown_languages_pass(path: str) -> None:
    assert parses(path, "((((") is None
    assert gate(path, "", "((((") is None
    assert public_definitions(path, "def f(): pass") == frozenset()


COMPARED = {
    "a.css": ("a { color: red }\n", "</content>\n"),
    "a.vue": ("<template>\n  <p>a</p>\n</template>\n", "</script>\n"),
    "a.html": ("<p>a\n<br>\n</p>\n", "</file>\n"),
    "a.graphql": ("type A {\n  id: ID!\n}\n", "type B {\n"),
    "a.ex": ("defmodule A do\n  def f, do: 1\nend\n", "def g do\n"),
}


@pytest.mark.parametrize("path", COMPARED)
def test_a_file_in_which_a_grammar_found_nothing_wrong_stays_so(path: str) -> None:
    before, more = COMPARED[path]
    assert gate(path, before, before + before) is None
    assert gate(path, None, before + more) is None
    assert gate(path, before + more, before + more + more) is None
    assert "It parsed before this edit." in (gate(path, before, before + more) or "")


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("n.ipynb", '{"source": ["3 * r"]}\n', '{"source": ["float("3.14") * r"]}\n'),
        ("a.xml", "<a><b/></a>\n", "<a><b></a>\n"),
        ("a.csproj", "<P><I/></P>\n", "<P><I/></P>\n</content>\n"),
        ("a.sql", "SELECT (1);\n", "SELECT (1;\n"),
    ],
)
def test_what_parsed_must_parse(path: str, before: str, after: str) -> None:
    assert gate(path, before, before) is None
    assert gate(path, before, after) is not None


def test_errors_that_were_there_do_not_count() -> None:
    before = "function f( {}\nlet ok = 1;\n"
    assert parses("a.js", before) is False
    assert gate("a.js", before, before.replace("1", "2")) is None
    assert gate("a.js", before, before + "let x = = 3;\n") is not None


def test_a_broken_file_may_be_mended() -> None:
    assert gate("a.py", "def f(:\n", "def f():\n    pass\n") is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("def f():\n    # nothing\n", 2, id="a body of comments"),
        pytest.param('x = f"{1}"\ndef f():\n', 2, id="no body at the end, beside an f-string"),
        pytest.param("x = (1,\n", 1, id="a bracket"),
        pytest.param('x = """\nabc\n', 1, id="a string"),
    ],
)
def test_python_lines(text: str, line: int) -> None:
    assert str(gate("a.py", None, text)).startswith(f"a.py: syntax error in line {line}: ")


def test_newer_python_than_this_one_is_no_error() -> None:
    assert parses("a.py", "type Pair[T] = tuple[T, T]\n\ndef f[T](x: T) -> T:\n    return x\n") is True


def test_a_template_is_not_judged_as_yaml() -> None:
    assert gate("chart/x.yaml", None, "{{- if .Values.on }}\na: {{ .b }}\n{{- end }}\n") is None


def test_gaps_of_the_grammar_for_typescript_are_no_errors() -> None:
    text = "const f = make<<S>(s: S) => void>();\n"
    assert gate("a.ts", None, text) is None
    assert gate("a.ts", None, text + "function g() {\n") is not None


def test_branches_of_the_preprocessor_do_not_count_twice() -> None:
    text = "#if A\nvoid f(int x) {\n#else\nvoid f(void) {\n#endif\n}\n"
    assert gate("a.c", None, text) is None


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        (
            "a.py",
            "class A:\n    def f(self): ...\n    def _g(self): ...\nasync def h(): ...\n_x = 1\n",
            {"A", "A.f", "h"},
        ),
        ("a.ts", "export class A { f() {} private g() {} }\nfunction h() {}\nexport type T = 1;\n", {"A", "A.f", "T"}),
        ("a.go", "package a\ntype Q struct{}\nfunc (q *Q) Take() {}\nfunc low() {}\n", {"Q", "Take"}),
        ("a.rs", "pub struct A;\nimpl A { pub fn f() {} fn g() {} }\n", {"A", "f"}),
        ("A.java", "public class A { public void f() {} private void g() {} }", {"A", "A.f"}),
        ("a.rb", "class A\n  def f\n  end\nend\n", {"A", "A.f"}),
    ],
)
def test_public_definitions(path: str, text: str, names: set[str]) -> None:
    assert public_definitions(path, text) == names
