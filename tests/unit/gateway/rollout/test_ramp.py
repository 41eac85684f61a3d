"""What stands against the next share."""

from datetime import timedelta

import pytest

from gateway.rollout.ramp import doubts, unfinished, unproven
from gateway.rollout.rules import Margins, Rules
from gateway.rollout.terms import StageTerms
from gateway.rollout.verdict import Comparison, Finding
from tests.support.observations import LIMITS

RULES = Rules(LIMITS, Margins(error_rate=0.005))


def compared(measure="error_rate", interval=(-0.01, 0.01), **changes):
    values = {
        "finding": Finding.OPEN,
        "arm": 0.01,
        "control": 0.01,
        "difference": 0.0,
        "margin": 0.005,
        "evidence": 0.0,
        "needed": 4.0,
        "arm_count": 100,
        "control_count": 900,
        "said": f"{measure} said",
    }
    return Comparison(measure=measure, interval=interval, **(values | changes))


@pytest.mark.parametrize(
    ("measure", "upper", "share", "stands"),
    [
        pytest.param("error_rate", 0.02, 0.2, False, id="2 points on 20 % are 0.4 of the whole"),
        pytest.param("error_rate", 0.03, 0.2, True, id="3 points on 20 % are 0.6 of the whole"),
        pytest.param("error_rate", 0.01, 1.0, True, id="1 point on everybody"),
        pytest.param("error_rate", -0.01, 1.0, False, id="better for certain"),
        pytest.param("latency", 0.2, 0.2, False, id="20 points slower on 20 % are 4"),
        pytest.param("latency", 0.3, 0.2, True, id="30 points slower on 20 % are 6"),
        pytest.param("cost", 0.3, 0.2, True, id="cost likewise"),
        pytest.param("quality", 0.9, 1.0, False, id="few labels bound nothing, and block nothing"),
        pytest.param("confidence", 0.9, 1.0, False, id="confidence is not risked by going on"),
    ],
)
def test_the_upper_end_times_the_next_share_is_what_is_risked(measure, upper, share, stands):
    some = [compared(measure, (-0.1, upper))]
    assert bool(list(unproven(some, RULES, share))) is stands


def test_answers_that_are_worse_for_certain_stand_against_it():
    worse = compared("quality", (0.01, 0.2), margin=0.0)
    assert list(unproven([worse], RULES, 0.2)) == [
        "answers are worse than the control's: quality said"
    ]


@pytest.mark.parametrize(
    ("measure", "stands"),
    [("error_rate", True), ("latency", True), ("cost", False), ("quality", False)],
)
def test_failures_and_latency_must_be_known_before_going_on(measure, stands):
    unknown = compared(measure, None, difference=None)
    assert bool(list(unproven([unknown], RULES, 0.02))) is stands


def test_the_risk_is_said_in_figures():
    (said,) = unproven([compared(interval=(-0.01, 0.03))], RULES, 0.2)
    assert said == (
        "error rate: up to 3.00 points worse than the control is not excluded; on 20% of traffic "
        "that is 0.60 points of the whole, 0.5 may be risked"
    )


def test_a_stage_lasts_its_least_time_and_sample():
    terms = StageTerms(0.1, 0.2, timedelta(minutes=5), timedelta(minutes=10), 100)
    assert list(unfinished(99, terms)) == [
        "0:05:00 of the stage's least 0:10:00 are over",
        "99 requests of the stage's least 100 are in",
    ]
    assert list(unfinished(100, StageTerms(0.1, 0.2, *[timedelta(minutes=10)] * 2, 100))) == []


@pytest.mark.parametrize(
    ("difference", "evidence", "doubted"),
    [
        pytest.param(0.02, 3.0, True, id="worse, with three quarters of the evidence"),
        pytest.param(0.02, 1.0, False, id="worse, by chance for all one knows"),
        pytest.param(0.004, 3.0, False, id="within the margin by now"),
    ],
)
def test_a_difference_is_doubted_on_the_way_to_a_rollback(difference, evidence, doubted):
    some = [compared(difference=difference, evidence=evidence)]
    assert bool(list(doubts(some))) is doubted
