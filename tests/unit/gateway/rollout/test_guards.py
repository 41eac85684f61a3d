"""The environment's absolute limits, on one arm's window."""

import random
from dataclasses import replace
from datetime import timedelta
from statistics import median

import pytest

from gateway.rollout.guards import Guards
from gateway.rollout.minimum_sample import minimum_sample
from gateway.rollout.window import MAXIMUM_SAMPLE
from tests.support.observations import LIMITS, seen

TWENTY = replace(LIMITS, minimum_sample=20)


def guards(*requests, limits=LIMITS):
    held = Guards(limits)
    for now, request in enumerate(requests):
        take(held, request, now)
    return held


def take(held, request, now):
    """A request that ended at ``now``, alone: nothing that came in beside it is still under way."""
    held.add(request, now)
    if request.measured:
        held.settle(request)


def requests(bad, count, **how):
    """``bad`` of ``count``, spread evenly."""
    every = count / bad if bad else count + 1
    marks = {int((i + 1) * every) - 1 for i in range(bad)}
    return [seen(**how) if i in marks else seen() for i in range(count)]


def first_trip(rate, seed, limits=LIMITS, count=3_000):
    rng, held = random.Random(seed), Guards(limits)
    for i in range(count):
        take(held, seen(error=rng.random() < rate), i)
        if held.trips():
            return i + 1
    return None


@pytest.mark.parametrize(
    ("errors", "count", "trips"),
    [
        pytest.param(0, 0, False, id="nothing yet"),
        pytest.param(3, 100, False, id="3 of 100 = the limit, not above it"),
        pytest.param(4, 100, True, id="4 of 100 = 4 %"),
        pytest.param(2, 20, False, id="10 %, but two errors are chance"),
        pytest.param(3, 20, True, id="3 of 20 = 15 %"),
    ],
)
def test_a_given_sample_decides_from_which_window_on_a_rate_counts(errors, count, trips):
    assert guards(*requests(errors, count, error=True), limits=TWENTY).trips() is trips


def test_a_rate_just_above_the_limit_waits_for_the_derived_sample():
    least = minimum_sample(LIMITS.error_rate)
    limits = replace(LIMITS, window=timedelta(hours=1))
    for count, trips in ((least - 100, False), (least, True)):
        bad = int(count * 0.032)
        assert guards(*requests(bad, count, error=True), limits=limits).trips() is trips


@pytest.mark.parametrize(
    ("slow", "count", "trips"),
    [
        pytest.param(5, 100, False, id="p95 is the slowest of the fast 95"),
        pytest.param(6, 100, True, id="6 of 100 are slower"),
        pytest.param(2, 20, False, id="two slow requests are chance"),
    ],
)
def test_a_p95_above_the_limit_trips(slow, count, trips):
    held = guards(*requests(slow, count, latency_ms=10_001.0), limits=TWENTY)
    assert held.trips() is trips


def test_a_latency_equal_to_the_limit_is_within_it():
    assert not guards(*requests(30, 60, latency_ms=10_000.0), limits=TWENTY).trips()


def test_30_percent_failures_at_a_limit_of_3_trip_within_20_requests():
    assert median(first_trip(0.3, seed) for seed in range(200)) <= 20


def test_slow_answers_only_trip_within_20_requests():
    held, count = Guards(LIMITS), 0
    while not held.trips():
        take(held, seen(latency_ms=20_000.0), count)
        count += 1
    assert count <= 20


def test_an_arm_at_half_its_limit_hardly_ever_trips():
    assert sum(first_trip(0.015, seed) is not None for seed in range(100)) <= 2


def test_three_errors_in_a_row_do_not_trip_after_one_good_hour():
    held = guards(*[seen()] * 280, *[seen(error=True)] * 2)
    assert not held.trips()


@pytest.mark.parametrize(
    ("pause", "trips"),
    [
        pytest.param(0, True, id="six of eleven in a row"),
        pytest.param(10_000, False, id="hours between the first three and the rest"),
    ],
)
def test_a_window_that_emptied_holds_no_run_of_errors_either(pause, trips):
    held = guards(*[seen(error=True)] * 3)
    for i, request in enumerate([*[seen()] * 5, *[seen(error=True)] * 3], start=3):
        take(held, request, pause + i)
    assert held.trips() is trips


def test_the_reasons_say_the_figures():
    held = guards(*requests(6, 20, error=True, latency_ms=12_000.0), limits=TWENTY)
    assert held.reasons(held.figures(20)) == (
        "error rate 30.00% (6 of 20 requests) is above the rollback limit of 3.00%",
        "p95 latency 12000 ms over 20 requests is above the rollback limit of 10000 ms",
    )


def test_a_warning_needs_enough_errors_too():
    few, enough = requests(2, 100, error=True), requests(3, 100, error=True)
    for some, warned in ((few, False), (enough, True)):
        held = guards(*some)
        assert (held.warning(held.figures(100)) is not None) is warned


def test_unmeasured_requests_are_left_out():
    held = guards(*[seen(error=True, measured=False)] * 50)
    assert not held.trips()
    assert held.figures(50).requests == 0


def test_other_limits_apply_to_what_is_held():
    held = guards(*requests(4, 100, error=True), limits=TWENTY)
    held.adjust(replace(TWENTY, error_rate=0.05))
    assert not held.trips()


@pytest.mark.parametrize("limit", [0.008, 0.015, 0.03, 0.05, 0.1, 0.3])
def test_the_derived_sample_is_rarely_wrong_and_not_much_larger_than_it_must_be(limit):
    """Exact binomial chances, computed here by recursion."""

    def above(count):
        rate, chances = limit / 2, [1.0]
        for _ in range(count):
            stay = [c * (1 - rate) for c in chances] + [0.0]
            move = [0.0] + [c * rate for c in chances]
            chances = [s + m for s, m in zip(stay, move, strict=True)]
            del chances[150:]
        return sum(c for bad, c in enumerate(chances) if bad / count > limit)

    least = minimum_sample(limit)
    if least < MAXIMUM_SAMPLE:
        period = int(1 / limit)
        assert max(above(n) for n in (least, least + period - 1, least + 2 * period)) < 0.001
        assert max(above(n) for n in (least - 1, least - 2)) >= 0.001
    else:
        assert above(MAXIMUM_SAMPLE) >= 0.0005


def test_a_limit_of_nothing_needs_no_sample():
    assert minimum_sample(0.0) == 1
