import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen_tasks.context import (
    Rendered,
    Shown,
    Templates,
    build_request,
    read_package,
    write_package,
)
from codegen_tasks.context.repository import list_tree
from codegen_tasks.records import Alternative, Blob, Message, PlannedFile, Request, Section, Unit

TEMPLATES = Templates(
    system="rules\n{% for s in sections %}{{ s }}{% endfor %}[{{ ambient }}]",
    unit="{% for s in sections %}{{ s }}{% endfor %}{% for f in files %}{{ f.what }} {{ f.path }} {{ f.missing }}"
    "{{ f.fence }}\n{{ f.text }}{{ f.fence }}\n{% endfor %}{{ ambient }}{{ note }}{{ format }}\n## Write these files\n"
    "{% for p in paths %}- {{ p }}\n{% endfor %}",
    formats={"whole": "whole!", "udiff": "udiff!"},
)
SECTIONS = (Section("A", "for all\n", 1), Section("B", "for b\n", 2, ("b.py",)), Section("C", "for c\n", 3, ("c.py",)))
TREE = Rendered("tree")
UNIT = Unit("b.py", (PlannedFile("b.py"),))


def ask(*shown: Shown, formats: tuple[str, ...] = ("whole",), ambient: Rendered = TREE) -> Request:
    return build_request(UNIT, SECTIONS, shown, TEMPLATES, formats=formats, ambient=ambient)


def test_shared_parts_first_own_parts_last() -> None:
    system, user = ask().messages
    assert system == Message("system", "rules\nfor all\n[tree]")
    assert user == Message("user", "for b\nwhole!\n## Write these files\n- b.py\n")


def test_another_format_is_another_last_message() -> None:
    request = ask(formats=("whole", "udiff", "whole"))
    assert [other.format for other in request.alternatives] == ["udiff"]
    other = request.in_format("udiff")
    assert (other.format, other.messages[0], other.alternatives) == ("udiff", request.messages[0], ())
    assert other.messages[1].content == request.messages[1].content.replace("whole!", "udiff!")
    assert request.in_format("whole").messages == request.messages


CONTENTS = {
    "plain": (b"x = 1\n", "```\nx = 1\n```\n"),
    "no newline at the end": (b"x = 1", "```\nx = 1\n```\n"),
    "empty": (b"", "```\n```\n"),
    "fences inside": (b"````\ncode\n````\n", "`````\n````\ncode\n````\n`````\n"),
    "CRLF": (b"a\r\nb\r\n", "```\na\nb\n```\n"),
    "template marks": (b"{{ secret }} {% x %}\n", "```\n{{ secret }} {% x %}\n```\n"),
    "UTF-16": ("\ufeffgr\u00fcn\n".encode("utf-16-le"), "```\ngr\u00fcn\n```\n"),
}


@pytest.mark.parametrize("case", CONTENTS)
def test_contents_are_shown_as_they_are(case: str) -> None:
    data, shown = CONTENTS[case]
    assert f"current b.py {shown}" in ask(Shown("current", "b.py", Blob(data))).messages[1].content


def test_what_is_absent_is_said() -> None:
    assert "generated b.py does not exist" in ask(Shown("generated", "b.py", None)).messages[1].content


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@given(TEXT, TEXT, st.lists(TEXT, min_size=1, max_size=3), st.lists(st.tuples(st.just("udiff"), TEXT), max_size=1))
def test_a_package_is_read_as_it_was_written(
    unit: str, path: str, texts: list[str], others: list[tuple[str, str]]
) -> None:
    messages = tuple(Message("user", text) for text in texts)
    request = Request(unit, (path,), messages, "whole", 3, tuple(Alternative(*other) for other in others))
    assert read_package(write_package(request)) == request


def thirds(text: str) -> int:
    return -(-len(text) // 3)


SUMMARIES = {
    "all of it": (["a/x.py", "a/y.py", "z"], 100, "./: z\na/: x.py, y.py"),
    "counts where names are too long": (
        ["a/xxxxxxxxxxxx.py", "a/yyyyyyyyyyyy.py", "z"],
        10,
        "./: 1 files\na/: 2 files",
    ),
    "deep folders joined": ([f"a/b{i}/c/x.py" for i in range(9)], 10, "a/: 9 files"),
    "cut": ([f"folder{i}/x.py" for i in range(50)], 14, "folder0/: 1 files\nand 49 more folders"),
    "no budget": (["a.py"], 0, ""),
    "nothing": ([], 100, ""),
}


@pytest.mark.parametrize("case", SUMMARIES)
def test_summary(case: str) -> None:
    paths, budget, text = SUMMARIES[case]
    assert list_tree(paths, budget, thirds) == text


@given(st.lists(st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}){0,4}", fullmatch=True), unique=True), st.integers(0, 60))
def test_a_summary_keeps_its_budget_and_ignores_order(paths: list[str], budget: int) -> None:
    text = list_tree(paths, budget, thirds)
    assert thirds(text) <= budget
    assert list_tree(reversed(paths), budget, thirds) == text
