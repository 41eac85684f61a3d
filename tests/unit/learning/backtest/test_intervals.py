"""How far a figure may stand from what more of the same data would show."""

import numpy as np
import pytest

from learning.backtest.intervals import interval, resamples


def test_every_resample_draws_as_many_items_as_there_are():
    counts = resamples(37, seed=1, row="a", times=50)
    assert counts.shape == (50, 37)
    assert (counts.sum(axis=1) == 37).all()


def test_the_same_seed_draws_the_same_for_a_row_whatever_the_others():
    np.testing.assert_array_equal(resamples(9, 1, "a", 20), resamples(9, 1, "a", 20))
    assert (resamples(9, 1, "a", 20) != resamples(9, 1, "b", 20)).any()
    assert (resamples(9, 1, "a", 20) != resamples(9, 2, "a", 20)).any()


def test_the_interval_of_a_mean_is_that_of_the_normal_law():
    outcomes = np.arange(400) % 5 > 0  # 80 % of 400: a standard error of 0.02
    means = resamples(400, seed=0, row="a") @ outcomes / 400
    assert interval(means) == pytest.approx((0.8 - 1.96 * 0.02, 0.8 + 1.96 * 0.02), abs=0.006)


def test_resamples_in_which_a_figure_is_undefined_are_left_out():
    assert interval(np.array([np.nan, 0.5, 0.5])) == (0.5, 0.5)
    assert interval(np.array([np.nan])) is None


def test_resamples_of_a_figure_that_noise_raises_are_moved_to_the_figure():
    resampled = np.linspace(0.3, 0.5, 1001)
    assert interval(resampled, centre=0.2) == pytest.approx((0.105, 0.295))
