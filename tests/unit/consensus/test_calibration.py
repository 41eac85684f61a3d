"""The shipped calibration."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.answers import AnswerKind
from consensus.calibration import FREE_TEXT, SHARES, TYPED, PriorCalibration, VotePattern
from consensus.verdict import ConfidenceSource

SHARE = st.floats(0.05, 1.0)
NUMBER = st.floats(1.0, 8.0)


def confidence(answers, share, *, heads=None, typed=True, soundness=1.0):
    pattern = VotePattern(
        answers=answers,
        heads=share if heads is None else heads,
        share=share,
        vendors=1,
        kind=AnswerKind.NUMBER if typed else AnswerKind.FREE_TEXT,
        typed=typed,
        soundness=soundness,
    )
    return PriorCalibration().confidence(pattern)


@pytest.mark.parametrize("table", [TYPED, FREE_TEXT])
def test_the_tables_never_fall_with_more_support(table):
    for row in table:
        assert len(row) == len(SHARES)
        assert list(row) == sorted(row)
    for column in zip(*table, strict=True):
        assert list(column) == sorted(column)


def test_patterns_that_were_measured_get_what_was_measured():
    assert confidence(3, 1.0) == pytest.approx(0.963)
    assert confidence(3, 2 / 3) == pytest.approx(0.672)
    assert confidence(2, 0.5) == pytest.approx(0.352)
    assert confidence(1, 1.0) == pytest.approx(0.807)


def test_between_them_it_interpolates():
    assert confidence(2.5, 1.0) == pytest.approx((0.936 + 0.963) / 2)
    assert confidence(3, 5 / 6) == pytest.approx((0.672 + 0.963) / 2)


def test_a_panel_larger_than_was_measured_earns_no_more():
    assert confidence(8, 1.0) == confidence(3, 1.0)


def test_weight_raises_no_answer_above_its_head_count():
    assert confidence(2, 0.95, heads=0.5) == confidence(2, 0.5)


def test_agreement_by_wording_alone_counts_for_less():
    assert confidence(3, 1.0, typed=False) < confidence(3, 1.0)


def test_an_unsound_winner_loses_confidence_in_proportion():
    assert confidence(3, 1.0, soundness=0.3) == pytest.approx(0.3 * confidence(3, 1.0))


@given(NUMBER, NUMBER, SHARE, SHARE, st.booleans())
def test_more_answers_and_a_larger_share_never_lower_it(n, m, share, larger, typed):
    few, many = sorted((n, m))
    low, high = sorted((share, larger))

    assert confidence(few, low, typed=typed) <= confidence(many, high, typed=typed) + 1e-12


def test_its_figures_are_marked_as_prior():
    assert PriorCalibration().source is ConfidenceSource.PRIOR
