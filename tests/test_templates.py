"""The example in each format's instructions is read by the engine as it is meant."""

from pathlib import Path

import pytest

from codegen_tasks.edits import apply_replies
from codegen_tasks.records import Blob

TEMPLATES = Path(__file__).parent.parent / "templates"
TYPED = 'def greet(name: str) -> str:\n    return f"Hello, {name}"\n'
EXAMPLES = {
    "whole": ("x = 1\n", TYPED),
    "search_replace": ('def greet(name):\n    return "Hello " + name\n', TYPED),
    "udiff": (
        "# Polite words.\ndef greet(name):\n    pass\n",
        "# Polite words.\ndef greet(name: str) -> str:\n    pass\n",
    ),
    "patch": (
        'def greet(name):\n    words = ["Hello", name]\n    return " ".join(words)\n',
        'def greet(name):\n    words = ["Hello", name]\n    return ", ".join(words)\n',
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_works(name: str) -> None:
    before, after = EXAMPLES[name]
    reply = (TEMPLATES / f"format_{name}.j2").read_text()
    outcome = apply_replies([reply], {"src/greet.py": Blob(before.encode())})
    assert [(c.path, c.after) for c in outcome.changes] == [("src/greet.py", Blob(after.encode()))]
