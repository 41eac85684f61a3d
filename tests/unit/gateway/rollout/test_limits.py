"""When an arm is rolled back by the environment's limits, or because every vendor is down."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rollout.judge import Judge
from gateway.rollout.observation import observation_of
from gateway.rollout.rules import Limits, Rules
from gateway.rollout.settling import START_S
from tests.support.records import NOON, all_down, answered, failed, filtered, impatient, vote

LIMITS = Limits(
    error_rate=0.03,
    latency_ms=10_000,
    warning_error_rate=0.015,
    window=timedelta(minutes=5),
    minimum_sample=20,
)


class Watcher:
    """A judge that takes records and knows of no margins but the limits."""

    def __init__(self, limits=LIMITS):
        self.judge = Judge(Rules(limits))

    def observe(self, record, now):
        seen = observation_of(record)
        return None if seen is None else self.judge.observe(seen, now)

    def figures(self, now):
        return self.judge.figures("wall_bounce", now)


def watching(*records, limits=LIMITS):
    """A watcher that has seen these, ten a second, and the first alarm it raised."""
    watcher, alarm = Watcher(limits), None
    for tenths, record in enumerate(records):
        alarm = alarm or watcher.observe(record, tenths / 10)
    return watcher, alarm or watcher.judge.tick(len(records) / 10 + START_S)


def trips(*records, limits=LIMITS):
    return watching(*records, limits=limits)[1] is not None


@pytest.mark.parametrize(
    ("errors", "requests", "expected"),
    [
        pytest.param(0, 20, False, id="none"),
        pytest.param(2, 20, False, id="10 %, but two errors are chance"),
        pytest.param(3, 20, True, id="3 of 20 = 15 %"),
        pytest.param(3, 100, False, id="3 of 100 = the limit, not above it"),
        pytest.param(4, 100, True, id="4 of 100 = 4 %"),
    ],
)
def test_with_a_sample_of_20_the_error_rate_decides_from_3_errors_on(errors, requests, expected):
    assert trips(*[answered()] * (requests - errors), *[failed()] * errors) is expected


@pytest.mark.parametrize(
    ("slow", "requests", "expected"),
    [
        pytest.param(2, 20, False, id="p95 is slow, but two requests are chance"),
        pytest.param(3, 20, True, id="3 of 20 are slower"),
        pytest.param(5, 100, False, id="p95 is the slowest of the fast 95"),
        pytest.param(6, 100, True, id="6 of 100 are slower"),
    ],
)
def test_with_a_sample_of_20_the_p95_decides_from_3_slow_ones_on(slow, requests, expected):
    slow_ones = [answered(latency_ms=10_001.0)] * slow
    assert trips(*[answered()] * (requests - slow), *slow_ones) is expected


DERIVED = Limits(0.03, 10_000, 0.015, timedelta(minutes=5))


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([failed()] * 7, False, id="seven requests are chance, even if all fail"),
        pytest.param([failed()] * 8, True, id="eight failures in a row"),
        pytest.param([answered(), answered(), failed()] * 8, True, id="every third fails"),
        pytest.param(
            [answered(), failed(caller="a")] * 500,
            False,
            id="one caller of many fails, however often",
        ),
        pytest.param([failed(caller="a")] * 40, True, id="the one caller there is fails"),
        pytest.param(([answered()] * 24 + [failed()]) * 20, False, id="4 % are no dense run"),
        pytest.param(([answered()] * 24 + [failed()]) * 40, True, id="4 % of a large sample"),
    ],
)
def test_without_a_set_sample_a_dense_run_of_several_callers_trips_early(records, expected):
    assert trips(*records, limits=DERIVED) is expected


def test_a_latency_equal_to_the_limit_is_within_it():
    assert not trips(*[answered(latency_ms=10_000.0)] * 30)


def test_a_rollback_says_why_with_figures():
    _, alarm = watching(*[answered()] * 17, *[failed()] * 3)
    assert "error rate 15.00% (3 of 20 requests)" in alarm.reasons[0]
    assert "3.00%" in alarm.reasons[0]
    assert (alarm.figures.requests, alarm.figures.errors) == (20, 3)


def test_it_rolls_back_with_the_request_that_crosses_the_limit_not_later():
    watcher = Watcher()
    seen = [watcher.observe(r, 0) for r in [answered()] * 20 + [failed()] * 3]
    assert [v is not None for v in seen] == [False] * 22 + [True]


def test_an_outage_met_by_three_callers_in_a_row_rolls_back_at_once():
    _, alarm = watching(*(all_down(caller=c) for c in ("a", "b", "c")))
    assert alarm.arm is None
    assert "every vendor is down" in alarm.reasons[0]


def test_an_outage_met_on_the_legacy_path_counts_as_well():
    met = [
        all_down(caller=c, arm=a)
        for c, a in (("a", "legacy"), ("b", "wall_bounce"), ("c", "legacy"))
    ]
    _, alarm = watching(*met)
    assert alarm.arm is None
    assert "every vendor is down" in alarm.reasons[0]


def test_a_request_without_id_is_its_own_caller():
    assert watching(*[all_down()] * 3)[1] is not None
    assert watching(all_down(), all_down(caller="a"), all_down())[1] is not None
    assert watching(*[all_down()] * 2)[1] is None


def test_one_caller_alone_is_no_outage_however_often_it_asks():
    assert watching(*[all_down(caller="a")] * 19)[1] is None
    assert watching(*[all_down(caller=c) for c in "ababababab"])[1] is None


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(answered(), id="an answer"),
        pytest.param(filtered(), id="a filter"),
        pytest.param(failed(), id="one vendor's nonsense"),
        pytest.param(all_down(votes=(vote("rate_limited"),)), id="429 from a vendor"),
    ],
)
def test_a_vendor_that_replies_at_all_ends_the_run(between):
    records = (all_down(caller="a"), all_down(caller="b"), between, all_down(caller="c"))
    assert watching(*records)[1] is None


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(impatient(), id="an impatient caller"),
        pytest.param(answered(status=499, votes=(vote("cut_off"),)), id="a caller who left"),
        pytest.param(answered(status=422, votes=()), id="a request that asked nobody"),
        pytest.param(answered(arm="legacy"), id="an answer of the legacy path"),
    ],
)
def test_a_request_no_vendor_could_reply_to_does_not_hide_an_outage(between):
    records = (all_down(caller="a"), between, all_down(caller="b"), between, all_down(caller="c"))
    assert watching(*records)[1] is not None


CALLERS = st.sampled_from(["a", "b", "c", "d", None])


@given(
    st.lists(
        st.one_of(
            CALLERS.map(lambda c: impatient(caller=c)),
            CALLERS.map(lambda c: filtered(caller=c)),
            CALLERS.map(lambda c: answered(caller=c)),
            st.integers(400, 499).map(lambda s: answered(status=s, votes=())),
            st.floats(0, 1).map(lambda c: answered(confidence=c)),
            st.just(failed(arm="legacy", latency_ms=60_000.0)),
            st.just(failed(arm=None)),
        ),
        max_size=150,
    )
)
@settings(deadline=None)
def test_no_number_of_impatient_filtered_or_refused_requests_nor_low_confidence_rolls_back(records):
    assert not trips(*records)


def test_errors_older_than_the_window_no_longer_count():
    watcher = Watcher()
    for _ in range(2):
        watcher.observe(failed(), 0)
    for _ in range(18):
        watcher.observe(answered(), 301)
    assert watcher.observe(failed(), 302) is None
    assert watcher.figures(302).requests == 19


def test_after_a_restart_old_errors_neither_count_nor_arrive_late():
    watcher, _ = watching(*[failed()] * 20, *[all_down()] * 3)
    restart = NOON + timedelta(minutes=1)
    watcher.judge.restart(restart)
    assert watcher.figures(30).requests == 0
    for _ in range(30):
        assert watcher.observe(all_down(at=NOON), 30) is None
    for _ in range(2):
        assert watcher.observe(all_down(at=restart), 31) is None
    assert watcher.observe(all_down(at=restart), 31) is not None


def test_other_limits_judge_what_is_already_held():
    watcher, alarm = watching(*[answered(latency_ms=700.0)] * 30)
    assert alarm is None
    strict = Limits(0.03, 500, 0.015, timedelta(minutes=5), minimum_sample=20)
    watcher.judge.adjust(Rules(strict))
    assert watcher.observe(answered(), 30) is not None


def test_a_minimum_below_one_is_refused():
    with pytest.raises(ValueError, match="less than one"):
        Limits(0.03, 500, 0.015, timedelta(minutes=5), minimum_sample=0)
