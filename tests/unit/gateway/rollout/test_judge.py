"""When an arm must go, when a stage may end, and when nothing can be said."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rollout.judge import Judge
from gateway.rollout.observation import CONTROL, SHADOW
from gateway.rollout.plan import MAIN_ARM
from gateway.rollout.rules import Margins, Rules
from gateway.rollout.terms import StageTerms
from gateway.rollout.verdict import Decision, Finding, Health
from tests.support.observations import BEGIN, LIMITS, label, seen

RULES = Rules(LIMITS)
LENIENT = Rules(replace(LIMITS, error_rate=0.9, latency_ms=1e9, warning_error_rate=0.9))
"""Absolute limits that nothing here breaks: what trips is the comparison."""

TERMS = StageTerms(
    share=0.1,
    next_share=0.2,
    elapsed=timedelta(hours=1),
    minimum_time=timedelta(minutes=10),
    minimum_sample=100,
)
SETTLED = 10.0
"""Seconds after which whatever is observed here counts."""

DOWN = {"error": True, "all_down": True, "alive": False}


def told(judge, requests):
    """Observe all; the first alarm with the number of the request it came at."""
    last = None
    for i, (now, request) in enumerate(requests):
        alarm = judge.observe(request, now)
        if alarm is not None:
            return i, alarm
        last = i, now
    alarm = judge.tick(last[1] + SETTLED) if last else None
    return (None, None) if alarm is None else (last[0], alarm)


def traffic(
    count, *, start=0, share=0.1, seed=1, arm=MAIN_ARM, errors=0.0, control_errors=0.0, **how
):
    """Both sides' requests, ten a second; ``how`` changes the arm's."""
    rng = random.Random(seed)
    for i in range(start, start + count):
        to_arm = rng.random() < share
        name = arm if to_arm else CONTROL
        error = rng.random() < (errors if to_arm else control_errors)
        own = {k: v(i) if callable(v) else v for k, v in how.items()} if to_arm else {}
        yield i / 10, seen(name, i / 10, share=share, **{"error": error, **own})


def judged(requests, rules=RULES):
    judge = Judge(rules)
    told(judge, requests)
    return judge


def verdict(judge, now=600.0, arm=MAIN_ARM, **terms):
    return judge.verdict(arm, replace(TERMS, **terms), now)


def test_a_healthy_arm_with_time_sample_and_proof_goes_on():
    found = verdict(judged(traffic(6_000)))
    assert (found.decision, found.health) == (Decision.ADVANCE, Health.HEALTHY)
    assert found.reasons


def test_without_any_traffic_nothing_is_healthy():
    found = verdict(Judge(RULES))
    assert (found.decision, found.health) == (Decision.INCONCLUSIVE, Health.NOT_ENOUGH_DATA)


@pytest.mark.parametrize("only", [MAIN_ARM, CONTROL])
def test_one_side_without_traffic_leaves_nothing_to_say(only):
    found = verdict(judged((now, r) for now, r in traffic(6_000) if r.arm == only))
    assert (found.decision, found.health) == (Decision.INCONCLUSIVE, Health.NOT_ENOUGH_DATA)


def test_traffic_that_has_stopped_is_no_traffic():
    found = verdict(judged(traffic(6_000)), now=5_000.0)
    assert found.decision is Decision.INCONCLUSIVE


def test_at_100_percent_there_is_no_control_and_no_next_stage():
    found = verdict(judged(traffic(2_000, share=1.0)), now=200.0, share=1.0, next_share=None)
    assert (found.decision, found.health) == (Decision.HOLD, Health.HEALTHY)


@pytest.mark.parametrize(
    ("terms", "health", "said"),
    [
        pytest.param(
            {"elapsed": timedelta(minutes=9)}, Health.HEALTHY, "0:09:00 of", id="too soon"
        ),
        pytest.param(
            {"minimum_sample": 5_000}, Health.NOT_ENOUGH_DATA, "least 5000", id="too few requests"
        ),
        pytest.param(
            {"next_share": 1.0}, Health.HEALTHY, "points of the whole", id="too great a risk next"
        ),
        pytest.param({"next_share": None}, Health.HEALTHY, "no next stage", id="the last stage"),
    ],
)
def test_what_is_well_but_not_ready_holds_and_says_why(terms, health, said):
    found = verdict(judged(traffic(6_000)), **terms)
    assert (found.decision, found.health) == (Decision.HOLD, health)
    assert any(said in reason for reason in found.reasons)


def test_more_traffic_proves_what_the_next_share_asks_for():
    few, many = judged(traffic(1_500)), judged(traffic(20_000))
    assert verdict(few, now=150.0, next_share=0.5).decision is Decision.HOLD
    assert verdict(many, now=2_000.0, next_share=0.5).decision is Decision.ADVANCE


def test_6_percent_failures_beside_none_are_found_by_comparison():
    judge = Judge(LENIENT)
    number, alarm = told(judge, traffic(3_000, errors=0.06))
    assert number is not None
    assert alarm.arm == MAIN_ARM
    assert alarm.reasons[0].startswith("error rate: ")
    found = verdict(judge, now=number / 10)
    assert (found.decision, found.health) == (Decision.ROLL_BACK, Health.CRITICAL)
    assert found.comparisons[0].finding is Finding.HARM


def test_after_a_long_healthy_run_harm_is_found_about_as_fast():
    judge = Judge(LENIENT)
    assert told(judge, traffic(20_000, errors=0.01, control_errors=0.01)) == (None, None)
    later = traffic(8_000, start=20_000, seed=2, errors=0.08, control_errors=0.01)
    number, alarm = told(judge, later)
    assert number is not None
    assert number < 3_000
    assert alarm.reasons


def test_vendors_that_fail_both_sides_alike_are_not_the_arms_fault():
    judge = Judge(LENIENT)
    calm = traffic(5_000, errors=0.01, control_errors=0.01)
    storm = traffic(10_000, start=5_000, seed=2, errors=0.06, control_errors=0.06)
    assert told(judge, [*calm, *storm]) == (None, None)


def test_a_fourfold_latency_is_found_and_a_twofold_is_allowed():
    def arm_of(factor):
        rng = random.Random(3)
        return traffic(10_000, latency_ms=lambda _: factor * rng.uniform(100, 1_000))

    def with_control(requests):
        rng = random.Random(4)
        for now, r in requests:
            own = r if r.arm == MAIN_ARM else replace(r, latency_ms=rng.uniform(100, 1_000))
            yield now, own

    number, alarm = told(Judge(LENIENT), with_control(arm_of(4.0)))
    assert number is not None
    assert alarm.reasons[0].startswith("latency: ")
    assert told(Judge(LENIENT), with_control(arm_of(2.0))) == (None, None)


def test_errors_that_come_at_once_do_not_hide_slowness():
    """Half of the arm's requests fail within a millisecond, all the others are slow."""
    judge = Judge(replace(LENIENT, margins=Margins(error_rate=0.9)))
    slow = traffic(3_000, errors=0.5, latency_ms=4_000.0)
    told(judge, ((now, replace(r, latency_ms=1.0) if r.error else r) for now, r in slow))
    latency = next(c for c in verdict(judge, now=300.0).comparisons if c.measure == "latency")
    assert latency.finding is Finding.HARM
    assert latency.difference == 1.0


