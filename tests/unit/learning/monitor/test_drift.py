"""A vendor that changes is found within few values; one that does not is hardly ever called changed."""

import json
import math
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.monitor.change_test import CEILING, ODDS, WEIGHTS, ChangeTest
from learning.monitor.drift import FALSE_ALARMS, NEEDED, TERMS, Measure, Seen
from learning.monitor.reference import Ranks, Sample, bound_of, rank_bound
from learning.monitor.vendors import Vendors, told_by, told_by_label
from tests.support.ballots import ballot
from tests.support.daily import MIDNIGHT, decided
from tests.support.records import answered, filtered, vote

EVERY_S = 60.0


def rate(before, after):
    return lambda chance, changed: float(chance.random() < (after if changed else before))


def times(factor):
    """Latencies or lengths as they are met: the largest of a hundred is ten times the usual."""
    return lambda chance, changed: 800 * chance.lognormvariate(0, 0.6) * (factor if changed else 1)


def first_change(measure, draw, *, seed, at=3_000, limit=6_000):
    """The first change found, and after how many values since the true one."""
    chance, vendors = random.Random(seed), Vendors()
    for n in range(at + limit):
        moment = MIDNIGHT + timedelta(seconds=EVERY_S * n)
        found = vendors.see(Seen(moment, "gpt", "m", measure, draw(chance, n >= at)))
        if found is not None:
            return found, n + 1 - at
    return None, None


@pytest.mark.parametrize(
    ("measure", "draw", "direction", "within"),
    [
        pytest.param(Measure.WRONG, rate(0.15, 0.3), "up", 800, id="wrong, 15 to 30 %"),
        pytest.param(Measure.DISSENT, rate(0.15, 0.3), "up", 1_200, id="dissent, 15 to 30 %"),
        pytest.param(Measure.REFUSAL, rate(0.005, 0.05), "up", 1_500, id="refusals, 0.5 to 5 %"),
        pytest.param(Measure.FAILURE, rate(0.01, 0.1), "up", 500, id="failures, 1 to 10 %"),
        pytest.param(Measure.LATENCY, times(2), "up", 160, id="latency, twice"),
        pytest.param(Measure.LATENCY, times(0.5), "down", 160, id="latency, half"),
        pytest.param(Measure.LENGTH, times(1.5), "up", 800, id="length, half as much again"),
    ],
)
def test_a_change_is_found_within_so_many_values(measure, draw, direction, within):
    for seed in range(5):
        found, after = first_change(measure, draw, seed=seed)
        assert found is not None, seed
        assert 0 < after <= within, seed
        assert (found.measure, found.direction) == (measure, direction)
        assert found.log_evidence >= NEEDED


def test_a_found_change_says_what_was_what_is_and_since_when():
    found, _ = first_change(Measure.LATENCY, times(2), seed=1)
    assert found.before == pytest.approx(800, rel=0.1)
    assert found.after == pytest.approx(1_600, rel=0.25)
    assert abs(found.since - (MIDNIGHT + timedelta(seconds=EVERY_S * 3_000))) < timedelta(hours=1)


def test_what_comes_after_a_change_is_the_new_usual():
    chance, vendors, found = random.Random(3), Vendors(), []
    for n in range(12_000):
        value = times(3)(chance, n >= 3_000)
        moment = MIDNIGHT + timedelta(seconds=EVERY_S * n)
        found.append(vendors.see(Seen(moment, "gpt", "m", Measure.LATENCY, value)))
    assert sum(change is not None for change in found) == 1
    (watched,) = vendors.standing()
    assert watched.before == pytest.approx(2_400, rel=0.1)


def test_a_month_of_traffic_without_a_change_raises_no_alarm():
    # Three vendors of 100 requests a day: every figure, rare and frequent, sudden and skewed. More of
    # it, and longer, in bench/drift.py.
    for seed in range(4):
        chance, vendors = random.Random(1_000 + seed), Vendors()
        for n in range(30 * 100):
            moment = MIDNIGHT + timedelta(minutes=14.4 * n)
            for provider, hardness in (("gpt", 0.05), ("claude", 0.15), ("gemini", 0.4)):
                for measure, terms in TERMS.items():
                    draw = times(1) if terms.ranked else rate(hardness, hardness)
                    value = draw(chance, False)
                    assert vendors.see(Seen(moment, provider, "m", measure, value)) is None


@given(
    st.floats(0.01, 0.9),
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
)
def test_the_evidence_is_the_weighted_mean_over_all_moments_of_change(bound, values):
    test = ChangeTest(bound)
    for y in values:
        test.add(y)
    total = 0.0
    for odds, weight in zip(ODDS, WEIGHTS, strict=True):
        q = odds * bound / (1 - bound + odds * bound)
        factors = [1 + (y - bound) * (q - bound) / (bound * (1 - bound)) for y in values]
        for j in range(1, len(values) + 1):
            product = 1000 / ((j + 999) * (j + 1000))
            for factor in factors[j - 1 :]:
                product *= factor
            total += weight * product
    total += 1000 / (len(values) + 1000)
    assert test.log_evidence == pytest.approx(math.log(total), abs=1e-9)


@given(st.floats(0.02, 0.9), st.integers(1, 50))
def test_at_the_bound_the_evidence_is_not_expected_to_grow(bound, steps):
    test = ChangeTest(bound)
    for n in range(steps):
        test.add(float(n % 3 == 0))
    grown = {y: ChangeTest(bound, test.steps, test.sums) for y in (0.0, 1.0)}
    for y, after in grown.items():
        after.add(y)
    expected = bound * evidence(grown[1.0]) + (1 - bound) * evidence(grown[0.0])
    assert expected == pytest.approx(evidence(test), rel=1e-9)


