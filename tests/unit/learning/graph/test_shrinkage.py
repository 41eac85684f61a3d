"""Figures shrunk toward the whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.graph.shrinkage import STRENGTHS, shrunk

COUNTS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=8)


def figures(*families):
    """Of one vendor with (right, wrong) in each family, and none outside."""
    counts = np.array(families, dtype=float).reshape(-1, 2)
    right, wrong = counts[:, :1], counts[:, 1:]
    found = shrunk(right, wrong, right.sum(axis=0), wrong.sum(axis=0))
    return found, (found.alpha / (found.alpha + found.beta))[:, 0]


def drawn(shares, labels, seed=3):
    right = np.random.default_rng(seed).binomial(labels, shares)
    return list(zip(right, labels - right, strict=True))


def test_few_labels_move_little_and_many_move_much():
    _, mean = figures((3, 0), (300, 0), (500, 500), (100, 400))
    whole = 903 / 1803
    assert whole < mean[0] < mean[1]
    assert mean[1] > 0.95


def test_a_family_without_labels_has_the_share_of_all():
    _, mean = figures((0, 0), (80, 20), (40, 60))
    assert mean[0] == pytest.approx(120 / 200, abs=0.01)


def test_families_that_differ_by_luck_alone_are_taken_for_alike():
    found, mean = figures(*drawn(np.full(60, 0.7), 30))
    assert found.strength[0] > 100
    assert np.ptp(mean) < 0.1


def test_families_that_differ_indeed_are_left_apart():
    found, mean = figures(*drawn(np.tile([0.2, 0.95], 30), 30))
    assert found.strength[0] < 5
    assert mean[0] < 0.35
    assert mean[1] > 0.8


def test_the_strength_found_is_that_which_drew_the_families():
    shares = np.random.default_rng(8).beta(0.7 * 20, 0.3 * 20, 400)
    found, _ = figures(*drawn(shares, 50))
    assert found.strength[0] == pytest.approx(20, rel=0.3)


def test_shrinking_foretells_new_labels_better_than_the_families_own_shares():
    shares = np.random.default_rng(5).beta(14, 6, 200)
    _, mean = figures(*drawn(shares, 12))
    own = np.array([right / 12 for right, _ in drawn(shares, 12)])
    assert ((mean - shares) ** 2).mean() < 0.7 * ((own - shares) ** 2).mean()
    assert ((mean - shares) ** 2).mean() < ((shares.mean() - shares) ** 2).mean()


def test_a_vendor_with_few_labels_at_all_is_believed_to_be_as_good_as_the_others():
    right = np.array([[80.0, 1.0], [40.0, 0.0]])
    wrong = np.array([[20.0, 0.0], [60.0, 0.0]])
    found = shrunk(right, wrong, right.sum(axis=0), wrong.sum(axis=0))
    whole = found.whole_alpha / (found.whole_alpha + found.whole_beta)
    assert 0.6 < whole[1] < 0.8


def test_labels_outside_every_family_count_for_the_whole():
    none = np.zeros((1, 1))
    found = shrunk(none, none, np.array([90.0]), np.array([10.0]))
    assert found.alpha[0, 0] / (found.alpha[0, 0] + found.beta[0, 0]) == pytest.approx(
        0.9, abs=0.01
    )


@pytest.mark.parametrize("shape", [(0, 2), (3, 0), (0, 0)])
def test_without_families_or_vendors_there_is_nothing_to_shrink(shape):
    none, total = np.zeros(shape), np.zeros(shape[1])
    found = shrunk(none, none, total, total)
    assert found.alpha.shape == shape
    assert found.strength.shape == (shape[1],)


@given(COUNTS)
def test_a_belief_lies_between_the_familys_share_and_that_of_all(families):
    found, mean = figures(*families)
    whole = found.whole_alpha[0] / (found.whole_alpha[0] + found.whole_beta[0])
    for (right, wrong), believed in zip(families, mean, strict=True):
        own = right / (right + wrong) if right + wrong else whole
        assert min(own, whole) - 1e-9 <= believed <= max(own, whole) + 1e-9
    assert STRENGTHS[0] <= found.strength[0] <= STRENGTHS[-1]
