"""A dry run says what a plan would do: with the judge and the moves in service, in the traffic's time."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from gateway.rollout.dry_run import DryRun, Moment
from gateway.rollout.observation import Label, Observation
from gateway.rollout.plan import ArmPolicy, RolloutPlan, Stage
from gateway.rollout.rules import Limits, Rules
from gateway.rollout.scenarios import BEGIN, SCENARIOS, MadeUpTraffic

MINUTE = timedelta(minutes=1)
STAGES = (
    Stage(10, minimum_time=5 * MINUTE, minimum_sample=300),
    Stage(50, minimum_time=10 * MINUTE, minimum_sample=500, approvals=2),
    Stage(100, minimum_time=5 * MINUTE, minimum_sample=500),
)
PLAN = RolloutPlan("three-steps", STAGES)
TWO_ARMS = replace(PLAN, arms=(ArmPolicy("good"), ArmPolicy("bad")))
LIMITS = Limits(
    error_rate=0.03, latency_ms=60_000, warning_error_rate=0.015, window=timedelta(minutes=5)
)
PER_SECOND = 10
ONSET = 1_000


def rules_of(state):
    return Rules(LIMITS, arms=tuple(arm.name for arm in state.plan.arms))


def through(plan, traffic, *, requests=60_000):
    run = DryRun(plan, rules_of, BEGIN)
    while not run.over and not run.complete and traffic.made < requests:
        run.see(traffic.next(run.share, run.state.closed))
    return run


def made_up(scenario, plan=PLAN, seed=1):
    return MadeUpTraffic(
        SCENARIOS[scenario], Random(seed), per_second=PER_SECOND, onset=ONSET, arms=plan.arms
    )


def requests(count, *, arm="wall_bounce", every=1.0, after=0.0, share=0.5, **fields):
    """Moments of both arms in turn, one of each every so many seconds."""
    for n in range(count):
        at = BEGIN + timedelta(seconds=after + n * every)
        for name in (arm, "legacy"):
            plain = {"measured": True, "error": False, "latency_ms": 500.0, "cost_usd": 0.001}
            ours = fields if name == arm else {}
            seen = Observation(f"{name}-{at}-{n}", at, name, share, **(plain | ours))
            yield Moment(at + timedelta(milliseconds=500), seen)


@pytest.fixture(scope="module")
def healthy():
    return through(PLAN, made_up("healthy"))


def test_a_healthy_rollout_goes_through_every_stage_to_the_end(healthy):
    assert healthy.complete
    assert [p.percentage for p in healthy.passages()] == [10, 50, 100]
    assert [p.outcome for p in healthy.passages()] == ["advanced", "advanced", "finished"]


def test_no_stage_ends_before_its_time_and_its_sample(healthy):
    for passage, stage in zip(healthy.passages(), STAGES, strict=True):
        assert passage.ended - passage.began >= stage.minimum_time
        assert passage.requests["wall_bounce"] >= stage.minimum_sample


def test_approvals_are_taken_as_given(healthy):
    assert healthy.state.stage == 2  # its second stage begins only with two


@pytest.mark.parametrize(
    ("harm", "word"),
    [
        ("errors", "error"),
        ("slow", "latency"),
        ("outage", "every vendor"),
        ("quality", "wrong answers"),
    ],
)
def test_harm_rolls_back_and_the_reason_names_it(harm, word):
    run = through(PLAN, made_up(harm))
    assert run.over
    assert run.share == 0
    assert word in run.state.trip.reason
    last = run.passages()[-1]
    assert last.outcome == "rolled back"
    assert last.ended > BEGIN + timedelta(seconds=ONSET / PER_SECOND)
    assert run.state.trip.at == last.ended


def test_the_same_seed_tells_the_same_story_and_another_seed_another():
    stories = [through(PLAN, made_up("errors", seed=seed)).passages() for seed in (7, 7, 8)]
    assert stories[0] == stories[1] != stories[2]


def test_after_a_rollback_nothing_more_is_taken_in():
    run = through(PLAN, made_up("outage"))
    before = run.passages(), run.state
    for moment in requests(50, after=10_000):
        run.see(moment)
    assert (run.passages(), run.state) == before


def test_silence_is_never_a_reason_to_advance():
    run = DryRun(PLAN, rules_of, BEGIN)
    for moment in requests(1, after=timedelta(days=7).total_seconds()):
        run.see(moment)
    assert [p.percentage for p in run.passages()] == [10]


def test_a_stage_whose_time_is_up_in_a_silence_ends_then_and_not_with_the_next_request():
    run = DryRun(PLAN, rules_of, BEGIN)
    for moment in requests(2_000, every=0.1):  # over after 200 s, 100 s before the time is up
        run.see(moment)
    for moment in requests(1, after=36_000):
        run.see(moment)
    first, second = run.passages()
    assert first.ended == second.began == BEGIN + STAGES[0].minimum_time


def test_of_several_arms_only_the_one_that_does_harm_is_closed():
    run = DryRun(TWO_ARMS, rules_of, BEGIN)
    good = requests(600, arm="good")
    bad = requests(600, arm="bad", error=True)
    for pair in zip(good, bad, strict=True):
        for moment in pair:
            run.see(moment)
    assert not run.over
    assert [closing.arm for closing in run.closings] == ["bad"]
    assert run.state.closed == ("bad",)
    assert set(run.passages()[-1].verdicts) == {"good"}


def test_recorded_arms_are_judged_as_they_were_split_whatever_the_stage_says():
    run = DryRun(PLAN, rules_of, BEGIN)
    for moment in requests(4_000, every=0.5, share=0.5):
        run.see(moment)
    stages = [p.percentage for p in run.passages()]
    assert stages[0] == 10
    assert len(stages) > 1, run.passages()[0].verdicts
    assert all(p.requests["wall_bounce"] >= p.requests["legacy"] - 1 for p in run.passages()[:-1])


def test_of_several_labels_of_one_request_the_first_counts():
    def last_requests(extra):
        run = DryRun(PLAN, rules_of, BEGIN)
        for n, moment in enumerate(requests(400)):
            run.see(moment)
            seen = moment.seen
            right = seen.arm == "legacy" or n % 2 == 0
            for correct in (right, *extra):
                run.see(Moment(moment.at, Label(seen.request_id, seen.arm, seen.at, correct)))
        return run.passages()[-1].verdicts

    assert last_requests(()) == last_requests((True, False))
