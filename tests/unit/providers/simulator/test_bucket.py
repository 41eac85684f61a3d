"""A limit passes so many requests in its time, and says when the next one will pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator.bucket import Bucket, Rate

GAPS = st.lists(st.floats(0, 120), min_size=1, max_size=60)


def test_a_full_bucket_passes_its_requests_at_once_and_then_refuses():
    bucket = Bucket.full(Rate(3, 60), 0.0)
    met = []
    for _ in range(4):
        bucket, allowance = bucket.take(0.0)
        met.append((allowance.left, allowance.wait_s))
    assert met == [(2, 0), (1, 0), (0, 0), (0, 20)]


@given(st.integers(1, 50), st.sampled_from([1.0, 60.0, 3600.0]), GAPS)
def test_never_more_pass_than_were_there_and_came_in(requests, seconds, gaps):
    rate, now, passed = Rate(requests, seconds), 0.0, 0
    bucket = Bucket.full(rate, now)
    for gap in gaps:
        now += gap
        bucket, allowance = bucket.take(now)
        passed += allowance.wait_s == 0
    assert passed <= requests + now * rate.per_second + 1e-6


@given(st.integers(1, 50), GAPS)
def test_who_waits_as_told_passes(requests, gaps):
    bucket, now = Bucket.full(Rate(requests, 60), 0.0), 0.0
    for gap in gaps:
        now += gap / 100
        bucket, allowance = bucket.take(now)
        if allowance.wait_s:
            _, after = bucket.take(now + allowance.wait_s)
            assert after.wait_s == 0


@pytest.mark.parametrize("settings", [(0, 60), (1, 0), (1, float("inf"))])
def test_a_limit_that_makes_no_sense_is_refused(settings):
    with pytest.raises(ValueError, match="1 request or more"):
        Rate(*settings)
