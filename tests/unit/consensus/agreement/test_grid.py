"""A panel's answers compared with each other, and the model's part in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.agreement import EntailmentUse, Reason, compare_all
from consensus.answers import read_question
from consensus.nearness import Nearness
from consensus.reading import read_answer
from consensus.relevance import question_words
from tests.support.entailment import AGREE, CONFLICT, NEUTRAL, FakeEntailment

WHY = "Why do leaves turn yellow in autumn?"
GREEN = "The green chlorophyll breaks down and leaves the yellow carotenoids to be seen."
CAROTENOIDS = "Yellow carotenoids become visible once chlorophyll is gone."
COLD = "Frost burns the leaves, which dries them out."


def grid(question, *texts, entailment=None):
    asked = read_question(question)
    readings = [read_answer(asked, text) for text in texts]
    nearness = Nearness(None, [question, *texts])
    return compare_all(asked, question_words(asked), readings, nearness, entailment)


def test_without_a_model_rules_decide_and_the_result_says_so():
    assert grid(WHY, GREEN, CAROTENOIDS).entailment is EntailmentUse.OFF


def test_the_model_is_not_asked_where_types_decide():
    model = FakeEntailment()
    found = grid("What is 6 times 7?", "The answer is 42.", "42", "It is 41.", entailment=model)

    assert model.calls == 0
    assert found.entailment is EntailmentUse.SKIPPED


def test_the_model_is_not_asked_whether_yes_is_no():
    model = FakeEntailment()
    found = grid("Is it safe?", "Yes, it is.", "No, it is not.", entailment=model)

    assert model.calls == 0
    assert found.likeness[0][1].reason is Reason.OTHER_POLARITY


def test_three_short_answers_are_three_pairs_in_one_call():
    model = FakeEntailment()
    found = grid(WHY, GREEN, CAROTENOIDS, COLD, entailment=model)

    assert model.calls == 1
    assert model.asked == [(GREEN, CAROTENOIDS), (GREEN, COLD), (CAROTENOIDS, COLD)]
    assert found.entailment is EntailmentUse.USED


@pytest.mark.parametrize(
    ("judgement", "same", "reason"),
    [(AGREE, True, Reason.ENTAILED), (CONFLICT, False, Reason.CONFLICTING)],
)
def test_the_model_decides_where_only_the_wording_would(judgement, same, reason):
    likeness = grid(WHY, GREEN, CAROTENOIDS, entailment=FakeEntailment(judgement)).likeness[0][1]

    assert likeness.same is same
    assert likeness.reason is reason
    assert not likeness.typed


def test_of_neutral_answers_the_result_says_that_they_are():
    likeness = grid(WHY, GREEN, COLD, entailment=FakeEntailment(NEUTRAL)).likeness[0][1]

    assert likeness.reason is Reason.NEITHER


def test_what_the_budget_leaves_unjudged_rules_decide_and_the_result_says_so():
    ruled = grid(WHY, GREEN, CAROTENOIDS, COLD)
    found = grid(WHY, GREEN, CAROTENOIDS, COLD, entailment=FakeEntailment(CONFLICT, judged=1))

    assert found.entailment is EntailmentUse.BUDGET
    assert found.likeness[0][1].reason is Reason.CONFLICTING
    assert found.likeness[0][2] == ruled.likeness[0][2]
    assert found.likeness[1][2] == ruled.likeness[1][2]


def test_of_long_answers_the_model_reads_a_bounded_part():
    model = FakeEntailment()
    long = "Chlorophyll is costly to keep through a dark winter. " * 30
    grid(WHY, f"{long} Therefore {GREEN}", f"{CAROTENOIDS} {long}", entailment=model)

    (first, second) = model.asked[0]
    assert max(len(first), len(second)) <= 260
    assert "leaves the yellow carotenoids" in first
    assert "Yellow carotenoids become visible" in second


def test_a_refusal_is_no_matter_for_the_model():
    model = FakeEntailment()
    grid(WHY, GREEN, "I'm sorry, but I cannot help with that.", entailment=model)

    assert model.calls == 0


_TEXTS = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(
            [
                "",
                "Yes.",
                "No, never.",
                "42",
                "B",
                GREEN,
                CAROTENOIDS,
                COLD,
                "違います。",
                "1945年です。",
            ]
        ),
    ),
    min_size=1,
    max_size=4,
)


@given(question=st.sampled_from([WHY, "Is it safe?", "What is 6 times 7?"]), texts=_TEXTS)
def test_comparison_is_symmetric_and_every_answer_is_like_itself(question, texts):
    for model in (None, FakeEntailment(CONFLICT)):
        likeness = grid(question, *texts, entailment=model).likeness
        for i in range(len(texts)):
            assert likeness[i][i].same
            for j in range(len(texts)):
                assert likeness[i][j] == likeness[j][i]
                assert 0.0 <= likeness[i][j].degree <= 1.0


@given(question=st.sampled_from([WHY, "Is it safe?", "What is 6 times 7?"]), texts=_TEXTS)
def test_the_order_of_the_answers_changes_no_likeness(question, texts):
    n = len(texts)
    forward = grid(question, *texts).likeness
    backward = grid(question, *reversed(texts)).likeness
    for i in range(n):
        for j in range(n):
            assert forward[i][j] == backward[n - 1 - i][n - 1 - j]
