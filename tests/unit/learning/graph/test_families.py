"""Families as they are in force."""

import numpy as np
import pytest

from learning.graph.families import Families, Odds

THREE = Families(
    run=4,
    numbers=(7, 2, 9),
    names=(("court", "contract"), ("integral",), ()),
    sizes=(50, 40, 30),
    centroids=np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], dtype=np.float32),
    vendors=("openai", "google"),
    right=np.array([[9, 0], [0, 0], [0, 0]], dtype=np.float32),
    wrong=np.array([[1, 0], [0, 0], [0, 0]], dtype=np.float32),
    alpha=np.array([[12, 3], [3, 3], [3, 3]], dtype=np.float32),
    beta=np.array([[3, 2], [2, 2], [2, 2]], dtype=np.float32),
    whole_alpha=np.array([9.5, 1], dtype=np.float32),
    whole_beta=np.array([1.5, 1], dtype=np.float32),
    strength=np.array([5, 5], dtype=np.float32),
    patterns=140,
    modularity=0.5,
)
NONE = Families(
    run=1,
    numbers=(),
    names=(),
    sizes=(),
    centroids=np.zeros((0, 2), dtype=np.float32),
    vendors=(),
    right=np.zeros((0, 0), dtype=np.float32),
    wrong=np.zeros((0, 0), dtype=np.float32),
    alpha=np.zeros((0, 0), dtype=np.float32),
    beta=np.zeros((0, 0), dtype=np.float32),
    whole_alpha=np.zeros(0, dtype=np.float32),
    whole_beta=np.zeros(0, dtype=np.float32),
    strength=np.zeros(0, dtype=np.float32),
    patterns=0,
    modularity=0.0,
)


def question(*coordinates):
    return np.array(coordinates, dtype=np.float32)


def test_a_question_belongs_to_the_family_whose_middle_is_nearest():
    assert THREE.family_of(question(0.6, 0.8)) == (2, pytest.approx(0.8))
    assert THREE.family_of(question(0.8, -0.6)) == (7, pytest.approx(0.8))


@pytest.mark.parametrize(
    ("families", "embedding"),
    [
        pytest.param(THREE, question(0.0, 0.0), id="without a known word"),
        pytest.param(THREE, question(-1.0, 0.0), id="away from all"),
        pytest.param(NONE, question(1.0, 0.0), id="without families"),
        pytest.param(THREE, question(1.0, 0.0, 0.0), id="of another embedder"),
    ],
)
def test_a_question_may_belong_to_none(families, embedding):
    assert families.family_of(embedding) is None


def test_a_familys_odds_are_its_own_and_others_those_of_all():
    assert THREE.odds(7) == {"openai": Odds(12, 3), "google": Odds(3, 2)}
    assert THREE.odds(7)["openai"].mean == pytest.approx(0.8)
    assert THREE.odds() == THREE.odds(8) == {"openai": Odds(9.5, 1.5), "google": Odds(1, 1)}


def test_a_family_is_named_by_its_words():
    assert THREE.name(7) == "court contract"
    assert THREE.name(9) == THREE.name(8) == ""
    assert len(THREE) == 3