def test_a_cost_beyond_its_margin_is_found_and_one_within_it_allowed():
    _, alarm = told(Judge(LENIENT), traffic(10_000, cost_usd=0.02))
    assert alarm.reasons[0].startswith("cost: ")
    assert told(Judge(LENIENT), traffic(10_000, cost_usd=0.008)) == (None, None)


def test_costs_nobody_knows_stand_against_nothing():
    found = verdict(judged(traffic(6_000, cost_usd=None)))
    assert found.decision is Decision.ADVANCE


def test_confidence_is_held_against_the_arms_own_past_over_restarts():
    judge = Judge(LENIENT)
    told(judge, traffic(6_000))
    judge.restart(BEGIN + timedelta(seconds=600))
    _, alarm = told(judge, traffic(10_000, start=6_000, confidence=0.6))
    assert alarm.reasons[0].startswith("confidence: mean 0.600")


def test_confidence_that_never_was_high_trips_nothing():
    assert told(Judge(LENIENT), traffic(10_000, confidence=0.2)) == (None, None)


def test_one_caller_alone_cannot_roll_back_an_arm():
    judge = Judge(LENIENT)
    assert told(judge, traffic(6_000, errors=0.3, caller="one")) == (None, None)
    comparison = verdict(judge).comparisons[0]
    assert comparison.evidence >= comparison.needed
    assert comparison.finding is Finding.OPEN
    assert "fewer than three callers" in comparison.said


def test_three_callers_can():
    _, alarm = told(Judge(LENIENT), traffic(6_000, errors=0.3, caller=lambda i: str(i % 3)))
    assert alarm is not None


def labels(correct_arm, correct_control, count=6_000, seed=5):
    rng = random.Random(seed)
    for i in range(count):
        to_arm = rng.random() < 0.1
        right = rng.random() < (correct_arm if to_arm else correct_control)
        yield label(i, MAIN_ARM if to_arm else CONTROL, correct=right)


def first_told(judge, some):
    return next((alarm for alarm in map(judge.label, some) if alarm is not None), None)


