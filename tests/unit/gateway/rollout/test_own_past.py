"""An arm's confidence against its own past."""

import random

import pytest

from gateway.rollout.own_past import REFERENCE, OwnPast


def past_of(mean, margin=0.05, seed=1):
    rng, past = random.Random(seed), OwnPast(margin, 0.001)
    for _ in range(REFERENCE):
        past.add(min(1.0, max(0.0, rng.gauss(mean, 0.1))))
    return past


def evidence_after(past, mean, count=1_000):
    rng = random.Random(2)
    for _ in range(count):
        past.add(min(1.0, max(0.0, rng.gauss(mean, 0.1))))
    return past.detector.recent_sum


def test_before_the_reference_is_complete_nothing_is_held_against_it():
    past = OwnPast(0.05, 0.001)
    for _ in range(REFERENCE - 1):
        assert past.add(0.1) is False
    assert past.detector is None
    assert past.past is None


def test_the_past_may_have_been_a_little_worse_than_it_looked():
    past = past_of(0.8)
    assert past.past == pytest.approx(0.2, abs=0.02)
    assert past.past < past.bound < past.past + 0.05


@pytest.mark.parametrize(
    ("mean", "harm"),
    [
        pytest.param(0.8, False, id="as ever"),
        pytest.param(0.76, False, id="within the margin"),
        pytest.param(0.65, True, id="far below it"),
    ],
)
def test_only_a_fall_beyond_the_margin_gathers_evidence(mean, harm):
    assert (evidence_after(past_of(0.8), mean) > 1e6) is harm


def test_a_larger_margin_forgives_more_and_begins_anew():
    past = past_of(0.8)
    assert evidence_after(past, 0.65) > 1e6
    past.adjust(0.2, 0.001)
    assert past.detector.steps == 0
    assert evidence_after(past, 0.65) < 1e6


def test_a_reference_that_cannot_fall_any_further_is_not_bet_on():
    past = past_of(0.0)
    past.add(0.0)
    assert past.detector is None
    assert past.bound > 0.9


def test_a_perfect_past_can_still_be_betrayed():
    past = OwnPast(0.0, 0.001)
    for _ in range(REFERENCE):
        past.add(1.0)
    assert evidence_after(past, 0.5) > 1e6


def test_the_reference_outlives_a_new_beginning():
    past = past_of(0.8)
    before = past.bound
    past.clear()
    assert past.bound == before
    assert evidence_after(past, 0.65) > 1e6
