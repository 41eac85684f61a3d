"""Requests that asked one provider alone: they count for the vendor, and for no arm of the split."""

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from gateway.alerts.readings import Figures, Standing
from gateway.alerts.rules import Measure as Alarm
from gateway.monitoring.metrics import Metrics
from gateway.rollout.observation import observation_of
from learning.monitor.counting import count
from learning.monitor.drift import Measure
from learning.monitor.vendors import told_by
from learning.records import SINGLE
from tests.support.records import PLAIN, vote

ANSWERED = replace(PLAIN, arm=None, mode=SINGLE, votes=(vote(),), cost_usd=0.02)
FAILED = replace(
    ANSWERED, status=502, code="server_error", votes=(vote("server_error", down=True),)
)
FILTERED = replace(ANSWERED, votes=(vote("content_filtered"),))
REFUSED = replace(PLAIN, arm=None, status=400, code="invalid_request")


@pytest.mark.parametrize("record", [ANSWERED, FAILED])
def test_the_rollout_does_not_see_them(record):
    assert record.is_single
    assert not record.on_new_path
    assert observation_of(record) is None


def test_metrics_count_them_by_a_label_of_their_own_and_their_calls_for_the_vendor():
    metrics = Metrics(CollectorRegistry(), monotonic=lambda: 0.0)
    for record in (ANSWERED, FAILED, REFUSED):
        metrics.observe(record)
    shown = metrics.render()[0].decode()
    assert 'wallbounce_requests_total{arm="single",code="ok"} 1.0' in shown
    assert 'wallbounce_requests_total{arm="single",code="server_error"} 1.0' in shown
    assert 'wallbounce_requests_total{arm="none",code="invalid_request"} 1.0' in shown
    assert 'provider_requests_total{outcome="answer",provider="gpt"} 1.0' in shown
    assert 'provider_availability{provider="gpt"} 0.5' in shown
    assert 'srp_error_rate{arm="single"}' not in shown
    assert 'feature_requests_total{feature="sequential"}' not in shown


def test_alerts_hear_of_the_vendor_and_of_no_arm():
    figures = Figures()
    for _ in range(40):
        figures.observe(FAILED, 0.0)
    about = {(measure, label) for measure, label in figures.readings(Standing(), 0.0)}
    assert "gpt" in {label for _, label in about}
    assert not {label for _, label in about} & {"single", "None", "none"}
    assert (Alarm.CONFIDENCE, "") not in about


def test_daily_figures_tell_them_apart_from_requests_that_were_refused():
    tallies = {}
    for record in (ANSWERED, FAILED, REFUSED):
        count(tallies, record)
    assert tallies["arm", "single"].count == 2
    assert tallies["arm", "single"].errors == 1
    assert tallies["arm", "none"].count == 1
    assert tallies["provider", "gpt"].count == 2


def test_what_callers_make_of_a_vendor_tells_whether_it_fails_and_not_how_it_answers():
    assert {seen.measure for seen in told_by(ANSWERED)} == {Measure.FAILURE}
    assert {seen.measure for seen in told_by(FAILED)} == {Measure.FAILURE}
    assert list(told_by(FILTERED)) == []
    in_a_vote = replace(ANSWERED, arm="wall_bounce", mode="parallel")
    assert Measure.LENGTH in {seen.measure for seen in told_by(in_a_vote)}