def evidence(test):
    return math.exp(test.log_evidence)


def test_however_long_it_goes_on_the_evidence_stays_a_number():
    test = ChangeTest(0.01)
    for _ in range(3_000):
        test.add(1.0)
    assert max(test.sums) <= CEILING
    assert test.log_evidence > NEEDED


def test_a_rate_s_bound_is_the_margin_s_or_the_reference_s_own():
    terms = TERMS[Measure.DISSENT]
    few, many = Sample(ranked=False), Sample(ranked=False)
    for n in range(100):
        few.add(float(n % 5 == 0))
    for n in range(50_000):
        many.add(float(n % 5 == 0))
    assert bound_of(many, terms, 0.001) == pytest.approx(0.25)
    assert 0.3 < bound_of(few, terms, 0.001) < 0.36


def test_a_rank_is_the_part_of_the_reference_below_and_half_of_what_is_level():
    reference = Sample(ranked=True)
    for value in (100, 100, 200, 400):
        reference.add(value)
    ranks = Ranks(reference)
    assert [ranks.of(v) for v in (50, 100, 150, 200, 400, 9_999)] == [
        0,
        0.25,
        0.5,
        0.625,
        0.875,
        1,
    ]


def test_a_small_reference_s_ranks_lie_no_further_off_than_its_bound_allows():
    chance, off, alpha = random.Random(5), 0, 0.05
    for _ in range(200):
        reference = Sample(ranked=True)
        for _ in range(100):
            reference.add(times(1)(chance, False))
        ranks = Ranks(reference)
        mean = sum(ranks.of(times(1)(chance, False)) for _ in range(1_000)) / 1_000
        off += mean > 0.5 + rank_bound(100, alpha) + 0.02  # the mean of 1,000 is itself inexact
    assert off / 200 <= alpha


def test_a_reference_covers_a_day_however_much_traffic_there_is():
    vendors = Vendors()
    for n in range(5_000):
        moment = MIDNIGHT + timedelta(seconds=10 * n)
        vendors.see(Seen(moment, "gpt", "m", Measure.LATENCY, 500.0))
    (watched,) = vendors.standing()
    assert (watched.collected, watched.before, watched.evidence) == (5_000, None, None)


def test_a_vendor_that_always_errs_has_nothing_to_be_judged_by():
    vendors = Vendors()
    for n in range(4_000):
        moment = MIDNIGHT + timedelta(seconds=EVERY_S * n)
        assert vendors.see(Seen(moment, "gpt", "m", Measure.WRONG, 1.0)) is None
    (watched,) = vendors.standing()
    assert watched.before is None


def test_a_state_that_was_written_and_read_goes_on_as_if_it_had_not_been():
    def run(*, written):
        chance, vendors, found = random.Random(7), Vendors(), []
        for n in range(4_000):
            moment = MIDNIGHT + timedelta(seconds=EVERY_S * n)
            for measure, draw in ((Measure.LATENCY, times(2)), (Measure.WRONG, rate(0.1, 0.5))):
                value = draw(chance, n >= 3_000)
                found.append(vendors.see(Seen(moment, "gpt", "m", measure, value)))
            if written and n % 97 == 0:
                vendors = Vendors.from_json(json.loads(json.dumps(vendors.as_json())))
        return [change for change in found if change is not None], vendors.as_json()

    assert run(written=True) == run(written=False)
    assert len(run(written=True)[0]) == 2


@pytest.mark.parametrize("kept", [{}, {"version": 99, "providers": {"gpt": "?"}}])
def test_without_a_state_of_this_version_vendors_are_learned_anew(kept):
    assert Vendors.from_json(kept).standing() == ()


def test_every_provider_s_errors_are_within_what_is_promised():
    tests = sum(len(terms.directions) for terms in TERMS.values())
    assert 2 * tests * math.exp(-NEEDED) == pytest.approx(FALSE_ALARMS)


def test_a_request_tells_of_each_vendor_what_it_did():
    told = {(s.provider, s.measure): s.value for s in told_by(decided(1, MIDNIGHT))}
    assert told["gpt", Measure.FAILURE] == 0
    assert told["gpt", Measure.DISSENT] == 0
    assert told["gemini", Measure.DISSENT] == 1
    assert told["gemini", Measure.REFUSAL] == 0
    assert told["gemini", Measure.LATENCY] == 800
    assert told["gemini", Measure.LENGTH] == 120


def test_later_rounds_and_failures_tell_nothing_of_latency_and_length():
    record = answered(votes=(vote(round=2), vote("server_error", down=True)))
    assert [(s.measure, s.value) for s in told_by(record)] == [
        (Measure.FAILURE, 0.0),
        (Measure.FAILURE, 1.0),
    ]


def test_a_filtered_prompt_is_a_refusal_and_no_failure():
    assert {s.measure for s in told_by(filtered())} == {Measure.REFUSAL}


def test_a_label_tells_of_those_whose_answer_it_decides():
    cast = ballot("gpt claude", "gemini")
    told = {s.provider: s.value for s in told_by_label(MIDNIGHT, cast, 0, correct=True)}
    assert told == {"gpt": 0, "claude": 0, "gemini": 1}
    told = {s.provider: s.value for s in told_by_label(MIDNIGHT, cast, 0, correct=False)}
    assert told == {"gpt": 1, "claude": 1}
    assert list(told_by_label(MIDNIGHT, None, None, correct=True)) == []
