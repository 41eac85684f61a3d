"""Evidence that a split is not the one asked for."""

import math

import numpy as np
import pytest

from gateway.rollout.statistics.ratio import log_evidence


def test_the_expected_evidence_under_the_right_split_is_1():
    """Exact: over all counts of 40, weighted by the chance of each."""
    share, count = 0.2, 40
    total = math.fsum(
        math.comb(count, seen)
        * share**seen
        * (1 - share) ** (count - seen)
        * math.exp(log_evidence(seen, count, share))
        for seen in range(count + 1)
    )
    assert total == pytest.approx(1)


def test_a_right_split_is_never_called_wrong_in_500_runs():
    runs = np.cumsum(np.random.default_rng(6).random((500, 3_000)) < 0.1, axis=1)
    worst = max(log_evidence(int(run[n - 1]), n, 0.1) for run in runs for n in range(50, 3_001, 50))
    assert worst < math.log(1e4)


@pytest.mark.parametrize(
    ("seen", "count", "share"),
    [
        pytest.param(150, 1_000, 0.1, id="15 % instead of 10 %"),
        pytest.param(0, 200, 0.1, id="nobody instead of 10 %"),
        pytest.param(580, 1_000, 0.5, id="58 % instead of 50 %"),
        pytest.param(1, 10, 0.0, id="somebody where nobody should be"),
        pytest.param(9, 10, 1.0, id="not everybody where everybody should be"),
    ],
)
def test_a_wrong_split_is_called_wrong(seen, count, share):
    assert log_evidence(seen, count, share) >= math.log(1e4)


def test_without_data_there_is_no_evidence():
    assert log_evidence(0, 0, 0.1) == 0
    assert log_evidence(0, 10, 0.0) == 0
