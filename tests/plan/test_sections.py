import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen_tasks.plan.sections import parse_sections, split_sections

PATHS = ("src/a.py", "src/b.py", "docs/guide.md", "Makefile", "bin/run", "run", "lib/a.py", "odd name.txt")

NAMES = {
    "path in code": ("see `src/a.py`", {"src/a.py"}),
    "path in prose": ("see src/a.py.", {"src/a.py"}),
    "path in a list": ("- src/a.py: first\n- src/b.py: second", {"src/a.py", "src/b.py"}),
    "path with a line": ("at src/a.py:12", {"src/a.py"}),
    "path in a link": ("[it](src/a.py#L3)", {"src/a.py"}),
    "path in a table": ("| file | what |\n|---|---|\n| src/b.py | x |", {"src/b.py"}),
    "dot slash": ("run ./src/a.py", {"src/a.py"}),
    "mention": ("edit @src/a.py, then @b.py.", {"src/a.py", "src/b.py"}),
    "from the root": ("edit /src/a.py", {"src/a.py"}),
    "a scoped package": ("install @x/src/a.py", set()),
    "possessive": ("src/a.py's tests", {"src/a.py"}),
    "emphasis": ("**src/a.py** and _b.py_", {"src/a.py", "src/b.py"}),
    "unambiguous name": ("see b.py", {"src/b.py"}),
    "ambiguous name": ("see a.py", set()),
    "name in another folder": ("see other/b.py", set()),
    "part of a longer path": ("see x/src/a.py", set()),
    "part of a longer name": ("see src/a.pyc and my-src/b.py", set()),
    "capital word": ("the Makefile", {"Makefile"}),
    "a word of prose": ("run it", set()),
    "that word quoted": ("`run` it", {"run"}),
    "path without a dot": ("call bin/run", {"bin/run"}),
    "name with a blank": ("see odd name.txt there", {"odd name.txt"}),
    "in a code fence": ("```sh\npython src/b.py\n```", {"src/b.py"}),
    "nothing": ("plain words", set()),
}


@pytest.mark.parametrize("case", NAMES)
def test_names_of_planned_files(case: str) -> None:
    text, paths = NAMES[case]
    (section,) = parse_sections(f"# T\n\n{text}\n", PATHS)
    assert set(section.paths) == paths


HEADINGS = {
    "both kinds": ("A\n=\nx\n\nB\n-\ny\n\n### C ###\nz\n", ["A", "B", "C"]),
    "a hash in a fence": ("# A\n```\n# no\n```\n~~~\n# no\n~~~\n", ["A"]),
    "a hash in indented code": ("# A\n\n    # no\n", ["A"]),
    "a hash in a quote or list": ("# A\n> # no\n\n- # no\n", ["A"]),
    "a hash in a comment": ("# A\n<!--\n# no\n-->\n", ["A"]),
    "front matter": ("---\ntitle: x\n---\n# A\n", ["", "A"]),
    "front matter only": ("---\ntitle: x\n---\n", [""]),
    "a rule is no front matter": ("# A\n\n---\n\ntext\n", ["A"]),
    "before the first": ("hello\n\n# A\n", ["", "A"]),
    "no heading": ("hello\n", [""]),
    "empty heading": ("#\nx\n# B\n", ["", "B"]),
    "table rule is no heading": ("# A\n| a |\n|---|\n| b |\n", ["A"]),
}


@pytest.mark.parametrize("case", HEADINGS)
def test_headings(case: str) -> None:
    text, headings = HEADINGS[case]
    assert [heading for _, _, heading, _ in split_sections(text)] == headings


def test_a_section_below_a_heading_that_names_a_file_belongs_to_it() -> None:
    text = "# All\n## `src/a.py`\n### Details\nd\n#### More\nm\n## Rules\nbut src/b.py\n### Why\nw\n"
    found = {section.heading: section.paths for section in parse_sections(text, PATHS)}
    only = ("src/a.py",)
    assert found == {"All": (), "`src/a.py`": only, "Details": only, "More": only, "Rules": ("src/b.py",), "Why": ()}


TITLES = {
    "it names a file": ("# Rework src/a.py\nt\n## Rules\nr\n", (("src/a.py",), ())),
    "it is underlined": ("Rework src/a.py\n===\nt\n## Rules\nr\n", (("src/a.py",), ())),
    "it is of the second level": ("## src/a.py\nt\n### Rules\nr\n", (("src/a.py",), ())),
    "its text names another": ("# src/a.py\nsee src/b.py\n## Rules\nr\n", (("src/a.py", "src/b.py"), ())),
    "text stands before it": ("hello\n\n# src/a.py\nt\n## Rules\nr\n", ((), ("src/a.py",), ())),
    "front matter stands before it": ("---\nx: y\n---\n# src/a.py\nt\n## Rules\nr\n", ((), ("src/a.py",), ())),
    "two of its level": ("# src/a.py\n## Rules\nr\n# src/b.py\n", (("src/a.py",), ("src/a.py",), ("src/b.py",))),
    "headings below it": ("# src/a.py\n## src/b.py\n### Why\nw\n", (("src/a.py",), ("src/b.py",), ("src/b.py",))),
}


@pytest.mark.parametrize("case", TITLES)
def test_a_title_claims_only_its_own_text(case: str) -> None:
    text, paths = TITLES[case]
    assert tuple(section.paths for section in parse_sections(text, PATHS)) == paths


@given(st.text(alphabet=st.sampled_from("ab #-=`~\n|>*"), max_size=200))
def test_nothing_of_the_plan_is_lost(text: str) -> None:
    joined = "".join(own for *_, own in split_sections(text)) if text else ""
    assert "".join(joined.split()) == "".join(text.split())
