"""When the wall-bounce arm rolls back."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rollout.watcher import Health, Limits, Watcher
from tests.support.records import NOON, all_down, answered, failed, filtered, impatient, vote

LIMITS = Limits(
    error_rate=0.03,
    latency_ms=10_000,
    warning_error_rate=0.015,
    window=timedelta(minutes=5),
)


def watching(*records, limits=LIMITS):
    """A watcher that has seen these, a second apart, and the first verdict it rolled back on."""
    watcher, tripped = Watcher(limits), None
    for now, record in enumerate(records):
        tripped = watcher.observe(record, now) or tripped
    return watcher, tripped


def health(*records, limits=LIMITS):
    watcher, _ = watching(*records, limits=limits)
    return watcher.verdict(len(records)).health


@pytest.mark.parametrize(
    ("errors", "requests", "expected"),
    [
        pytest.param(0, 0, Health.NOT_ENOUGH_DATA, id="nothing yet is not healthy"),
        pytest.param(0, 19, Health.NOT_ENOUGH_DATA, id="one short of the sample"),
        pytest.param(0, 20, Health.HEALTHY, id="the least sample"),
        pytest.param(3, 19, Health.NOT_ENOUGH_DATA, id="16 % of too few"),
        pytest.param(3, 20, Health.CRITICAL, id="3 of 20 = 15 %"),
        pytest.param(2, 20, Health.WARNING, id="10 %, but two errors are chance"),
        pytest.param(3, 100, Health.WARNING, id="3 of 100 = the limit, not above it"),
        pytest.param(4, 100, Health.CRITICAL, id="4 of 100 = 4 %"),
        pytest.param(3, 200, Health.HEALTHY, id="3 of 200 = the warning limit, not above it"),
        pytest.param(4, 200, Health.WARNING, id="4 of 200 = 2 %"),
    ],
)
def test_the_error_rate_decides_from_20_requests_and_3_errors_on(errors, requests, expected):
    records = [failed()] * errors + [answered()] * (requests - errors)
    assert health(*records) is expected


@pytest.mark.parametrize(
    ("slow", "requests", "expected"),
    [
        pytest.param(2, 20, Health.HEALTHY, id="p95 is slow, but two requests are chance"),
        pytest.param(3, 20, Health.CRITICAL, id="3 of 20 are slower"),
        pytest.param(5, 100, Health.HEALTHY, id="p95 is the slowest of the fast 95"),
        pytest.param(6, 100, Health.CRITICAL, id="6 of 100 are slower"),
        pytest.param(19, 19, Health.NOT_ENOUGH_DATA, id="all of too few"),
    ],
)
def test_the_p95_latency_decides_from_20_requests_and_3_slow_ones_on(slow, requests, expected):
    records = [answered(latency_ms=10_001.0)] * slow + [answered()] * (requests - slow)
    assert health(*records) is expected


def test_a_latency_equal_to_the_limit_is_within_it():
    assert health(*[answered(latency_ms=10_000.0)] * 30) is Health.HEALTHY


def test_a_rollback_says_why_with_figures():
    _, verdict = watching(*[answered(latency_ms=12_000.0)] * 17, *[failed(latency_ms=5.0)] * 3)
    assert verdict.reasons == (
        "error rate 15.00% (3 of 20 requests) is above the rollback limit of 3.00%",
        "p95 latency 12000 ms over 20 requests is above the rollback limit of 10000 ms",
    )
    assert (verdict.figures.requests, verdict.figures.errors) == (20, 3)


def test_it_rolls_back_with_the_request_that_crosses_the_limit_not_later():
    watcher = Watcher(LIMITS)
    seen = [watcher.observe(r, 0) for r in [answered()] * 20 + [failed()] * 3]
    assert [v is not None for v in seen] == [False] * 22 + [True]


def test_an_outage_met_by_three_callers_in_a_row_rolls_back_at_once():
    _, verdict = watching(*(all_down(caller=c) for c in ("a", "b", "c")))
    assert verdict.health is Health.CRITICAL
    assert "every vendor is down" in verdict.reasons[0]


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
    watcher, verdict = watching(*records)
    assert verdict is None
    assert watcher.verdict(len(records)).health in {Health.HEALTHY, Health.NOT_ENOUGH_DATA}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([answered, failed, impatient]),
            st.sampled_from([5.0, 20_000.0]),
            st.floats(0, 30),
        ),
        max_size=120,
    )
)
@settings(deadline=None)
def test_what_it_returns_as_each_request_ends_is_what_the_whole_window_says(events):
    watcher, now = Watcher(LIMITS), 0.0
    for build, latency, gap in events:
        now += gap
        seen = watcher.observe(build(latency_ms=latency), now)
        verdict = watcher.verdict(now)
        assert (seen is not None) == (verdict.health is Health.CRITICAL)
        figures = verdict.figures
        if figures.requests >= 20 and figures.errors >= 3 and figures.error_rate > 0.03:
            assert verdict.health is Health.CRITICAL
        if figures.requests < 20:
            assert verdict.health is Health.NOT_ENOUGH_DATA


def test_errors_older_than_the_window_no_longer_count():
    watcher = Watcher(LIMITS)
    for _ in range(3):
        watcher.observe(failed(), 0)
    for _ in range(17):
        assert watcher.observe(answered(), 301) is None
    assert watcher.verdict(301).figures.requests == 17


def test_after_a_restart_old_errors_neither_count_nor_arrive_late():
    watcher, _ = watching(*[failed()] * 20, *[all_down()] * 3)
    restart = NOON + timedelta(minutes=1)
    watcher.restart(restart)
    assert watcher.verdict(30).health is Health.NOT_ENOUGH_DATA
    for _ in range(30):
        assert watcher.observe(all_down(at=NOON), 30) is None
    for _ in range(2):
        assert watcher.observe(all_down(at=restart), 31) is None
    assert watcher.observe(all_down(at=restart), 31) is not None


def test_other_limits_judge_what_is_already_held():
    watcher, verdict = watching(*[answered(latency_ms=700.0)] * 30)
    assert verdict is None
    watcher.adjust(Limits(0.03, 500, 0.015, timedelta(minutes=5)))
    assert watcher.verdict(30).health is Health.CRITICAL


def test_a_minimum_below_one_is_refused():
    with pytest.raises(ValueError, match="less than one"):
        Limits(0.03, 500, 0.015, timedelta(minutes=5), minimum_sample=0)
