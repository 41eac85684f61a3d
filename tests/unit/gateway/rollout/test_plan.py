"""What a plan has to be."""

from datetime import timedelta

import pytest
from hypothesis import given

from gateway.rollout.plan import (
    ArmPolicy,
    InvalidPlanError,
    RolloutPlan,
    Stage,
    TrafficPlan,
)
from gateway.rollout.rules import Margins
from tests.support.plans import plan, plans

NAN = float("nan")


def paths(refused):
    return [problem.path for problem in refused.value.problems]


@given(plans())
def test_every_plan_drawn_rises_to_its_last_stage(drawn):
    percentages = [stage.percentage for stage in drawn.stages]
    assert percentages == sorted(set(percentages))


@pytest.mark.parametrize(
    ("percentages", "path"),
    [
        pytest.param((), "stages", id="no stage"),
        pytest.param((0, 10), "stages[0].percentage", id="a stage of nobody"),
        pytest.param((10, 101), "stages[1].percentage", id="more than all"),
        pytest.param((10, NAN), "stages[1].percentage", id="no number"),
        pytest.param((10, 10), "stages[1].percentage", id="the same again"),
        pytest.param((10, 50, 20), "stages[2].percentage", id="falling"),
        pytest.param(tuple(range(1, 52)), "stages", id="too many"),
    ],
)
def test_stages_rise_from_above_0_to_at_most_100(percentages, path):
    with pytest.raises(InvalidPlanError) as refused:
        plan(*percentages)
    assert paths(refused) == [path]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"minimum_time": timedelta(seconds=-1)}, "minimum_time"),
        ({"minimum_time": timedelta(days=91)}, "minimum_time"),
        ({"minimum_sample": 0}, "minimum_sample"),
        ({"approvals": 3}, "approvals"),
        ({"approvals": -1}, "approvals"),
        ({"error_rate_rollback": 0.0}, "error_rate_rollback"),
        ({"error_rate_rollback": 1.5}, "error_rate_rollback"),
        ({"error_rate_rollback": NAN}, "error_rate_rollback"),
        ({"error_rate_rollback": 0.01, "error_rate_warning": 0.02}, "error_rate_warning"),
        ({"error_rate_warning": -0.1}, "error_rate_warning"),
        ({"error_rate_warning": NAN}, "error_rate_warning"),
    ],
)
def test_a_stage_out_of_range_is_named_by_its_field(fields, field):
    with pytest.raises(InvalidPlanError) as refused:
        RolloutPlan("p", (Stage(1), Stage(10, **fields)))
    assert paths(refused) == [f"stages[1].{field}"]


def test_nobody_approves_the_stage_a_plan_begins_with():
    with pytest.raises(InvalidPlanError, match="begins with the plan") as refused:
        RolloutPlan("p", (Stage(1, approvals=1),))
    assert paths(refused) == ["stages[0].approvals"]


@pytest.mark.parametrize(
    ("arms", "path"),
    [
        pytest.param((), "arms", id="no arm"),
        pytest.param(tuple(ArmPolicy(f"a{n}") for n in range(9)), "arms", id="too many"),
        pytest.param((ArmPolicy("legacy"),), "arms[0].name", id="the control's name"),
        pytest.param((ArmPolicy("shadow"),), "arms[0].name", id="the shadow's name"),
        pytest.param((ArmPolicy("none"),), "arms[0].name", id="nobody's name"),
        pytest.param((ArmPolicy("A"),), "arms[0].name", id="a capital"),
        pytest.param((ArmPolicy("腕"),), "arms[0].name", id="no label of a metric"),
        pytest.param((ArmPolicy("a" * 33),), "arms[0].name", id="too long"),
        pytest.param((ArmPolicy("a\n"),), "arms[0].name", id="a line's end"),
        pytest.param((ArmPolicy("a"), ArmPolicy("a")), "arms[1].name", id="one name twice"),
        pytest.param((ArmPolicy("a", split=0.0),), "arms[0].split", id="nobody's arm"),
        pytest.param((ArmPolicy("a", split=NAN),), "arms[0].split", id="no number"),
        pytest.param((ArmPolicy("a", providers=()),), "arms[0].providers", id="asks nobody"),
        pytest.param(
            (ArmPolicy("a", providers=("gpt", "gpt")),), "arms[0].providers", id="asks one twice"
        ),
        pytest.param(
            (ArmPolicy("a", weights={"gpt": 0.0}),), "arms[0].weights.gpt", id="no weight"
        ),
        pytest.param((ArmPolicy("a", depth=2),), "arms[0].depth", id="too few rounds"),
    ],
)
def test_an_arm_that_makes_no_sense_is_named_by_its_field(arms, path):
    with pytest.raises(InvalidPlanError) as refused:
        plan(1, 10, arms=arms)
    assert paths(refused) == [path]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"alpha": 0.0}, "alpha"),
        ({"alpha": 0.21}, "alpha"),
        ({"alpha": NAN}, "alpha"),
        ({"shadow": 100.5}, "shadow"),
        ({"margins": Margins(error_rate=-0.1)}, "margins.error_rate"),
        ({"margins": Margins(quality=1.1)}, "margins.quality"),
        ({"margins": Margins(latency=0.0)}, "margins.latency"),
        ({"margins": Margins(cost=float("inf"))}, "margins.cost"),
        ({"margins": Margins(confidence=NAN)}, "margins.confidence"),
    ],
)
def test_a_field_of_the_plan_out_of_range_is_named(fields, path):
    with pytest.raises(InvalidPlanError) as refused:
        plan(1, 10, **fields)
    assert paths(refused) == [path]


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(InvalidPlanError) as refused:
        plan(10, 5, name="a b", alpha=0.0)
    assert paths(refused) == ["name", "stages[1].percentage", "alpha"]
    assert "expected more than the 10 of the stage before, found 5" in str(refused.value)


@pytest.mark.parametrize("percentage", [-1, 100.1, float("nan")])
def test_a_percentage_beyond_0_to_100_is_refused(percentage):
    with pytest.raises(ValueError, match="percentage"):
        TrafficPlan(True, percentage)
