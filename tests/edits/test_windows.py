from hypothesis import given
from hypothesis import strategies as st

from codegen_tasks.edits.locate.windows import graded, standing

LINES = st.lists(st.sampled_from(["", "a", "b"]), max_size=30)


@given(LINES, LINES)
def test_standing_is_what_comparing_each_window_gives(lines: list[str], wanted: list[str]) -> None:
    starts = range(len(lines))
    assert standing(lines, wanted, starts) == [at for at in starts if lines[at : at + len(wanted)] == wanted]


@given(LINES, st.integers(1, 4))
def test_each_window_has_its_own_grade(lines: list[str], size: int) -> None:
    starts = range(max(0, len(lines) - size + 1))
    expected = [(lines[at : at + size].count("a"), at) for at in starts]
    assert graded(lines, size, starts, lambda window: list(window).count("a")) == expected
