"""Whether the arms get the traffic they are meant to get."""

import random

import pytest

from gateway.rollout.observation import CONTROL, SHADOW
from gateway.rollout.plan import MAIN_ARM
from gateway.rollout.sample_ratio import CALLERS, SplitCount
from tests.support.observations import seen


def counted(requests):
    split = SplitCount()
    for request in requests:
        split.add(request)
    return split.figures()


def traffic(count, real, share=0.1, start=0.0, callers=None):
    rng = random.Random(7)
    for i in range(count):
        caller = None if callers is None else str(rng.randrange(callers))
        place = rng.random() if caller is None else random.Random(caller).random()
        arm = MAIN_ARM if place < real else CONTROL
        yield seen(arm, start + i * 0.1, share=share, caller=caller)


@pytest.mark.parametrize(
    ("real", "mismatch"),
    [pytest.param(0.1, False, id="as asked"), pytest.param(0.15, True, id="half as much again")],
)
def test_a_wrong_split_of_nameless_requests_is_seen(real, mismatch):
    figures = counted(traffic(5_000, real))
    assert figures.mismatch is mismatch
    assert figures.expected == 0.1
    assert figures.seen == pytest.approx(real, abs=0.02)


def test_a_caller_who_asks_often_is_no_mismatch():
    heavy = [seen(MAIN_ARM, i * 0.1, caller="heavy") for i in range(3_000)]
    figures = counted([*heavy, *traffic(1_000, 0.1, start=300.0)])
    assert not figures.mismatch
    assert figures.count < 1_100


def test_slow_answers_at_the_beginning_are_no_mismatch():
    """The arm's first requests end a minute after the control's."""
    early = [r for r in traffic(600, 0.1) if r.arm == CONTROL]
    figures = counted(early)
    assert figures.count == 0
    assert not figures.mismatch


def test_only_requests_under_the_present_share_count():
    figures = counted([*traffic(3_000, 0.1), *traffic(3_000, 0.5, share=0.5, start=400.0)])
    assert figures.expected == 0.5
    assert figures.count < 3_000
    assert not figures.mismatch


def test_a_straggler_from_the_last_share_does_not_begin_it_anew():
    now = list(traffic(3_000, 0.5, share=0.5, start=400.0))
    figures = counted([*now, seen(MAIN_ARM, 399.0, share=0.1)])
    assert figures.expected == 0.5
    assert figures.count > 0


def test_the_shadow_is_nobodys_traffic():
    shadows = [seen(SHADOW, i * 0.1) for i in range(3_000)]
    assert counted([*shadows, *traffic(1_000, 0.1, start=300.0)]).seen == pytest.approx(
        0.1, abs=0.04
    )


def test_callers_are_remembered_in_bounded_memory():
    split = SplitCount()
    for request in traffic(CALLERS + 3_000, 0.1, callers=10**9):
        split.add(request)
    assert len(split._callers) == CALLERS
    assert not split.figures().mismatch
