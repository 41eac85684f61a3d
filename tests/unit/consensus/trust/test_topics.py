"""Where a question lies among topics."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.ballot import TOPICS
from consensus.trust.topics import MAX_COORDINATE, REMEMBERED_CHARS, TOPICS_FILE, Topics
from tests.support.panels import EMBEDDER

SHIPPED = Topics(EMBEDDER)
MIDDLE = (0.0,) * TOPICS


class Counting:
    """An embedder that counts what it was asked, and embeds as the shipped one does."""

    def __init__(self):
        self.asked = []

    def embed(self, texts):
        self.asked += texts
        return EMBEDDER.embed(texts)


def test_the_shipped_components_are_those_of_the_shipped_embedder():
    with np.load(TOPICS_FILE) as kept:
        mean, components = kept["mean"], kept["components"]
    assert components.shape == (len(mean), TOPICS)
    assert len(mean) <= EMBEDDER.embed(["x"]).shape[1]
    assert np.isfinite(mean).all()
    assert np.isfinite(components).all()


def test_questions_of_a_field_lie_nearer_than_those_of_two():
    integral, derivative, vitamin = (
        SHIPPED.of(question)
        for question in (
            "Compute the integral of x squared from 0 to 3.",
            "Find the derivative of x cubed at x = 2.",
            "Which vitamin deficiency causes scurvy in patients?",
        )
    )
    assert math.dist(integral, derivative) < math.dist(integral, vitamin)


@pytest.mark.parametrize("question", ["", "   ", "日本の首都はどこですか？"])
def test_a_question_without_a_word_that_is_not_japanese_lies_in_the_middle(question):
    assert SHIPPED.of(question) == MIDDLE


def test_a_foreign_word_moves_a_japanese_question_only_a_little():
    question = "次の症例について、最も適切な治療を選びなさい。"
    foreign = "Calculate the enthalpy of combustion of methane"
    mixed, alone = SHIPPED.of(f"{question * 5}{foreign}"), SHIPPED.of(foreign)
    assert 0.0 < math.dist(mixed, MIDDLE) < math.dist(alone, MIDDLE)


@given(st.text(max_size=200))
def test_no_question_lies_far_from_all_others(question):
    placed = SHIPPED.of(question)
    assert len(placed) == TOPICS
    assert all(math.isfinite(x) and abs(x) <= MAX_COORDINATE for x in placed)


def test_a_question_is_placed_once_while_it_is_under_way():
    embedder = Counting()
    topics = Topics(embedder)
    assert topics.of("What is 6 times 7?") == topics.of("What is 6 times 7?")
    assert embedder.asked == ["What is 6 times 7?"]


def test_a_huge_question_is_not_remembered():
    embedder = Counting()
    topics = Topics(embedder)
    huge = "word " * (REMEMBERED_CHARS // 4)
    assert topics.of(huge) == topics.of(huge)
    assert len(embedder.asked) == 2


def test_nothing_is_read_before_the_first_question(tmp_path):
    topics = Topics(EMBEDDER, tmp_path / "missing.npz")
    with pytest.raises(FileNotFoundError):
        topics.of("What is 6 times 7?")
