"""Importance weights: what a log tells of a policy, and when it tells nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.backtest.off_policy.weights import refusal, weights


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 1)), min_size=1, max_size=50))
def test_as_many_choices_are_effective_as_there_are_at_most(rows):
    chances, propensities = np.array(rows).T
    weighed = weights(chances, propensities)
    assert 0 <= weighed.effective <= len(rows) + 1e-9


def test_choices_that_count_alike_all_count():
    assert weights([0.5] * 40, [0.25] * 40).effective == pytest.approx(40)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 1)), min_size=1, max_size=50),
    st.floats(0.5, 50),
)
def test_what_clipping_takes_is_told(rows, clip):
    chances, propensities = np.array(rows).T
    weighed = weights(chances, propensities, clip)
    assert weighed.used.max() <= clip
    assert weighed.used.mean() + weighed.clipped_mass == pytest.approx(weighed.mean)
    assert weighed.clipped == np.mean(chances / propensities > clip)


def logged(rows, chance, dice):
    """Of two choices the first was made with ``chance``: weights of "always the second"."""
    second = dice.random(rows) >= chance
    return weights(second, np.where(second, 1 - chance, chance))


def test_a_policy_that_was_tried_is_not_refused():
    assert refusal(logged(1000, 0.8, np.random.default_rng(0))) is None


@pytest.mark.parametrize(
    ("chances", "propensities", "why"),
    [
        pytest.param([0.0] * 500, [1.0] * 500, "no logged request", id="never made"),
        pytest.param([1.0] * 12 + [0.0] * 48, [0.2] * 60, "as much as 12", id="too few"),
        # On 250 of 500 questions the other choice was certain: half of the policy was never tried.
        pytest.param(
            [1.0] * 125 + [0.0] * 375, [0.5] * 250 + [1.0] * 250, "support is missing", id="half"
        ),
        pytest.param(
            [1.0] * 250 + [0.0] * 250, [0.25] * 500, "propensities are wrong", id="too rare"
        ),
    ],
)
def test_where_the_log_says_nothing_of_a_policy_this_is_said(chances, propensities, why):
    assert why in refusal(weights(chances, propensities))


@pytest.mark.parametrize(
    ("chances", "propensities", "clip"),
    [
        pytest.param([], [], 1, id="no choice"),
        pytest.param([1], [1, 1], 1, id="shapes"),
        pytest.param([1], [0], 1, id="impossible and logged"),
        pytest.param([1.1], [1], 1, id="no probability"),
        pytest.param([np.nan], [1], 1, id="not a number"),
        pytest.param([1], [1], 0, id="no weight at all"),
    ],
)
def test_what_is_no_log_is_refused(chances, propensities, clip):
    with pytest.raises(ValueError, match=r"choice|lie in|largest"):
        weights(chances, propensities, clip)
