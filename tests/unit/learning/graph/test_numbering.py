"""A family keeps its number."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from learning.graph.numbering import NO_FAMILY, numbered


def numbers(now, before, following=100):
    found, _ = numbered(np.array(now, np.int32), np.array(before, np.int64), following)
    return found


def test_the_first_families_are_counted_from_the_next_number():
    assert numbered(np.array([0, 1, 1, -1]), np.zeros(4, np.int64), 1) == ((1, 2), 3)


def test_a_family_that_grew_keeps_its_number_whatever_its_label():
    now = [1] * 8 + [0] * 9
    assert numbers(now, [7] * 3 + [0] * 5 + [4] * 9) == (4, 7)


def test_of_a_family_that_split_the_greater_part_goes_on():
    assert numbers([0] * 4 + [1] * 6, [7] * 10) == (100, 7)


def test_of_families_that_merged_the_greater_gives_the_number():
    assert numbers([0] * 10, [3] * 4 + [7] * 6) == (7,)


def test_a_few_patterns_that_moved_make_no_heir():
    now = [0] * 10
    assert numbers(now, [7] * 2 + [NO_FAMILY] * 8) == (7,)  # two of two: it grew around them
    assert numbers([*now, *[-1] * 20], [7] * 2 + [NO_FAMILY] * 8 + [7] * 20) == (100,)


def test_one_number_goes_to_one_family_only_and_to_the_nearer():
    assert numbers([0] * 5 + [1] * 5, [7] * 4 + [NO_FAMILY] + [7] * 5) == (100, 7)


def test_without_patterns_there_are_no_families():
    assert numbered(np.zeros(0, np.int32), np.zeros(0, np.int64), 5) == ((), 5)


@given(st.lists(st.tuples(st.integers(-1, 5), st.integers(0, 6)), max_size=60))
def test_numbers_are_unique_and_new_ones_were_never_given(patterns):
    labels = np.array([label for label, _ in patterns], np.int64)
    _, labels = np.unique(np.append(labels, -1), return_inverse=True)
    labels = (labels[:-1] - 1).astype(np.int32)
    before = np.array([number for _, number in patterns], np.int64)
    found, following = numbered(labels, before, 7)
    assert len(set(found)) == len(found) == labels.max(initial=-1) + 1
    assert all(number in before or 7 <= number < following for number in found)
    assert following == 7 + sum(number >= 7 for number in found)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60))
def test_a_second_run_over_the_same_families_changes_no_number(drawn):
    _, labels = np.unique(np.array(drawn), return_inverse=True)
    labels = labels.astype(np.int32)
    first, following = numbered(labels, np.zeros(len(labels), np.int64), 1)
    members = np.array(first)[labels]
    shuffled = (labels.max() - labels).astype(np.int32)
    assert numbered(shuffled, members, following) == (first[::-1], following)
