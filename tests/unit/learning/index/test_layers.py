import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.index.layers import (
    HALF_LIFE_DAYS,
    OUTCOMES,
    configuration_likeness,
    lexical_layer,
    recency_layer,
    task_layer,
)
from learning.patterns.pattern import Configuration

PANEL = Configuration(("a", "b"))


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        pytest.param(PANEL, 1.0, id="the same"),
        pytest.param(Configuration(("b", "a")), 1.0, id="the same in another order"),
        pytest.param(Configuration(("a",)), 0.8 / 2 + 0.2, id="half the vendors"),
        pytest.param(Configuration(("c",)), 0.2, id="other vendors"),
        pytest.param(Configuration(("a", "b"), "sequential", 3), 0.8, id="another way"),
        pytest.param(Configuration(()), 0.2, id="nobody"),
    ],
)
def test_ways_of_answering_are_alike_by_vendors_mode_and_depth(other, alike):
    assert configuration_likeness(PANEL, other) == pytest.approx(alike)
    assert configuration_likeness(other, PANEL) == pytest.approx(alike)


def test_the_same_task_kind_and_language_are_worth_one():
    true, false = np.array([True]), np.array([False])
    assert task_layer(true, true, true) == pytest.approx(1)
    assert task_layer(true, false, false) == pytest.approx(0.4)
    assert task_layer(false, false, true) == pytest.approx(0.2)


def test_recency_halves_with_the_half_life_and_the_future_is_now():
    ages = np.array([-5, 0, HALF_LIFE_DAYS, 2 * HALF_LIFE_DAYS], dtype=np.float32)
    assert recency_layer(ages).tolist() == pytest.approx([1, 1, 0.5, 0.25])


def test_a_labelled_pattern_tells_more_than_an_open_one_whichever_way_it_went():
    assert OUTCOMES["right"] == OUTCOMES["wrong"] > OUTCOMES["mixed"] > OUTCOMES["open"]


def test_a_rare_word_in_common_says_more_than_a_frequent_one():
    asked = np.array([1, 2], np.uint32)
    idf = np.array([5, 1], np.float32)
    rows = np.array([[1, 3], [2, 3], [1, 2], [4, 0], [0, 0]], np.uint32)
    rows_idf = np.array([[5, 1], [1, 1], [5, 1], [1, 0], [0, 0]], np.float32)
    rare, frequent, both, neither, empty = lexical_layer(asked, idf, rows, rows_idf).tolist()
    assert both == pytest.approx(1)
    assert both > rare > frequent > neither == empty == 0


@given(st.lists(st.integers(1, 9), min_size=0, max_size=4, unique=True), st.integers(0, 2**32))
def test_words_in_common_stay_between_none_and_all(asked, seed):
    rng = np.random.default_rng(seed)
    idf = rng.random(10).astype(np.float32) * 8
    idf[0] = 0
    words = np.array(asked, np.uint32)
    rows = np.stack([rng.permutation(10)[:5] for _ in range(3)]).astype(np.uint32)
    layer = lexical_layer(words, idf[words], rows, idf[rows])
    assert ((layer >= 0) & (layer <= 1)).all()
