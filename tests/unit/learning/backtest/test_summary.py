"""Mean and worst over the rows."""

import numpy as np
import pytest

from learning.backtest.figures import Figure, Run
from learning.backtest.summary import Summary


def run(right, stated, best=0.0):
    right = np.array(right, float)
    held = np.full(len(right), best)
    return Run(np.array(stated, float), right, np.zeros(len(right)), held, held)


MANY_ERRORS = run([1] * 20 + [0] * 20, [0.9] * 20 + [0.1] * 20, best=0.5)
FEW_ERRORS = run([1] * 9 + [0], [0.2] * 9 + [0.8], best=1.0)


@pytest.fixture
def summary():
    return Summary({"many": MANY_ERRORS, "few": FEW_ERRORS}, seed=0, times=400)


def test_each_row_counts_the_same_in_a_mean(summary):
    assert summary.mean[Figure.ACCURACY] == pytest.approx((0.5 + 0.9) / 2)
    assert summary.mean[Figure.MINUS_BEST_SINGLE] == pytest.approx((0.0 - 0.1) / 2)


def test_auroc_counts_rows_with_twenty_errors(summary):
    assert summary.rows_of(Figure.AUROC) == ["many"]
    assert summary.mean[Figure.AUROC] == 1.0
    assert Summary({"few": FEW_ERRORS}, seed=0).mean[Figure.AUROC] is None
    assert Summary({"few": FEW_ERRORS}, seed=0).mean_intervals[Figure.AUROC] is None


def test_coverage_is_that_of_all_items_pooled(summary):
    # 20 of 20 at 0.9; with the mistake at 0.8 still 20 of 21; then 29 of 30 at 0.2.
    assert summary.mean[Figure.COVERAGE] == 30 / 50


def test_the_worst_row_is_the_lowest_of_a_merit_and_the_highest_of_a_fault(summary):
    assert summary.worst_row[Figure.MINUS_BEST_SINGLE] == "few"
    assert summary.worst[Figure.MINUS_BEST_SINGLE] == pytest.approx(-0.1)
    assert summary.worst_row[Figure.ACCURACY] == "many"
    assert summary.worst_row[Figure.ECE] == "few"
    assert summary.worst_row[Figure.COVERAGE] == "few"


def test_intervals_hold_the_figure_they_are_of(summary):
    for figure, ends in summary.mean_intervals.items():
        assert ends.lower - 1e-9 <= summary.mean[figure] <= ends.upper + 1e-9
    for figure, ends in summary.intervals("many").items():
        value = summary.by_row["many"][figure]
        assert ends.lower - 1e-9 <= value <= ends.upper + 1e-9


def test_a_calibration_error_lies_within_its_interval_although_resamples_raise_it():
    stated = np.linspace(0.05, 0.95, 100)
    right = (np.arange(100) * 37 % 100 / 100) < stated  # as often right as stated
    ends = Summary({"row": run(right, stated)}, seed=0).mean_intervals[Figure.ECE]
    value = Summary({"row": run(right, stated)}, seed=0).mean[Figure.ECE]
    assert ends.lower < value < ends.upper


def test_the_interval_of_a_mean_is_narrower_than_its_rows(summary):
    def width(ends):
        return ends.upper - ends.lower

    rows = [width(summary.intervals(name)[Figure.ACCURACY]) for name in ("many", "few")]
    assert width(summary.mean_intervals[Figure.ACCURACY]) < max(rows)
