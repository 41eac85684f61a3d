"""The figures of one row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.backtest.figures import Figure, Run, best_single
from learning.backtest.walk_forward import Outcome

EIGHTHS = st.sampled_from([0.0, 0.5, 1.0])


def outcome(right, stated):
    return Outcome(0, right, stated, learned=False, lessons=0)


def run(right, stated, vote, best):
    outcomes = [outcome(bool(r), s) for r, s in zip(right, stated, strict=True)]
    return Run.of(outcomes, np.array(vote, float), np.array(best, float))


def test_differences_are_those_of_the_accuracies():
    found = run([1, 1, 1, 0], [0.5] * 4, vote=[1, 0.5, 0, 0], best=[1, 1, 0, 0]).figures()
    assert found[Figure.ACCURACY] == 0.75
    assert found[Figure.MINUS_VOTE] == 0.75 - 0.375
    assert found[Figure.MINUS_BEST_SINGLE] == 0.25


@given(st.lists(st.tuples(st.booleans(), EIGHTHS), min_size=1, max_size=20))
def test_what_is_rescued_less_what_is_lost_is_the_gain_over_the_vote(items):
    right, vote = zip(*items, strict=True)
    found = run(right, [0.5] * len(items), vote, vote)
    assert found.rescued - found.lost == pytest.approx(found.figures()[Figure.MINUS_VOTE][0])


def test_a_vote_that_was_wrong_is_rescued_and_one_that_was_right_is_lost():
    found = run([1, 0, 1, 0], [0.5] * 4, vote=[0, 1, 0.5, 0], best=[0] * 4)
    assert (found.rescued, found.lost) == (1.5 / 4, 1 / 4)


def test_the_best_single_vendor_is_the_one_right_most_often_and_the_first_of_equals():
    assert best_single(np.array([[1, 0, 1], [0, 1, 1]])) == 2
    assert best_single(np.array([[0, 1, 0], [0, 0, 1]])) == 1


def test_confidences_that_differ_in_their_last_digits_are_the_same():
    found = run([1, 0], [0.7 + 1e-12, 0.7], vote=[1, 0], best=[1, 0]).figures()
    assert found[Figure.AUROC] == 0.5


def test_differences_are_paired_in_each_resample():
    found = run([1, 0], [0.5, 0.5], vote=[1, 0], best=[0, 0])
    figures = found.figures(np.array([[2.0, 0.0], [0.0, 2.0]]))
    assert figures[Figure.ACCURACY].tolist() == [1.0, 0.0]
    assert figures[Figure.MINUS_VOTE].tolist() == [0.0, 0.0]
