"""Vectors are made only for what types and words leave open."""

import numpy as np
import pytest

from consensus.nearness import Nearness
from tests.support.panels import decide_on, panel

SUM = "What is the sum of 17 and 25?"


class UnavailableError(Exception):
    """No vectors today."""


class Broken:
    def embed(self, texts):
        raise UnavailableError


class Table:
    """The first texts lie along the axes of a plane, the third between them."""

    def embed(self, texts):
        return np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)[: len(texts)]


def test_answers_that_types_compare_and_words_place_need_no_vectors():
    answers = panel("The sum of 17 and 25 is 42.", "17 + 25 = 42, so the sum is 42.", "42")

    assert decide_on(SUM, answers, embedder=Broken()).dissent == ()


def test_free_text_is_aligned_by_its_vectors():
    with pytest.raises(UnavailableError):
        decide_on(
            "Explain why the sky is blue.", panel("Air scatters it.", "It does."), embedder=Broken()
        )


def test_the_cosine_is_that_of_the_two_texts():
    nearness = Nearness(Table(), ["a", "b", "c"])

    assert nearness.cosine(0, 1) == 0.0
    assert nearness.cosine(0, 2) == pytest.approx(0.6)
    assert nearness.cosine(2, 2) == pytest.approx(1.0)


def test_without_an_embedder_nothing_is_known():
    assert Nearness(None, ["a", "b"]).cosine(0, 1) is None
