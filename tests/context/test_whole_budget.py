"""A whole question, words of ours and the plan's included, keeps its budget where that is possible at all."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from codegen_tasks.attempts import Course, Told
from codegen_tasks.bases import Base
from codegen_tasks.config import ContextSettings
from codegen_tasks.context import Repository, longest, render
from codegen_tasks.pipeline.choices import Choices
from codegen_tasks.pipeline.question import Question
from codegen_tasks.pipeline.questions import Privacy, request_builder
from codegen_tasks.records import Blob, ModelSpec, PlannedFile, Section, Unit
from codegen_tasks.session import read_templates
from codegen_tasks.store import Store

STEP = "def step_{0}(value):\n    # größer 值\n    return value + {0}\n\n\n"
LONG = "".join(STEP.format(i) for i in range(400))
TALE = "Words of the plan that say what is to be done, at length. " * 60
UNITS: Mapping[str, tuple[PlannedFile, ...]] = {
    "one long file": (PlannedFile("long.py"),),
    "many small files": tuple(PlannedFile(f"src/some/folder/file_{i}.py") for i in range(80)),
    "long words of the plan": tuple(PlannedFile(f"f{i}.py", summary=TALE, notes=TALE) for i in range(3)),
    "no program": (PlannedFile("notes.txt"), PlannedFile("bin.dat")),
}
TEXTS = {"notes.txt": "Line of the notes.\n" * 4000, "bin.dat": "\0" * 5000, "long.py": LONG}
CHAINS = {"estimate": ("anthropic/claude-sonnet-4-5",), "exact": ("gpt-4o", "gpt-4o-mini")}


def asked(
    at: Path, files: tuple[PlannedFile, ...], told: Told, models: tuple[str, ...], tokens: int
) -> tuple[int, int]:
    """Tokens of a question with all that is chosen for it, and of the same question where there is room for nothing."""
    root = at / "repo"
    contents = {file.path: TEXTS.get(file.path, STEP.format(1)).encode() for file in files}
    contents |= {f"lib/part_{i}.py": "".join(STEP.format(f"{i}_{j}") for j in range(30)).encode() for i in range(20)}
    for path, data in contents.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    unit = Unit(files[0].path, files)
    sections = (Section("All", "Do it as step_7 does.\n", 1), Section("One", "step_3\n", 2, (files[0].path,)))
    chain = tuple(
        ModelSpec(model, format=form) for model, form in zip(models, ("search_replace", "udiff"), strict=False)
    )

    bases = tuple(Base(f.path, None, Blob(contents[f.path], 0o100644)) for f in files)

    def ask(budget: int) -> int:
        course = Course((Told(), told), 2)
        question = Question(unit, sections, {}, read_templates(), chain, bases, course=course, tokens=budget)
        build = request_builder(question, {}, {}, Privacy())
        tree = Repository(lambda: tuple(sorted(contents)), contents.get, at / "state", root)
        choices = Choices(Store(at / "store"), tree, models)
        settings = ContextSettings(budget_tokens=budget, summary_tokens=budget // 8)
        return longest(build(render(choices.settle(build(), unit, sections, settings))), build.count)

    return ask(tokens), ask(1)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("told", [Told(), Told(note="Mend it.\n" * 300, report="It failed.\n" * 700)], ids=["", "told"])
@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("case", UNITS)
def test_no_question_is_longer_than_the_budget(tmp_path: Path, case: str, chain: str, told: Told) -> None:
    for tokens in (500, *random.Random(case).sample(range(500, 32_000), 3)):
        used, least = asked(tmp_path, UNITS[case], told, CHAINS[chain], tokens)
        assert used <= max(tokens, least)
