"""Judgements are read against labels, source by source."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.entailment.train.corpus import AGREE, CONFLICT, NEUTRAL
from consensus.entailment.train.figures import auroc, figures


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=40))
def test_auroc_is_the_share_of_pairs_in_order_ties_counting_half(rows):
    scores = np.array([float(score) for score, _ in rows])
    positive = np.array([truth for _, truth in rows], dtype=bool)
    won = [
        (up > down) + 0.5 * (up == down) for up in scores[positive] for down in scores[~positive]
    ]

    found = auroc(scores, positive)

    assert isnan(found) if not won else found == pytest.approx(sum(won) / len(won))


def test_neutral_pairs_count_for_accuracy_alone():
    shares = np.array([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8], [0.1, 0.8, 0.1], [0.2, 0.3, 0.5]])
    allowed = [(AGREE,), (CONFLICT,), (NEUTRAL,), (AGREE,)]

    found = figures(shares, ["a"] * 4, allowed)

    assert found.rows == {"a": 4}
    assert found.accuracy == {"a": 0.75}
    assert found.auroc == {"a": 1.0}


def test_a_pair_that_only_does_not_follow_may_be_neutral_or_in_conflict():
    shares = np.array([[0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])

    assert figures(shares, ["a", "a"], [(NEUTRAL, CONFLICT)] * 2).accuracy == {"a": 1.0}


def test_the_mean_leaves_out_sources_of_one_kind():
    shares = np.array([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]])

    found = figures(shares, ["a", "a", "b"], [(AGREE,), (CONFLICT,), (AGREE,)])

    assert found.mean_auroc == 1.0
