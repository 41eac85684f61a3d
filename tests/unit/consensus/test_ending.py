"""Calls end early enough for the answer to go out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.ending import Ending, cutoff_of
from providers.provider import Deadline


@pytest.mark.parametrize(
    ("timeout_s", "margin_s"),
    [
        pytest.param(60.0, 0.25, id="250 ms of a long time"),
        pytest.param(5.0, 0.25, id="5 % of 5 s is 250 ms"),
        pytest.param(0.1, 0.005, id="5 % of a short time"),
        pytest.param(0.0, 0.0, id="nothing of none"),
    ],
)
def test_a_small_margin_is_kept_before_the_deadline(timeout_s, margin_s):
    assert cutoff_of(Deadline(100 + timeout_s), 100).at == pytest.approx(100 + timeout_s - margin_s)


def test_a_deadline_in_the_past_leaves_no_time_at_all():
    assert Ending.before(Deadline(50.0), 100.0) == Ending(Deadline(100.0), 100.0)


@given(timeout_s=st.floats(0.1, 600), now=st.floats(0, 1e6), share=st.floats(0.01, 1.0))
def test_adapters_end_first_then_stragglers_are_cut_then_the_answer_goes_out(timeout_s, now, share):
    deadline = Deadline(now + timeout_s)
    whole = Ending.before(deadline, now)
    shorter = whole.shortened(share * timeout_s, now)
    assert now < whole.calls.at < whole.cut_at < deadline.at
    assert whole.cut_at + whole.closing_s < deadline.at
    assert now < shorter.calls.at < shorter.cut_at <= whole.cut_at
