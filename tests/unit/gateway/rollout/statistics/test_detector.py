"""Evidence since the start, and recent evidence, from the same factors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rollout.statistics.detector import Bars, Detector

FACTORS = st.lists(st.floats(-2, 2), max_size=30)


def fed(log_factors, weights=(1.0,)):
    detector = Detector(weights)
    for log_factor in log_factors:
        detector.multiply([log_factor] * len(weights))
    return detector


@given(FACTORS)
@settings(deadline=None)
def test_since_the_start_is_the_product(log_factors):
    assert fed(log_factors).start == pytest.approx(math.fsum(log_factors), abs=1e-9)


@given(FACTORS)
@settings(deadline=None)
def test_recent_is_the_sum_of_the_products_begun_at_each_moment(log_factors):
    products = [math.exp(math.fsum(log_factors[i:])) for i in range(len(log_factors))]
    assert fed(log_factors).recent_sum == pytest.approx(math.fsum(products), rel=1e-9)


@given(FACTORS)
@settings(deadline=None)
def test_alternatives_that_agree_are_one(log_factors):
    one, three = fed(log_factors), fed(log_factors, (0.5, 0.3, 0.2))
    assert three.start == pytest.approx(one.start, abs=1e-9)
    assert three.recent_sum == pytest.approx(one.recent_sum, rel=1e-9)


def test_a_mixture_is_the_weighted_mean_of_its_alternatives():
    detector = Detector((0.25, 0.75))
    detector.multiply([math.log(2), math.log(0.4)])
    assert math.exp(detector.start) == pytest.approx(0.25 * 2 + 0.75 * 0.4)


def test_a_long_healthy_run_buries_the_start_and_not_the_recent_evidence():
    healthy, harm = [-0.01] * 5_000, [0.1] * 100
    detector = fed([*healthy, *harm])
    bars = Bars(start=4.0, recent=11.0)
    assert detector.start < 0
    assert detector.recent >= bars.recent
    assert detector.reaches(bars)


def test_evidence_beyond_all_measure_stays_a_number():
    detector = fed([50.0] * 100)
    assert math.isfinite(detector.recent)
    assert math.isfinite(detector.start)
    assert fed([-50.0] * 100).start == pytest.approx(-5_000)


def test_before_anything_is_seen_there_is_no_evidence():
    detector = Detector((1.0,))
    assert detector.start == 0
    assert detector.recent == -math.inf
    assert not detector.reaches(Bars(start=0.1, recent=0.1))


def test_the_mean_number_of_steps_to_a_false_alarm_is_at_least_the_bar():
    """Fair coins bet on 70:30 from either side of fairness: the expectation of each factor is 1."""
    rng, bar, steps = np.random.default_rng(1), 50.0, []
    for _ in range(400):
        detector, count = Detector((1.0,)), 0
        while detector.recent_sum < bar:
            detector.multiply([math.log(1.4) if rng.random() < 0.5 else math.log(0.6)])
            count += 1
        steps.append(count)
    assert np.mean(steps) >= bar


def test_a_fair_bet_reaches_1_over_alpha_in_at_most_alpha_of_runs():
    rng, alpha = np.random.default_rng(2), 0.1
    coins = rng.random((2_000, 500)) < 0.5
    paths = np.cumsum(np.where(coins, math.log(1.4), math.log(0.6)), axis=1)
    assert (paths.max(axis=1) >= math.log(1 / alpha)).mean() <= alpha
