"""Which share is shadowed now, and under which policy."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rollout.plan import ArmPolicy, RolloutPlan, Stage
from gateway.rollout.state import RolloutState, Trip
from gateway.shadow.terms import ShadowLimits, terms_in_force
from tests.support.pipelines import OPEN
from tests.support.records import NOON

FIRST, SECOND = ArmPolicy("first", mode="sequential"), ArmPolicy("second")
PLAN = RolloutPlan("own", (Stage(10.0),), arms=(FIRST, SECOND), shadow=20.0)
PLANNED = replace(OPEN, state=RolloutState(1, PLAN))
TRIP = Trip("a hunch", {}, "operator", NOON)


@pytest.mark.parametrize(
    ("percentage", "standing", "share"),
    [
        pytest.param(5.0, OPEN, 0.05, id="the environment alone, at a share of nought"),
        pytest.param(None, OPEN, 0.0, id="nobody asks for shadows"),
        pytest.param(None, PLANNED, 0.2, id="the plan's"),
        pytest.param(5.0, PLANNED, 0.05, id="the environment's over the plan's"),
        pytest.param(0.0, PLANNED, 0.0, id="also where it is none"),
        pytest.param(5.0, replace(OPEN, state=RolloutState(1)), 0.05, id="a state without a plan"),
        pytest.param(5.0, replace(PLANNED, enabled=False), 0.0, id="switched off"),
        pytest.param(5.0, replace(PLANNED, known=False), 0.0, id="a trip may stand unseen"),
        pytest.param(5.0, replace(PLANNED, trip=TRIP), 0.0, id="rolled back"),
    ],
)
def test_the_share_in_force(percentage, standing, share):
    assert terms_in_force(ShadowLimits(percentage), standing).share == pytest.approx(share)


@pytest.mark.parametrize(
    ("closed", "policy"),
    [
        pytest.param((), FIRST, id="the first arm's"),
        pytest.param(("first",), SECOND, id="the next one's, where harm closed the first"),
    ],
)
def test_a_shadow_runs_under_the_first_open_arm_s_policy(closed, policy):
    standing = replace(PLANNED, state=RolloutState(1, PLAN, closed=closed))
    assert terms_in_force(ShadowLimits(), standing).policy == policy


@given(
    percentage=st.none() | st.floats(0, 100),
    enabled=st.booleans(),
    known=st.booleans(),
    trip=st.sampled_from([None, TRIP]),
    state=st.sampled_from([None, RolloutState(), PLANNED.state]),
)
def test_nothing_is_shadowed_where_the_new_path_was_stopped(
    *, percentage, enabled, known, trip, state
):
    standing = replace(OPEN, enabled=enabled, known=known, trip=trip, state=state)
    share = terms_in_force(ShadowLimits(percentage), standing).share
    assert 0 <= share <= 1
    if not enabled or not known or trip is not None:
        assert share == 0
