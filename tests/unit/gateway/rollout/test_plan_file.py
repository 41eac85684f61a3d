"""Plans from YAML files (docs/rollout-plans.md)."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.rollout.plan import ArmPolicy, RolloutPlan
from gateway.rollout.plan_file import PlanFileError, load_plan, parse_plan, plan_named
from gateway.rollout.presets import PRESET_NAMES, preset_plan, stage_of
from gateway.rollout.rules import Margins

DOCS = Path(__file__).parents[4] / "docs" / "rollout-plans.md"

WHOLE = """
name: summer
preset: growth
advance: automatic
after_rollback: same
stages:
  - 5
  - percentage: 25
    minimum_time: 1h30m
    minimum_sample: 400
    approvals: 1
    error_rate_rollback: 0.05
    error_rate_warning: 0.01
  - 100
arms:
  - wall_bounce
  - name: deep
    split: 0.5
    providers: [gpt, claude]
    weights: {gpt: 2, claude: 1.5}
    mode: sequential
    depth: 4
margins: {error_rate: 0.01, latency: 2}
alpha: 0.02
shadow: 5
"""


LAUGHS = (
    "a0: &a0 [l]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    + "name: *a29"
)
"""Small to write down, 9 ** 29 words to print."""


def lines(text):
    with pytest.raises(PlanFileError) as refused:
        parse_plan(text)
    return refused.value.lines


def test_a_file_says_all_of_a_plan():
    plan = parse_plan(WHOLE)
    five, quarter, all_of_it = plan.stages
    assert five == stage_of("growth", 5.0)
    assert quarter.minimum_time == timedelta(minutes=90)
    assert (quarter.minimum_sample, quarter.approvals) == (400, 1)
    assert (quarter.error_rate_rollback, quarter.error_rate_warning) == (0.05, 0.01)
    assert all_of_it == stage_of("growth", 100.0)
    assert plan.arms == (
        ArmPolicy("wall_bounce"),
        ArmPolicy("deep", 0.5, ("gpt", "claude"), {"gpt": 2.0, "claude": 1.5}, "sequential", 4),
    )
    assert plan == RolloutPlan(
        "summer",
        plan.stages,
        "automatic",
        plan.arms,
        Margins(error_rate=0.01, latency=2.0),
        alpha=0.02,
        shadow=5.0,
        after_rollback="same",
    )


def test_a_name_alone_is_the_standard_plan_under_another_name():
    plan = parse_plan("name: mine")
    assert plan == RolloutPlan("mine", preset_plan("standard").stages)


def test_the_first_stage_of_a_preset_with_approvals_asks_for_none():
    plan = parse_plan("{name: mine, preset: conservative, stages: [10, 20]}")
    assert [stage.approvals for stage in plan.stages] == [0, 1]


def test_a_limit_below_the_presets_warning_takes_the_warning_with_it():
    plan = parse_plan("{name: p, stages: [{percentage: 50, error_rate_rollback: 0.001}]}")
    assert plan.stages[0].error_rate_warning == 0.001


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("", "expected a mapping with a name and stages, found None", id="empty"),
        pytest.param("[1, 2]", "expected a mapping with a name and stages", id="a list"),
        pytest.param("stages: [1]", "name: expected a name for the plan, found none", id="no name"),
        pytest.param("name: no", "name: expected a text, found False", id="YAML's own no"),
        pytest.param(
            "{name: p, stages: [1, {percentage: 10, minimum_time: soon}]}",
            "stages[1].minimum_time: expected a duration such as 30m, 2h, 90s or 1h30m, "
            "found 'soon'",
            id="a time that is none",
        ),
        pytest.param(
            "{name: p, stages: [{percentage: 10, minimum_time: 30}]}",
            "stages[0].minimum_time: expected a duration",
            id="a time without unit",
        ),
        pytest.param("{name: p, stages: [10%]}", "stages[0].percentage: expected a number", id="%"),
        pytest.param("{name: p, stages: [yes]}", "found True", id="a truth"),
        pytest.param(
            "{name: p, stages: [{minimum_sample: 5}]}",
            "stages[0].percentage: expected a number, found none",
            id="no percentage",
        ),
        pytest.param(
            "{name: p, stages: [{percentage: 5, minimum_sample: 1.5}]}",
            "stages[0].minimum_sample: expected a whole number, found 1.5",
            id="half a request",
        ),
        pytest.param("{name: p, stages: 10}", "stages: expected a list", id="no list"),
        pytest.param("{name: p, stages: []}", "stages: expected 1 to 50 stages", id="no stage"),
        pytest.param("{name: p, stages: [5, 5]}", "more than the 5 of the stage before", id="flat"),
        pytest.param("{name: p, stage: [5]}", "stage: is no key here; there are", id="mistyped"),
        pytest.param(
            "{name: p, stages: [{percentage: 5, sample: 9}]}",
            "stages[0].sample: is no key here",
            id="mistyped inside",
        ),
        pytest.param(
            "{name: p, preset: reckless}", "preset: expected one of standard", id="preset"
        ),
        pytest.param("{name: p, advance: soon}", "advance: expected one of manual", id="advance"),
        pytest.param("{name: p, arms: {a: 1}}", "arms: expected a list of names", id="arms"),
        pytest.param(
            "{name: p, arms: [legacy]}", "arms[0].name: expected a name other", id="legacy"
        ),
        pytest.param("{name: p, arms: [{split: 2}]}", "arms[0].name: expected a name", id="no arm"),
        pytest.param(
            "{name: p, arms: [{name: a, providers: gpt}]}",
            "arms[0].providers: expected a list of names, found 'gpt'",
            id="one provider as a text",
        ),
        pytest.param(
            "{name: p, arms: [{name: a, weights: [gpt]}]}",
            "arms[0].weights: expected",
            id="weights",
        ),
        pytest.param(
            "{name: p, arms: [{name: a, mode: both}]}", "arms[0].mode: expected one of", id="mode"
        ),
        pytest.param("{name: p, margins: 3}", "margins: expected a mapping of", id="margins"),
        pytest.param("{name: p, margins: {speed: 3}}", "margins.speed: is no key", id="a margin"),
        pytest.param("name: a\nname: b", "line 2: the key 'name' is there twice", id="twice"),
        pytest.param("name: [", "line 1: ", id="a bracket left open"),
        pytest.param("{[1]: 2}", "line 1: a key has to be a text", id="a list as key"),
        pytest.param("name: \x00", "it is no YAML", id="a control character"),
        pytest.param("name: !!python/name:os.system", "line 1: could not determine", id="Python"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text, line):
    (said,) = lines(text)
    assert line in said


def test_all_problems_are_said_at_once_and_none_for_what_could_not_be_read():
    said = lines("{name: a b, stages: [1, ten, 20, 5], alpha: much, arms: [A, 7], colour: red}")
    assert sorted(line.partition(":")[0] for line in said) == [
        "alpha",
        "arms[0].name",
        "arms[1].name",
        "colour",
        "name",
        "stages[1].percentage",
        "stages[3].percentage",
    ]


@given(st.text() | st.binary())
@example("&a [*a]")
@example("&a {name: *a}")
@example("{name: p, stages: [.nan, .inf], alpha: -.inf}")
@example("? {a: b}\n: c")
@example("2020-99-99")
@example(LAUGHS)
def test_any_text_is_a_plan_or_is_refused_in_words(text):
    said = ()
    try:
        parsed = parse_plan(text)
    except PlanFileError as refused:
        parsed, said = None, refused.lines
    assert isinstance(parsed, RolloutPlan) or (said and all(said))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PlanFileError, match=r"gone\.yaml: it cannot be read: No such file"):
        plan_named(str(tmp_path / "gone.yaml"))


def test_a_file_larger_than_any_plan_is_not_read_on(tmp_path):
    (tmp_path / "p.yaml").write_text("#" * 1_000_001)
    with pytest.raises(PlanFileError, match="larger than"):
        load_plan(tmp_path / "p.yaml")


def test_a_plan_is_named_by_its_preset_or_by_its_file(tmp_path):
    (tmp_path / "p.yaml").write_text(WHOLE)
    assert plan_named(str(tmp_path / "p.yaml")) == parse_plan(WHOLE)
    assert all(plan_named(name) == preset_plan(name) for name in PRESET_NAMES)


def test_the_examples_in_the_docs_are_plans():
    blocks = DOCS.read_text().split("```yaml\n")[1:]
    assert len(blocks) >= 2
    for block in blocks:
        assert parse_plan(block.split("```")[0]).stages
