"""Blocks of both sides, formed by labels alone."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rollout.statistics.pairing import LARGEST_SIDE, Pairing


def blocks(labels, share, item=lambda i: i):
    pairing, found = Pairing(), []
    for i, to_arm in enumerate(labels):
        block = pairing.add(item(i), share, to_arm=to_arm)
        if block is not None:
            found.append(block)
    return found


def labels_at(share, count, seed=1):
    rng = random.Random(seed)
    return [rng.random() < share for _ in range(count)]


@given(st.lists(st.booleans(), max_size=400), st.floats(0.01, 0.99))
@settings(deadline=None)
def test_the_sizes_follow_from_the_labels_whatever_the_outcomes(labels, share):
    def sizes(item):
        return [(len(b.arm), len(b.control)) for b in blocks(labels, share, item)]

    assert sizes(lambda i: i) == sizes(lambda _: "bad")


@given(st.lists(st.booleans(), max_size=400), st.floats(0.01, 0.99))
@settings(deadline=None)
def test_each_block_has_both_sides_in_order_and_nobody_twice(labels, share):
    found = blocks(labels, share)
    assert all(block.arm and block.control for block in found)
    for side, to_arm in (("arm", True), ("control", False)):
        taken = [i for block in found for i in getattr(block, side)]
        assert taken == sorted(set(taken))
        assert all(labels[i] is to_arm for i in taken)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.2, 0.35, 0.5, 0.8, 0.9, 0.98])
def test_of_the_rarer_side_hardly_any_is_lost(share):
    labels = labels_at(share, 20_000)
    rarer = share <= 0.5
    total = sum(label is rarer for label in labels)
    taken = sum(len(b.arm if rarer else b.control) for b in blocks(labels, share))
    assert taken >= 0.97 * total


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_no_request_of_the_arm_waits_for_more_than_a_few_others(share):
    labels, pairing, waiting, longest = labels_at(share, 20_000), Pairing(), 0, 0
    for i, to_arm in enumerate(labels):
        waiting += to_arm
        if pairing.add(i, share, to_arm=to_arm) is not None:
            waiting = 0
        longest = max(longest, waiting)
    assert longest <= 25


def test_the_ratio_is_learned_where_the_share_is_not_what_was_said():
    """Labels come to one side more often than requests do."""
    found = blocks(labels_at(0.5, 20_000), 0.02)
    late = found[len(found) // 2 :]
    arm, control = sum(len(b.arm) for b in late), sum(len(b.control) for b in late)
    assert 0.9 < arm / control < 1.1


def test_a_side_without_partners_keeps_only_its_latest():
    pairing = Pairing()
    for i in range(100_000):
        pairing.add(i, 0.1, to_arm=False)
    block = None
    for i in range(5):
        block = block or pairing.add(100_000 + i, 0.1, to_arm=True)
    assert block is not None
    assert min(block.control) >= 100_000 - 4 * LARGEST_SIDE


def test_no_block_is_larger_than_twice_its_need():
    found = blocks(labels_at(0.01, 20_000), 0.01)
    assert max(len(b.control) for b in found) <= 2 * LARGEST_SIDE


def test_what_waits_is_gone_after_a_clearing():
    pairing = Pairing()
    for i in range(9):
        pairing.add(i, 0.1, to_arm=False)
    pairing.clear()
    assert pairing.add(9, 0.1, to_arm=True) is None
