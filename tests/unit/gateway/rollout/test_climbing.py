"""When a stage may end."""

from datetime import timedelta

import pytest

from gateway.rollout.climbing import (
    advances_by_itself,
    allow_advance,
    obstacles,
    open_arms,
    terms_at,
)
from gateway.rollout.plan import ArmPolicy, RolloutPlan, Stage, TrafficPlan
from gateway.rollout.state import RolloutState, Trip
from gateway.rollout.verdict import Decision, Health
from tests.support.records import NOON
from tests.support.verdicts import verdict

STAGES = (Stage(10.0, timedelta(minutes=5), 200), Stage(50.0, timedelta(minutes=9), 300))
PLAN = RolloutPlan("steps", STAGES, advance="automatic", arms=(ArmPolicy("a"), ArmPolicy("b")))
STATE = RolloutState(version=3, plan=PLAN, since=NOON)
LATER = NOON + timedelta(minutes=7)


def said(decision, health=Health.HEALTHY):
    return verdict("a", decision, health, reasons=("because",))


def at(percentage=100.0, state=STATE, share=0.1):
    return terms_at(state, TrafficPlan(True, percentage), share, LATER)


def test_the_terms_are_those_of_the_stage_in_force():
    terms = at()
    assert (terms.share, terms.next_share) == (0.1, 0.5)
    assert (terms.minimum_time, terms.minimum_sample) == (timedelta(minutes=5), 200)
    assert terms.elapsed == timedelta(minutes=7)


@pytest.mark.parametrize(
    ("ceiling", "following"),
    [
        pytest.param(100.0, 0.5, id="no ceiling in the way"),
        pytest.param(30.0, 0.3, id="the ceiling is the next share where it comes first"),
        pytest.param(10.0, None, id="a ceiling already reached leaves nothing to climb to"),
    ],
)
def test_the_environment_is_the_ceiling_of_the_next_share(ceiling, following):
    assert at(ceiling).next_share == following


def test_there_is_no_next_share_at_the_last_stage_without_a_plan_or_without_a_state():
    last = RolloutState(version=3, plan=PLAN, stage=1, since=NOON)
    assert at(state=last, share=0.5).next_share is None
    assert at(state=RolloutState()).next_share is None
    assert at(state=None).next_share is None


def test_a_clock_that_stands_behind_the_stage_s_start_has_no_time_elapsed():
    early = terms_at(STATE, TrafficPlan(True, 100.0), 0.1, NOON - timedelta(minutes=1))
    assert early.elapsed == timedelta(0)


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(None, id="unknown"),
        pytest.param(RolloutState(), id="no plan"),
        pytest.param(
            RolloutState(plan=RolloutPlan("by-hand", STAGES, advance="manual")), id="a manual plan"
        ),
        pytest.param(RolloutState(plan=PLAN, held=True), id="held"),
        pytest.param(RolloutState(plan=PLAN, trip=Trip("", {}, "", NOON)), id="rolled back"),
    ],
)
def test_nothing_advances_by_itself_that_is(state):
    assert not advances_by_itself(state)
    assert advances_by_itself(STATE)


def test_every_open_arm_must_say_advance_and_no_arm_is_no_consent():
    assert allow_advance([said(Decision.ADVANCE), said(Decision.ADVANCE)])
    assert not allow_advance([said(Decision.ADVANCE), said(Decision.INCONCLUSIVE)])
    assert not allow_advance([])


def test_a_closed_arm_has_no_say():
    assert open_arms(RolloutState(plan=PLAN, closed=("a",))) == ("b",)
    assert open_arms(None) == ()


def test_force_overrides_everything_but_critical_health():
    hold = said(Decision.HOLD, Health.WARNING)
    critical = said(Decision.ROLL_BACK, Health.CRITICAL)
    assert obstacles([hold], forced=False) == ("a: HOLD (WARNING): because",)
    assert obstacles([hold], forced=True) == ()
    assert obstacles([critical], forced=True)
