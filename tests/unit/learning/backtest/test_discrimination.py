"""How well a confidence tells right from wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from learning.backtest.discrimination import auroc, coverage_at_precision, risk_coverage

CONFIDENCES = st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.5000001, 0.9, 1.0])
OUTCOMES = st.sampled_from([0.0, 0.5, 1.0])
ITEMS = st.lists(st.tuples(CONFIDENCES, OUTCOMES), min_size=1, max_size=25)


@given(ITEMS)
def test_auroc_is_the_share_of_pairs_in_the_right_order(items):
    won = pairs = 0.0
    for stated, right in items:
        for less, other in items:
            pairs += right * (1 - other)
            won += right * (1 - other) * ((stated > less) + 0.5 * (stated == less))
    found = auroc(*zip(*items, strict=True))[0]
    assert found == pytest.approx(won / pairs) if pairs else np.isnan(found)


@pytest.mark.parametrize(
    ("stated", "right", "expected"),
    [
        pytest.param([0.9, 0.8, 0.2], [1, 1, 0], 1.0, id="told apart"),
        pytest.param([0.9, 0.1], [0, 1], 0.0, id="the wrong way round"),
        pytest.param([0.5, 0.5, 0.5], [1, 0, 1], 0.5, id="all alike"),
        pytest.param([0.9, 0.6, 0.6, 0.1], [1, 0, 1, 0], 3.5 / 4, id="one tie of four pairs"),
    ],
)
def test_auroc_of_small_cases(stated, right, expected):
    assert auroc(stated, right)[0] == expected


def test_auroc_is_undefined_when_all_items_are_right():
    assert np.isnan(auroc([0.1, 0.9], [1, 1])[0])


@given(ITEMS, st.integers(0, 2**32 - 1))
def test_a_resample_counts_items_as_if_they_were_there_so_often(items, seed):
    stated, right = map(np.array, zip(*items, strict=True))
    counts = np.random.default_rng(seed).integers(0, 4, len(items)) + (np.arange(len(items)) == 0)
    times = [np.repeat(part, counts) for part in (stated, right)]
    for figure in (auroc, lambda *a: coverage_at_precision(*a[:2], 0.8, *a[2:])):
        np.testing.assert_allclose(figure(stated, right, counts[None]), figure(*times))


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        pytest.param([1, 1, 1, 1], 1.0, id="all right"),
        pytest.param([1, 1, 0, 1], 0.5, id="three of four are too few, two of two are not"),
        pytest.param([0, 1, 1, 1], 0.0, id="the surest is wrong"),
    ],
)
def test_coverage_is_the_largest_precise_part_from_the_top(right, expected):
    assert coverage_at_precision([0.9, 0.8, 0.7, 0.6], right, 0.95)[0] == expected


def test_a_precise_part_may_begin_with_a_mistake():
    right = [0] + [1] * 19
    assert coverage_at_precision(np.linspace(1, 0, 20), right, 0.95)[0] == 1.0


def test_items_stated_alike_are_taken_together_or_not_at_all():
    assert coverage_at_precision([0.9, 0.8, 0.8, 0.8], [1, 1, 1, 0], 0.95)[0] == 0.25


@given(ITEMS, st.floats(0, 1), st.floats(0, 1))
def test_coverage_never_rises_with_the_precision_asked(items, one, other):
    stated, right = zip(*items, strict=True)
    loose, strict = sorted((one, other))
    assert (
        coverage_at_precision(stated, right, loose)[0]
        >= coverage_at_precision(stated, right, strict)[0]
    )


@given(ITEMS)
def test_the_risk_of_all_items_is_their_error_rate(items):
    stated, right = zip(*items, strict=True)
    curve = risk_coverage(stated, right)
    assert curve.coverage[-1] == 1.0
    assert curve.risk[-1] == pytest.approx(1 - np.mean(right))
    assert (np.diff(curve.coverage) > 0).all()


@given(arrays(float, 12, elements=st.floats(0, 1)), arrays(float, 12, elements=OUTCOMES))
def test_only_the_order_of_confidences_matters(stated, right):
    squeezed = np.searchsorted(np.unique(stated), stated) / 100
    np.testing.assert_allclose(auroc(stated, right), auroc(squeezed, right))
    np.testing.assert_allclose(
        coverage_at_precision(stated, right, 0.9), coverage_at_precision(squeezed, right, 0.9)
    )


def test_without_items_there_is_no_figure():
    with pytest.raises(ValueError, match="no item"):
        auroc([], [])
