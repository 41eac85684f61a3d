"""What answers nothing is not taken for an answer."""

import pytest

from consensus.agreement import Reason, compare_all
from consensus.answers import read_question
from consensus.entailment.judgement import Judgement
from consensus.nearness import Nearness
from consensus.reading import read_answer
from consensus.relevance import question_words
from tests.support.entailment import AGREE, FakeEntailment

FAIR = Judgement(0.75, 0.2, 0.05)
TORN = Judgement(0.8, 0.0, 0.2 + 1e-9)


def likeness(question, one, other, judgement=AGREE):
    asked = read_question(question)
    readings = [read_answer(asked, text) for text in (one, other)]
    nearness = Nearness(None, [question, one, other])
    model = FakeEntailment(judgement)
    return compare_all(asked, question_words(asked), readings, nearness, model).likeness[0][1]


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("Is it safe?", "Could you clarify what you mean?", "Yes"),
        ("How many trees are there?", "Which garden are you asking about?", "7"),
        ("How many trees are there?", "Do you mean the 7 old ones or all of them?", "7"),
        ("Which is it?\nA) red\nB) blue", "What do you mean?", "A"),
        ("Why does the lamp flicker?", "Which lamp do you mean?", "Its contacts are loose."),
        ("これは安全ですか。", "どういう意味でしょうか。", "はい"),
        ("木は何本ありますか。", "どの庭のことですか？", "7本です。"),
    ],
)
def test_a_question_back_equals_no_answer_however_sure_the_model_is(question, one, other):
    for found in (likeness(question, one, other), likeness(question, other, one)):
        assert not found.same
        assert found.reason is Reason.OTHER_KIND


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("How many trees are there?", "7?", "7"),
        ("Is it safe?", "Yes, why would it not be?", "Yes."),
        (
            "How do I ask for water politely?",
            "Could I have some water, please?",
            "Politely you ask: Could I have some water, please?",
        ),
    ],
)
def test_an_answer_in_the_form_of_a_question_remains_one(question, one, other):
    assert likeness(question, one, other).same


@pytest.mark.parametrize(
    ("question", "prose", "typed"),
    [
        ("Is it safe?", "It depends on many things.", "Yes"),
        ("これは安全ですか。", "状況によって変わります。", "はい"),
    ],
)
def test_prose_that_states_no_such_answer_equals_one_only_where_the_model_is_sure(
    question, prose, typed
):
    assert likeness(question, prose, typed, AGREE).same
    assert not likeness(question, prose, typed, FAIR).same
    assert not likeness(question, prose, typed, TORN).same


def test_a_surer_model_is_never_less_agreement_below_the_bar():
    low, high = (
        likeness("Is it safe?", "It depends on many things.", "Yes", Judgement(p, 0.95 - p, 0.05))
        for p in (0.5, 0.75)
    )

    assert low.degree < high.degree < 0.5


def test_an_answer_in_words_needs_no_surer_model():
    assert likeness("How many legs does a spider have?", "Eight legs", "8", FAIR).same
