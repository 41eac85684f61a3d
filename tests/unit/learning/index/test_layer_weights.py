import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from learning.index.layer_weights import LAYERS, LayerWeights, learned

TOLD_BY_WORDS = [[0.5, 0.9, 0.5, 0.5, 0.5, 0.5], [0.5, 0.1, 0.5, 0.5, 0.5, 0.5]]


def test_a_layer_that_told_good_neighbours_from_bad_gains():
    before = LayerWeights()
    after = learned(before, TOLD_BY_WORDS, [True, False])
    lexical = LAYERS.index("lexical")
    assert after.values[lexical] > before.values[lexical]
    others = [at for at in range(len(LAYERS)) if at != lexical]
    assert all(after.values[at] <= before.values[at] for at in others)


def test_a_layer_that_ranked_them_wrongly_loses_and_can_come_back():
    weights = LayerWeights()
    for _ in range(400):
        weights = learned(weights, TOLD_BY_WORDS, [False, True])
    assert weights.values[1] == 0
    for _ in range(400):
        weights = learned(weights, TOLD_BY_WORDS, [True, False])
    assert weights.values[1] > 0.1


def test_steps_grow_smaller():
    one = learned(LayerWeights(), TOLD_BY_WORDS, [True, False])
    two = learned(one, TOLD_BY_WORDS, [True, False])
    assert two.values[1] - one.values[1] < one.values[1] - LayerWeights().values[1]


@pytest.mark.parametrize("hits", [[True, True], [False, False]])
def test_where_all_went_alike_there_is_nothing_to_learn(hits):
    assert learned(LayerWeights(), TOLD_BY_WORDS, hits) == LayerWeights()


@given(
    arrays(np.float64, (7, len(LAYERS)), elements=st.floats(0, 1)),
    st.lists(st.booleans(), min_size=7, max_size=7),
)
def test_weights_stay_on_the_simplex(layers, hits):
    weights = LayerWeights()
    for _ in range(5):
        weights = learned(weights, layers, hits)
    assert min(weights.values) >= 0
    assert sum(weights.values) == pytest.approx(1)


def test_weights_survive_being_written():
    weights = learned(LayerWeights(), TOLD_BY_WORDS, [True, False])
    assert LayerWeights.from_json(json.loads(json.dumps(weights.as_json()))) == weights


@pytest.mark.parametrize(
    "values", [(1.0,) * 6, (0.5, 0.5), (2.0, -1.0, 0, 0, 0, 0), (float("nan"),) * 6]
)
def test_what_are_no_weights_is_refused(values):
    with pytest.raises(ValueError, match="weight"):
        LayerWeights(values)


def test_as_many_outcomes_as_neighbours_are_needed():
    with pytest.raises(ValueError, match="2 neighbours, 1 outcomes"):
        learned(LayerWeights(), TOLD_BY_WORDS, [True])
