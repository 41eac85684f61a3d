"""Which requests of a batch are one question."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from learning.patterns.merging import SAME_COSINE, groups_alike
from learning.patterns.pattern import Configuration, Scenario
from tests.support.patterns import new_pattern

APART = math.acos(SAME_COSINE)
"""The widest angle, in radians, of two questions taken for one."""


def asked(angle, words=("add",), *, mode="parallel", vector=True):
    """A question whose vector points in this direction, in multiples of `APART`."""
    turn = angle * APART
    row = np.array([math.cos(turn), math.sin(turn)] if vector else [0.0, 0.0], dtype=np.float32)
    return new_pattern(
        scenario=Scenario(row, words, "basic", "number", "en"),
        configuration=Configuration(("gpt",), mode),
    )


def one_after_the_other(batch):
    """The rule in words: near the first of its kind that is nobody else's."""
    firsts, found = [], []
    for place, new in enumerate(batch):
        for other in firsts:
            held = batch[other]
            same_words = held.scenario.words == new.scenario.words
            cosine = float(held.scenario.embedding @ new.scenario.embedding)
            if same_words and held.configuration == new.configuration and cosine >= SAME_COSINE:
                found.append(other)
                break
        else:
            firsts.append(place)
            found.append(place)
    return found


def test_a_question_joins_the_first_it_is_near_to_and_not_one_that_joined_itself():
    batch = [asked(0), asked(0.9), asked(1.8), asked(0.1), asked(2.0)]
    assert groups_alike(batch) == [0, 0, 2, 0, 2]


def test_other_words_or_another_panel_are_another_question():
    batch = [asked(0), asked(0, ("sum",)), asked(0, mode="sequential"), asked(0)]
    assert groups_alike(batch) == [0, 1, 2, 0]


def test_texts_without_a_vector_are_never_the_same():
    assert groups_alike([asked(0, vector=False), asked(0, vector=False)]) == [0, 1]
    assert groups_alike([]) == []


@given(
    st.lists(
        st.builds(
            asked,
            st.integers(0, 60).map(lambda step: step * 0.097),
            st.sampled_from([("add",), ("sum",)]),
        ),
        max_size=25,
    )
)
def test_a_batch_is_grouped_as_one_after_the_other_would_be(batch):
    assert groups_alike(batch) == one_after_the_other(batch)
