"""What `GET /metrics` says of learning and of confidence against outcome."""

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from gateway.monitoring.learning_metrics import confidence_bin
from gateway.monitoring.metrics import Metrics


@pytest.fixture
def metrics():
    return Metrics(CollectorRegistry(), monotonic=lambda: 0.0)


def read(metrics):
    """Every sample by name and labels."""
    body, _ = metrics.render()
    return {
        (s.name, *sorted(s.labels.values())): s.value
        for family in text_string_to_metric_families(body.decode())
        for s in family.samples
    }


@pytest.mark.parametrize(
    ("confidence", "lower_edge"),
    [(0.0, "0.0"), (0.0999, "0.0"), (0.1, "0.1"), (0.55, "0.5"), (0.9, "0.9"), (1.0, "0.9")],
)
def test_bins_are_of_equal_width_and_the_last_holds_certainty(confidence, lower_edge):
    assert confidence_bin(confidence) == lower_edge


def test_a_reliability_diagram_can_be_drawn_from_the_counts(metrics):
    for confidence, correct in ((0.92, True), (0.98, True), (0.94, False), (0.31, False)):
        metrics.learning.observe_outcome(confidence, correct=correct)
    seen = read(metrics)
    right = seen["consensus_confidence_outcomes_total", "0.9", "true"]
    wrong = seen["consensus_confidence_outcomes_total", "0.9", "false"]
    said = seen["consensus_confidence_outcomes_confidence_total", "0.9"]
    assert right / (right + wrong) == pytest.approx(2 / 3)
    assert said / (right + wrong) == pytest.approx((0.92 + 0.98 + 0.94) / 3)
    assert seen["consensus_confidence_outcomes_total", "0.3", "false"] == 1


def test_the_mean_squared_error_is_the_brier_score(metrics):
    metrics.learning.observe_outcome(0.9, correct=True)
    metrics.learning.observe_outcome(0.8, correct=False)
    seen = read(metrics)
    brier = (
        seen["consensus_confidence_squared_error_sum",]
        / seen["consensus_confidence_squared_error_count",]
    )
    assert brier == pytest.approx((0.01 + 0.64) / 2)


def test_fits_are_counted_and_a_failed_one_leaves_the_age_of_the_model(metrics):
    assert read(metrics)["learning_model_timestamp_seconds",] == 0
    metrics.learning.observe_fit(fitted_at=1_700_000_000.0, seconds=0.02)
    metrics.learning.observe_fit(fitted_at=None, seconds=0.01)
    metrics.learning.show_lessons(7)
    seen = read(metrics)
    assert seen["learning_fits_total", "fitted"] == 1
    assert seen["learning_fits_total", "failed"] == 1
    assert seen["learning_model_timestamp_seconds",] == 1_700_000_000.0
    assert seen["learning_fit_seconds_sum",] == pytest.approx(0.03)
    assert seen["learning_lessons",] == 7
