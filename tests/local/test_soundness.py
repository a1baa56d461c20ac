"""Bodies that can stand, and bodies that cannot."""

import pytest

from codegen_tasks.local.soundness import flaw_of

MODULE = "import math\nfrom a.b import c as d\nRATE = 2\n\n\ndef f(n):\n    ...\n\n\ndef other(hidden):\n    ...\n"


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        pytest.param("return n * RATE", "", id="parameter and constant"),
        pytest.param("return math.pi + d(other(n))", "", id="imports and functions"),
        pytest.param("return max(len(x) for x in n)", "", id="builtins and comprehension"),
        pytest.param(
            "try:\n        k = n\n    except ValueError as e:\n        k = e\n    return k", "", id="local names"
        ),
        pytest.param("from os.path import *\n    return join(n)", "", id="a star may bring anything"),
        pytest.param("return [f * 2 for f in scales]", "it uses scales, which nothing defines", id="from nowhere"),
        pytest.param("return hidden + c", "it uses c, hidden, which nothing defines", id="another function's own"),
        pytest.param("return n *", "what it wrote is not Python (invalid syntax (<unknown>, line 2))", id="syntax"),
    ],
)
def test_a_body_is_judged(body: str, flaw: str) -> None:
    assert flaw_of(f"def f(n):\n    {body}\n", MODULE) == flaw


def test_a_module_that_does_not_parse_is_not_judged() -> None:
    assert flaw_of("def f(n):\n    return x\n", "def (") == ""
