"""What comes after a failing check."""

import pytest

from codegen_tasks.check import State, States, decide


def state(at: int, failing: int, *, sample: int = 0, files: str = "", same: str = "", shape: str = "") -> State:
    """An attempt of one unit with so many failing tests."""
    failures = (same or f"failures of {at}") if failing else ""
    return State(
        {"u": at}, at - 1, sample, files or f"files {at}", failures, (0, failing), shape=shape or f"shape {at}"
    )


TABLE = {
    "passes at once": ([state(1, 0)], 2, 1, "take", 1),
    "fails": ([state(1, 2)], 2, 1, "repair", 1),
    "fails, and nothing is to be done": ([state(1, 2)], 0, 1, "take", 1),
    "fails again": ([state(1, 2), state(2, 1)], 2, 1, "repair", 2),
    "passes after a round": ([state(1, 2), state(2, 0)], 2, 1, "take", 2),
    "out of rounds": ([state(1, 2), state(2, 2), state(3, 1)], 2, 1, "take", 3),
    "out of rounds, and worse": ([state(1, 2), state(2, 1), state(3, 5)], 2, 1, "choose", 2),
    "the same failures": ([state(1, 2, same="x"), state(2, 2, same="x")], 9, 1, "choose", 1),
    "the same files": ([state(1, 2, files="x"), state(2, 2, files="x")], 9, 1, "choose", 1),
    "fresh ones are wanted": ([state(1, 2), state(2, 1)], 1, 3, "sample", 2),
    "another fresh one": ([state(1, 2), state(2, 1), state(3, 4, sample=1)], 1, 3, "sample", 2),
    "the last fresh one": ([state(1, 2), state(2, 1), state(3, 4, sample=1), state(4, 3, sample=2)], 1, 3, "choose", 2),
    "a fresh one is the best": ([state(1, 2), state(2, 3, sample=1)], 0, 2, "choose", 1),
    "a fresh one passes": ([state(1, 2), state(2, 0, sample=1)], 0, 2, "take", 2),
    "most agree": (
        [state(1, 1, shape="a"), state(2, 1, sample=1, shape="b"), state(3, 1, sample=2, shape="b")],
        0,
        3,
        "choose",
        2,
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_decisions(name: str) -> None:
    states, repairs, candidates, act, at = TABLE[name]
    decision = decide(states, states[-1], repairs, candidates)
    assert (decision.act, decision.at) == (act, {"u": at})


def test_a_state_is_known_by_its_attempts() -> None:
    states = States().also(state(1, 2)).also(state(2, 1)).also(state(1, 2))
    assert [s.at["u"] for s in states.states] == [1, 2]


def test_what_was_chosen_is_taken_when_it_comes_again() -> None:
    states = [state(1, 1), state(2, 2), state(3, 5)]
    assert decide(states, states[2], 2, 1).at == {"u": 1}
    assert decide(states, states[0], 2, 1).act == "take"


def test_samples_alone_are_left_where_the_question_has_become_another() -> None:
    samples = (state(4, 1, sample=1),)
    assert decide(samples, samples[0], 0, 3).act == "sample"
