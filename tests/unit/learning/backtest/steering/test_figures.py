"""The figures of walked policies."""

import numpy as np
import pytest

from learning.backtest.steering.figures import Resampled, spearman


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param([1, 2, 3], [10, 20, 30], 1.0, id="the same order"),
        pytest.param([1, 2, 3], [3, 2, 1], -1.0, id="the reverse"),
        pytest.param([1, 2, 3], [1, 3, 2], 0.5, id="two of three swapped: 1 - 6 * 2 / 24"),
        pytest.param([1, 1, 2], [1, 2, 3], 0.866, id="a tie takes the mean rank: 1.5 / sqrt(3)"),
        pytest.param([1, 1, 1], [1, 2, 3], None, id="no order at all"),
    ],
)
def test_rank_correlation(a, b, expected):
    found = spearman(np.array(a, float), np.array(b, float))
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-3))


def test_a_difference_is_paired_so_what_two_policies_share_widens_nothing():
    noise = np.random.default_rng(0).integers(0, 2, 500).astype(float)
    found = Resampled(500, seed=1).difference(noise, noise)
    assert (found.lift, found.low, found.high) == (0.0, 0.0, 0.0)


def test_a_difference_lies_in_its_interval():
    rng = np.random.default_rng(0)
    a, b = (rng.random(500) < p for p in (0.8, 0.7))
    found = Resampled(500, seed=1).difference(a.astype(float), b.astype(float))
    assert found.low < found.lift < found.high
