"""What is too long is shown in part, says so, and keeps within the budget; what is not stays as it is."""

import pytest

from codegen_tasks.context import Shown, fit
from codegen_tasks.context.budget import estimate
from codegen_tasks.records import Blob

BODY = "    value = value + 1\n" * 40
LONG = "".join(f"def step_{name}(value):\n{BODY}    return value\n\n\n" for name in ("one", "two", "three"))
NOTES = "".join(f"Line {i} of the notes.\n" for i in range(400))


def shown(what: str, path: str, text: str) -> Shown:
    return Shown(what, path, Blob(text.encode()))


def size(files: list[Shown]) -> int:
    return sum(estimate(file.blob.data.decode()) for file in files if file.blob)


def test_what_fits_stays() -> None:
    files = [shown("current", "a.py", LONG), Shown("generated", "b.py", None, "is not there")]
    assert fit(files, {"one"}, 10_000, estimate) == files


def test_what_the_plan_names_stands_in_full() -> None:
    (found,) = fit([shown("current", "a.py", LONG)], {"step_two"}, 700, estimate)
    text = found.blob.data.decode() if found.blob else ""
    assert text.count("value = value + 1") == 40
    assert "def step_one(value):" in text
    assert "that the plan names" in found.part


def test_references_give_way_before_the_planned_file() -> None:
    files = [shown("current", "a.py", LONG), shown("reference", "notes.txt", NOTES)]
    found = fit(files, {"step_one", "step_two", "step_three"}, estimate(LONG) + 100, estimate)
    assert found[0] == files[0]
    assert "of 401 lines" in found[1].part


@pytest.mark.parametrize("tokens", [0, 1, 10, 100, 300, 1000, 3000])
def test_the_budget_holds(tokens: int) -> None:
    files = [
        shown("current", "a.py", LONG),
        shown("reference", "notes.txt", NOTES),
        shown("current", "b.bin", "\0" * 999),
    ]
    assert size(fit(files, {"step_one"}, tokens, estimate)) <= tokens
