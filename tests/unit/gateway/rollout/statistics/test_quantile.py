"""The usual p95, known before the next value is seen."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rollout.statistics.quantile import KEPT, LEAST, SORTED_EVERY, RecentP95
from gateway.rollout.window import p95


def fed(values):
    recent = RecentP95()
    for value in values:
        recent.add(value)
    return recent


def test_too_few_values_have_no_p95_to_bet_by():
    assert fed(range(LEAST - 1)).value is None
    assert fed(range(LEAST)).value == 18


@given(st.lists(st.floats(0, 1e6), min_size=LEAST, max_size=1_000))
@settings(deadline=None)
def test_it_is_the_p95_of_the_latest_values_at_some_recent_moment(values):
    recent = fed(values)
    moments = range(max(LEAST, len(values) - SORTED_EVERY), len(values) + 1)
    assert recent.value in {p95(values[max(0, m - KEPT) : m]) for m in moments}
    assert recent.now() == p95(values[-KEPT:])


def test_it_follows_a_change_within_the_values_it_keeps():
    assert fed([1.0] * 10_000 + [5.0] * KEPT).value == 5.0


def test_cleared_it_knows_nothing():
    recent = fed([1.0] * 100)
    recent.clear()
    assert recent.value is None
    assert recent.now() is None
    assert len(recent) == 0
