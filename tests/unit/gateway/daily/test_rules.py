"""What was wrong with a day, at the levels of the gateway's own alerts."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.alerts.levels import Level
from gateway.alerts.rules import RULES
from gateway.daily.rules import alerts_of, alerts_of_changes
from learning.monitor.bins import bin_of
from learning.monitor.drift import Change, Direction, Measure
from learning.monitor.tally import Tally
from tests.support.daily import after

DAY = date(2026, 3, 1)
ARM = ("arm", "wall_bounce")


def well(**changes):
    """A day of a hundred answered requests with nothing wrong."""
    usual = {"count": 100, "measured": 100, "latency": {bin_of(900): 100}}
    return Tally(**{**usual, "confident": 100, "confidence": 90.0, **changes})


def names(tally, key=ARM):
    return [(alert.name, alert.level.value) for alert in alerts_of({DAY: {key: tally}})]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"errors": 2}, [], id="at a limit is within"),
        pytest.param({"errors": 3}, [("ErrorRateCritical", "critical")], id="3 of 100 fail"),
        pytest.param({"errors": 4}, [("ErrorRateEmergency", "emergency")], id="the loudest alone"),
        pytest.param(
            {"count": 19, "measured": 19, "errors": 19, "confident": 0},
            [],
            id="of 19 requests nothing is said",
        ),
        pytest.param(
            {"latency": {bin_of(900): 94, bin_of(6_000): 6}},
            [("LatencyWarning", "warning")],
            id="p95 above 5 s",
        ),
        pytest.param(
            {"latency": {bin_of(11_000): 100}}, [("LatencyCritical", "critical")], id="above 10 s"
        ),
        pytest.param(
            {"confidence": 75.0}, [("ConfidenceWarning", "warning")], id="confidence below 0.8"
        ),
        pytest.param(
            {"confidence": 65.0}, [("ConfidenceCritical", "critical")], id="confidence below 0.7"
        ),
        pytest.param(
            {"right": 15, "wrong": 5}, [], id="75 % of 20 labels may still be 85 % and more"
        ),
        pytest.param(
            {"right": 75, "wrong": 25}, [("AccuracyWarning", "warning")], id="75 % of 100 may not"
        ),
        pytest.param(
            {"right": 95, "wrong": 5, "labelled": {9: 100}, "stated": {9: 95.0}, "kept": {9: 95}},
            [],
            id="confidence keeps its word",
        ),
        pytest.param(
            {"right": 95, "wrong": 5, "labelled": {8: 100}, "stated": {8: 80.0}, "kept": {8: 95}},
            [("CalibrationWarning", "warning")],
            id="confidence 15 points below accuracy",
        ),
    ],
)
def test_a_day_of_an_arm_is_judged_by_its_figures(changes, found):
    assert names(well(**changes)) == found


def test_the_limits_are_those_of_the_gateways_own_alerts():
    (alert,) = alerts_of({DAY: {ARM: well(errors=3)}})
    (rule,) = (rule for rule in RULES if rule.name == alert.name)
    assert (alert.limit, alert.level) == (rule.limit, rule.level)
    assert alert.words == "error_rate 0.03 is above 0.02"


def test_a_vendor_that_was_down_most_of_a_day_is_told():
    key = ("provider", "gpt")
    assert names(Tally(count=10, measured=10, errors=6), key) == [("ProviderDown", "warning")]
    assert names(Tally(count=10, measured=10, errors=5), key) == []
    assert names(Tally(count=4, measured=4, errors=4), key) == []


def test_shadows_alarm_nobody():
    assert names(well(errors=50, confidence=10.0, wrong=100), ("arm", "shadow")) == []


def test_a_day_dearer_than_the_days_before_is_told_and_then_is_one_of_them():
    def days(*costs):
        return {
            DAY + timedelta(days=n): {ARM: well(priced=100, cost_usd=100 * cost)}
            for n, cost in enumerate(costs)
        }

    (alert,) = alerts_of(days(0.01, 0.011, 0.01, 0.02))
    assert (alert.name, alert.day, alert.limit) == (
        "CostWarning",
        DAY + timedelta(days=3),
        pytest.approx(0.015),
    )
    assert alerts_of(days(0.01, 0.02)) == ()
    assert len(alerts_of(days(0.01, 0.01, 0.01, 0.02, 0.02, 0.02, 0.02))) == 3


def test_a_vendor_that_changed_is_a_warning_on_the_day_it_was_found_in_that_time_zone():
    change = Change(
        after(hours=20), after(hours=18), "gpt", "m", Measure.LATENCY, Direction.UP, 1.0, 2.0, 9, 9
    )
    (alert,) = alerts_of_changes([change], ZoneInfo("Asia/Tokyo"))
    assert (alert.level, alert.subject, str(alert.day)) == (Level.WARNING, "gpt", "2026-03-02")
    assert "since 2026-03-02 03:00" in alert.words
