"""The sliding window an arm is judged over."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rollout.window import MAXIMUM_SAMPLE, Window, is_measured, p95
from tests.support.records import answered, failed, filtered, impatient


def by_definition(values):
    """The smallest value that at least 95 of 100 do not exceed."""
    return min(v for v in values if 100 * sum(w <= v for w in values) >= 95 * len(values))


LATENCIES = st.lists(st.integers(1, 60).map(lambda n: n * 100.0), min_size=1, max_size=80)


@given(LATENCIES)
def test_p95_is_the_smallest_latency_that_95_of_100_do_not_exceed(latencies):
    assert p95(latencies) == by_definition(latencies)


@given(LATENCIES, st.integers(1, 60).map(lambda n: n * 100.0))
def test_the_window_is_slow_exactly_when_its_p95_is_above_the_limit(latencies, limit):
    window = Window(60, limit)
    for latency in latencies:
        window.add(answered(latency_ms=latency), now=0)
    assert window.is_slow == (by_definition(latencies) > limit)


EVENTS = st.lists(
    st.tuples(st.floats(0, 20), st.booleans(), st.sampled_from([10.0, 100.0, 1_000.0])),
    max_size=60,
)


@given(EVENTS, st.floats(0, 40))
@settings(deadline=None)
def test_its_figures_are_those_of_the_requests_that_ended_within_its_length(events, pause):
    window, now, held = Window(30, 500), 0.0, []
    for gap, error, latency in events:
        now += gap
        record = failed(latency_ms=latency) if error else answered(latency_ms=latency)
        window.add(record, now)
        held.append((now, error, latency))
    now += pause
    held = [h for h in held if h[0] > now - 30]
    figures = window.figures(now)
    assert figures.requests == len(held)
    assert figures.errors == sum(error for _, error, _ in held)
    assert figures.slow == sum(latency > 500 for _, _, latency in held)
    assert figures.p95_latency_ms == p95([latency for _, _, latency in held])


def test_an_empty_window_has_no_rates_rather_than_good_ones():
    figures = Window(30, 500).figures(0)
    assert (figures.requests, figures.error_rate, figures.p95_latency_ms) == (0, None, None)
    assert (figures.mean_confidence, figures.mean_cost_usd) == (None, None)


def test_it_never_holds_more_than_its_maximum_and_lets_the_oldest_go():
    window = Window(1e9, 500)
    for _ in range(100):
        window.add(failed(), now=0)
    for _ in range(MAXIMUM_SAMPLE):
        window.add(answered(), now=1)
    assert len(window) == MAXIMUM_SAMPLE
    assert window.errors == 0


def test_confidence_and_cost_are_averaged_where_they_are_known():
    window = Window(30, 500)
    for confidence, cost in ((0.9, 0.002), (0.5, None), (None, 0.004)):
        window.add(answered(confidence=confidence, cost_usd=cost), now=0)
    figures = window.figures(0)
    assert figures.mean_confidence == pytest.approx(0.7)
    assert figures.mean_cost_usd == pytest.approx(0.003)


def test_a_new_latency_limit_judges_what_is_already_held():
    window = Window(30, 500)
    window.add(answered(latency_ms=300), now=0)
    window.adjust(30, 200)
    assert window.slow == 1
    window.figures(31)
    assert window.slow == 0


@pytest.mark.parametrize(
    ("record", "measured"),
    [
        pytest.param(answered(), True, id="answered"),
        pytest.param(failed(), True, id="failed by our doing"),
        pytest.param(answered(status=500, code="internal", votes=()), True, id="our own bug"),
        pytest.param(impatient(), False, id="deadline of 100 ms"),
        pytest.param(impatient(timeout_ms=5_000), True, id="deadline of 5 s"),
        pytest.param(filtered(), False, id="a prompt no vendor takes"),
        pytest.param(answered(status=499, code="client_gone"), False, id="the caller left"),
        pytest.param(answered(status=422, code="budget_too_small"), False, id="4xx"),
        pytest.param(answered(status=403, code="refused"), False, id="refused"),
        pytest.param(answered(status=429, code="rate_limited"), False, id="429"),
    ],
)
def test_what_the_caller_caused_is_not_in_the_sample(record, measured):
    assert is_measured(record) is measured
