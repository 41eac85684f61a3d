"""How far a confidence is a probability."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.backtest.calibration_figures import brier, ece, reliability

ITEMS = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0])), min_size=1, max_size=30
)


@pytest.mark.parametrize(
    ("stated", "right", "expected"),
    [
        pytest.param([1.0, 0.0], [1, 0], 0.0, id="sure and right"),
        pytest.param([1.0, 0.0], [0, 1], 1.0, id="sure and wrong"),
        pytest.param([0.75, 0.75, 0.75, 0.75], [1, 1, 1, 0], 0.0, id="three of four, said so"),
        # Bins of 2 and 1 items: 2/3 · |0.65 - 0.5| + 1/3 · |0.95 - 1|.
        pytest.param([0.62, 0.68, 0.95], [1, 0, 1], 0.35 / 3, id="two bins"),
        pytest.param([0.69, 0.71], [0, 1], (0.69 + 0.29) / 2, id="a bin's edge parts them"),
    ],
)
def test_ece_of_small_cases(stated, right, expected):
    assert ece(stated, right)[0] == pytest.approx(expected)


@given(ITEMS)
def test_ece_lies_between_the_overall_gap_and_one(items):
    stated, right = map(np.array, zip(*items, strict=True))
    assert abs(stated.mean() - right.mean()) - 1e-9 <= ece(stated, right)[0] <= 1 + 1e-9


@given(ITEMS)
def test_ece_is_the_weighted_gap_of_the_reliability_diagram(items):
    stated, right = zip(*items, strict=True)
    bins = reliability(stated, right)
    gap = sum(b.items * abs(b.confidence - b.accuracy) for b in bins) / len(items)
    assert ece(stated, right)[0] == pytest.approx(gap)


@given(ITEMS)
def test_every_item_is_in_the_bin_that_holds_its_confidence(items):
    bins = reliability(*zip(*items, strict=True))
    assert sum(b.items for b in bins) == len(items)
    assert all(b.lower - 1e-9 <= b.confidence <= b.upper + 1e-9 for b in bins)


def test_brier_is_the_mean_squared_error():
    assert brier([0.8, 0.3], [1, 0])[0] == pytest.approx((0.04 + 0.09) / 2)


def test_an_item_half_right_is_both_ways_half():
    assert brier([0.8], [0.5])[0] == pytest.approx((0.04 + 0.64) / 2)


@given(ITEMS, st.integers(0, 2**32 - 1))
def test_a_resample_counts_items_as_if_they_were_there_so_often(items, seed):
    stated, right = map(np.array, zip(*items, strict=True))
    counts = np.random.default_rng(seed).integers(0, 4, len(items)) + (np.arange(len(items)) == 0)
    for figure in (ece, brier):
        repeated = figure(np.repeat(stated, counts), np.repeat(right, counts))
        np.testing.assert_allclose(figure(stated, right, counts[None]), repeated, atol=1e-12)