def test_worse_answers_by_feedback_are_found():
    alarm = first_told(Judge(RULES), labels(0.6, 0.85))
    assert alarm.reasons[0].startswith("wrong answers, by feedback: ")


def test_without_labels_quality_is_unknown_and_holds_nothing_up():
    found = verdict(judged(traffic(6_000)))
    quality = next(c for c in found.comparisons if c.measure == "quality")
    assert quality.finding is Finding.NO_DATA
    assert found.decision is Decision.ADVANCE


def test_a_few_bad_labels_hold_nothing_up_either():
    judge = judged(traffic(6_000))
    for i in range(40):
        judge.label(label(i, MAIN_ARM if i % 10 == 0 else CONTROL, correct=i % 20 != 0))
    assert verdict(judge).decision is Decision.ADVANCE


def test_what_is_said_of_a_request_again_does_not_count_again():
    judge = Judge(RULES)
    for _ in range(50):
        for some in labels(0.6, 0.85, count=100):
            assert judge.label(some) is None


@given(st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_labels_that_come_in_any_order_lead_to_the_same_counts(seed):
    some = list(labels(0.8, 0.85, count=1_000))
    shuffled = random.Random(seed).sample(some, len(some))
    counts = []
    for order in (some, shuffled):
        judge = Judge(RULES)
        first_told(judge, order)
        quality = next(c for c in verdict(judge).comparisons if c.measure == "quality")
        counts.append(quality.arm_count)
    assert counts[0] == pytest.approx(counts[1], abs=6)


def test_a_label_of_a_request_from_before_the_stage_is_none_of_it():
    judge = Judge(RULES)
    judge.restart(BEGIN + timedelta(seconds=1))
    assert first_told(judge, labels(0.0, 1.0)) is None
    assert verdict(judge).comparisons[1].arm_count == 0


def test_the_third_caller_in_a_row_without_any_vendor_rolls_back_the_whole_path():
    judge = Judge(RULES)
    requests = [(i, seen(now=i, caller=str(i), **DOWN)) for i in range(3)]
    number, alarm = told(judge, requests)
    assert number == 2
    assert alarm.arm is None
    assert alarm.reasons[0].startswith("every vendor is down: 3 requests")


def test_an_arm_whose_own_vendors_are_down_goes_alone():
    judge = Judge(replace(RULES, arms=("one", "two")))
    alive = [(0, seen("two", 0))]
    down = [(i, seen("one", i, caller=str(i), **DOWN)) for i in range(1, 4)]
    assert told(judge, [*alive, *down])[1].arm == "one"


def test_without_any_control_the_limits_still_hold():
    number, alarm = told(Judge(RULES), traffic(300, share=1.0, errors=0.3))
    assert number < 60
    assert "above the rollback limit" in alarm.reasons[0]


def test_a_wrong_split_makes_everything_inconclusive():
    skewed = ((now, replace(r, share=0.3)) for now, r in traffic(6_000))
    found = verdict(judged(skewed))
    assert (found.decision, found.health) == (Decision.INCONCLUSIVE, Health.WARNING)
    assert found.ratio.mismatch
    assert "instead of 30.00%" in found.reasons[0]


def test_an_error_rate_above_the_warning_limit_holds_with_a_warning():
    found = verdict(judged(traffic(6_000, errors=0.02, control_errors=0.02)))
    assert (found.decision, found.health) == (Decision.HOLD, Health.WARNING)
    assert "above the warning limit" in found.reasons[0]


def test_the_shadow_is_judged_and_never_alarms():
    judge = Judge(RULES)
    assert told(judge, traffic(6_000, arm=SHADOW, errors=0.5)) == (None, None)
    assert verdict(judge, arm=SHADOW).decision is Decision.ROLL_BACK


def test_requests_of_unwatched_arms_change_nothing():
    judge = judged(traffic(6_000, arm="gone", errors=0.5))
    assert verdict(judge).figures.requests == 0


def test_an_alarm_stands_until_the_evidence_begins_anew():
    judge = Judge(LENIENT)
    number, _ = told(judge, traffic(3_000, errors=0.2))
    good = traffic(3_000, start=3_000)
    again, _ = told(judge, good)
    assert again is not None
    judge.restart(BEGIN + timedelta(seconds=700))
    assert told(judge, traffic(3_000, start=7_000)) == (None, None)
    assert number is not None


def test_a_control_request_does_not_repeat_an_alarm():
    judge = Judge(LENIENT)
    told(judge, traffic(3_000, errors=0.2))
    controls = ((now, r) for now, r in traffic(2_000, start=3_000) if r.arm == CONTROL)
    assert told(judge, controls) == (None, None)


def test_requests_from_before_a_restart_no_longer_count_even_if_they_end_later():
    judge = Judge(RULES)
    judge.restart(BEGIN + timedelta(seconds=1_000))
    assert told(judge, traffic(3_000, errors=0.9)) == (None, None)
    assert verdict(judge).figures.requests == 0


def test_of_several_arms_only_the_harmful_one_is_named():
    rules = replace(LENIENT, arms=("one", "two"))
    rng, judge, named = random.Random(8), Judge(rules), set()
    for i in range(6_000):
        arm = rng.choices(["one", "two", CONTROL], [1, 1, 8])[0]
        error = rng.random() < (0.15 if arm == "two" else 0.01)
        alarm = judge.observe(seen(arm, i / 10, share=0.2, error=error), i / 10)
        if alarm is not None:
            named.add(alarm.arm)
    assert named == {"two"}


def test_more_arms_need_more_evidence_each():
    one, three = judged([]), judged([], replace(RULES, arms=(MAIN_ARM, "b", "c")))
    needed = [verdict(j).comparisons[0].needed for j in (one, three)]
    assert needed[0] < needed[1]


def test_with_more_arms_each_interval_is_wider_so_that_all_hold_together():
    def interval(rules):
        found = verdict(judged(traffic(6_000, errors=0.01), rules)).comparisons[0]
        return found.interval, found.said

    (low, high), said = interval(LENIENT)
    (lower, higher), wider = interval(replace(LENIENT, arms=(MAIN_ARM, "b", "c")))
    assert high - low < higher - lower
    assert "at 95%" in said
    assert "at 98.33%" in wider


def test_an_arm_that_leaves_lowers_nobodys_bar_before_the_next_stage():
    three, two = replace(RULES, arms=(MAIN_ARM, "b", "c")), replace(RULES, arms=(MAIN_ARM, "b"))
    judge = Judge(three)
    needed = [c.needed for c in verdict(judge).comparisons]
    judge.adjust(two)
    assert [c.needed for c in verdict(judge).comparisons] == needed
    judge.restart(BEGIN)
    fewer = [c.needed for c in verdict(judge).comparisons]
    assert all(now < before for now, before in zip(fewer, needed, strict=True))


def test_a_stricter_alpha_needs_more_evidence_at_once():
    judge = Judge(RULES)
    needed = verdict(judge).comparisons[0].needed
    judge.adjust(replace(RULES, alpha=0.01))
    assert verdict(judge).comparisons[0].needed > needed


def test_other_margins_begin_the_evidence_anew_and_other_limits_do_not():
    judge = judged(traffic(3_000))
    judge.adjust(replace(RULES, limits=replace(LIMITS, error_rate=0.5)))
    assert verdict(judge, now=300.0).comparisons[0].arm_count > 0
    judge.adjust(replace(RULES, margins=Margins(error_rate=0.01)))
    assert verdict(judge, now=300.0).comparisons[0].arm_count == 0


def test_an_arm_that_joins_begins_empty_and_one_that_leaves_is_gone():
    judge = judged(traffic(3_000))
    judge.adjust(replace(RULES, arms=("new",)))
    assert verdict(judge, arm="new", now=300.0).requests == 0
    with pytest.raises(KeyError):
        verdict(judge)


def test_the_figures_of_every_side_are_shown():
    judge = judged(traffic(1_500))
    total = sum(judge.figures(arm, 150.0).requests for arm in (MAIN_ARM, CONTROL, SHADOW))
    assert total == 1_500


@given(
    st.lists(
        st.builds(
            seen,
            arm=st.sampled_from([MAIN_ARM, CONTROL, SHADOW]),
            now=st.integers(0, 1_000),
            share=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
            error=st.booleans(),
            measured=st.booleans(),
            latency_ms=st.floats(0, 1e9),
            cost_usd=st.none() | st.floats(0, 1e6),
            confidence=st.none() | st.floats(0, 1),
            caller=st.none() | st.sampled_from("abc"),
            all_down=st.booleans(),
            alive=st.booleans(),
        ),
        max_size=150,
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_comes_the_verdict_is_one_and_never_goes_on_without_both_sides(requests):
    judge = Judge(RULES)
    for i, request in enumerate(requests):
        judge.observe(request, float(i))
    found = verdict(judge, now=float(len(requests)), minimum_sample=1)
    sides = {request.arm for request in requests if request.measured}
    assert found.reasons
    if found.decision is Decision.ADVANCE:
        assert {MAIN_ARM, CONTROL} <= sides
    for comparison in found.comparisons:
        assert comparison.evidence == comparison.evidence
        if comparison.interval is not None:
            assert comparison.interval[0] <= comparison.difference <= comparison.interval[1]
