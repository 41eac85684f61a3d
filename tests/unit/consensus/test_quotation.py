"""Untrusted text quoted in our own sentence."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.quotation import neutralised


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        pytest.param("Paris, since 987.", "Paris, since 987.", id="plain words stay"),
        pytest.param("**Bold** `x` <b>y</b>", "Bold 'x' ‹b›y‹/b›", id="markup"),
        pytest.param("see [this](http://e.x/?q=1) now", "see (this)(…) now", id="a link"),
        pytest.param("a “b” c", "a 'b' c", id="quotation marks"),
        pytest.param("「東京」です", "『東京』です", id="Japanese quotation marks"),
        pytest.param("one\n\ttwo\u202e\u200b", "one two", id="line breaks and unseen characters"),
        pytest.param("one two three", "one two…", id="cut between words"),
        pytest.param("天皇の即位礼は京都御所", "天皇の即位礼は京…", id="cut without spaces"),
    ],
)
def test_words_are_kept_and_what_acts_is_not(text, quoted):
    limit = {"one two…": 10, "天皇の即位礼は京…": 9}.get(quoted, 100)
    assert neutralised(text, limit) == quoted


@given(st.text(max_size=400), st.integers(1, 200))
def test_a_quotation_is_one_bounded_line_that_closes_nothing(text, limit):
    quoted = neutralised(text, limit)
    assert len(quoted) <= limit
    assert not set(quoted) & set('<>[]`“”「」"\n\r*#|')
    assert all(unicodedata.category(c)[0] != "C" for c in quoted)
