"""How much each answer counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.weighting import panel_weights
from tests.support.panels import attempt, panel


def test_unweighed_providers_count_the_same():
    assert panel_weights(panel("a", "b", "c"), {}) == pytest.approx([1 / 3] * 3)


def test_weights_are_shares_of_the_answers_present():
    weights = {"gpt": 2.0, "claude": 1.0, "absent": 50.0}

    assert panel_weights(panel("a", "b"), weights) == pytest.approx([2 / 3, 1 / 3])


def test_of_one_vendor_only_the_heaviest_answer_counts_in_full():
    answers = (attempt("a", "x", vendor="v"), attempt("b", "x", vendor="v"), attempt("c", "x"))

    assert panel_weights(answers, {"b": 2.0}) == pytest.approx([0.5 / 3.5, 2 / 3.5, 1 / 3.5])


def test_where_all_weights_are_zero_all_count_the_same():
    zero = {"gpt": 0.0, "claude": 0.0}

    assert panel_weights(panel("a", "b"), zero) == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_weight_that_makes_no_sense_is_named(weight):
    with pytest.raises(ValueError, match="claude"):
        panel_weights(panel("a", "b"), {"claude": weight})


@given(st.lists(st.floats(0, 1e300), min_size=3, max_size=3))
def test_weights_of_any_scale_sum_to_one(values):
    weights = dict(zip(("gpt", "claude", "gemini"), values, strict=True))

    assert sum(panel_weights(panel("a", "b", "c"), weights)) == pytest.approx(1.0)
