"""The spread of callers without an id."""

from itertools import accumulate, pairwise
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.rollout.spread import AnonymousSpread

SHARES = st.one_of(
    st.integers(0, 100).map(lambda percent: percent / 100),
    st.floats(0, 1, allow_subnormal=True),
    st.sampled_from([1 / 3, 2 / 3, 0.005, 0.995, 0.125, 0.333, 0.5 - 1e-12, 0.5 + 1e-12]),
)


def verdicts(share, seed, count):
    spread = AnonymousSpread(Random(seed))
    return [spread.draw(share) < share for _ in range(count)]


@given(SHARES, st.integers(0, 2**32), st.integers(0, 3_000))
@example(5e-324, 0, 0)
@example(1 - 2**-53, 0, 0)
@settings(max_examples=150, deadline=None)
def test_any_100_requests_in_a_row_hold_the_share_within_2(share, seed, skipped):
    spread = AnonymousSpread(Random(seed))
    for _ in range(skipped):
        spread.draw(share)
    sums = [0, *accumulate(spread.draw(share) < share for _ in range(500))]
    for start in range(len(sums) - 100):
        assert abs(sums[start + 100] - sums[start] - 100 * share) <= 2


@given(SHARES, st.integers(0, 2**32))
@settings(deadline=None)
def test_a_place_lies_on_its_verdicts_side_of_the_share(share, seed):
    spread = AnonymousSpread(Random(seed))
    places = [spread.draw(share) for _ in range(50)]
    assert all(0 <= place < 1 for place in places)
    if share == 0:
        assert not any(place < share for place in places)
    if share == 1:
        assert all(place < share for place in places)


def test_places_spread_evenly_as_the_buckets_of_named_callers_do():
    spread = AnonymousSpread(Random(4))
    counts = [0] * 20
    for _ in range(40_000):
        counts[int(spread.draw(0.3) * 20)] += 1
    # Fewer than 43.8: 19 degrees of freedom, p = 0.001.
    assert sum((n - 2_000) ** 2 / 2_000 for n in counts) < 43.8


@pytest.mark.parametrize("share", [0.1, 0.35, 0.4, 0.5, 0.6, 0.93])
@pytest.mark.parametrize("period", [2, 3, 5, 10, 20])
def test_a_caller_who_comes_at_a_period_meets_the_share_like_everybody(share, period):
    hits = verdicts(share, seed=11, count=40_000 * period // 4)
    for phase in range(period):
        met = hits[phase::period]
        spread = (share * (1 - share) / len(met)) ** 0.5
        assert abs(sum(met) / len(met) - share) < 4.5 * spread


def test_half_of_the_traffic_does_not_alternate():
    hits = verdicts(0.5, seed=5, count=1_000)
    repeats = sum(a == b for a, b in pairwise(hits))
    # Pairs of one hit and one miss, in either order: a quarter of the neighbours are alike.
    assert 200 < repeats < 300


def test_a_change_of_share_starts_a_new_sequence():
    spread = AnonymousSpread(Random(3))
    for _ in range(7):
        spread.draw(0.01)
    after = [spread.draw(0.5) < 0.5 for _ in range(100)]
    assert abs(sum(after) - 50) <= 2
    assert all(sum(after[n : n + 2]) == 1 for n in range(0, 100, 2))


def test_the_same_generator_gives_the_same_sequence_and_another_another():
    assert verdicts(0.3, 1, 200) == verdicts(0.3, 1, 200)
    assert verdicts(0.3, 1, 200) != verdicts(0.3, 2, 200)
