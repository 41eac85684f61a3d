"""What the environment asks of the rollout, beside a plan and above it."""

from dataclasses import replace

import pytest

from gateway.advice_terms import SteeringTerms
from gateway.configuration import (
    plan_of,
    rollout_plan_of,
    rules_of,
    steering_terms_of,
    wish_of,
)
from gateway.environment import SettingsError, read_settings
from gateway.rollout.plan import ArmPolicy, RolloutPlan, Stage
from gateway.rollout.presets import preset_plan
from gateway.rollout.rules import Margins
from gateway.rollout.state import RolloutState

LAX = RolloutPlan(
    "lax",
    (Stage(10, error_rate_rollback=0.2, error_rate_warning=0.1), Stage(50)),
    arms=(ArmPolicy("a"), ArmPolicy("b")),
    margins=Margins(error_rate=0.02),
    alpha=0.01,
    shadow=3.0,
)
AT_LAX = RolloutState(plan=LAX)


def settings(**variables):
    return read_settings(variables, None)


def refusal(**variables):
    with pytest.raises(SettingsError) as refused:
        rollout_plan_of(settings(**variables))
    return refused.value.lines


def test_the_environment_alone_sets_all_rules_without_a_plan():
    rules = rules_of(
        settings(
            SRP_ERROR_RATE_THRESHOLD="0.02",
            AUTO_ROLLBACK_ERROR_RATE="0.04",
            AUTO_ROLLBACK_LATENCY_MS="2500",
            AUTO_ROLLBACK_WINDOW_SECONDS="60",
            AUTO_ROLLBACK_MIN_REQUESTS="30",
            SRP_MARGIN_ERROR_RATE="0.01",
            SRP_MARGIN_QUALITY="0.02",
            SRP_MARGIN_LATENCY="2",
            SRP_MARGIN_COST="4",
            SRP_ROLLBACK_ALPHA="0.01",
        )
    )
    limits = rules.limits
    assert (limits.error_rate, limits.warning_error_rate) == (0.04, 0.02)
    assert (limits.latency_ms, limits.window.total_seconds()) == (2500, 60)
    assert limits.minimum_sample == 30
    assert rules.margins == Margins(0.01, 0.02, 2.0, 4.0)
    assert (rules.alpha, rules.arms) == (0.01, ("wall_bounce",))


def test_without_any_variable_the_missions_limits_hold_and_the_sample_is_derived():
    rules = rules_of(settings())
    assert (rules.limits.error_rate, rules.limits.warning_error_rate) == (0.03, 0.015)
    assert rules.limits.latency_ms == 10_000
    assert rules.limits.minimum_sample is None
    assert (rules.margins, rules.alpha) == (Margins(), 0.05)


def test_a_stage_s_limits_hold_though_the_environments_default_is_stricter():
    limits = rules_of(settings(), AT_LAX).limits
    assert (limits.error_rate, limits.warning_error_rate) == (0.2, 0.1)


@pytest.mark.parametrize(
    ("rollback", "warning", "expected"),
    [
        pytest.param("0.05", "0.02", (0.05, 0.02), id="the environment is stricter"),
        pytest.param("0.5", "0.3", (0.2, 0.1), id="the stage is stricter"),
        pytest.param("0.03", "0.015", (0.03, 0.015), id="a default that was set on purpose"),
        pytest.param("0.05", None, (0.05, 0.05), id="a limit takes the warning with it"),
    ],
)
def test_of_a_limit_that_is_set_and_the_stages_the_stricter_holds(rollback, warning, expected):
    said = {"AUTO_ROLLBACK_ERROR_RATE": rollback}
    if warning is not None:
        said["SRP_ERROR_RATE_THRESHOLD"] = warning
    limits = rules_of(settings(**said), AT_LAX).limits
    assert (limits.error_rate, limits.warning_error_rate) == expected


def test_each_stage_of_a_plan_has_its_own_limits():
    standard = preset_plan("standard")
    limits = [rules_of(settings(), RolloutState(plan=standard, stage=n)).limits for n in range(7)]
    assert [limit.error_rate for limit in limits] == [
        0.008,
        0.008,
        0.008,
        0.015,
        0.015,
        0.03,
        0.03,
    ]


def test_the_plan_that_was_adopted_sets_margins_and_alpha_for_all_arms_closed_ones_too():
    rules = rules_of(
        settings(SRP_MARGIN_ERROR_RATE="0.5", SRP_ROLLBACK_ALPHA="0.2"),
        replace(AT_LAX, closed=("a",)),
    )
    assert (rules.margins, rules.alpha, rules.arms) == (LAX.margins, 0.01, ("a", "b"))


