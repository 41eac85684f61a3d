"""Figures expected, and where they lie nine times of ten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.advice.expecting import expected_amount, expected_share


@given(st.floats(0.0, 1.0), st.floats(0.5, 1e6))
def test_a_share_lies_in_its_interval_and_that_among_probabilities(p, seen):
    found = expected_share(p, seen)
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0


def test_the_more_was_seen_the_narrower():
    few, many = expected_share(0.8, 10), expected_share(0.8, 1000)
    assert many.high - many.low < (few.high - few.low) / 5


def test_nothing_seen_tells_nothing():
    assert (expected_share(0.8, 0).low, expected_share(0.8, 0).high) == (0.0, 1.0)


def test_wilsons_interval_at_nine_tenths():
    found = expected_share(0.5, 100)
    assert (found.low, found.high) == pytest.approx((0.4189, 0.5811), abs=1e-3)


def test_an_amount_is_the_mean_and_nine_of_ten_lie_between():
    found = expected_amount([float(n) for n in range(101)])
    assert (found.value, found.low, found.high) == (50.0, 5.0, 95.0)


def test_too_few_amounts_tell_nothing():
    assert expected_amount([1.0] * 4) is None
