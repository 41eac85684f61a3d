"""The share in force."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rollout.plan import Effect, TrafficPlan, effect


@pytest.mark.parametrize(
    ("plan", "tripped", "known", "expected"),
    [
        pytest.param(TrafficPlan(True, 35), False, True, Effect(0.35, "35"), id="as asked for"),
        pytest.param(TrafficPlan(True, 12.5), False, True, Effect(0.125, "12.5"), id="fractions"),
        pytest.param(TrafficPlan(True, 100), False, True, Effect(1.0, "100"), id="everybody"),
        pytest.param(TrafficPlan(True, 0), False, True, Effect(0.0, "0"), id="nobody"),
        pytest.param(TrafficPlan(True, 50), True, True, Effect(0.0, "0"), id="a trip stands"),
        pytest.param(TrafficPlan(True, 50), False, False, Effect(0.0, "0"), id="a trip may stand"),
        pytest.param(TrafficPlan(False, 50), False, True, Effect(0.0, "disabled"), id="disabled"),
        pytest.param(TrafficPlan(False, 50), True, True, Effect(0.0, "disabled"), id="both"),
    ],
)
def test_the_share_in_force_follows_the_environment_unless_a_trip_stands(
    plan, tripped, known, expected
):
    assert effect(plan, tripped=tripped, known=known) == expected


@given(st.booleans(), st.floats(0, 100), st.booleans(), st.booleans())
def test_the_environments_share_is_the_ceiling(enabled, percentage, tripped, known):
    plan = TrafficPlan(enabled, percentage)
    assert effect(plan, tripped=tripped, known=known).share <= percentage / 100


@pytest.mark.parametrize("percentage", [-1, 100.1, float("nan")])
def test_a_percentage_beyond_0_to_100_is_refused(percentage):
    with pytest.raises(ValueError, match="percentage"):
        TrafficPlan(True, percentage)
