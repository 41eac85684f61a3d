"""The split of the new path over its arms."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rollout.arms import arm_of, place_among_arms
from gateway.rollout.buckets import bucket
from gateway.rollout.plan import ArmPolicy
from gateway.rollout.spread import AnonymousSpread
from tests.support.plans import plans

E = "experiment"
ABC = (ArmPolicy("a"), ArmPolicy("b", split=2.0), ArmPolicy("c"))
CALLERS = [f"caller-{n}" for n in range(20_000)]
PLACES = st.floats(0, 1, exclude_max=True)


def arm_at(caller, share, arms=ABC, closed=()):
    return arm_of(bucket(E, caller), share, place_among_arms(E, caller), arms, closed)


@given(PLACES, PLACES | st.just(1.0), st.none() | PLACES, plans())
def test_below_the_share_is_an_arm_of_the_plan_and_else_the_control(place, share, among, plan):
    arm = arm_of(place, share, among, plan.arms)
    assert (arm == "legacy") == (place >= share)
    assert arm == "legacy" or arm in {policy.name for policy in plan.arms}


@given(PLACES, PLACES, st.tuples(PLACES, PLACES).map(sorted), plans())
def test_who_is_in_an_arm_stays_in_it_while_the_share_grows(place, among, shares, plan):
    before, after = (arm_of(place, share, among, plan.arms) for share in shares)
    assert before in {"legacy", after}


@given(PLACES, PLACES, PLACES, plans(), st.data())
def test_a_closed_arms_callers_go_to_the_control_and_nobody_else_moves(
    place, share, among, plan, data
):
    closed = data.draw(st.sampled_from([arm.name for arm in plan.arms]))
    before = arm_of(place, share, among, plan.arms)
    after = arm_of(place, share, among, plan.arms, (closed,))
    assert after == ("legacy" if before == closed else before)


def test_callers_spread_over_the_arms_by_their_splits():
    inside = [arm for caller in CALLERS if (arm := arm_at(caller, 0.5)) != "legacy"]
    parts = {name: inside.count(name) / len(inside) for name in "abc"}
    # Four standard errors of a part among 10,000 callers.
    assert parts == pytest.approx({"a": 0.25, "b": 0.5, "c": 0.25}, abs=0.02)


def test_the_arm_says_nothing_of_how_early_a_caller_came_in():
    early = [arm_at(caller, 0.05) for caller in CALLERS]
    inside = [arm for arm in early if arm != "legacy"]
    # Four standard errors of a half among 1,000 callers.
    assert inside.count("b") / len(inside) == pytest.approx(0.5, abs=0.065)


@pytest.mark.parametrize("share", [0.02, 0.35, 0.8, 1.0])
def test_requests_without_id_spread_over_the_arms_too(share):
    spread = AnonymousSpread(Random(7))
    arms = [arm_of(spread.draw(share), share, None, ABC) for _ in range(200_000)]
    inside = [arm for arm in arms if arm != "legacy"]
    # Five standard errors of a half among the 4,000 requests of the smallest share.
    assert inside.count("b") / len(inside) == pytest.approx(0.5, abs=0.04)


def test_one_arm_has_all_of_the_new_path():
    assert arm_of(0.1, 0.2, 0.99, (ArmPolicy("wall_bounce"),)) == "wall_bounce"


def test_the_place_among_arms_is_the_bucket_of_an_experiment_of_its_own():
    assert place_among_arms(E, "alice") == bucket("experiment/arms", "alice")
    assert place_among_arms(E, "alice") != bucket(E, "alice")
