"""How long an endpoint usually takes, as learned from its calls."""

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.resilience.yardstick import (
    ADOPT_S,
    ENOUGH,
    OFTEN,
    SLOW_FACTOR,
    SLOW_FLOOR_S,
    Yardstick,
)


def taught(seconds, every_s=0.1):
    usual = Yardstick()
    for n, taken in enumerate(seconds):
        usual.learn(taken, n * every_s)
    return usual


def test_nothing_is_said_of_few_calls():
    usual = taught([1.0] * (ENOUGH - 1))
    assert (usual.p50_s, usual.p95_s, usual.slow_s) == (None, None, None)


@pytest.mark.parametrize("calls", [ENOUGH, 15, 19, 60])
@pytest.mark.parametrize("place", [0, 5, -1])
def test_one_stray_call_among_the_first_does_not_become_the_measure(calls, place):
    seconds = [0.1] * calls
    seconds[place] = 5.0
    assert taught(seconds).p99_s == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_quantiles_are_within_a_bin_of_the_truth(seed):
    draws = random.Random(seed)
    seconds = [draws.lognormvariate(0.0, 0.6) for _ in range(400)]
    usual = taught(seconds)
    exact = statistics.quantiles(seconds, n=100)
    assert usual.p50_s == pytest.approx(exact[49], rel=0.15)
    assert usual.p95_s == pytest.approx(exact[94], rel=0.2)


@given(st.lists(st.floats(0.0, 1_000.0), min_size=ENOUGH, max_size=200))
def test_quantiles_are_ordered_and_lie_among_the_calls(seconds):
    usual = taught(seconds)
    assert usual.p50_s <= usual.p95_s <= usual.p99_s
    assert usual.p99_s <= max(*seconds, 0.001) * 1.06
    assert usual.slow_s >= max(SLOW_FLOOR_S, SLOW_FACTOR * usual.p95_s - 1e-9)


def test_what_is_long_past_fades():
    usual = taught([0.4] * 500 + [0.2] * 3_000)
    assert usual.p95_s == pytest.approx(0.2, rel=0.05)


def test_a_slow_spell_does_not_become_the_measure_it_is_held_to():
    usual = taught([0.1] * 20)
    for n in range(300):
        usual.learn(1.0, 2.0 + n * ADOPT_S / 400)
    assert usual.p95_s == pytest.approx(0.1, rel=0.05)
    assert usual.recent_s == pytest.approx(1.0, rel=0.05), "but whom to ask goes by what is now"


def test_usual_calls_end_the_spell():
    usual = taught([0.1] * 20)
    for n in range(10):
        usual.learn(1.0, 10.0 + n * ADOPT_S / 3)
        for _ in range(OFTEN):
            usual.learn(0.1, 10.1 + n * ADOPT_S / 3)
    assert usual.p95_s == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("long_share", [0.1, 0.3, 0.5])
def test_an_endpoint_some_of_whose_prompts_take_long_is_learned_as_such(long_share):
    draws = random.Random(1)
    usual = taught([1.0] * 20)
    for n in range(4_000):
        usual.learn(60.0 if draws.random() < long_share else 1.0, 2.0 + n / 10)
    assert usual.p95_s == pytest.approx(60.0, rel=0.05)


def test_a_vendor_that_stays_slow_is_believed_and_learned_anew():
    usual = taught([0.1] * 1_000)
    for n in range(40):
        usual.learn(1.0, 200.0 + n * ADOPT_S / 10)
    assert usual.p95_s == pytest.approx(1.0, rel=0.05)
