"""Which rule decides the share in force."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rollout.plan import TrafficPlan
from gateway.rollout.precedence import RULES, Rule, in_force
from gateway.rollout.state import RolloutState, Trip
from tests.support.plans import MOMENT, plan, states

TRIP = Trip("too many errors", {}, "watcher", MOMENT)
CLIMB = plan(1, 10, 50, name="climb")
AT_10 = RolloutState(plan=CLIMB, stage=1)


@pytest.mark.parametrize(
    ("environment", "state", "local", "expected"),
    [
        pytest.param(
            (False, 50), RolloutState(trip=TRIP), True, (0, "disabled", Rule.DISABLED), id="off"
        ),
        pytest.param(
            (True, 50), RolloutState(trip=TRIP), False, (0, "0", Rule.ROLLBACK), id="a trip"
        ),
        pytest.param(
            (True, 50), RolloutState(plan=CLIMB), True, (0, "0", Rule.ROLLBACK), id="a trip of ours"
        ),
        pytest.param((True, 50), None, True, (0, "0", Rule.ROLLBACK), id="ours, nothing read"),
        pytest.param((True, 50), None, False, (0, "0", Rule.UNKNOWN), id="nothing read"),
        pytest.param((True, 5), AT_10, False, (0.05, "5", Rule.CEILING), id="a ceiling"),
        pytest.param((True, 0), AT_10, False, (0, "0", Rule.CEILING), id="a ceiling of 0"),
        pytest.param((True, 50), AT_10, False, (0.1, "10", Rule.PLAN), id="a stage"),
        pytest.param((True, 10), AT_10, False, (0.1, "10", Rule.PLAN), id="both alike"),
        pytest.param(
            (True, 12.5), RolloutState(), False, (0.125, "12.5", Rule.ENVIRONMENT), id="no plan"
        ),
    ],
)
def test_the_first_rule_that_applies_decides(environment, state, local, expected):
    now = in_force(TrafficPlan(*environment), state, local_trip=local)
    assert (now.share, now.stage, now.rule) == expected
    assert now.because


def test_every_rule_is_told_in_the_order_it_is_asked():
    assert list(RULES) == list(Rule)


@pytest.mark.parametrize(
    ("ceiling", "state", "words"),
    [
        (50, RolloutState(trip=TRIP), "a rollback stands: too many errors"),
        (50, AT_10, "stage 2 of 3 of the plan climb is 10 %"),
        (
            5,
            AT_10,
            "SRP_TRAFFIC_PERCENTAGE is 5, below the 10 % of stage 2 of 3 of the plan climb",
        ),
        (35, RolloutState(), "no plan is in force, SRP_TRAFFIC_PERCENTAGE is 35"),
    ],
)
def test_why_is_said_with_its_figures(ceiling, state, words):
    assert in_force(TrafficPlan(True, ceiling), state).because == words


@given(st.booleans(), st.floats(0, 100), st.none() | states(), st.booleans())
def test_the_environment_is_the_ceiling_and_a_rollback_lets_nobody_in(
    enabled, ceiling, state, local
):
    now = in_force(TrafficPlan(enabled, ceiling), state, local_trip=local)
    assert 0 <= now.share <= ceiling / 100
    if not enabled or local or state is None or state.tripped:
        assert now.share == 0
    if state is not None and state.plan is not None:
        assert now.share <= state.plan.stages[state.stage].percentage / 100
