"""An interface shows signatures and documentation, and a change of a body leaves it as it was."""

# ruff: noqa: E501 (a file stands in one line)

import pytest

from codegen_tasks.context.outline import interface, outline

PY = b'''import x

RATE = 19


@frozen
class Money:
    """Some money."""

    cents: int = 0

    def add(
        self,
        other: "Money",
    ) -> "Money":
        return self


# Adds the tax.
def tax(net):
    """In cents."""
    return net
'''
PY_INTERFACE = b'''RATE = 19

@frozen
class Money:
    """Some money."""
    cents: int = 0
    def add(
        self,
        other: "Money",
    ) -> "Money":

# Adds the tax.
def tax(net):
    """In cents."""
'''
TS = b"/** Doc. */\nexport const f = async (a: string): Promise<void> => {\n  x();\n};\nexport class C {\n  n = 1;\n  m(): void {\n    x();\n  }\n}\nexport interface I {\n  a: string;\n}\n"
GO = b"package p\n\n// F does.\nfunc F(a int) error {\n\treturn nil\n}\n\n// S is.\ntype S struct {\n\tX int\n}\n"
JAVA = b"class A {\n  /** Doc. */\n  public int f(int a) {\n    return 1;\n  }\n}\n"


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("a.py", PY, PY_INTERFACE),
        ("a.ts", TS, b"\n/** Doc. */\nexport const f = async (a: string): Promise<void> =>\n\nexport class C\n  n = 1;\n  m(): void\n\nexport interface I {\n  a: string;\n}\n"),
        ("a.go", GO, b"\n// F does.\nfunc F(a int) error\n\n// S is.\ntype S struct {\n\tX int\n}\n"),
        ("a.java", JAVA, b"\nclass A\n  /** Doc. */\n  public int f(int a)\n"),
    ],
)  # fmt: skip
def test_an_interface(path: str, source: bytes, expected: bytes) -> None:
    assert interface(path, source) == expected


@pytest.mark.parametrize(
    ("path", "source", "old", "new"),
    [
        ("a.py", PY, b"return self", b"x = self.cents\n        return x"),
        ("a.py", PY, b"    return net", b"    return net + 1"),
        ("a.ts", TS, b"  x();\n};", b"  y();\n  z();\n};"),
        ("a.ts", TS, b"    x();", b"    y();"),
        ("a.go", GO, b"return nil", b"return err"),
        ("a.java", JAVA, b"return 1", b"return 2"),
    ],
)
def test_a_body_leaves_no_trace(path: str, source: bytes, old: bytes, new: bytes) -> None:
    assert old in source
    assert interface(path, source.replace(old, new)) == interface(path, source)


@pytest.mark.parametrize(
    ("path", "source", "old", "new"),
    [
        ("a.py", PY, b'other: "Money"', b"other: int"),
        ("a.py", PY, b"In cents", b"In euros"),
        ("a.py", PY, b"cents: int", b"cents: float"),
        ("a.ts", TS, b"a: string)", b"a: number)"),
        ("a.ts", TS, b"n = 1", b"n = '1'"),
        ("a.ts", TS, b"  a: string;", b"  a: number;"),
        ("a.go", GO, b"X int", b"X string"),
        ("a.java", JAVA, b"int a", b"long a"),
    ],
)
def test_a_signature_does(path: str, source: bytes, old: bytes, new: bytes) -> None:
    assert old in source
    assert interface(path, source.replace(old, new)) != interface(path, source)


@pytest.mark.parametrize(
    ("path", "data"), [("a.txt", b"hi\n"), ("a.md", b"# Title\n"), ("a.py", b"def f(:\n"), ("a.py", b"print()\n")]
)
def test_where_there_are_no_definitions_to_go_by(path: str, data: bytes) -> None:
    assert interface(path, data) is None


def test_what_is_named_stands_in_full() -> None:
    found = outline("a.py", PY, {"tax"}) or b""
    assert b"return net" in found
    assert b"return self" not in found
