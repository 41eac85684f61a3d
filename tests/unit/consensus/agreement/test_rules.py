"""Bounds, concessions and what counts as the last word without a model."""

import pytest

from consensus.agreement import Reason, compare
from consensus.agreement.rules import Compared, rule
from consensus.answers import read_question
from consensus.reading import read_answer


def likeness(question, one, other):
    asked = read_question(question)
    a, b = read_answer(asked, one), read_answer(asked, other)
    return compare(a, b, lambda: None, asked.language)


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("How many students cycle?", "Less than 10 students cycle.", "At least 10 students cycle."),
        ("自転車通学の生徒は何人ですか。", "10人未満です。", "10人以上です。"),
    ],
)
def test_one_number_as_upper_and_as_lower_bound_differs(question, one, other):
    found = likeness(question, one, other)

    assert not found.same
    assert found.reason is Reason.OTHER_NUMBERS


def test_one_number_under_the_same_bound_is_the_same():
    assert likeness("How many cycle?", "More than 10 cycle.", "At least 10 cycle.").same


def test_what_an_answer_only_concedes_is_not_its_answer():
    question = "Which metal is the most abundant in the crust?"
    conceding = "Many people think that it is iron, but the crust holds more aluminium."

    assert likeness(question, "iron", conceding).reason is not Reason.TOLD_IN_THE_OTHER
    assert likeness(question, "aluminium", conceding).same


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("Is the mushroom edible?", "Yes, when cooked.", "No, it is poisonous."),
        ("このキノコは食べられますか。", "はい、食べられます。", "いいえ、毒があります。"),
    ],
)
def test_yes_and_no_differ_by_polarity(question, one, other):
    found = likeness(question, one, other)

    assert not found.same
    assert found.reason is Reason.OTHER_POLARITY


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        pytest.param(
            "トルコの首都はどこですか。",
            "アンカラです。",
            "イスタンブールと思われがちですが、1923年に首都と定められたのはアンカラです。",
            id="Japanese",
        ),
        pytest.param(
            "What is the capital of Turkey?",
            "Ankara.",
            "Many people think of Istanbul, but the capital of Turkey is Ankara.",
            id="English",
        ),
    ],
)
def test_the_same_name_in_answer_to_a_question_for_one_is_the_same_whatever_the_model_says(
    question, one, other
):
    asked = read_question(question)
    ruled = rule(
        asked,
        Compared(read_answer(asked, one)),
        Compared(read_answer(asked, other)),
        lambda: None,
    )

    assert ruled.likeness.same
    assert ruled.firm


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Column by column. The answer is 5088.", "**Final answer: 5088**"),
        ("The answer is 5088.", "Count on from the larger one.\n\n1011 + 4077 = 5088"),
    ],
)
def test_where_the_same_number_decides_no_model_is_asked(one, other):
    asked = read_question("Please add 1011 and 4077, and explain how you got there.")
    ruled = rule(
        asked,
        Compared(read_answer(asked, one)),
        Compared(read_answer(asked, other)),
        lambda: None,
    )

    assert ruled.likeness.same
    assert ruled.firm
