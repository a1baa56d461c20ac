"""The state machines behind politeness, without waiting: a clock that the test turns."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen_tasks.generate.breaker import APPROACH, FOREVER, GRACE_S, Breaker
from codegen_tasks.generate.lane import Lane
from codegen_tasks.generate.limits import Limits
from codegen_tasks.providers import ProviderFault, Watch
from codegen_tasks.records import ModelSpec, Reply

DOWN = ProviderFault("down", transient=True)
BUSY = ProviderFault("busy", transient=True, slow_down=True)
WRONG_KEY = ProviderFault("wrong key", transient=False, for_all=True, hint="set the key")
TOO_LONG = ProviderFault("too long", transient=False)
EMPTY = ProviderFault("empty", transient=True, reply=Reply("m", ""))


def breaker(*ends: ProviderFault | None, retries: int = 2) -> Breaker:
    """A breaker after calls that ended so, at time 0."""
    made = Breaker(retries, cool_down_s=1.0)
    for end in ends:
        made.end(0.0, end, made.begin(0.0))
    return made


def look(made: Breaker, now: float = 0.0, patient: bool = True) -> float | str:
    """What stands in the way: seconds, or the message of the fault."""
    try:
        return made.obstacle(now, patient, longest=10.0)
    except ProviderFault as fault:
        return fault.message


@pytest.mark.parametrize(
    ("ends", "open_now"),
    [
        pytest.param((), False, id="fresh"),
        pytest.param((DOWN, DOWN), False, id="two-faults"),
        pytest.param((DOWN, DOWN, DOWN), True, id="three-faults"),
        pytest.param((DOWN, DOWN, None, DOWN), False, id="a-success-between"),
        pytest.param((DOWN, DOWN, BUSY, DOWN), False, id="busy-is-alive"),
        pytest.param((DOWN, DOWN, EMPTY, DOWN), False, id="empty-is-alive"),
        pytest.param((TOO_LONG, TOO_LONG, TOO_LONG), False, id="the-question's-fault"),
        pytest.param((WRONG_KEY, WRONG_KEY, WRONG_KEY), True, id="wrong-for-all"),
    ],
)
def test_the_breaker_opens_after_faults_in_a_row(ends: tuple[ProviderFault | None, ...], open_now: bool) -> None:
    assert (look(breaker(*ends), patient=False) != 0.0) is open_now


def test_retries_that_were_configured_are_granted() -> None:
    assert look(breaker(DOWN, DOWN, DOWN, DOWN, retries=4), patient=False) == 0.0
    assert look(breaker(DOWN, DOWN, DOWN, DOWN, DOWN, retries=4), patient=False) != 0.0


def test_one_probe_after_each_cool_down_which_doubles() -> None:
    made = breaker(DOWN, DOWN, DOWN)
    assert look(made, 0.5) == 0.5
    assert look(made, 1.0) == 0.0
    assert made.begin(1.0)
    assert (look(made, 1.0), look(made, 1.0, patient=False)) == (FOREVER, "not asked: " + known(made))
    made.end(1.5, DOWN, probe=True)
    assert look(made, 1.5) == 2.0
    assert made.begin(3.5)
    made.end(3.6, None, probe=True)
    assert (look(made, 3.6, patient=False), made.alive) == (0.0, True)


def known(made: Breaker) -> str:
    return f"{made.faults} calls in a row failed, the last with 'down'"


def test_even_the_patient_do_not_wait_for_a_model_that_stays_down() -> None:
    made = breaker(DOWN, DOWN, DOWN, retries=0)
    assert look(made, 0.1) == "not asked: " + known(made)


def test_nobody_waits_for_a_key_to_become_right() -> None:
    made = breaker(WRONG_KEY, WRONG_KEY, WRONG_KEY)
    with pytest.raises(ProviderFault) as fault:
        made.obstacle(1000.0, True, 10.0)
    assert (fault.value.transient, fault.value.hint) == (False, "set the key")


def test_a_dropped_probe_lets_the_next_one_through() -> None:
    made = breaker(DOWN, DOWN, DOWN)
    made.give_up(made.begin(1.0))
    assert look(made, 1.0, patient=False) == 0.0


def test_an_unknown_model_is_approached_by_few_for_a_moment() -> None:
    made = breaker()
    for _ in range(APPROACH):
        assert look(made) == 0.0
        made.begin(0.0)
    assert look(made, 0.25) == GRACE_S - 0.25
    assert look(made, GRACE_S) == 0.0
    made.alive = True
    assert look(made, 0.25) == 0.0


def test_a_model_that_is_slow_to_begin_is_approached_by_twice_as_many_each_time() -> None:
    made, now = breaker(), 0.0
    for _ in range(4):
        while look(made, now) == 0.0:
            made.begin(0.0)
        now += look(made, now)
    assert (made.running, round(now, 6)) == (APPROACH * 8, GRACE_S * 4)


@pytest.mark.parametrize(
    ("pause", "expected"),
    [
        pytest.param(5.0, 5.0, id="kept"),
        pytest.param(90.0, "not asked: the model wants a pause of 90 s", id="too-long"),
    ],
)
def test_a_pause_that_was_asked_for(pause: float, expected: float | str) -> None:
    fault = ProviderFault("busy", transient=True, slow_down=True, retry_after=pause)
    assert look(breaker(fault)) == expected


def rounds(made: Breaker, *sizes: int) -> Breaker:
    """So many calls at once are refused, one round after the other."""
    for size in sizes:
        probes = [made.begin(0.0) for _ in range(size)]
        for probe in probes:
            made.end(0.0, BUSY, probe)
    return made


PASSED_OVER = "not asked: it refused 3 rounds of calls in a row, the last with 'busy'"


@pytest.mark.parametrize(
    ("sizes", "impatient"),
    [
        pytest.param((9,), 0.0, id="one-round"),
        pytest.param((4, 2), 0.0, id="as-many-as-retries"),
        pytest.param((4, 2, 1), PASSED_OVER, id="more"),
    ],
)
def test_who_has_another_model_passes_over_one_that_refuses_all(sizes: tuple[int, ...], impatient: float | str) -> None:
    made = rounds(breaker(), *sizes)
    assert (look(made, patient=False), look(made, patient=True)) == (impatient, 0.0)
    assert look(made, 1.0, patient=False) == 0.0


def test_a_sign_of_life_ends_the_rounds() -> None:
    made = rounds(breaker(), 4, 2)
    made.live()
    assert look(rounds(made, 2, 1), patient=False) == 0.0
    assert look(rounds(made, 1), patient=False) == PASSED_OVER


def test_a_model_that_serves_some_of_us_refuses_no_round() -> None:
    made = breaker()
    made.begin(0.0)
    assert look(rounds(made, 9, 9, 9, 9), patient=False) == 0.0


def test_a_model_that_refused_a_round_is_approached_by_few_again() -> None:
    made = breaker()
    made.live()
    rounds(made, 40)
    for _ in range(APPROACH):
        made.begin(0.0)
    assert look(made) == GRACE_S


def test_nobody_waits_for_a_turn_past_the_time_for_the_question() -> None:
    limits, spec = Limits(1, clock=lambda: 9.0), ModelSpec("openai/m")
    late = partial(limits.call, spec, Watch(), patient=True, until=8.0)
    with limits.call(spec, Watch(), patient=True), pytest.raises(ProviderFault, match="no turn"), late():
        pass
    with late():
        pass


def test_one_429_halves_the_lane_once() -> None:
    lane = Lane(jobs=64, limit=40.0, running=40)
    for _ in range(10):
        lane.end(1.0, 0.5, BUSY)
    assert (lane.limit, lane.running) == (20.0, 30)
    lane.end(2.0, 1.5, BUSY)
    assert lane.limit == 10.0


def test_a_full_lane_grows_by_one_a_round_after_a_cut_and_faster_before() -> None:
    fresh, cut = Lane(8, 4.0, 4), Lane(8, 4.0, 4, cut_at=0.0)
    fresh.end(1.0, 0.5, None)
    cut.end(1.0, 0.5, None)
    assert (fresh.limit, cut.limit) == (5.0, 4.25)


def test_a_lane_that_is_not_full_does_not_grow() -> None:
    lane = Lane(8, 4.0, 2)
    lane.end(1.0, 0.5, None)
    assert lane.limit == 4.0


@given(st.lists(st.sampled_from(["begin", "good", "busy", "down"]), max_size=200), st.integers(1, 64))
def test_a_lane_always_lets_one_through_and_never_more_than_jobs(steps: list[str], jobs: int) -> None:
    lane, now = Lane(jobs), 0.0
    ends = {"good": None, "busy": BUSY, "down": DOWN}
    for step in steps:
        now += 1.0
        if step == "begin" and not lane.is_full():
            lane.running += 1
        elif step != "begin" and lane.running:
            lane.end(now, now - 0.5, ends[step])
        assert 0 <= lane.running <= jobs
        assert 1.0 <= lane.limit <= jobs
        assert lane.running or not lane.is_full()
