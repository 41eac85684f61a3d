"""How far two answers agree, as one figure."""

import pytest

from consensus.agreement.pairs import pair_score
from tests.support.entailment import AGREE, CONFLICT, FakeEntailment
from tests.support.panels import EMBEDDER


@pytest.mark.parametrize(
    ("question", "one", "other", "score"),
    [
        ("What is 6 times 7?", "It is 42.", "6 × 7 = 42", 1.0),
        ("What is 6 times 7?", "It is 42.", "It is 43.", 0.0),
        ("Is it safe?", "Yes.", "No.", 0.0),
        ("日本の首都はどこですか。", "東京です。", "首都は東京です。", 1.0),
    ],
)
def test_types_give_the_figure_alone(question, one, other, score):
    assert pair_score(question, one, other, None, None) == score


def test_the_model_moves_the_figure_of_free_texts():
    question = "Why does bread rise?"
    texts = ("Yeast makes gas in the dough.", "Carbon dioxide from yeast lifts the dough.")
    low, high = (
        pair_score(question, *texts, EMBEDDER, FakeEntailment(judgement))
        for judgement in (CONFLICT, AGREE)
    )

    assert low < 0.5 < high


def test_the_order_of_the_two_changes_nothing():
    question = "Why does bread rise?"
    a, b = "Yeast makes gas.", "Heat widens the air in it."

    assert pair_score(question, a, b, EMBEDDER, None) == pair_score(question, b, a, EMBEDDER, None)
