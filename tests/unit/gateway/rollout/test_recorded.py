"""Recorded traffic is met in the order in which a judge would have met it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.rollout.observation import Label, Observation
from gateway.rollout.recorded import moments

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def seen(number, after_s, latency_ms):
    at = NOON + timedelta(seconds=after_s)
    return Observation(str(number), at, "legacy", 0.5, True, False, latency_ms)


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 60_000)), max_size=40),
    st.lists(st.integers(0, 200), max_size=20),
)
def test_nothing_is_lost_and_everything_comes_in_the_order_of_time(requests, labels):
    came_in = [seen(n, *request) for n, request in enumerate(sorted(requests))]
    said = [
        (NOON + timedelta(seconds=after), Label(str(n), "legacy", NOON, correct=True))
        for n, after in enumerate(sorted(labels))
    ]
    met = list(moments(came_in, said))
    assert [m.at for m in met] == sorted(m.at for m in met)
    assert len(met) == len(came_in) + len(said)
    assert {m.seen for m in met} == {*came_in, *(label for _, label in said)}


def test_a_request_is_known_when_it_ended_not_when_it_came_in():
    slow, quick = seen(1, 0, 5_000), seen(2, 1, 100)
    assert [m.seen.request_id for m in moments([slow, quick], [])] == ["2", "1"]


def test_only_requests_that_overlap_are_held():
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield seen(taken, taken, 1_500)

    known = moments(endless(), [])
    for _ in range(100):
        next(known)
    assert taken <= 110
