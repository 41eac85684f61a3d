"""The time a pair will take is estimated from the time that pairs took."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.entailment.pace import FIRST_GUESS, OVERHEAD_TOKENS, Pace


def test_before_anything_is_measured_the_first_guess_counts():
    assert Pace().estimate(100) == pytest.approx(FIRST_GUESS * (100 + OVERHEAD_TOKENS))


def test_the_estimate_approaches_what_is_measured():
    pace = Pace()

    for _ in range(50):
        pace.measured(88, 0.05)

    assert pace.estimate(88) == pytest.approx(0.05, rel=0.01)


def test_one_outlier_does_not_end_judging():
    pace = Pace()
    before = pace.estimate(88)

    pace.measured(88, 60.0)

    assert pace.estimate(88) < 2 * before


def test_refusals_bring_a_slow_spell_to_its_end():
    pace = Pace()
    for _ in range(50):
        pace.measured(88, 0.5)

    for _ in range(100):
        pace.refused()

    assert pace.estimate(88) == pytest.approx(Pace().estimate(88), rel=0.01)


@given(st.lists(st.tuples(st.integers(1, 200), st.floats(0, 100)), max_size=50))
def test_a_longer_row_is_never_thought_quicker(runs):
    pace = Pace()
    for tokens, seconds in runs:
        pace.measured(tokens, seconds)

    assert 0 <= pace.estimate(10) <= pace.estimate(100)