def test_no_plan_is_followed_unless_one_is_named():
    assert rollout_plan_of(settings()) is None
    assert rollout_plan_of(settings(SRP_ROLLOUT_PLAN="growth")) == preset_plan("growth")


def test_the_environments_variables_replace_what_the_plan_says():
    plan = rollout_plan_of(
        settings(
            SRP_ROLLOUT_PLAN="standard",
            SRP_ROLLOUT_ADVANCE="automatic",
            SRP_MARGIN_LATENCY="2",
            SRP_ROLLBACK_ALPHA="0.01",
            SRP_SHADOW_PERCENTAGE="10",
        )
    )
    assert plan == replace(
        preset_plan("standard"),
        advance="automatic",
        margins=Margins(latency=2.0),
        alpha=0.01,
        shadow=10.0,
    )


def test_a_plan_in_a_file_is_named_by_its_path(tmp_path):
    (tmp_path / "p.yaml").write_text("{name: mine, stages: [5, 100], advance: automatic}")
    plan = rollout_plan_of(settings(SRP_ROLLOUT_PLAN=str(tmp_path / "p.yaml")))
    assert (plan.name, plan.advance) == ("mine", "automatic")


def test_a_file_without_a_plan_is_refused_line_by_line_under_the_variables_name(tmp_path):
    file = tmp_path / "p.yaml"
    file.write_text("{name: mine, stages: [100, 5], alpha: 3}")
    rising, alpha = refusal(SRP_ROLLOUT_PLAN=str(file))
    assert rising.startswith(f"SRP_ROLLOUT_PLAN: {file}: stages[1].percentage: expected more than")
    assert alpha.startswith(f"SRP_ROLLOUT_PLAN: {file}: alpha: expected a number above 0")


def test_a_file_that_is_not_there_is_refused():
    (line,) = refusal(SRP_ROLLOUT_PLAN="/nowhere/p.yaml")
    assert line.startswith("SRP_ROLLOUT_PLAN: /nowhere/p.yaml: it cannot be read")


def test_automatic_advance_without_a_plan_goes_along_the_usual_one():
    plan = rollout_plan_of(settings(SRP_ROLLOUT_ADVANCE="automatic"))
    assert plan == replace(preset_plan("standard"), advance="automatic")
    assert rollout_plan_of(settings(SRP_ROLLOUT_ADVANCE="manual")) is None


def test_nothing_advances_along_no_plan():
    (line,) = refusal(SRP_ROLLOUT_ADVANCE="automatic", SRP_ROLLOUT_PLAN="none")
    assert line.startswith("SRP_ROLLOUT_ADVANCE: expected a plan")


def test_an_environment_that_says_nothing_wishes_nothing_and_none_ends_a_plan():
    assert wish_of(settings()) is None
    assert wish_of(settings(SRP_ROLLOUT_PLAN="none")) == "none"
    assert wish_of(settings(SRP_ROLLOUT_PLAN="growth")) == preset_plan("growth")


def test_the_ceiling_is_the_environments():
    said = plan_of(settings(USE_SRP_WALL_BOUNCE="off", SRP_TRAFFIC_PERCENTAGE="12.5"))
    assert (said.enabled, said.percentage) == (False, 12.5)


def test_advice_changes_nothing_until_the_environment_says_so():
    assert steering_terms_of(settings()) == SteeringTerms("off", False, 0.0, 0.0)


def test_the_environment_says_what_advice_may_do():
    terms = steering_terms_of(
        settings(
            LEARNING_STEERING="full",
            LEARNING_ESCALATION="true",
            LEARNING_EXPLORATION="0.05",
            LEARNING_EXPLORATION_BUDGET_USD="2.5",
        )
    )
    assert terms == SteeringTerms("full", True, 0.05, 2.5)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LEARNING_STEERING", "on"),
        ("LEARNING_EXPLORATION", "0.6"),
        ("LEARNING_EXPLORATION", "-0.1"),
        ("LEARNING_EXPLORATION_BUDGET_USD", "nan"),
    ],
)
def test_a_share_or_budget_of_exploration_that_makes_no_sense_stops_the_start(variable, value):
    with pytest.raises(SettingsError) as refused:
        settings(**{variable: value})
    assert variable in refused.value.lines[0]
