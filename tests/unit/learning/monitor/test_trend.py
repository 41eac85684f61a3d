"""A trend is called where chance is no likely cause, and its slope is that of the series."""

import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.monitor.trend import LEAST_DAYS, discovered, mann_kendall, trend_of

VALUES = st.lists(st.integers(-50, 50).map(float), min_size=LEAST_DAYS, max_size=12)


def score(values):
    return sum(
        (values[j] > values[i]) - (values[j] < values[i])
        for i in range(len(values))
        for j in range(i + 1, len(values))
    )


@pytest.mark.parametrize("values", [(1, 2, 3, 4, 5, 6), (2, 1, 4, 3, 6, 5), (3, 1, 6, 2, 5, 4)])
def test_the_chance_is_the_part_of_all_orders_that_are_at_least_as_clear(values):
    orders = list(permutations(values))
    clear = sum(abs(score(order)) >= abs(score(values)) for order in orders)
    assert mann_kendall(values) == pytest.approx(clear / len(orders))


def test_with_ties_the_normal_approximation_corrects_for_them():
    # Score 8, variance (5 x 4 x 15 - 2 x 1 x 9) / 18 = 15.67; (8 - 1) / 3.958 = 1.768.
    assert mann_kendall([1, 1, 2, 3, 3]) == pytest.approx(
        math.erfc((8 - 1) / math.sqrt((5 * 4 * 15 - 2 * 2 * 1 * 9) / 18) / math.sqrt(2))
    )
    assert mann_kendall([4, 4, 4, 4, 4, 4]) == 1


def test_many_days_are_judged_as_few_are():
    rising = [float(n) if n % 3 else n - 4.5 for n in range(31)]
    assert mann_kendall(rising) < 1e-6
    waves = [math.sin(2.4 * n) for n in range(31)]
    assert mann_kendall(waves) > 0.2


def test_too_few_days_have_no_trend():
    assert trend_of([(n, n) for n in range(LEAST_DAYS - 1)]) is None


def test_days_without_a_figure_are_counted_between():
    trend = trend_of([(0, 0.0), (2, 4.0), (3, 6.0), (7, 14.0), (8, 16.0), (20, 40.0)])
    assert (trend.slope, trend.first, trend.last) == (2.0, 0.0, 40.0)


def test_one_bad_day_moves_the_slope_nowhere():
    series = [(n, 10.0 + n) for n in range(12)]
    series[6] = (6, 1_000.0)
    assert trend_of(series).slope == pytest.approx(1.0, abs=0.05)


@given(VALUES, st.floats(-3, 3), st.floats(-100, 100))
def test_a_line_added_adds_its_slope(values, slope, level):
    plain = trend_of(list(enumerate(values)))
    moved = trend_of([(n, value + slope * n + level) for n, value in enumerate(values)])
    assert moved.slope == pytest.approx(plain.slope + slope, abs=1e-9)


@given(VALUES)
def test_the_interval_holds_the_slope_and_a_mirrored_series_mirrors_everything(values):
    trend = trend_of(list(enumerate(values)))
    mirrored = trend_of([(n, -value) for n, value in enumerate(values)])
    assert mirrored.slope == -trend.slope
    assert mirrored.chance == pytest.approx(trend.chance)
    if trend.lower is not None:
        assert trend.lower <= trend.slope <= trend.upper
        assert (mirrored.lower, mirrored.upper) == (-trend.upper, -trend.lower)


def test_judged_together_a_chance_must_be_smaller_than_alone():
    # Ranked: 0.001 <= 0.05 x 1/4, 0.02 <= 0.05 x 2/4, 0.04 > 0.05 x 3/4, 0.6.
    assert discovered({"a": 0.02, "b": 0.6, "c": 0.001, "d": 0.04}) == {"a", "c"}
    assert discovered({"a": 0.04}) == {"a"}
    assert discovered({}) == set()
