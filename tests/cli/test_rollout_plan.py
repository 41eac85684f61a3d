"""`wallbounce rollout plan`: a plan is checked, and shown stage by stage."""

import json

import pytest
from rich.cells import cell_len

JAPANESE = """
name: nihon
preset: growth
advance: automatic
stages:
  - 5
  - {percentage: 40, minimum_time: 45m, minimum_sample: 700, approvals: 2}
arms:
  - {name: three, split: 3, providers: [gpt, claude, gemini]}
  - {name: deep, mode: sequential, depth: 5}
margins: {latency: 4}
shadow: 10
"""


@pytest.mark.parametrize("preset", ["standard", "conservative", "growth", "mature"])
def test_a_preset_is_shown_with_all_its_stages_in_80_columns(call, preset):
    done = call("rollout", "plan", preset)
    assert done.exit_code == 0, done.output
    for percentage in (1, 2, 10, 20, 35, 50, 100):
        assert f"{percentage} %  " in done.output
    assert "0.80%" in done.output  # the conservative band's rollback limit
    assert max(cell_len(line) for line in done.output.splitlines()) <= 80


def test_an_own_plan_is_shown_with_its_arms_margins_and_shadow(call, tmp_path):
    (tmp_path / "計画.yaml").write_text(JAPANESE)
    done = call("rollout", "plan", "計画.yaml")
    assert done.exit_code == 0, done.output
    for words in (
        ("nihon", "advances by itself"),
        ("40 %", "45 min", "700", "1,750", " 2 "),  # 700 requests are those of 1,750 in all
        ("p95 latency", "4 ×"),
        ("three", "75.0%", "gpt, claude, gemini"),
        ("deep", "25.0%", "sequential; depth 5"),
        ("shadow", "10 %"),
    ):
        lines = done.output.splitlines()
        assert any(all(word in line for word in words) for line in lines), (words, done.output)


def test_as_json_a_plan_is_told_whole(call, tmp_path):
    (tmp_path / "own.yaml").write_text(JAPANESE)
    body = json.loads(call("rollout", "plan", "own.yaml", "--json").output)
    assert (body["name"], body["advance"], body["shadow"]) == ("nihon", "automatic", 10)
    assert [stage["percentage"] for stage in body["stages"]] == [5, 40]
    assert body["stages"][1]["minimum_time_s"] == 2_700
    assert [arm["name"] for arm in body["arms"]] == ["three", "deep"]


def test_a_plan_that_makes_no_sense_is_refused_with_all_that_is_wrong(call, tmp_path):
    (tmp_path / "bad.yaml").write_text("name: x\nstages: [5, 3]\nspeed: 9\n")
    done = call("rollout", "plan", "bad.yaml")
    assert done.exit_code == 1
    assert "stages[1].percentage" in done.output
    assert "speed" in done.output


def test_a_name_that_is_no_file_and_no_preset_is_answered_with_the_presets(call):
    done = call("rollout", "plan", "standart")
    assert done.exit_code == 1
    assert "standard, conservative, growth, mature" in done.output


def test_before_the_first_start_the_plan_of_the_environment_is_shown(call, tmp_path):
    assert "no plan is in force" in call("rollout", "plan").output
    assert call("rollout", "plan", "--json").output == "null\n"
    (tmp_path / ".env").write_text("SRP_ROLLOUT_PLAN=growth\n")
    shown = call("rollout", "plan").output
    assert "plan growth" in shown
    assert "SRP_ROLLOUT_PLAN" in shown
    assert not (tmp_path / ".wallbounce").exists()
