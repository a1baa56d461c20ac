"""What is given and what the model has to write, for each kind of question."""

from collections.abc import Callable
from pathlib import Path

import pytest

from codegen_tasks.context import Rendered, Shown, Templates, build_request
from codegen_tasks.local.steering import Hole, steer
from codegen_tasks.records import Blob, PlannedFile, Request, Section, Unit

FOLDER = Path(__file__).parents[2] / "templates"
TEMPLATES = Templates(
    (FOLDER / "system.j2").read_text(),
    (FOLDER / "unit.j2").read_text(),
    {name: (FOLDER / f"format_{name}.j2").read_text() for name in ("whole", "search_replace")},
)
STUB = '```python\ndef double(n: int) -> int:\n    """Return n * 2."""\n    ...\n```'


def question(plan: str, *paths: str, now: str | None = None, own: bool = True) -> Request:
    unit = Unit(paths[0], tuple(PlannedFile(path) for path in paths))
    shown = [Shown("current", path, None if now is None else Blob(now.encode())) for path in paths]
    section = Section(paths[0], plan, 1, paths if own else ())
    return build_request(unit, (section,), shown, TEMPLATES, formats=("whole",), ambient=Rendered("./: a.py"))


def reply(request: Request, answer: Callable[[Hole], str]) -> tuple[str, list[Hole]]:
    """The whole reply, with `answer` in the model's place; and the holes it was asked to fill."""
    steps, text, holes = steer(request), "", []
    part = next(steps)
    while True:
        if isinstance(part, Hole):
            holes.append(part)
        said = part if isinstance(part, str) else answer(part)
        text += "" if isinstance(part, Hole) and part.aside else said
        try:
            part = steps.send(said)
        except StopIteration:
            return text, holes


def body(_hole: Hole) -> str:
    return "\n    return n * 2"


def test_a_skeleton_is_given_and_its_bodies_are_asked_for() -> None:
    text, holes = reply(question(f"## a.py\n\n{STUB}", "a.py"), body)
    assert text == 'a.py\n```python\ndef double(n: int) -> int:\n    """Return n * 2."""\n    return n * 2\n```\n'
    assert [hole.given for hole in holes] == ['def double(n: int) -> int:\n    """Return n * 2."""']
    assert holes[0].prompt.endswith(f"<|im_start|>assistant\n```python\n{holes[0].given}")


@pytest.mark.parametrize("own", [True, False], ids=["own section", "section for all"])
def test_the_plan_is_found_where_it_stands(own: bool) -> None:
    text, _ = reply(question(f"## a.py\n\n{STUB}", "a.py", own=own), body)
    assert "return n * 2" in text


def test_each_skeleton_goes_to_the_file_named_above_it() -> None:
    plan = f"## `b.py`\n\n{STUB.replace('double', 'b')}\n\n## `a.py`\n\n{STUB.replace('double', 'a')}"
    text, _ = reply(question(plan, "lib/a.py", "lib/b.py"), body)
    assert [line for line in text.split("\n") if line.startswith(("lib", "def"))] == [
        "lib/a.py", "def a(n: int) -> int:", "lib/b.py", "def b(n: int) -> int:",
    ]  # fmt: skip


def test_a_skeleton_under_another_files_heading_is_not_ours() -> None:
    text, holes = reply(question(f"## a.py\n\nNumbers.\n\n## other.py\n\n{STUB}", "a.py"), lambda _: "\nN = 1")
    assert (text, len(holes), holes[0].grammar) == ("a.py\n```python\nN = 1\n```\n", 1, "")


def test_a_file_that_the_words_mention_in_passing_changes_nothing() -> None:
    text, _ = reply(question(f"## a.py\n\nAs in other.py:\n\n{STUB}", "a.py"), body)
    assert "def double" in text


def test_a_method_with_a_folded_signature_is_shown_by_itself_without_its_examples() -> None:
    stub = (
        "```python\nclass Shop:\n    tax = 1\n\n    def gross(\n        self,\n        net: float,\n    ) -> float:\n"
        '        """Add the tax.\n\n        >>> Shop().gross(1)\n        2\n        """\n        ...\n\n'
        "    def net(self): pass\n```"
    )
    text, holes = reply(question(f"## a.py\n\n{stub}", "a.py"), lambda hole: f"\n{hole.indent}    return net + 1")
    assert '        2\n        """\n        return net + 1\n\n    def net' in text
    assert holes[0].indent == "    "
    assert holes[0].prompt.endswith('def gross(\n    self,\n    net: float,\n) -> float:\n    """Add the tax."""')


def test_a_skeleton_for_a_file_that_is_there_is_added_at_its_end() -> None:
    text, _ = reply(question(f"## a.py\n\n{STUB}", "a.py", now="x = 1\ny = 2\nx = 1\n"), body)
    assert text == (
        "a.py\n```python\n<<<<<<< SEARCH\ny = 2\nx = 1\n=======\ny = 2\nx = 1\n\n\ndef double(n: int) -> int:\n"
        '    """Return n * 2."""\n    return n * 2\n>>>>>>> REPLACE\n```\n'
    )


def test_the_line_that_the_plan_quotes_is_the_one_that_changes() -> None:
    plan = "## a.py\n\nReplace `WIDTH = 1` by `WIDTH = 2`."
    text, holes = reply(
        question(plan, "a.py", now="class A:\n    WIDTH = 1\n    NAME = 1\n"), lambda _: "\n    WIDTH = 2"
    )
    assert text == "a.py\n```python\n<<<<<<< SEARCH\n    WIDTH = 1\n=======\n    WIDTH = 2\n>>>>>>> REPLACE\n```\n"
    assert [(hole.refused, hole.indent, hole.aside) for hole in holes] == [("WIDTH = 1", "    ", False)]


def test_without_a_quotation_the_model_chooses_among_the_lines_that_stand_once() -> None:
    answers = iter(["\nb = 2", "\nb = 3"])
    request = question("## a.py\n\nMake it three.", "a.py", now='a = "1"\nb = 2\npass\npass\n')
    text, holes = reply(request, lambda _: next(answers))
    assert text == "a.py\n```python\n<<<<<<< SEARCH\nb = 2\n=======\nb = 3\n>>>>>>> REPLACE\n```\n"
    assert holes[0].aside
    assert holes[0].grammar == 'root ::= "\\n" ("a = \\"1\\"" | "b = 2") "\\n```"\n'
