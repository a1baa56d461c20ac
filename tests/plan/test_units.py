import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen_tasks.plan.units import build_units, components
from codegen_tasks.records import PlannedFile


def file(path: str, *needs: str, group: str | None = None) -> PlannedFile:
    return PlannedFile(path, depends_on=needs, group=group)


UNITS = {
    "alone": ([file("a"), file("b")], [("a", ("a",), ()), ("b", ("b",), ())]),
    "needed first": ([file("a", "b"), file("b")], [("b", ("b",), ()), ("a", ("a",), ("b",))]),
    "cycle": ([file("a", "b"), file("c"), file("b", "a")], [("a", ("a", "b"), ()), ("c", ("c",), ())]),
    "group": ([file("a", group="g"), file("b"), file("c", group="g")], [("g", ("a", "c"), ()), ("b", ("b",), ())]),
    "cycle through a group": (
        [file("a", "b", group="g"), file("b", "c"), file("c", group="g")],
        [("a", ("a", "b", "c"), ())],
    ),
    "chain": (
        [file("a", "b"), file("b", "c"), file("c")],
        [("c", ("c",), ()), ("b", ("b",), ("c",)), ("a", ("a",), ("b",))],
    ),
}


@pytest.mark.parametrize("case", UNITS)
def test_units(case: str) -> None:
    files, expected = UNITS[case]
    assert [(unit.name, unit.paths, unit.needs) for unit in build_units(files)] == expected


def test_the_whole_plan_as_one_unit() -> None:
    (unit,) = build_units([file("a", "b"), file("b")], whole_plan=True)
    assert (unit.name, unit.paths, unit.needs) == ("plan", ("a", "b"), ())


def test_a_chain_of_thousands_needs_no_recursion() -> None:
    files = [file("f0"), *(file(f"f{i}", f"f{i - 1}") for i in range(1, 5000))]
    assert [unit.name for unit in build_units(list(reversed(files)))] == [f"f{i}" for i in range(5000)]


@given(st.dictionaries(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=4), max_size=10))
def test_components_come_after_what_they_need(edges: dict[int, list[int]]) -> None:
    graph = {str(k): [str(v) for v in vs if v in edges] for k, vs in edges.items()}
    seen: set[str] = set()
    for nodes in components(graph):
        assert not seen & set(nodes)
        seen |= set(nodes)
        assert all(set(graph[node]) <= seen for node in nodes)
    assert seen == set(graph)
