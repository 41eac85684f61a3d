"""The answers of one request, compared and put in order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.agreement import Likeness
from consensus.answers import read_question
from consensus.panel import groups_of, is_typed, over_panel, rank, read_panel
from tests.support.panels import EMBEDDER, panel

SUM = read_question("What is 6 times 7?")
SKY = read_question("Explain why the sky is blue.")
REFUSAL = "I'm sorry, but I can't help with that."
ALIKE, UNLIKE = Likeness(same=True, degree=0.8), Likeness(same=False, degree=0.1)


def read(*texts, question=SUM, weights=None):
    return read_panel(question, panel(*texts), weights or {}, EMBEDDER)


def chained(*weights):
    """Three answers: the second is like both others, which are not like each other."""
    likeness = ((ALIKE, ALIKE, UNLIKE), (ALIKE, ALIKE, ALIKE), (UNLIKE, ALIKE, ALIKE))
    texts = ("Air scatters blue.", "Blue is scattered.", "Blue light is scattered more.")
    return replace(read(*texts, question=SKY), likeness=likeness, weights=weights)


def test_the_best_supported_answer_comes_first():
    assert rank(read("43", "42", "42"))[-1] == 0


def test_a_refusal_comes_last_however_many_decline():
    assert rank(read(REFUSAL, "42", REFUSAL))[0] == 1


def test_chances_come_before_support():
    answers = read("43", "42", "42")
    assert rank(answers, (0.6, 0.3, 0.3))[0] == 0


@pytest.mark.parametrize("weights", [(0.4, 0.3, 0.3), (0.3, 0.3, 0.4), (1 / 3, 1 / 3, 1 / 3)])
def test_a_vague_answer_that_fits_two_others_does_not_make_these_the_same(weights):
    answers = chained(*weights)
    ranked = rank(answers, (0.9, 0.9, 0.9))
    groups = groups_of(answers, ranked)
    assert ranked[0] == 1
    assert sorted(map(len, groups)) == [1, 2]
    assert not any({0, 2} <= set(members) for members in groups)


@given(
    st.lists(st.sampled_from(["42", "It is 42.", "43", REFUSAL, "I don't know."]), min_size=1)
    .map(lambda texts: texts[:5])
    .map(tuple)
)
def test_each_answer_is_in_one_group_and_refusals_are_the_last(texts):
    answers = read(*texts)
    groups = groups_of(answers, rank(answers))
    assert sorted(i for members in groups for i in members) == list(range(len(texts)))
    refuses = [answers.readings[members[0]].refuses for members in groups]
    assert refuses == sorted(refuses)
    assert all(len({answers.readings[i].refuses for i in members}) == 1 for members in groups)


def test_numbers_are_told_apart_by_type_and_prose_by_wording():
    assert is_typed(read("42"), (0,))
    assert not is_typed(read("Air scatters blue light.", question=SKY), (0,))


def test_a_figure_of_the_panel_leaves_refusals_out_unless_all_refuse():
    assert over_panel(read("42", REFUSAL), (1.0, 0.0)) == 1.0
    assert over_panel(read(REFUSAL, REFUSAL), (1.0, 0.0)) == 0.5
