"""Confidence sequences: intervals that hold at all times at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rollout.statistics.intervals import difference, interval
from gateway.rollout.statistics.reference import upper_bound

COUNTS = st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.floats(0, n), st.just(n)))


def test_without_data_anything_may_be():
    assert interval(0.0, 0, 0.05) == (0.0, 1.0)


@given(COUNTS, st.floats(0.001, 0.3))
@settings(deadline=None)
def test_the_mean_is_within_and_both_ends_are_rates(seen, alpha):
    low, high = interval(*seen, alpha)
    assert 0 <= low <= seen[0] / seen[1] + 1e-9
    assert seen[0] / seen[1] - 1e-9 <= high <= 1


@given(COUNTS)
@settings(deadline=None)
def test_more_certainty_is_a_wider_interval(seen):
    narrow, wide = interval(*seen, 0.1), interval(*seen, 0.01)
    assert wide[0] <= narrow[0]
    assert narrow[1] <= wide[1]


@given(COUNTS)
@settings(deadline=None)
def test_good_and_bad_are_mirror_images(seen):
    total, count = seen
    low, high = interval(total, count, 0.05)
    mirrored = interval(count - total, count, 0.05)
    assert mirrored == (pytest.approx(1 - high, abs=1e-8), pytest.approx(1 - low, abs=1e-8))


def test_no_failure_in_100_requests_leaves_up_to_6_percent_open():
    low, high = interval(0.0, 100, 0.05)
    assert low == 0
    assert high == pytest.approx(0.0571, abs=0.0005)


@pytest.mark.parametrize("rate", [0.01, 0.3])
def test_the_true_rate_is_within_at_all_times_in_at_least_95_percent_of_runs(rate):
    runs, steps = 300, np.unique(np.geomspace(1, 2_000, 60).astype(int))
    seen = np.cumsum(np.random.default_rng(3).random((runs, 2_000)) < rate, axis=1)
    missed = 0
    for run in seen:
        ends = (interval(float(run[n - 1]), int(n), 0.05) for n in steps)
        missed += any(not low <= rate <= high for low, high in ends)
    assert missed / runs <= 0.05


def test_a_difference_is_wide_enough_for_both_sides_errors():
    low, high = difference((10.0, 500), (20.0, 4_000), 0.05)
    arm, control = interval(10.0, 500, 0.025), interval(20.0, 4_000, 0.025)
    assert (low, high) == (arm[0] - control[1], arm[1] - control[0])


def test_the_reference_bound_is_too_low_in_at_most_alpha_of_samples():
    rng, alpha = np.random.default_rng(4), 0.05
    samples = rng.beta(2, 8, (500, 300))
    too_low = sum(upper_bound(sample.tolist(), alpha) < 0.2 for sample in samples)
    assert too_low / 500 <= alpha


def test_the_reference_bound_is_near_the_mean_of_300_values():
    sample = np.random.default_rng(5).beta(2, 8, 300).tolist()
    assert sum(sample) / 300 < upper_bound(sample, 0.01) < sum(sample) / 300 + 0.04


def test_no_sample_bounds_nothing():
    assert upper_bound([], 0.05) == 1.0
