"""The plans that come along."""

import pytest

from gateway.rollout.presets import PRESET_NAMES, band_of, preset_plan, stage_of


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_every_preset_has_the_missions_stages(name):
    plan = preset_plan(name)
    assert plan.name == name
    assert [stage.percentage for stage in plan.stages] == [1, 2, 10, 20, 35, 50, 100]
    assert plan.advance == "manual"


@pytest.mark.parametrize(
    ("percentage", "band", "rollback", "warning"),
    [
        (0.1, "conservative", 0.008, 0.002),
        (1, "conservative", 0.008, 0.002),
        (10, "conservative", 0.008, 0.002),
        (10.1, "growth", 0.015, 0.005),
        (35, "growth", 0.015, 0.005),
        (36, "mature", 0.03, 0.015),
        (100, "mature", 0.03, 0.015),
    ],
)
def test_the_limits_fit_the_share_and_a_boundary_belongs_to_the_stricter_band(
    percentage, band, rollback, warning
):
    assert band_of(percentage).name == band
    for name in PRESET_NAMES:
        stage = stage_of(name, percentage)
        assert (stage.error_rate_rollback, stage.error_rate_warning) == (rollback, warning)


def test_the_paces_go_from_conservative_over_standard_and_growth_to_mature():
    slowest_first = [preset_plan(n) for n in ("conservative", "standard", "growth", "mature")]
    for index in range(7):
        paces = [
            (plan.stages[index].minimum_time, plan.stages[index].minimum_sample)
            for plan in slowest_first
        ]
        assert paces == sorted(paces, reverse=True)
        assert len({time for time, _ in paces}) == 4


def test_only_the_conservative_preset_asks_operators_for_approval():
    asked = {name: [s.approvals for s in preset_plan(name).stages] for name in PRESET_NAMES}
    assert asked.pop("conservative") == [0, 0, 1, 1, 1, 2, 2]
    assert all(not any(approvals) for approvals in asked.values())


def test_a_share_between_two_stages_takes_the_pace_of_the_larger():
    own, between = stage_of("standard", 20), stage_of("standard", 15)
    assert (between.minimum_time, between.minimum_sample) == (
        own.minimum_time,
        own.minimum_sample,
    )


def test_there_is_no_other_preset():
    with pytest.raises(KeyError):
        preset_plan("reckless")
